"""Files of a case come and go while its answers may be written, or while a step waits for one under their heading."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from westlake.desk import files
from westlake.desk.applying.drafting import why_not_edit
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.files import Upload
from westlake.desk.people import Held, Person
from westlake.desk.steps import EDIT, fitting
from westlake.desk.workflow import Step
from westlake.errors import Problem, WestlakeError

EVIDENCE = "evidence"  # the heading under which a step waits for a file, where it names no other


def hand_in(desk: Desk, folder: Path, case: Case, person: Person, roles: Collection[Held], field: str, name: str,
            content: bytes) -> Upload:
    """Keep a file for somebody who may hand it in at the moment it is written down: what they may is asked in the same
    transaction, so that a case submitted meanwhile takes nothing more. W984 and what `files.hand_in` refuses."""
    return files.hand_in(desk, folder, case, person, field, name, content,
                         lambda now: why_not(desk, now, person, roles, field))


def take_back(desk: Desk, case: Case, person: Person, roles: Collection[Held], number: int) -> None:
    """Take a file out of what will be submitted, on the same terms. W920 if it is not there."""
    field = next((one.field for one in files.files_of(desk, case) if one.id == number), None)
    if field is None:
        raise WestlakeError.one("W920", what=f"file {number}")
    files.take_back(desk, case, person, number, lambda now: why_not(desk, now, person, roles, field))


def why_not(desk: Desk, case: Case, person: Person, roles: Collection[Held], field: str) -> Problem | None:
    """What keeps somebody from handing in a file under a heading now; nothing when they may."""
    own = fitting(desk, case, person, roles)
    kind = desk.offered(case.programme).workflow.kinds[case.kind]
    if any(held.role in step.who and field in awaited(step) for step in kind.from_state(case.state) for held in own):
        return None
    edit = kind.step(EDIT, case.state)
    writer = next((held for held in own if edit and held.role in edit.who), None)
    return why_not_edit(desk, case, person, writer) if writer else Problem("W984", values={"number": case.number})


def awaited(step: Step) -> set[str]:
    """The headings under which a step waits for a file."""
    return {field for use in step.guards if use.name == "has_file" for field in use.given or (EVIDENCE,)}
