"""Money moved from one programme's budget to another's: one proposes it, another approves it, one journal does it.

A proposal and its end stand in the record; the books know only what was approved, under a key that is used once
(`virement:<number>`). Only what is free can be moved, never what is promised to somebody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from westlake.database import storable, transaction
from westlake.dates import day_number, iso
from westlake.desk.desk import Desk
from westlake.desk.paying.budgets import appropriated
from westlake.desk.people import EVERY, Held, Person
from westlake.errors import Place, WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.money import MONEY_MAX, format_money
from westlake.settlement.budget import open_budget, promisable
from westlake.settlement.fiscal_year import lapsed_on, open_year

PROPOSED, APPROVED, REFUSED = "desk.virement_proposed", "desk.virement_approved", "desk.virement_refused"
PROPOSERS, APPROVERS = ("officer", "approver"), ("approver",)
REASON_MAX = 1000
Budget = tuple[str, int]  # a programme, and the year of its budget


@dataclass(frozen=True)
class Virement:
    """A move as it stands. amount: minor units; proposed_by, ended_by: persons; journal: once it is approved; state:
    proposed, approved or refused."""

    id: int
    source: Budget
    target: Budget
    amount: int
    currency: str
    reason: str
    proposed_by: int
    selves: tuple[int, ...]
    proposed_at: int
    key: str
    state: str = "proposed"
    ended_by: int | None = None
    ended_at: int | None = None
    journal: int | None = None
    why: str = ""

    @property
    def programmes(self) -> tuple[str, str]:
        return self.source[0], self.target[0]


def free_of(desk: Desk, budget: Budget) -> int:
    """What of a budget may be moved or promised, in minor units; nothing is written. W435 once it has lapsed."""
    (name, year), offered = budget, desk.offered(budget[0])
    code = offered.terms.code("budget", name, year)
    value = offered.programme.value_on(offered.terms.budget_value, day_number(year, 12, 31)).number
    more = max(value - appropriated(desk, name, year), 0)
    if desk.connection.execute("SELECT 1 FROM account WHERE code = ?", (code,)).fetchone() is None:
        return more
    _running(desk, budget)
    return promisable(Books(desk.connection), code) + more


def propose(desk: Desk, person: Person, roles: Iterable[Held], source: Budget, target: Budget, amount: int,
            reason: str, key: str) -> Virement:
    """Propose to move so much (minor units) from one budget to another; key: the asker's own, so that asking twice is
    asking once.

    W1102 for who is neither officer nor approver of both programmes, W1104 for one budget or two currencies, W1106
    for what is no amount, W1100 when so much is not free, W435 when either budget has lapsed, W1012 without a reason.
    """
    selves = _selves(person, roles, PROPOSERS, source, target)
    with transaction(desk.connection):
        earlier = next((one for one in virements(desk) if one.key == key and one.proposed_by == person.id), None)
        if earlier is not None:
            return earlier
        currencies = {desk.offered(name).programme.currency for name, _ in (source, target)}
        if source == target or len(currencies) != 1:
            raise WestlakeError.one("W1104", Place(field="target"))
        if not reason.strip() or not storable(reason, REASON_MAX):
            raise WestlakeError.one("W1012", Place(field="reason"))
        if not 0 < amount <= MONEY_MAX:
            raise WestlakeError.one("W1106", Place(field="amount"), text=amount)
        currency = currencies.pop()
        _enough(desk, source, amount, currency)
        _running(desk, target)
        number = 1 + desk.connection.execute("SELECT count(*) FROM act WHERE act = ?", (PROPOSED,)).fetchone()[0]
        desk.record.add(person.actor, PROPOSED, f"virement:{number}", {
            "source": list(source), "target": list(target), "amount": amount, "currency": currency,
            "reason": reason.strip(), "key": key, "selves": sorted(selves), "person": person.id}, day=desk.today())
    return find_virement(desk, number)


def approve(desk: Desk, number: int, person: Person, roles: Iterable[Held]) -> Virement:
    """Move the money; a move that was approved before is answered as it is.

    W1102 for who is no approver of both programmes, W1101 for who proposed it (or stands in for who did), W1103
    once it was refused, W1100 and W435 when so much is not free any more.
    """
    with transaction(desk.connection):
        found = find_virement(desk, number)
        if _selves(person, roles, APPROVERS, found.source, found.target) & {found.proposed_by, *found.selves}:
            raise WestlakeError.one("W1101", number=number)
        if found.state == "approved":
            return found
        if found.state != "proposed":
            raise WestlakeError.one("W1103", number=number)
        books, today = Books(desk.connection), desk.today()
        _enough(desk, found.source, found.amount, found.currency)
        _running(desk, found.target)
        open_year(books, today)
        codes = [_opened(desk, books, budget, today) for budget in (found.source, found.target)]
        journal = books.post(Journal(
            f"virement:{number}", today, "virement",
            f"{found.source[0]} {found.source[1]} > {found.target[0]} {found.target[1]}",
            [Transfer(codes[0], codes[1], found.amount)])).id
        desk.record.add(person.actor, APPROVED, f"virement:{number}", {
            "journal": journal, "amount": found.amount, "person": person.id}, day=today)
    return find_virement(desk, number)


def refuse(desk: Desk, number: int, person: Person, roles: Iterable[Held], why: str) -> Virement:
    """Take a proposal back, or turn it down; whoever may propose or approve it may. W1103 once it has ended otherwise,
    W1012 without a reason."""
    with transaction(desk.connection):
        found = find_virement(desk, number)
        _selves(person, roles, PROPOSERS, found.source, found.target)
        if found.state == "refused":
            return found
        if found.state != "proposed":
            raise WestlakeError.one("W1103", number=number)
        if not why.strip() or not storable(why, REASON_MAX):
            raise WestlakeError.one("W1012", Place(field="reason"))
        desk.record.add(person.actor, REFUSED, f"virement:{number}", {
            "reason": why.strip(), "person": person.id}, day=desk.today())
    return find_virement(desk, number)


def virements(desk: Desk) -> list[Virement]:
    """Every move that was ever proposed, newest first, told from the record."""
    found: dict[int, Virement] = {}
    for act in desk.record.acts(act=(PROPOSED, APPROVED, REFUSED)):
        number, told = int(act.subject.removeprefix("virement:")), act.details
        if act.act == PROPOSED:
            found[number] = Virement(number, _budget(told["source"]), _budget(told["target"]), int(str(told["amount"])),
                                     str(told["currency"]), str(told["reason"]), int(str(told["person"])),
                                     _numbers(told["selves"]), act.at, str(told["key"]))
            continue
        journal = told.get("journal")
        found[number] = replace(found[number], state="approved" if act.act == APPROVED else "refused",
                                ended_by=int(str(told["person"])), ended_at=act.at, why=str(told.get("reason", "")),
                                journal=journal if isinstance(journal, int) else None)
    return sorted(found.values(), key=lambda one: -one.id)


def find_virement(desk: Desk, number: int) -> Virement:
    """A move by number; W920 if there is none."""
    for one in virements(desk):
        if one.id == number:
            return one
    raise WestlakeError.one("W920", what=f"virement {number}")


def _selves(person: Person, roles: Iterable[Held], wanted: tuple[str, ...], *budgets: Budget) -> set[int]:
    """As whom somebody acts: themselves, and those they stand in for; W1102 without a role for each programme."""
    held = [one for one in roles if one.role in wanted]
    for name, _ in budgets:
        if not any(one.programme in (EVERY, name) for one in held):
            raise WestlakeError.one("W1102", programme=name)
    return {person.id, *(one.standing_in_for for one in held if one.standing_in_for)}


def _enough(desk: Desk, source: Budget, amount: int, currency: str) -> None:
    free = free_of(desk, source)
    if amount > free:
        raise WestlakeError.one("W1100", Place(field="amount"), amount=format_money(amount, currency, sign=True),
                                free=format_money(free, currency, sign=True), programme=source[0], year=source[1])


def _running(desk: Desk, budget: Budget) -> None:
    """W435 when the appropriation has lapsed with its fiscal year."""
    name, year = budget
    code = desk.offered(name).terms.code("budget", name, year)
    opened = desk.connection.execute("SELECT 1 FROM account WHERE code = ?", (code,)).fetchone()
    last = lapsed_on(desk.connection, code) if opened else None
    if last is not None:
        raise WestlakeError.one("W435", programme=name, year=year, last=iso(last))


def _opened(desk: Desk, books: Books, budget: Budget, today: int) -> str:
    """The account of a budget, what its value says appropriated where that has not been done."""
    (name, year), offered = budget, desk.offered(budget[0])
    open_budget(books, offered.programme, offered.terms, year, today, appropriated(desk, name, year))
    return offered.terms.code("budget", name, year)


def _numbers(told: object) -> tuple[int, ...]:
    assert isinstance(told, list), "people are told by their numbers"
    return tuple(int(one) for one in told)


def _budget(told: object) -> Budget:
    assert isinstance(told, list), "a budget is a programme and a year"
    return str(told[0]), int(told[1])
