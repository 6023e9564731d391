"""The office that bench.desk measures: thousands of applications of invented firms, reviewed, chosen and paid.

Everything but the copying goes through the desk, as the demo does it. `closed.zip`: the call has closed and nobody has
looked at it yet; `whole.zip`: it was reviewed, chosen and in part paid, and another call closes in some hours.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from westlake.backup import restore_backup, write_backup
from westlake.bills.generator import generate, generate_firms
from westlake.cli import stages
from westlake.cli.demo import FINANCE, OFFICER, PROGRAMME, write_register
from westlake.cli.new import make_workspace
from westlake.cli.place import open_database
from westlake.cli.settle import Desk as Settling
from westlake.cli.stages import Play
from westlake.database import transaction
from westlake.dates import MICROS_PER_DAY, day_number, iso, now_us, year_of
from westlake.desk.applying.drafting import save_answers
from westlake.desk.calls import Call, change_call, find_call, plan_call
from westlake.desk.cases import find_case, open_application
from westlake.desk.panel import assigning, choosing, reviewing
from westlake.desk.people import Held, Person, person_by_email, roles_of
from westlake.workspace import Settings, Workspace

SEED, YEAR, BILLED, DRAFTS, REVIEWERS, LOAD = 7, 2025, 200, 2_000, 500, 40
Told = list[tuple[str, float, float]]


def make_office(place: Path, cases: int) -> None:
    """Make it in `place`, and both its backups."""
    stages.APPLICANTS, stages.REVIEWERS, stages.LOAD = cases, REVIEWERS, LOAD  # the demo's play, on a larger stage
    stages.DAYS_AGO["paid"] = 120 + cases * 3 // 50  # its reviews come in one by one
    workspace = make_workspace(place / "office", Settings())
    profiles = generate_firms(cases, SEED)
    months = [day_number(YEAR, month, 1) for month in range(1, 13)]
    made = generate(workspace.bills, profiles[:BILLED], months, SEED)
    write_register(workspace, profiles, made, SEED, "en")
    _settle(workspace)
    played = Play(workspace, open_database(workspace), "paid", SEED)
    with transaction(played.connection):
        played.cast()
        call = played.call("challenge", "CH")
        for firm in played.applicants:
            played.clock.wait(stages.CALL_DAYS * 0.9 / cases)
            played.apply(call, firm, submit=True)
    write_backup(played.connection, workspace, place / "closed.zip")
    (place / "closed.json").write_text(json.dumps({"call": call.id}))
    with transaction(played.connection):
        played.review(call, 1.0)
        played.choose(call)
        played.pay(call)
        _open_again(played)
    write_backup(played.connection, workspace, place / "whole.zip")
    played.connection.close()


def _settle(workspace: Workspace) -> None:
    """A year of some firms' bills, so that the books are not empty."""
    desk = Settling(PROGRAMME, "", iso(day_number(YEAR + 1, 2, 10)), "en", workspace)
    settled = desk.settle(YEAR, OFFICER, "", False)
    assert settled is not None, "a new workspace has something to settle"
    desk.day = day_number(YEAR + 1, 2, 12)
    desk.approve(settled.id, FINANCE, True, False)
    desk.connection.close()


def _open_again(played: Play) -> None:
    """A call that closes in some hours, with drafts of which something is written already."""
    played.clock.at = played.clock.last
    now, officer, year = now_us(), played.staff["officer"], year_of(played.desk.today())
    title = dict.fromkeys(("en", "ko", "zh"), "The last hour")
    call = plan_call(played.desk, officer, "challenge", f"LAST-{year}", year, now - 29 * MICROS_PER_DAY,
                     now + MICROS_PER_DAY, {"title": title, "summary": title, "budget": 10**10})
    change_call(played.desk, call, officer, "–", announced=True)
    call = find_call(played.desk, call.id)
    for firm, person in list(played.applicants.items())[:DRAFTS]:
        case = open_application(played.desk, person, call, firm)
        save_answers(played.desk, case, person, Held("applicant", "*", firm),
                     {"title": f"Draft of {firm}", "project_class": "competitive"})


def copy_of(backup: Path, folder: Path, address: str) -> Path:
    """The office brought back into a folder, its rows on the server of an address if one is given."""
    restore_backup(backup, folder, address or Settings.database)
    return folder


def close_call(place: Path) -> tuple[int]:
    """The number of the call that closes."""
    return (int(json.loads((place / "closed.json").read_text())["call"]),)


def close_until_ranked(folder: Path, number: int) -> Told:
    """What people and machine do between the close and the list; the reviews, which take weeks, are not counted."""
    workspace = Workspace.find(folder)
    played = Play(workspace, open_database(workspace), "paid", SEED)
    desk, told = played.desk, Told()
    call = find_call(desk, number)
    played.clock.at = call.corrects_until + 1
    officer, chair = (_somebody(played, f"{role}@office.example") for role in ("officer", "chair"))
    waiting = played._in_state(call, "submitted")

    def timed(words: str, work: Callable[[], object]) -> None:
        cpu, wall = time.process_time(), time.monotonic()
        work()
        told.append((words, time.process_time() - cpu, time.monotonic() - wall))

    timed(f"{len(waiting):,} cases admitted or refused, one a commit", lambda: _admit(played, officer, waiting))
    reviewers = _invite(played, call, officer)
    timed("reviewers assigned, three a case", lambda: assigning.apply_assignment(
        desk, assigning.assign(desk, call, officer, SEED), officer))
    count = _review(played, call, reviewers)
    timed(f"ranked by {count:,} reviews", lambda: choosing.rank(desk, call, chair, SEED))
    played.connection.close()
    told.append(("close to list", sum(one[1] for one in told), sum(one[2] for one in told)))
    return told


def _somebody(played: Play, email: str) -> Person:
    found = person_by_email(played.connection, email)
    assert found is not None, email
    return found


def _admit(played: Play, officer: Person, waiting: list) -> None:  # type: ignore[type-arg]
    from westlake.desk.applying.deciding import last_decision

    for case in waiting:
        found = last_decision(played.desk, case)
        played.take(case, "admit" if found is not None and found.eligible else "refuse", officer)


def _invite(played: Play, call: Call, officer: Person) -> list[Person]:
    found = [_somebody(played, f"reviewer{number + 1}@panel.example") for number in range(REVIEWERS)]
    with transaction(played.connection):
        reviewing.invite(played.desk, call, officer, [one.id for one in found], load=LOAD)
        for place, person in enumerate(found):
            topics = ", ".join(("AI", "chips", "games", "health", "robotics", "trade")[(place + step) % 6]
                               for step in (0, 1))
            reviewing.answer_invitation(played.desk, call, person, True, "–", topics)
    return found


def _review(played: Play, call: Call, reviewers: list[Person]) -> int:
    """Every review, in one transaction; how many."""
    desk, count = played.desk, 0
    criteria = desk.offered(call.programme).workflow.criteria
    with transaction(played.connection):
        for person in reviewers:
            roles = roles_of(played.connection, person.id, played.clock())
            for task in reviewing.assignments_of(desk, person, roles, call):
                points = {one.name: int(played.luck.integers(2, one.most + 1)) for one in criteria}
                reviewing.submit_review(desk, find_case(desk, task.case.id), person, roles, points, 3, "–")
                count += 1
    return count
