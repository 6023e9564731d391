"""People at `westlake serve` over real sockets: 20 at their desks, or 2,000 applicants in the last hour of a call.

Times are from the moment at which somebody wanted a page to the last byte of it (who has to wait for the answer before
wants the next one later: nobody's waiting is left out). The people run in one process beside the server, on the same
cores. `python -m bench.desk_load FOLDER users|hour [SECONDS]`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.desk_pages import log_in_of, people
from westlake.web import hosting

USERS, THINK_S, USERS_MS = 20, 5.0, 300
APPLICANTS, SAVES, HOUR_MS = 2_000, 12, 500
RATES = (1, 3, 6)  # times the hour's own
BURST = 300  # who all save and submit in the same second
KEY = "b" * 32  # of forms: the cookie and the field agree
AGAIN_S = 5  # westlake.js tries again after so long


@dataclass
class Person:
    """Somebody at a browser: one connection that is kept open, a session, and what they waited for what."""

    port: int
    session: str
    waits: dict[str, list[float]]
    troubles: list[str]
    line: http.client.HTTPConnection | None = None

    def ask(self, sort: str, address: str, data: dict[str, str] | None = None, since: float = 0,
            **headers: str) -> tuple[int, bytes, str]:
        """Status, body and where it leads; a connection that was closed while idle is opened anew, as browsers do."""
        since = since or time.monotonic()
        told = {"Cookie": f"westlake_session={self.session}; westlake_csrf={KEY}", **headers}
        body = urlencode({**data, "csrfmiddlewaretoken": KEY}) if data is not None else None
        if body is not None:
            told["Content-Type"] = "application/x-www-form-urlencoded"
        for last in (False, True):
            if self.line is None:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.line.request("POST" if body is not None else "GET", address, body, told)
                answer = self.line.getresponse()
                found = answer.status, answer.read(), answer.headers.get("Location", "")
                break
            except (OSError, http.client.HTTPException) as error:
                self.line.close()
                self.line = None
                if last:
                    found = 0, str(error).encode(), ""
        self.waits[sort].append((time.monotonic() - since) * 1000)
        if found[0] not in (200, 204, 302):
            self.troubles.append(f"{sort} {found[0]} {found[1][:80]!r}")
        return found


@dataclass
class Draft:
    """An applicant's draft: what the server said that it kept, and the receipt that it gave."""

    case: int
    person: int
    kept: dict[str, str] = field(default_factory=dict)
    digest: str = ""


def main(folder: str, part: str, seconds: int = 0) -> None:
    """Print what people waited."""
    hosting.make_ready(Path(folder))
    if part == "users":
        _users(folder, seconds or 75)
    else:
        _hour(folder, seconds or 40)


def _users(folder: str, seconds: int) -> None:
    # Django is ready by now
    from westlake.web import office

    connection = office.here().connection
    numbers = people(connection)
    drafts = connection.execute("SELECT applicant, id FROM desk_case WHERE state = 'draft' ORDER BY id LIMIT 5"
                                ).fetchall()
    cases = [row[0] for row in connection.execute("SELECT id FROM desk_case WHERE kind = 'application' AND"
                                                  " submitted_at IS NOT NULL ORDER BY id LIMIT 400")]
    call = connection.execute("SELECT min(id) FROM desk_call").fetchone()[0]
    reviewers = [row[0] for row in connection.execute(
        "SELECT id FROM desk_person WHERE email LIKE 'reviewer%' ORDER BY id LIMIT 4")]
    mine = connection.execute("SELECT applicant, id FROM desk_case WHERE kind = 'application' AND state = 'agreed'"
                              " ORDER BY id LIMIT 3").fetchall()
    desk = ["/", "/cases/", "/cases/?state=waits", "/cases/?q=card", *(f"/cases/{case}/" for case in cases), "/calls/"]
    money = ["/money/", "/money/payments/", "/money/batches/", "/money/budgets/"]
    walks = [(numbers["officer"], desk)] * 4 + [(numbers["chair"], [*desk, f"/reviews/calls/{call}/"])] * 2
    walks += [(numbers["auditor"], [*desk[:8], *money])] * 2
    walks += [(number, ["/", "/reviews/"]) for number in reviewers]
    walks += [(person, ["/applications/", f"/applications/{case}/", "/applications/letters/", "/public/awards/"])
              for person, case in mine]
    walks += [(person, [f"/applications/{case}/write/", f"/applications/{case}/", "/find/"]) for person, case in drafts]
    walks = walks[:USERS]
    sessions = _sessions({person for person, _ in walks})
    waits: dict[str, list[float]] = defaultdict(list)
    troubles: list[str] = []
    with _serving(folder) as (port, process):
        def walk(place: int) -> None:
            number, pages = walks[place]
            luck, person = random.Random(place), Person(port, sessions[number], waits, troubles)
            time.sleep(luck.random() * THINK_S)
            while time.monotonic() < ends:
                page = luck.choice(pages)
                person.ask(re.sub(r"\d+", "N", page.partition("?")[0]), page)
                time.sleep(luck.expovariate(1 / THINK_S))

        Person(port, sessions[walks[0][0]], defaultdict(list), []).ask("", "/cases/")  # it loads the programmes
        cpu, ends = _cpu(process), time.monotonic() + seconds
        _all_at_once(walk, range(len(walks)))
        _tell(f"{len(walks)} users, {THINK_S:.0f} s between pages", waits, USERS_MS, _cpu(process) - cpu, seconds,
              troubles)


def _hour(folder: str, seconds: int) -> None:
    from westlake.web import office

    connection = office.here().connection
    drafts = [Draft(*row) for row in connection.execute(
        "SELECT id, applicant FROM desk_case WHERE state = 'draft' AND seq = 0 ORDER BY id LIMIT ?",
        (APPLICANTS,)).fetchall()]
    sessions = _sessions({one.person for one in drafts})
    left = list(drafts)
    with _serving(folder) as (port, process):
        for rate in RATES:
            count = APPLICANTS * rate * seconds // 3600
            now, left = left[:count], left[count:]
            _write_and_submit(f"{rate} x the hour's rate: {count} of {APPLICANTS:,} applicants in {seconds} s", port,
                              process, sessions, now, seconds)
        now, left = left[:BURST], left[BURST:]
        _write_and_submit(f"{len(now)} save and submit at once", port, process, sessions, now, 0)
    _read_back(connection, [one for one in drafts if one.kept])


def _write_and_submit(title: str, port: int, process: subprocess.Popen[str], sessions: dict[int, str],
                      drafts: list[Draft], seconds: int) -> None:
    """Each opens the form, saves SAVES times, reads and submits.

    seconds: over which one's steps lie at random; 0: one save and the submission, everybody at once.
    """
    waits: dict[str, list[float]] = defaultdict(list)
    troubles: list[str] = []
    begins = time.monotonic() + 1

    def story(place: int) -> None:
        draft, luck = drafts[place], random.Random(place)
        person = Person(port, sessions[draft.person], waits, troubles)
        steps = sorted(luck.random() * seconds for _ in range(SAVES + 2)) if seconds else [0.0] * 3
        if seconds:
            _until(begins + steps[0])
            person.ask("open", f"/applications/{draft.case}/write/", since=begins + steps[0])
        for number, after in enumerate(steps[1:-1]):
            _save(person, draft, number, luck, begins + after)
        _submit(person, draft, begins + steps[-1])

    cpu, wall = _cpu(process), time.monotonic()
    _all_at_once(story, range(len(drafts)))
    _tell(title, waits, HOUR_MS, _cpu(process) - cpu, time.monotonic() - wall - 1, troubles)


def _save(person: Person, draft: Draft, number: int, luck: random.Random, at: float) -> None:
    """One part of the form as its script sends it: tried again until the server says that it is kept. The answer
    brings what stands beside the form."""
    given = {"title": f"Draft {draft.case}, version {number}"} if number % 4 == 1 else {
        "project_class": luck.choice(("competitive", "designed")), "planned_spend": f"{luck.randrange(10**6)}.00",
        "higher_funding": "0.00", "advance_declared": "true"}
    _until(at)
    for _ in range(10):
        status, body, _ = person.ask("save", f"/applications/{draft.case}/answers/", given, at, **{"X-Autosave": "1"})
        if status == 200 and not any(json.loads(body)["wrong"].values()):
            draft.kept |= given
            break
        time.sleep(AGAIN_S)


def _submit(person: Person, draft: Draft, at: float) -> None:
    _until(at)
    person.ask("read once more", f"/applications/{draft.case}/submit/", since=at)
    status, _, leads = person.ask("submit", f"/applications/{draft.case}/submit/", {"meant": "on", "seq": "0"})
    if status == 302:
        _, body, _ = person.ask("receipt", leads)
        found = re.search(rb"\b[0-9a-f]{64}\b", body)
        draft.digest = found[0].decode() if found else ""


def _read_back(connection: Any, drafts: list[Draft]) -> None:
    """What the database holds against what the server said: every field that was kept, every receipt that was given."""
    lost = wrong = receipts = 0
    for one in drafts:
        held = dict(connection.execute("SELECT field, value FROM desk_answer WHERE case_id = ?",
                                       (one.case,)).fetchall())
        lost += sum(held.get(name) != text for name, text in one.kept.items())
        row = connection.execute("SELECT answers, digest FROM desk_submission WHERE case_id = ?",
                                 (one.case,)).fetchone()
        receipts += bool(one.digest)
        wrong += row is None or row[1] != one.digest or json.loads(row[0]) != held
    fields = sum(len(one.kept) for one in drafts)
    print(f"  read back: {len(drafts):,} applicants, {fields:,} fields, {lost} lost; {receipts:,} receipts,"
          f" {wrong} missing or not of what was submitted")


def _sessions(persons: set[int]) -> dict[int, str]:
    """A session for each, as a log-in makes it."""
    # Django is ready by now
    from django.db import transaction
    from django.test import Client

    found = {}
    with transaction.atomic():
        for number in persons:
            client = Client(SERVER_NAME="localhost")
            client.force_login(log_in_of(number), "allauth.account.auth_backends.AuthenticationBackend")
            found[number] = client.cookies["westlake_session"].value
    return found


@contextmanager
def _serving(folder: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`westlake serve` on a free port, as an office runs it."""
    process = subprocess.Popen([sys.executable, "-u", "-m", "westlake.cli", "serve", "--port", "0"], cwd=folder,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        said = ""
        while not (found := re.search(r"http://localhost:(\d+)/", said)):
            said = process.stdout.readline()
            assert said or process.poll() is None, "the server ended"
        threading.Thread(target=_overheard, args=(process,), daemon=True).start()
        yield int(found[1]), process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)


def _overheard(process: subprocess.Popen[str]) -> None:
    for told in process.stdout or ():
        if "ERROR" in told or "Traceback" in told:
            print("  server:", told.strip()[:160])


def _cpu(process: subprocess.Popen[str]) -> float:
    """Seconds of CPU that the server has had."""
    parts = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _all_at_once(work: Any, places: range) -> None:
    threading.stack_size(512 * 1024)
    threads = [threading.Thread(target=work, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _until(at: float) -> None:
    time.sleep(max(at - time.monotonic(), 0))


def _tell(title: str, waits: dict[str, list[float]], most: int, cpu: float, seconds: float,
          troubles: list[str]) -> None:
    every = sorted(one for waited in waits.values() for one in waited)
    print(f"  {title}: {len(every):,} requests, {len(every) / seconds:.1f} a second,"
          f" server {cpu / len(every) * 1000:.0f} CPU ms each, {cpu / seconds:.2f} of a core;"
          f" p95 {_at(every, 0.95):.0f} ms (to reach: {most}), median {_at(every, 0.5):.0f}, worst {every[-1]:.0f};"
          f" load of the machine {os.getloadavg()[0]:.1f}; {len(troubles)} troubles {troubles[:3] or ''}", flush=True)
    for sort, waited in sorted(waits.items(), key=lambda one: -len(one[1]))[:14]:
        waited.sort()
        print(f"      {sort:<34}{len(waited):>6}  median {_at(waited, 0.5):>6.0f}  p95 {_at(waited, 0.95):>6.0f} ms")


def _at(waited: list[float], share: float) -> float:
    return waited[min(int(len(waited) * share), len(waited) - 1)]


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:4]))
