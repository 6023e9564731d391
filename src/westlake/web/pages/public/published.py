"""What the office publishes of its cases: awards to firms, what was paid and claimed back; people only as sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from westlake.desk.calls import calls
from westlake.desk.desk import Desk
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError
from westlake.register import Register
from westlake.reports.open_data import FEW, OpenAward, OpenCall, OpenData, OpenPayment, OpenRecovery, PersonalAward

_AWARDED = ("awarded", "agreed", "suspended", "terminating", "terminated", "done")
_NOT_CHOSEN = ("refused", "not_selected")


@dataclass(frozen=True)
class Total:
    """A programme's year in figures; amounts in minor units. None: too few people stand behind it for it to be told."""

    programme: str
    year: int
    currency: str
    submitted: int | None = 0
    refused: int | None = 0
    awards: int | None = 0
    awarded: int | None = 0
    paid: int | None = 0
    claimed_back: int | None = 0


def published(desk: Desk) -> OpenData:
    """All that anybody may have, firms by name. Programmes for people go into sums; see FEW."""
    found_calls = [OpenCall(call.code, call.programme, call.text("title", "en"), desk.day_of(call.opens_at),
                            desk.day_of(call.closes_at), call.number("budget"), call.currency)
                   for call in calls(desk) if call.announced]
    awards = _awards(desk)
    names = registered_names(desk, {row[3] for row in awards})
    firms = [row for row in awards if not personal(desk, row[1]) and row[3]]
    return OpenData(
        found_calls,
        [OpenAward(row[0], row[2] or "", row[1], row[3], names.get(row[3], row[3]), desk.day_of(row[7]), row[4], row[5])
         for row in firms],
        _payments(desk, names), _recoveries(desk, names),
        [PersonalAward(row[1], row[8], f"{row[3]}/{row[6]}", row[4], row[5]) for row in awards if personal(desk, row[1])
         or not row[3]])


class Listed(NamedTuple):
    """A line of one of the public lists, its firm by number: a page looks up the names of its own lines only."""

    firm: str
    programme: str
    number: str
    day: int
    amount: int
    currency: str


def listed(desk: Desk, name: str) -> list[Listed]:
    """Every line of a list, the newest first. name: awards, payments or recoveries."""
    if name == "awards":
        return [Listed(row[3], row[1], row[0], desk.day_of(row[7]), row[4], row[5]) for row in _awards(desk)
                if not personal(desk, row[1]) and row[3]]
    if name == "payments":
        return [Listed(row[2], row[6], row[1], row[3], row[4], row[5]) for row in _paid(desk)]
    return [Listed(row[2], row[6], row[0], desk.day_of(row[3]), row[4], row[5]) for row in _demanded(desk)]


def personal(desk: Desk, programme: str) -> bool:
    """Whether a programme's support goes to people: then nothing of a single case is told."""
    try:
        return "person" in desk.offered(programme).programme.inputs
    except WestlakeError:  # its files are at fault: nothing is told rather than too much
        return True


def totals(desk: Desk) -> list[Total]:
    """Each programme's years, the latest first. Of support to people a figure is told where FEW or more stand behind
    that very figure."""
    rows = desk.connection.execute(
        f"SELECT programme, year, currency, count(submitted_at), {_people_if('submitted_at IS NOT NULL')},"
        f" sum(CASE WHEN {_REFUSED} THEN 1 ELSE 0 END), {_people_if(_REFUSED)},"
        f" sum(CASE WHEN {_GIVEN} AND amount > 0 THEN 1 ELSE 0 END), sum(CASE WHEN {_GIVEN} THEN amount ELSE 0 END),"
        f" {_people_if(f'{_GIVEN} AND amount > 0')} FROM desk_case c WHERE kind = ? GROUP BY programme, year, currency"
        " ORDER BY year DESC, programme", (APPLICATION,)).fetchall()
    paid, back = _sums(desk, _PAID), _sums(desk, _BACK)
    found = []
    for programme, year, currency, submitted, who, refused, not_chosen, awards, awarded, chosen in rows:
        figures = [(submitted, who), (refused, not_chosen), (awards, chosen), (awarded, chosen),
                   paid.get((programme, year), (0, 0)), back.get((programme, year), (0, 0))]
        least = FEW if personal(desk, programme) else 0
        found.append(Total(programme, year, currency, *(
            figure if not people or people >= least else None for figure, people in figures)))
    return found


def _people_if(condition: str) -> str:
    """How many stand behind the cases of which something holds: people, or firms with who applied for them."""
    return f"count(DISTINCT CASE WHEN {condition} THEN {_WHO} END)"


_WHO = "c.firm || '/' || CAST(c.applicant AS TEXT)"
_REFUSED = f"c.state IN ({', '.join(map(repr, _NOT_CHOSEN))})"
_GIVEN = f"c.state IN ({', '.join(map(repr, _AWARDED))})"
_SETTLED = ("EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id AND o.outcome = 'paid') AND NOT EXISTS"
            " (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id AND o.outcome = 'returned')")
_PAID = (f"SELECT c.programme, c.year, sum(p.amount), count(DISTINCT {_WHO}) FROM desk_payment p JOIN desk_case c ON"
         f" c.id = p.case_id WHERE {_SETTLED} GROUP BY c.programme, c.year")
_BACK = (f"SELECT c.programme, c.year, sum(c.amount), count(DISTINCT {_WHO}) FROM desk_case c WHERE c.kind = 'recovery'"
         " AND c.state IN ('demanded', 'repaid', 'writing_off', 'written_off') GROUP BY c.programme, c.year")


def _awards(desk: Desk) -> list[Any]:
    """(number, programme, call, firm, amount, currency, applicant, at, year) of every award that stands."""
    return desk.connection.execute(
        "SELECT c.number, c.programme, d.code, c.firm, c.amount, c.currency, c.applicant, min(s.at), c.year"
        " FROM desk_case c JOIN desk_step s ON s.case_id = c.id AND s.went_to IN ('awarded', 'agreed') AND s.came_from"
        f" <> 'suspended' LEFT JOIN desk_call d ON d.id = c.call WHERE c.kind = ? AND c.amount > 0 AND {_GIVEN}"
        " GROUP BY c.id, c.number, c.programme, d.code, c.firm, c.amount, c.currency, c.applicant, c.year"
        " ORDER BY min(s.at) DESC, c.id DESC",
        (APPLICATION,)).fetchall()


def _payments(desk: Desk, names: Mapping[str, str]) -> list[OpenPayment]:
    rows = _paid(desk)
    more = {**registered_names(desk, {row[2] for row in rows} - set(names)), **names}
    return [OpenPayment(f"P-{row[0]}", row[1], row[2], more.get(row[2], row[2]), row[3], row[4], row[5])
            for row in rows]


def _paid(desk: Desk) -> list[Any]:
    """(number, award, firm, day, amount, currency, programme) of every payment to a firm that the bank confirmed."""
    rows = desk.connection.execute(
        "SELECT p.id, r.number, p.firm, o.day, p.amount, p.currency, c.programme FROM desk_payment p JOIN desk_case c"
        " ON c.id = p.case_id JOIN desk_case r ON r.id = coalesce(c.parent, c.id) JOIN desk_payment_outcome o"
        f" ON o.payment = p.id AND o.outcome = 'paid' WHERE {_SETTLED} ORDER BY o.day DESC, p.id DESC").fetchall()
    return [row for row in rows if not personal(desk, row[6])]


def _recoveries(desk: Desk, names: Mapping[str, str]) -> list[OpenRecovery]:
    rows = _demanded(desk)
    more = {**registered_names(desk, {row[2] for row in rows} - set(names)), **names}
    return [OpenRecovery(row[0], row[1], row[2], more.get(row[2], row[2]), desk.day_of(row[3]), row[4],
                         row[4] if row[7] == "repaid" else 0, row[5]) for row in rows]


def _demanded(desk: Desk) -> list[Any]:
    """(number, award, firm, at, amount, currency, programme, state) of every amount claimed back from a firm."""
    rows = desk.connection.execute(
        "SELECT c.number, r.number, c.firm, min(s.at), c.amount, c.currency, c.programme, c.state FROM desk_case c JOIN"
        " desk_case r ON r.id = c.parent JOIN desk_step s ON s.case_id = c.id AND s.went_to = 'demanded' WHERE c.kind ="
        " 'recovery' GROUP BY c.id, c.number, r.number, c.firm, c.amount, c.currency, c.programme, c.state"
        " ORDER BY min(s.at) DESC").fetchall()
    return [row for row in rows if not personal(desk, row[6])]


def registered_names(desk: Desk, firms: set[str]) -> dict[str, str]:
    """The firms' names today, as the register has them."""
    known = Register(desk.connection).of(sorted(firms), desk.today(), ["name"]) if firms else {}
    return {firm: facts["name"].value for firm, facts in known.items() if "name" in facts}


def _sums(desk: Desk, sql: str) -> dict[tuple[str, int], tuple[int, int]]:
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in desk.connection.execute(sql)}
