"""The list of cases: looked for in the database among those that a person may see, a page at a time, kept as views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from westlake.database import storable, transaction
from westlake.dates import MICROS_PER_DAY
from westlake.desk.applying.personal import own_names
from westlake.desk.cases import DUE_STATES, OF_C, Case
from westlake.desk.desk import Desk, Offered
from westlake.desk.messages import UNANSWERED
from westlake.desk.paying.budgets import MILESTONE
from westlake.desk.people import EVERY, OUTSIDE, Held, Person
from westlake.desk.seeing import sight_sql, without_names
from westlake.desk.workflow import APPLICATION, SYSTEM
from westlake.errors import Place, WestlakeError
from westlake.money import parse_money
from westlake.register import Register

SORTS = {"waiting": "{waits}c.moved_at, c.id", "newest": "coalesce(c.submitted_at, c.opened_at) DESC, c.id DESC",
         "number": "c.number", "title": "CASE WHEN {named} THEN c.title ELSE c.number END, c.id",
         "asked": "c.asked DESC, c.id", "amount": "c.amount DESC, c.id"}
_TOLD = ("name", "district")
_PLACE = "c.programme || '/' || c.kind || '/' || c.state"
WAITS = "waits"  # the pseudo-state of all cases in which the person's roles have something to do
ASKS = "asks"  # and that of all cases in which a message waits for an answer
VIEW_NAME_MAX = 60


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for; empty means all. low, high: plain amounts in main units; days: since the last step."""

    q: str = ""
    programme: str = ""
    call: str = ""
    kind: str = ""
    state: str = ""
    district: str = ""
    officer: str = ""
    low: str = ""
    high: str = ""
    days: str = ""
    sort: str = "waiting"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        """What an address asks for; what it does not know is left out."""
        given = {one.name: str(query.get(one.name, "")).strip()[:100] for one in fields(cls)}
        for name in ("call", "officer", "days"):
            if not given[name].isdecimal() or len(given[name]) > 9:
                given[name] = ""
        given = {name: text if storable(text) else "" for name, text in given.items()}
        return cls(**{**given, "sort": given["sort"] if given["sort"] in SORTS else "waiting"})

    @property
    def narrowed(self) -> int:
        """How many of the filters are set."""
        return sum(bool(getattr(self, one.name)) for one in fields(self) if one.name != "sort")


@dataclass(frozen=True)
class Row:
    """A case in the list, with its firm's name and district, and what the rules last said of it, if they were asked."""

    case: Case
    firm_name: str
    district: str
    eligible: bool | None
    entitlement: int


@dataclass(frozen=True)
class View:
    """A search that somebody keeps. query: as it stands in an address."""

    id: int
    name: str
    query: str


Condition = tuple[str, list[object]]


@dataclass(frozen=True)
class Sight:
    """What a person's list is made of: the cases that they may see, and those whose applicant they may know."""

    seen: Condition
    named: Condition


def sight(desk: Desk, person: Person, roles: Iterable[Held]) -> Sight:
    """What a person may see now; every list, count and file of theirs begins here."""
    own = list(roles)
    return Sight(*sight_sql(desk, person, own))


def waiting_places(offered: Iterable[Offered], roles: Iterable[Held]) -> list[str]:
    """Where cases wait for one of these roles, as `programme/kind/state`."""
    return list(waiting_steps(offered, roles))


def waiting_steps(offered: Iterable[Offered], roles: Iterable[Held]) -> dict[str, str]:
    """The same, with the step that leads on from there: of several the first that asks for no words; else empty."""
    own = list(roles)
    found: dict[str, str] = {}
    for one in offered:
        name = one.programme.name
        mine = {held.role for held in own if held.programme in (EVERY, name) and held.role not in OUTSIDE}
        for kind in one.workflow.kinds.values():
            for step in kind.steps:
                if mine & set(step.who) - {SYSTEM} and step.went_to != "=":
                    for place in (f"{name}/{kind.name}/{state}" for state in step.came_from
                                  if state not in kind.ends and state not in AT_WORK):
                        found[place] = found.get(place) or ("" if step.asks else step.name)
    return found


def due(offered: Iterable[Offered]) -> Condition:
    """Which cases, as `c`, wait for their applicant until their day: a part only while its agreement has not ended."""
    ends = sorted({state for one in offered for state in one.workflow.kinds[APPLICATION].ends}) or [""]
    return (f"c.due IS NOT NULL AND c.state IN ({', '.join('?' * len(DUE_STATES))}) AND NOT (c.kind = ? AND EXISTS"
            f" (SELECT 1 FROM desk_case r WHERE r.id = c.parent AND r.state IN ({', '.join('?' * len(ends))})))",
            [*DUE_STATES, MILESTONE, *ends])


# Nothing waits there for the office, whose steps are for a bad day; what is late stands on top of what is due.
AT_WORK = ("supplement", "awarded", "agreed", "planned", "debarred")


def condition(desk: Desk, wanted: Wanted, own: Sight, places: Iterable[str] = (), state: bool = True) -> Condition:
    """The WHERE of a list. places: see `waiting_places`; state: whether its state counts, too.

    By a firm's name, its district or a title, which may name it, only those cases are found whose applicant the person
    may know.
    """
    parts, values = [own.seen[0]], list(own.seen[1])

    def add(part: str, *given: object) -> None:
        parts.append(part)
        values.extend(given)

    if wanted.q:
        like = "%" + wanted.q.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
        add("(lower(c.number) LIKE ? ESCAPE '!' OR ("
            f"{own.named[0]} AND (lower(c.title) LIKE ? ESCAPE '!' OR lower(c.firm) LIKE ? ESCAPE '!' OR c.firm IN"
            " (SELECT subject FROM register_fact WHERE name = 'name' AND lower(value) LIKE ? ESCAPE '!'))))",
            like, *own.named[1], like, like, like)
    for name in ("programme", "kind"):
        if getattr(wanted, name):
            add(f"c.{name} = ?", getattr(wanted, name))
    if wanted.call:
        add("c.call = ?", int(wanted.call))
    if wanted.district:
        add(f"{own.named[0]} AND c.firm IN (SELECT subject FROM register_fact WHERE name = 'district' AND value = ?)",
            *own.named[1], wanted.district)
    if wanted.officer:
        add("EXISTS (SELECT 1 FROM desk_step s WHERE s.case_id = c.id AND s.person = ? AND s.role NOT IN"
            " ('applicant', 'co_applicant'))", int(wanted.officer))
    for name, sign in (("low", ">="), ("high", "<=")):
        amount = _amount(getattr(wanted, name))
        if amount is not None:
            add(f"c.asked {sign} ?", amount)
    if wanted.days:
        add("c.moved_at <= ?", desk.now() - int(wanted.days) * MICROS_PER_DAY)
    if state and wanted.state == WAITS:
        known = list(places)
        add(f"{_PLACE} IN ({', '.join('?' * len(known)) or 'NULL'})", *known)
    elif state and wanted.state == ASKS:
        add(f"{own.named[0]} AND {UNANSWERED}", *own.named[1])  # a message names who wrote it
    elif state and wanted.state:
        add("c.state = ?", wanted.state)
    return " AND ".join(parts), values


def _amount(text: str) -> int | None:
    """Minor units of what was typed; None for nothing, and for what is no amount."""
    try:
        return parse_money(text) if text else None
    except ValueError:
        return None


def count_states(desk: Desk, found: Condition) -> dict[tuple[str, str, str], int]:
    """How many cases stand where: (programme, kind, state) → number."""
    rows = desk.connection.execute("SELECT c.programme, c.kind, c.state, count(*) FROM desk_case c"
                                   f" WHERE {found[0]} GROUP BY c.programme, c.kind, c.state", found[1])
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def find_rows(desk: Desk, found: Condition, own: Sight, sort: str = "waiting", limit: int = 50,
              offset: int = 0, places: Sequence[str] = ()) -> list[Row]:
    """A page of the list: a few questions to the database, however many cases.

    places: where cases wait for whoever looks (waiting_places); these stand first where the longest waiting do.
    """
    order, given = _order(own, sort, places)
    page = f"SELECT {OF_C} FROM desk_case c WHERE {found[0]} ORDER BY {order} LIMIT ? OFFSET ?"
    rows = desk.connection.execute(f"{_rows(own, f'({page})')} ORDER BY {order}",
                                   (*own.named[1], *found[1], *given, limit, offset, *given)).fetchall()
    return list(_named(desk, rows))


def stream_rows(desk: Desk, found: Condition, own: Sight, sort: str = "waiting",
                places: Sequence[str] = ()) -> Iterator[Row]:
    """Every row of the list, in its order, for a file; however many."""
    waiting: list[Sequence[Any]] = []
    order, given = _order(own, sort, places)
    for row in desk.connection.execute(f"{_rows(own)} WHERE {found[0]} ORDER BY {order}",
                                       (*own.named[1], *found[1], *given)).fetchall():
        waiting.append(row)
        if len(waiting) == 500:
            yield from _named(desk, waiting)
            waiting = []
    yield from _named(desk, waiting)


def _order(own: Sight, sort: str, places: Sequence[str]) -> Condition:
    """The ORDER BY: a title out of which a name is struck stands by its number, for its place would tell the name."""
    marks = ", ".join("?" * len(places))
    waits = f"CASE WHEN {_PLACE} IN ({marks}) THEN 0 ELSE 1 END, " if places else ""
    given: list[object] = own.named[1] if sort == "title" else list(places) if sort == "waiting" else []
    return SORTS[sort].format(named=own.named[0], waits=waits), given


def _rows(own: Sight, cases: str = "desk_case") -> str:
    # what is claimed is the whole award: of a milestone only its own part counts
    return (f"SELECT {OF_C}, d.eligible, CASE WHEN c.kind = 'application' AND d.claim > d.entitlement THEN d.claim"
            " ELSE d.entitlement END,"
            f" CASE WHEN {own.named[0]} THEN 1 ELSE 0 END FROM {cases} c LEFT JOIN desk_decision d ON d.id ="
            " (SELECT max(e.id) FROM desk_decision e WHERE e.case_id = c.id)")


def _named(desk: Desk, rows: Sequence[Sequence[Any]]) -> Iterator[Row]:
    known = Register(desk.connection).of({row[8] for row in rows if row[-1]}, desk.today(), _TOLD) if rows else {}
    own = own_names(desk.connection, [row[8] for row in rows if row[-1]])
    nameless = without_names(desk, [Case(*row[:-3]) for row in rows if not row[-1]])
    for *columns, eligible, entitlement, named in rows:
        case = Case(*columns) if named else nameless[columns[0]]
        facts = known.get(case.firm, {})
        yield Row(case, facts["name"].value if "name" in facts else own.get(case.firm) or case.firm or case.number,
                  facts["district"].value if "district" in facts else "",
                  None if eligible is None else bool(eligible), entitlement or 0)


def choices(desk: Desk, person: Person, own: Sight) -> dict[str, list[tuple[str, str, str]]]:
    """What the filters offer, in one question: call, officer, district and view → (value, name, query)."""
    found: dict[str, list[tuple[str, str, str]]] = {"call": [], "officer": [], "district": [], "view": []}
    rows = desk.connection.execute(
        "SELECT 'call' AS sort, CAST(t.id AS TEXT) AS value, t.code AS name, '' AS query FROM desk_call t"
        f" WHERE EXISTS (SELECT 1 FROM desk_case c WHERE c.call = t.id AND {own.seen[0]})"
        " UNION ALL SELECT 'officer', CAST(p.id AS TEXT), p.name, '' FROM desk_person p WHERE EXISTS (SELECT 1 FROM"
        " desk_role r WHERE r.person = p.id AND r.role IN ('officer', 'approver', 'chair'))"
        " UNION ALL SELECT 'district', value, value, '' FROM (SELECT DISTINCT value FROM register_fact"
        " WHERE name = 'district') AS places"
        " UNION ALL SELECT 'view', CAST(id AS TEXT), name, query FROM desk_view WHERE person = ? AND page = 'cases'"
        " ORDER BY 1, 3, 2", (*own.seen[1], person.id))
    for sort, value, name, query in rows:
        found[sort].append((value, name, query))
    return found


def keep_view(desk: Desk, person: Person, page: str, name: str, query: str) -> View:
    """Keep a search under a name; under a name that is taken it takes the older one's place. W1070 for no name."""
    name = name.strip()
    if not storable(name, VIEW_NAME_MAX) or not name or not storable(query, 2000):
        raise WestlakeError.one("W1070", Place(field="name"), most=VIEW_NAME_MAX)
    with transaction(desk.connection):
        desk.connection.execute("DELETE FROM desk_view WHERE person = ? AND page = ? AND name = ?",
                                (person.id, page, name))
        row = desk.connection.execute(
            "INSERT INTO desk_view (person, page, name, query, at) VALUES (?,?,?,?,?) RETURNING id",
            (person.id, page, name, query, desk.now())).fetchone()
    return View(row[0], name, query)


def views(desk: Desk, person: Person, page: str) -> list[View]:
    """A person's kept searches, by name."""
    return [View(*row) for row in desk.connection.execute(
        "SELECT id, name, query FROM desk_view WHERE person = ? AND page = ? ORDER BY name", (person.id, page))]


def drop_view(desk: Desk, person: Person, number: int) -> None:
    """Forget one of a person's own kept searches."""
    with transaction(desk.connection):
        desk.connection.execute("DELETE FROM desk_view WHERE id = ? AND person = ?", (number, person.id))
