"""The fiscal year: its days, what of a budget lapses when it ends, and what is carried over.

The budget of a programme's year is an appropriation: authority to spend, given for the fiscal year in which
it is made. At the end of that year what is neither spent nor held lapses: it returns to the account that it
was appropriated from. What is held for a case is carried over: it stays held, and may be paid in the next
year. What is released or comes back later is not free again, whatever is appropriated anew: it lapses with
the next close (`budget.promisable`). (An
account that keeps its fiscal year and stays open only for what was obligated in it: 31 U.S.C. §§ 1502 and 1553.
Appropriations that cannot be used in the next year, but for amounts obligated before: 국가재정법 제48조. The
Chinese budget law's own article was not at hand to check.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from westlake.database import Connection, rows_among, transaction
from westlake.dates import Period, add_months, day_number, day_of_month, iso, month_of, parse_day, year_of
from westlake.errors import WestlakeError
from westlake.ledger import Books, Closing, Journal, Transfer
from westlake.ledger.balances import Balance
from westlake.record import Record
from westlake.settlement.programme_years import ProgrammeYear, programme_years

ENDED = "settlement.year_ended"  # the act that ends a fiscal year
APPROPRIATED = "settlement.appropriated"  # the act that appropriates anew what has lapsed with one


class Carried(NamedTuple):
    """A case whose money stays held over the end of the year; minor units."""

    firm: str
    account: str
    amount: int


class YearEnd(NamedTuple):
    """What the end of a fiscal year does to one budget. lapses: the account it returns to, with minor units."""

    programme: str
    year: int
    currency: str
    budget: str
    lapses: tuple[tuple[str, int], ...]
    carried: tuple[Carried, ...]

    @property
    def lapsed(self) -> int:
        return sum(amount for _, amount in self.lapses)

    @property
    def carried_over(self) -> int:
        return sum(case.amount for case in self.carried)

    def as_dict(self) -> dict[str, object]:
        """For JSON and the record."""
        return {"programme": self.programme, "year": self.year, "currency": self.currency, "budget": self.budget,
                "lapsed": self.lapsed, "carried_over": self.carried_over,
                "carried": [case._asdict() for case in self.carried]}


def year_end(connection: Connection, year: Period) -> list[YearEnd]:
    """What the end of a fiscal year would do, budget by budget; nothing is written.

    What lapses is what was free as the year ended, less what has been used since: a year that is closed
    late takes nothing from what was decided meanwhile.
    """
    ends, years = [], programme_years(connection)
    moves, accounts = _moves(connection, [found.budget for found in years], year.last), Books(connection).balances()
    for found in years:
        own = moves.get(found.budget, [])
        then = Balance(currency=found.currency, rule=accounts[found.budget].rule)
        for side, _, phase, amount in own:
            then = then.after(side, amount, phase)
        lapses = _back_to_sources(found, max(min(then.available, found.available), 0), year.last)
        carried = _carried(found, own)
        if lapses or carried:
            ends.append(YearEnd(found.programme, found.year, found.currency, found.budget, lapses, tuple(carried)))
    return ends


def end_year(connection: Connection, year: Period, actor: str) -> list[YearEnd]:
    """Let lapse what lapses, on the year's last day, and write down what is carried over.

    The caller closes the period in the same transaction. It is done once: a year that has ended stays as it is.
    Only a reversal undoes a lapse.
    """
    subject = f"fiscal-year:{iso(year.first)}..{iso(year.last)}"
    if next(Record(connection).acts(subject, act=ENDED), None):
        return []
    books, ends = Books(connection), year_end(connection, year)
    for end in ends:
        if end.lapses:
            books.post(Journal(f"lapse:{end.budget}:{iso(year.last)}", year.last, "lapse",
                               f"{end.programme} {end.year}",
                               [Transfer(end.budget, source, amount) for source, amount in end.lapses]))
    Record(connection).add(actor, ENDED, subject, {
        "last": iso(year.last), "programmes": [end.as_dict() for end in ends]}, day=year.last)
    return ends


def is_closed(connection: Connection, period: Period) -> bool:
    """Whether the books closed a period."""
    return any(one.period == period for one in Books(connection).closings())


def check_over(period: Period, today: int, reason: str) -> None:
    """W544 while a period's last day is not past in the city, unless it is said why it is closed before."""
    if period.last >= today and not reason.strip():
        raise WestlakeError.one("W544", first=iso(period.first), last=iso(period.last), today=iso(today))


def close_period(connection: Connection, period: Period, actor: str, *, ends_year: bool,
                 said: Mapping[str, str]) -> tuple[Closing, list[YearEnd]]:
    """Close a period for good and, where a fiscal year ends with it, let lapse what lapses; all of it or nothing.

    said: what the act says besides, such as the reason. A period that is closed stays as it is: its closing, and no
    year's end, come back. W514 when no such period is open, W520 when an earlier one still is.
    """
    books = Books(connection)
    with transaction(connection):
        done = is_closed(connection, period)  # asked again: somebody may have closed it while this was looked at
        ends = end_year(connection, period, actor) if ends_year and not done else []
        closing = books.close_period(period.first, period.last)
        if not done:
            Record(connection).add(actor, "ledger.closed", f"period:{period}", {
                "journal": closing.journal, "hash": closing.hash, "balances": closing.balances,
                **{name: text.strip() for name, text in said.items() if text.strip()}})
    return closing, ends


def appropriate_anew(connection: Connection, found: ProgrammeYear, amount: int, day: int, actor: str,
                     reason: str) -> None:
    """Appropriate money (minor units) to a budget that has lapsed, for the year after the last that has ended.

    W436 while its appropriation still runs, W437 for a day outside that year.
    """
    with transaction(connection):
        books, ended = Books(connection), lapsed_on(connection, found.budget)
        if ended is None:
            raise WestlakeError.one("W436", programme=found.programme, year=found.year)
        running = Period(ended + 1, add_months(ended + 1, 12) - 1)
        if not running.first <= day <= running.last:
            raise WestlakeError.one("W437", day=iso(day), first=iso(running.first), last=iso(running.last))
        open_year(books, day)
        books.post(Journal(f"appropriation:{found.budget}:{iso(ended)}", day, "appropriation", reason,
                           [Transfer(found.sources[-1].account if found.sources else found.treasury, found.budget,
                                     amount)]))
        Record(connection).add(actor, APPROPRIATED, f"budget:{found.programme}:{found.year}", {
            "amount": amount, "reason": reason}, day=day)


def lapsed_on(connection: Connection, budget: str) -> int | None:
    """The last day of the fiscal year with which a budget's appropriation ended; None while it runs.

    A budget runs again once it is appropriated anew, or once the lapse is reversed.
    """
    return lapsed_among(connection, [budget]).get(budget)


def lapsed_among(connection: Connection, budgets: Sequence[str]) -> dict[str, int]:
    """The same of several budgets: of each that does not run, the last day of the year with which it ended."""
    ended = last_end(connection) if budgets else None
    if ended is None:
        return {}
    days = rows_among(
        connection, "SELECT account.code, max(journal.day) FROM transfer JOIN journal ON journal.id = transfer.journal"
        " JOIN account ON account.id = transfer.credit LEFT JOIN journal AS undone ON undone.id = journal.reverses"
        " WHERE account.code IN ({keys}) AND (journal.kind = 'appropriation' OR undone.kind = 'lapse')"
        " GROUP BY account.code", budgets)
    return {budget: ended for budget, day in days if day <= ended}


def last_end(connection: Connection) -> int | None:
    """The last day of the latest fiscal year that was ended; None while there is none."""
    return max((parse_day(str(act.details["last"])) for act in Record(connection).acts(act=ENDED)), default=None)


def fiscal_year(connection: Connection, year: int) -> Period:
    """The fiscal year that begins in a calendar year, on the day on which the books' last whole year begins."""
    begins = next((first for first, last in reversed(_periods(connection)) if is_whole_year(Period(first, last))), None)
    month, day = (month_of(begins), day_of_month(begins)) if begins is not None else (1, 1)
    first = day_number(year, month, day)
    return Period(first, add_months(first, 12) - 1)


def is_whole_year(period: Period) -> bool:
    return add_months(period.first, 12) - 1 == period.last


def open_year(books: Books, day: int) -> None:
    """Open the fiscal year of a day, unless the books have a period of their own for it."""
    year = fiscal_year(books.connection, year_of(day))
    if day < year.first:
        year = fiscal_year(books.connection, year_of(day) - 1)
    try:
        books.open_period(year.first, year.last)
    except WestlakeError as error:
        if error.problems[0].code != "W513":  # the year is cut into other periods: theirs to open
            raise


def _periods(connection: Connection) -> list[tuple[int, int]]:
    return connection.execute("SELECT first_day, last_day FROM period ORDER BY first_day").fetchall()


def _back_to_sources(found: ProgrammeYear, amount: int, last: int) -> tuple[tuple[str, int], ...]:
    """What lapses, returned to the accounts it was appropriated from, the latest appropriation first.

    What is more than was ever appropriated was moved in by a journal of its own: it goes to the first of them.
    """
    back: dict[str, int] = {}
    sources = [one for one in found.sources if one.day <= last]
    for source in reversed(sources):
        part = min(amount, source.amount)
        back[source.account] = back.get(source.account, 0) + part
        amount -= part
    first = sources[0].account if sources else found.treasury
    back[first] = back.get(first, 0) + amount
    return tuple((account, part) for account, part in back.items() if part)


def _moves(connection: Connection, budgets: Sequence[str], last: int) -> dict[str, list[tuple[str, str, str, int]]]:
    """Budget → what moved in it up to the end of a day, as (side, the other account, phase, minor units in all)."""
    found: dict[str, list[tuple[str, str, str, int]]] = {}
    marks = ",".join("?" * len(budgets)) or "NULL"
    sides = " UNION ALL ".join(
        f"SELECT budget.code, '{side}', other.code, phase, sum(amount) FROM transfer JOIN journal ON"
        f" journal.id = transfer.journal JOIN account AS budget ON budget.id = {side} JOIN account AS other ON"
        f" other.id = {opposite} WHERE budget.code IN ({marks}) AND day <= ? GROUP BY budget.code, other.code, phase"
        for side, opposite in (("debit", "credit"), ("credit", "debit")))
    for budget, side, other, phase, amount in connection.execute(f"{sides} ORDER BY 1, 3, 2, 4",
                                                                 2 * (*budgets, last)):
        found.setdefault(budget, []).append((side, other, phase, int(amount)))
    return found


def _carried(found: ProgrammeYear, moves: Iterable[tuple[str, str, str, int]]) -> list[Carried]:
    """What a budget holds for each case as a day ends, by the books."""
    held: dict[str, int] = {}
    for side, other, phase, amount in moves:
        if side == "debit" and phase != "post":
            held[other] = held.get(other, 0) + (amount if phase == "hold" else -amount)
    return [Carried(found.firms.get(code, ""), code, amount) for code, amount in held.items() if amount]
