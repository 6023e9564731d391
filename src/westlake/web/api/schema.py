"""What the programming interface takes and gives: every shape, with units. Money is whole minor units; days and
instants are ISO 8601 texts, instants in UTC."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Path, Query, Schema
from pydantic import AfterValidator, ConfigDict, Field

from westlake.database import storable

LIMIT_MAX = 200
ID_MAX = 2**53 - 1  # what every language's JSON reads exactly


def _storable(text: str) -> str:
    if not storable(text, len(text)):
        raise ValueError("text that no database keeps")
    return text


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a key of printable characters")
    return _storable(text)


def _day(text: str) -> str:
    from westlake.dates import parse_day  # noqa: PLC0415 - beside the only check that needs it

    parse_day(text)
    return text


Keepable = Annotated[str, Field(max_length=4_000), AfterValidator(_storable)]
Key = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}),
                AfterValidator(_day)]
Number = Annotated[int, Path(ge=1, le=ID_MAX)]
Named = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
After = Annotated[str, Query(max_length=300)]
Amount = Annotated[int, Field(ge=0, le=10**15)]
Words = dict[str, str]


class Strict(Schema):
    """What is sent in: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class PlaceOut(Schema):
    """Where something is wrong: a field, a row, or a place in a file."""

    file: str = ""
    line: int = 0
    column: int = 0
    row: int = 0
    field: str = ""


class ProblemPart(Schema):
    """One thing that is wrong."""

    code: str
    says: str
    way_out: str
    place: PlaceOut


class ProblemOut(Schema):
    """A problem as RFC 9457 has it, with Westlake's code and all that is wrong at once."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    says: str
    way_out: str
    place: PlaceOut
    problems: list[ProblemPart]


class Me(Schema):
    """Whose token it is, and what it may do now."""

    person: int
    name: str
    firm: str
    roles: list[RoleOut]
    scopes: list[str]
    ends_at: str | None


class RoleOut(Schema):
    """A role that is held now; programme `*` for all."""

    role: str
    programme: str
    firm: str


class CallOut(Schema):
    """A call under the terms that now hold. budget: minor units."""

    id: int
    code: str
    programme: str
    year: int
    currency: str
    title: Words
    summary: Words
    state: Literal["planned", "announced", "open", "closed"]
    opens_at: str
    closes_at: str
    corrects_until: str
    budget: int
    version: str
    seq: int


class CallPage(Schema):
    """Calls, newest first; next: what to send as `after` for more, or nothing."""

    items: list[CallOut]
    next: str | None


class RouteOut(Schema):
    """When an input is asked: where the answer `input` is one of `choices`; elsewhere the rules take `otherwise`."""

    input: str
    choices: list[str]
    otherwise: str


class InputOut(Schema):
    """One input of a programme's rules. decimals: of a count that is told in parts; low and high count those parts;
    asked_when: nothing where everybody is asked."""

    name: str
    label: Words
    kind: str
    origin: str
    low: int | None
    high: int | None
    decimals: int
    choices: list[str]
    asked_when: RouteOut | None


class SectionOut(Schema):
    """A text that reviewers read and no rule sees. It is written as an answer under its name, of at most so many
    characters."""

    name: str
    label: Words
    most: int


class ProgrammeOut(Schema):
    """A programme whose cases are worked here, with what its rules and its reviewers ask.

    applicant: `person` where somebody may apply in their own name, without a firm.
    """

    name: str
    title: Words
    currency: str
    version: str
    regime: str
    applicant: Literal["firm", "person"]
    inputs: list[InputOut]
    proposal: list[SectionOut]


class ProgrammeList(Schema):
    """Every programme that is worked here."""

    items: list[ProgrammeOut]


class CheckIn(Strict):
    """A case to be decided on paper. inputs: texts as the form takes them; firm: whose facts the register may add."""

    inputs: dict[Key, Keepable] = Field(max_length=200)
    firm: Key = ""
    day: Day | None = None


class CaseOut(Schema):
    """A case as its reader may see it. asked, amount: minor units; firm is empty where it is hidden."""

    id: int
    number: str
    kind: str
    parent: int | None
    call: int | None
    programme: str
    year: int
    currency: str
    firm: str
    title: str
    asked: int
    amount: int
    due: str | None
    state: str
    state_says: str
    seq: int
    opened_at: str
    submitted_at: str | None
    moved_at: str


class CasePage(Schema):
    """Cases in the order of their ids; next: what to send as `after` for more, or nothing."""

    items: list[CaseOut]
    next: str | None


class FileOut(Schema):
    """A file of a case."""

    id: int
    field: str
    name: str
    type: str
    bytes: int
    sha256: str
    at: str


class StepOut(Schema):
    """A step as it was taken. person: absent where that is not shown."""

    seq: int
    step: str
    came_from: str
    went_to: str
    role: str
    person: int | None
    at: str
    said: dict[str, Any]


class FactOut(Schema):
    """What is known of a case, and who says so. assurance: declared, verified, audited, taken or not_asked."""

    name: str
    value: str
    assurance: str
    source: str


class VerdictOut(Schema):
    """The last decision that was kept on a case; its trace stands at /cases/{case}/decision."""

    id: int
    day: str
    version: str
    eligible: bool
    claim: int
    entitlement: int
    reason: str
    at: str


class CaseFull(CaseOut):
    """A case with all that its reader may see."""

    answers: dict[str, str]
    files: list[FileOut]
    steps: list[StepOut]
    facts: list[FactOut]
    decision: VerdictOut | None
    following: list[int]


class DraftIn(Strict):
    """An application to be opened. firm: the one that is spoken for, where there are several."""

    firm: Key = ""


class AnswersIn(Strict):
    """Answers as texts, field by field; what is not sent stays as it is."""

    answers: dict[Key, Keepable] = Field(max_length=200)


class AnswersOut(Schema):
    """The answers as they stand, and what is wrong with those just sent: nothing that was sent is lost."""

    answers: dict[str, str]
    problems: list[ProblemPart]


class Said(Strict):
    """What is said with a step, as its row of the table asks. amount: minor units; day: ISO 8601."""

    note: Keepable | None = None
    reason: Keepable | None = None
    evidence: Keepable | None = None
    amount: Amount | None = None
    day: Day | None = None
    days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class StepIn(Strict):
    """A step from the state that its taker saw: seq is the case's as it was read."""

    step: Key
    seq: Annotated[int, Field(ge=0, le=ID_MAX)]
    said: Said = Field(default_factory=Said)


class PossibleOut(Schema):
    """A step that the table has for you here; problem: what still keeps it from being taken."""

    step: str
    says: str
    went_to: str
    role: str
    asks: list[str]
    problem: ProblemPart | None


class PossibleList(Schema):
    """The steps that are possible from the state with this number."""

    seq: int
    items: list[PossibleOut]


class Wanted(Strict):
    """A case as it was seen."""

    case: Annotated[int, Field(ge=1, le=ID_MAX)]
    seq: Annotated[int, Field(ge=0, le=ID_MAX)]


class PreviewIn(Strict):
    """A step to be tried on paper for many cases."""

    step: Key
    cases: list[Wanted] = Field(min_length=1, max_length=LIMIT_MAX)


class PreviewRow(Schema):
    """What would become of one case."""

    case: int
    number: str
    possible: bool
    problem: ProblemPart | None


class PreviewOut(Schema):
    """What a step would do; nothing was done."""

    step: str
    possible: int
    items: list[PreviewRow]
