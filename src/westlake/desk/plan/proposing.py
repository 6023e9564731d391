"""A new dated value: proposed by one person, agreed by another, and then written into the programme's values.yaml.

What was in force stays as it is: a proposal adds one dated entry, as a change of the file's text, so that comments
and order stay. It is tried on a copy of the programme's folder before it is kept. A proposal made on a version that
is no longer the programme's is refused as stale.
"""

from __future__ import annotations

import difflib
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from westlake.database import Refused, transaction
from westlake.dates import iso, parse_day
from westlake.desk.desk import Desk
from westlake.desk.people import Person
from westlake.disk import write_whole
from westlake.errors import Place, WestlakeError, nearest
from westlake.failpoints import failpoint
from westlake.money import PPM
from westlake.rules import Programme, Value, load_programme
from westlake.rules.checks import check
from westlake.rules.kinds import Kind, read
from westlake.settlement.versions import archive

FILE = "values.yaml"
CLASSES = ("A", "P", "C", "I", "K")
_COLUMNS = ("p.id, p.programme, p.value, p.patch, p.before, p.reform, p.reason, p.person, p.at,"
            " coalesce(e.outcome, ''), coalesce(e.digest, ''), e.person, e.at, coalesce(e.reason, '')")
_PLAIN = re.compile(r"[A-Za-z0-9_.%\-]+")


@dataclass(frozen=True)
class Entry:
    """A dated entry as it is proposed. texts: the number as text, by choice; under "" where none is asked."""

    in_force: int
    texts: Mapping[str, str]
    source: str
    clause: str
    cls: str


@dataclass(frozen=True)
class Proposal:
    """A proposal as it stands. patch: the change of values.yaml as a unified diff; before: digest of the version it was
    made on; reform: the same change as a file for `settle --reform`; outcome: "" while it is open."""

    id: int
    programme: str
    value: str
    patch: str
    before: str
    reform: str
    reason: str
    person: int
    at: int
    outcome: str
    digest: str
    ended_by: int | None
    ended_at: int | None
    end_reason: str


@dataclass(frozen=True)
class Draft:
    """What a proposal would do: the new text, its diff, and the examples that would no longer hold, in words."""

    text: str
    patch: str
    digest: str
    problems: tuple[str, ...]


def draft_of(programme: Programme, name: str, entry: Entry, lang: str = "en") -> Draft:
    """Try a new dated value on a copy of the programme. W1077 for a value or a source that is not there or a day that
    has an entry, and whatever is wrong with the number (W1 codes)."""
    value = programme.values.get(name)
    if value is None:
        raise WestlakeError.one("W1077", Place(field="value"), nearest(name, programme.values), text=name)
    if entry.source not in programme.sources or entry.cls not in CLASSES or not entry.clause.strip():
        raise WestlakeError.one("W1077", Place(field="source"), nearest(entry.source, programme.sources),
                                text=entry.source)
    path = Path(programme.folder) / FILE
    before = path.read_text("utf-8")
    after = _with_entry(before, value, entry)
    changed, problems = _tried(programme, after, lang)
    if changed.digest == programme.digest:
        raise WestlakeError.one("W1077", Place(field="value"), text=name)
    patch = "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), FILE, FILE, n=2))
    return Draft(after, patch, changed.digest, problems)


def above_whole(value: Value, entry: Entry) -> bool:
    """Whether a rate is to be more than 100 %, and was not before: a slip of the hand, more often than not."""
    before = value.on(entry.in_force - 1)
    return value.kind is Kind.RATE and max(before.numbers if before else (0,)) <= PPM < max(
        read(Kind.RATE, text.strip()) for text in entry.texts.values())


def proposed_entry(proposal: Proposal) -> Entry:
    """The dated entry that a proposal adds."""
    dated, = yaml.load(proposal.reform, yaml.BaseLoader)[proposal.programme][proposal.value]
    number = dated["value"]
    return Entry(parse_day(dated["in_force"]), number if isinstance(number, dict) else {"": number}, dated["source"],
                 dated["clause"], dated["class"])


def propose_value(desk: Desk, person: Person, programme: Programme, name: str, entry: Entry, reason: str) -> Proposal:
    """Propose a new dated value. W1078 without a reason; see `draft_of`."""
    if not reason.strip():
        raise WestlakeError.one("W1078", Place(field="reason"))
    draft, value = draft_of(programme, name, entry), programme.values[name]
    dated = [f"    - {_line(value, entry)}"]
    reform = f"{programme.name}:\n  {name}:\n" + "\n".join(dated) + "\n"
    with transaction(desk.connection):
        archive(desk.connection, programme)
        row = desk.connection.execute(
            "INSERT INTO desk_proposal (programme, value, patch, before, reform, reason, person, at)"
            " VALUES (?,?,?,?,?,?,?,?) RETURNING id",
            (programme.name, name, draft.patch, programme.digest, reform, reason.strip(), person.id, desk.now())
        ).fetchone()
        desk.record.add(person.actor, "desk.value_proposed", f"proposal:{row[0]}", {
            "programme": programme.name, "value": name, "in_force": iso(entry.in_force), "patch": draft.patch,
            "reason": reason.strip()}, programme.digest)
    return find_proposal(desk, row[0])


def agree(desk: Desk, proposal: Proposal, person: Person, reason: str = "") -> Programme:
    """Agree to another's proposal: the file is changed, both versions are archived; the programme as it now stands.

    W1075 for one's own proposal, W1076 when the programme has changed since or the proposal has ended. The file gets
    its name as the last thing before the database commits: should the machine stop between the two, the proposal is
    open, stale, and says so.
    """
    programme = desk.offered(proposal.programme).programme
    _check_open(desk, proposal)
    if programme.digest != proposal.before:
        raise WestlakeError.one("W1076", number=proposal.id)
    path = Path(programme.folder) / FILE
    text = apply_patch(path.read_text("utf-8"), proposal.patch)
    changed, _ = _tried(programme, text, "en")
    try:
        with transaction(desk.connection):
            desk.connection.execute("INSERT INTO desk_proposal_end VALUES (?,?,?,?,?,?)", (
                proposal.id, "agreed", changed.digest, person.id, desk.now(), reason.strip()))
            desk.record.add(person.actor, "desk.value_agreed", f"proposal:{proposal.id}", {
                "programme": programme.name, "value": proposal.value, "before": programme.digest,
                "after": changed.digest}, changed.digest)
            write_whole(path, lambda draft: draft.write_text(text, "utf-8"))
            written = load_programme(Path(programme.folder), regime=programme.regime)
            archive(desk.connection, written)
            failpoint("desk.value_written")
    except Refused as error:
        raise WestlakeError.one("W1075") from error
    return written


def refuse(desk: Desk, proposal: Proposal, person: Person, reason: str) -> None:
    """Refuse another's proposal, with a reason (W1078)."""
    if not reason.strip():
        raise WestlakeError.one("W1078", Place(field="reason"))
    if person.id == proposal.person:
        raise WestlakeError.one("W1075")
    _end(desk, proposal, person, "refused", reason)


def withdraw(desk: Desk, proposal: Proposal, person: Person, reason: str = "") -> None:
    """Take back one's own proposal; W1075 for somebody else's."""
    if person.id != proposal.person:
        raise WestlakeError.one("W1075")
    _end(desk, proposal, person, "withdrawn", reason)


def _end(desk: Desk, proposal: Proposal, person: Person, outcome: str, reason: str) -> None:
    with transaction(desk.connection):
        _check_open(desk, proposal)
        desk.connection.execute("INSERT INTO desk_proposal_end VALUES (?,?,?,?,?,?)", (
            proposal.id, outcome, proposal.before, person.id, desk.now(), reason.strip()))
        desk.record.add(person.actor, f"desk.value_{outcome}", f"proposal:{proposal.id}",
                        {"reason": reason.strip()})


def _check_open(desk: Desk, proposal: Proposal) -> None:
    if find_proposal(desk, proposal.id).outcome:
        raise WestlakeError.one("W1076", number=proposal.id)


def find_proposal(desk: Desk, number: int) -> Proposal:
    """A proposal by number; W920 if there is none."""
    found = _proposals(desk, "p.id = ?", (number,))
    if not found:
        raise WestlakeError.one("W920", what=f"proposal {number}")
    return found[0]


def proposals(desk: Desk, programme: str = "", open_only: bool = False) -> list[Proposal]:
    """Proposals, of one programme if it is named, newest first."""
    return _proposals(desk, "? IN ('', p.programme) AND (? = 0 OR e.proposal IS NULL)", (programme, int(open_only)))


def _proposals(desk: Desk, condition: str, values: Sequence[object]) -> list[Proposal]:
    rows = desk.connection.execute(
        f"SELECT {_COLUMNS} FROM desk_proposal p LEFT JOIN desk_proposal_end e ON e.proposal = p.id WHERE {condition}"
        " ORDER BY p.id DESC", values)
    return [Proposal(*row) for row in rows]


def apply_patch(text: str, patch: str) -> str:
    """A text with one of our own diffs applied; W1076 when it does not fit line for line."""
    lines, found, at = text.splitlines(True), [], 0
    for line in patch.splitlines(True)[2:]:
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0].lstrip("-")) - 1
            found += lines[at:start]
            at = start
        elif line.startswith("+"):
            found.append(line[1:])
        else:
            if at >= len(lines) or lines[at] != line[1:]:
                raise WestlakeError.one("W1076", number="–")
            found += [line[1:]] if line.startswith(" ") else []
            at += 1
    return "".join(found + lines[at:])


def _tried(programme: Programme, text: str, lang: str) -> tuple[Programme, tuple[str, ...]]:
    """The programme with another values.yaml, read from a copy of its jurisdiction, and its examples that fail."""
    folder = Path(programme.folder)
    with tempfile.TemporaryDirectory(prefix="westlake-proposal-") as work:
        shelf = Path(work) / "shelf"
        shutil.copytree(folder.parent, shelf, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.part"))
        (shelf / folder.name / FILE).write_text(text, "utf-8")
        changed = load_programme(shelf / folder.name, regime=programme.regime)
        report = check(shelf / folder.name, programme.regime)
    return changed, tuple(problem.line(lang) for problem in report.problems)


def _with_entry(text: str, value: Value, entry: Entry) -> str:
    """The text of values.yaml with one entry more, in the order of days. W1077 when the day has one already."""
    if any(one.in_force == entry.in_force for one in value.dated):
        raise WestlakeError.one("W1077", Place(field="in_force"), text=iso(entry.in_force))
    lines = text.splitlines(True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    before = [one for one in value.dated if one.in_force < entry.in_force]
    anchor = (before[-1] if before else value.dated[0]).place.line - 1
    indent = len(lines[anchor]) - len(lines[anchor].lstrip())
    at = anchor
    if before:  # after the whole of the entry before it, however many lines that has
        at += 1
        while at < len(lines) and lines[at].strip() and len(lines[at]) - len(lines[at].lstrip()) > indent:
            at += 1
    return "".join([*lines[:at], f"{' ' * indent}- {_line(value, entry)}\n", *lines[at:]])


def _line(value: Value, entry: Entry) -> str:
    """The entry as values.yaml writes it, in one line."""
    if value.by:
        number = "{" + ", ".join(f"{choice}: {_scalar(value, entry.texts.get(choice, ''))}"
                                 for choice in value.choices) + "}"
    else:
        number = _scalar(value, entry.texts.get("", ""))
    clause = entry.clause.strip()
    return (f"{{in_force: {iso(entry.in_force)}, value: {number}, source: {entry.source},"
            f" clause: {clause if clause == 'unknown' else _quoted(clause)}, class: {entry.cls}}}")


def _scalar(value: Value, text: str) -> str:
    text = text.strip()
    return text if value.kind is not Kind.MONEY and _PLAIN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**6)).strip()
