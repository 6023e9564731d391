"""What each page of the console costs in a large office: CPU ms, and how often the database is asked.

Every address is opened as its reader would, through all of the console, by Django's own test client with a session of
theirs: three times to warm up, then nine times. CPU ms (time.process_time) is our process's; what a server works is
not in it. Questions: statements on the workspace's database, and Django's own on the log-ins'.
`python -m bench.desk_pages FOLDER [ADDRESS ROLE]`: with an address, where its time goes.
"""

from __future__ import annotations

import cProfile
import pstats
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from westlake.web import hosting

CPU_MS, ASKED, WARM, RUNS = 60, 12, 3, 9
STAFF = ("officer", "chair", "approver", "payer", "auditor", "admin")


class Cost(NamedTuple):
    """One page. median, worst: CPU ms; wall: median ms; asked, own: questions to the office's, to Django's tables."""

    status: int
    median: float
    worst: float
    wall: float
    asked: int
    own: int
    bytes: int


class Counting:
    """The workspace's connection, with a count of what it is asked."""

    def __init__(self, connection: Any) -> None:
        self.inner, self.asked = connection, 0

    def execute(self, *given: Any) -> Any:
        self.asked += 1
        return self.inner.execute(*given)

    def stream(self, *given: Any) -> Any:
        self.asked += 1
        return self.inner.stream(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def main(folder: str, address: str = "", role: str = "officer") -> None:
    """Print the table, or one page's profile."""
    hosting.make_ready(Path(folder))
    # all of these need Django made ready for the folder
    from westlake.web import office

    here = office.here()
    counting = Counting(here.connection)
    here._mine.connection = counting  # type: ignore[assignment]
    browsers = _browsers(counting)
    if address:
        _profile(browsers[role], address)
        return
    print(f"  {'':<14}{'':<34}{'CPU ms':>8}{'worst':>8}{'wall':>8}{'asked':>7}{'own':>5}{'kB':>7}")
    for who, page in _pages(counting):
        one = _measured(browsers[who], page, counting)
        late = "  <-" if one.median > CPU_MS or one.asked > ASKED else ""
        told = "" if one.status == 200 else f"  {one.status}"
        print(f"  {who:<14}{page:<34}{one.median:>8.1f}{one.worst:>8.1f}{one.wall:>8.1f}{one.asked:>7}{one.own:>5}"
              f"{one.bytes / 1000:>7.0f}{late}{told}", flush=True)


def _browsers(connection: Any) -> dict[str, Any]:
    """Somebody of each role, logged in."""
    from django.db import transaction

    with transaction.atomic():
        return {"visitor": _browser(0)} | {who: _browser(number) for who, number in people(connection).items()}


def people(connection: Any) -> dict[str, int]:
    """Role → the desk's person who is taken for it."""
    wanted = {role: f"{role}@office.example" for role in STAFF}
    wanted |= {"auditor": "auditor@audit.example", "reviewer": "reviewer1@panel.example"}
    found = {role: connection.execute("SELECT id FROM desk_person WHERE email = ?", (email,)).fetchone()[0]
             for role, email in wanted.items()}
    awarded = connection.execute("SELECT applicant FROM desk_case WHERE kind = 'milestone' ORDER BY id").fetchone()
    draft = connection.execute("SELECT applicant FROM desk_case WHERE state = 'draft' ORDER BY id").fetchone()
    return found | {"applicant": awarded[0], "writer": draft[0]}


def _browser(number: int) -> Any:
    from django.test import Client

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    if number:
        client.force_login(log_in_of(number), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def log_in_of(number: int) -> Any:
    """A person's log-in, made if there is none yet."""
    # as above
    from westlake.desk.people import find_person
    from westlake.web import office
    from westlake.web.models import Login

    person = find_person(office.here().connection, number)
    assert person is not None
    return Login.objects.get_or_create(person=number, defaults={
        "email": person.email, "language": person.language, "password": "!"})[0]


def _pages(connection: Any) -> list[tuple[str, str]]:
    """Who opens what."""
    def first(sql: str) -> int:
        row = connection.execute(sql).fetchone()
        return int(row[0]) if row else 0

    call = first("SELECT min(id) FROM desk_call")
    last = first("SELECT max(id) FROM desk_call")
    agreed = first("SELECT parent FROM desk_case WHERE kind = 'milestone' AND state = 'paid' ORDER BY id")
    lost = first("SELECT id FROM desk_case WHERE state = 'not_selected' ORDER BY id")
    paid = first("SELECT id FROM desk_case WHERE kind = 'milestone' AND state = 'paid' ORDER BY id")
    payment = first("SELECT max(id) FROM desk_payment")
    firm = connection.execute("SELECT firm FROM desk_case WHERE id = ?", (agreed,)).fetchone()[0]
    ours = {who: connection.execute("SELECT id FROM desk_case WHERE applicant = ? AND kind = 'application' ORDER BY id",
                                    (number,)).fetchone()[0] for who, number in people(connection).items()
            if who == "applicant"}["applicant"]
    draft = first("SELECT min(id) FROM desk_case WHERE state = 'draft'")
    return [(who, page) for who, pages in {
        "officer": ["/", "/cases/", "/cases/?page=60", "/cases/?q=card&sort=asked", "/cases/?state=waits",
                    f"/cases/{agreed}/", f"/cases/{lost}/", f"/cases/{paid}/", "/calls/", f"/calls/{call}/",
                    "/programmes/", "/programmes/challenge/", "/money/", "/money/payments/",
                    f"/money/payments/{payment}/", "/money/budgets/", "/money/batches/", "/money/banking/",
                    "/money/recoveries/", "/money/rounds/", "/money/books/", "/firms/", f"/firms/{firm}/", "/reviews/",
                    f"/reviews/calls/{call}/", f"/reviews/calls/{call}/progress/",
                    f"/reviews/calls/{call}/conflicts/"],
        "chair": ["/cases/", f"/cases/{agreed}/", "/reviews/", f"/reviews/calls/{call}/"],
        "auditor": ["/audit/", "/cases/", "/money/books/"],
        "admin": ["/people/"],
        "reviewer": ["/", "/reviews/"],
        "applicant": ["/", "/applications/", f"/applications/{ours}/", f"/applications/{ours}/receipt/",
                      "/applications/letters/", "/find/", f"/find/{last}/", "/firm/"],
        "writer": [f"/applications/{draft}/write/", f"/applications/{draft}/submit/"],
        "visitor": ["/", "/find/", "/public/", "/public/awards/", "/public/payments/", "/public/notices/",
                    "/public/recoveries/", "/public/heads/", "/public/data/"],
    }.items() for page in pages]


def _measured(client: Any, page: str, counting: Counting) -> Cost:
    from django.db import connection

    own = 0

    def count(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        nonlocal own
        own += 1
        return execute(sql, values, many, context)

    spent, walls = [], []
    for _ in range(WARM):
        client.get(page)
    with connection.execute_wrapper(count):
        for _ in range(RUNS):
            own, counting.asked = 0, 0
            cpu, wall = time.process_time(), time.monotonic()
            answer = client.get(page)
            spent.append((time.process_time() - cpu) * 1000)
            walls.append((time.monotonic() - wall) * 1000)
    return Cost(answer.status_code, statistics.median(spent), max(spent), statistics.median(walls), counting.asked, own,
                len(answer.content))


def _profile(client: Any, page: str) -> None:
    for _ in range(WARM):
        client.get(page)
    with cProfile.Profile(time.process_time) as profile:
        for _ in range(RUNS):
            client.get(page)
    pstats.Stats(profile).sort_stats("cumtime").print_stats(70)


if __name__ == "__main__":
    main(*sys.argv[1:])
