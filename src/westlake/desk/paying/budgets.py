"""What of a programme's budget is promised to a case, what of that it has earned, and what the firm is due.

Every figure is read from the journals, each of which names in its key the application and the case that it is
for: `hold:desk:<application>:<case>:<…>` promises money, `back:` releases it, `earn:` turns it into money due.
The one thing that the books do not say is how an award was parted among its milestones: that stands in the
step that opened them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from westlake.dates import day_number, iso
from westlake.desk.cases import Case, following, root_of, steps_of
from westlake.desk.desk import Desk
from westlake.desk.looking import Question
from westlake.errors import Problem, WestlakeError
from westlake.ledger import Balance, Books, Journal, Transfer
from westlake.money import format_money
from westlake.settlement.budget import open_budget, promisable
from westlake.settlement.fiscal_year import lapsed_on, open_year

MILESTONE = "milestone"
PARTS = "parts"  # what the step that opened milestones tells: case → minor units
NOT_PROMISED, MADE_UP = "not_promised", "made_up"  # what a step tells: minor units; case → minor units
_WORDS = ("back", "earn", "hold")
_DUE = ("SELECT debits, credits, held_debits, held_credits, account.rule FROM account JOIN balance ON account = id"
        " WHERE code = ?")
IN_KEYS = "(" + " OR ".join("(j.idem >= ? AND j.idem < ?)" for _ in _WORDS) + ")"  # of the journals `j`: see keys_of
MOVED = ("SELECT j.id, j.idem, t.amount, t.phase FROM journal j JOIN transfer t ON t.journal = j.id"
         f" WHERE {IN_KEYS} ORDER BY j.id, t.seq")


@dataclass(frozen=True)
class Funds:
    """What the books hold for one application. Minor units; own: case → held for it alone; first: the promise's
    journal; holds: how often something was promised."""

    held: int
    earned: int
    promised: int
    own: dict[int, int]
    first: int | None
    last_hold: str
    holds: int


def code_of(desk: Desk, case: Case, role: str) -> str:
    """The account of a role for a case's programme, year and firm."""
    return desk.offered(case.programme).terms.code(role, case.programme, case.year, case.firm)


def open_accounts(desk: Desk, case: Case, *roles: str) -> tuple[str, ...]:
    """The accounts of roles, opened where they are not open yet."""
    terms, books, codes = desk.offered(case.programme).terms, Books(desk.connection), []
    for role in roles:
        codes.append(code_of(desk, case, role))
        books.open_account(codes[-1], case.currency, terms.accounts[role].rule)
    return tuple(codes)


def funds(desk: Desk, case: Case) -> Funds:
    """Promised, earned and held for the application that a case belongs to."""
    root = root_of(desk, case)
    own: dict[int, int] = {}
    held = earned = promised = holds = 0
    first, last_hold = None, ""
    for number, idem, amount, phase in desk.connection.execute(MOVED, keys_of(root)).fetchall():
        holder = int(idem.split(":")[3])
        if phase == "post":
            earned += amount
            continue
        signed = amount if phase == "hold" else -amount
        held, own[holder] = held + signed, own.get(holder, 0) + signed
        if phase == "hold":
            promised, last_hold, holds, first = promised + amount, idem, holds + 1, first or number
    for holder, part in parts_of(desk, root).items():
        own[holder] = own.get(holder, 0) + part
        own[root.id] = own.get(root.id, 0) - part
    return Funds(held, earned, promised, own, first, last_hold, holds)


def keys_of(root: Case) -> tuple[str, ...]:
    """Between which keys the journals of an application lie, two by two."""
    return tuple(f"{word}:desk:{root.id}{end}" for word in _WORDS for end in (":", ";"))  # ; comes after :


def parts_of(desk: Desk, root: Case) -> dict[int, int]:
    """How an award was parted among its milestones when they were opened; empty before."""
    for step in steps_of(desk, root):
        parts = step.data.get(PARTS)
        if isinstance(parts, dict):
            return {int(case): int(amount) for case, amount in parts.items()}
    return {}


def held_for(desk: Desk, case: Case) -> int:
    """What is held for a case: for an application all of it, for a milestone its own part that is left."""
    found = funds(desk, case)
    if case.parent is None:
        return found.held
    return max(min(found.own.get(case.id, 0), found.held), 0)  # what ended with the application ended for its parts


def open_parts(desk: Desk, root: Case) -> list[tuple[Case, int]]:
    """The milestones for which money is still held, with how much."""
    found = funds(desk, root)
    return [(case, found.own[case.id]) for case in following(desk, root) if found.own.get(case.id, 0) > 0]


def due_to(desk: Desk, case: Case) -> int:
    """What a firm is due from a programme and no payment is under way for, in minor units."""
    row = desk.connection.execute(*due_asked(desk, case)).fetchone()
    return Balance(*row[:4], rule=row[4]).available if row else 0


def due_asked(desk: Desk, case: Case) -> Question:
    """How the books are asked for it."""
    return _DUE, (code_of(desk, case, "payable"),)


def appropriated(desk: Desk, programme: str, year: int) -> int:
    """What has been appropriated so far from the value of a programme's budget: each journal names the one before."""
    total = 0
    while True:
        row = desk.connection.execute(
            "SELECT amount FROM journal JOIN transfer ON transfer.journal = journal.id WHERE idem = ?",
            (f"budget:{programme}:{year}:{total}",)).fetchone()
        if row is None:
            return total
        total += row[0]


def left_to_promise(desk: Desk, case: Case) -> int:
    """What may be promised now from the budget of a case's programme and year; nothing is written.

    Raises W435 when its appropriation has lapsed with its fiscal year.
    """
    offered = desk.offered(case.programme)
    code, before = code_of(desk, case, "budget"), appropriated(desk, case.programme, case.year)
    value = offered.programme.value_on(offered.terms.budget_value, day_number(case.year, 12, 31)).number
    more = max(value - before, 0)
    if desk.connection.execute("SELECT 1 FROM account WHERE code = ?", (code,)).fetchone() is None:
        return more
    lapsed = lapsed_on(desk.connection, code)
    if lapsed is not None:
        raise WestlakeError.one("W435", programme=case.programme, year=case.year, last=iso(lapsed))
    return promisable(Books(desk.connection), code) + more


def promise_left(desk: Desk, case: Case, amount: int) -> int:
    """What of an amount the budget still has; nothing once its appropriation has lapsed."""
    try:
        return max(min(amount, left_to_promise(desk, case)), 0)
    except WestlakeError:
        return 0


def not_promised(desk: Desk, root: Case) -> list[tuple[Case, int]]:
    """What was to be promised again to an application and its open parts when the budget had not so much, and has not
    been made up for since: its steps tell both."""
    ends = desk.offered(root.programme).workflow.kinds[MILESTONE].ends if parts_of(desk, root) else frozenset()
    missing: dict[int, int] = {}
    cases = [root, *(one for one in following(desk, root, MILESTONE) if one.state not in ends)]
    for case in cases:
        for step in steps_of(desk, case):
            missing[case.id] = missing.get(case.id, 0) + int(str(step.data.get(NOT_PROMISED, 0)))
            made_up = step.data.get(MADE_UP)
            for holder, amount in made_up.items() if isinstance(made_up, dict) else ():
                missing[int(holder)] = missing.get(int(holder), 0) - int(amount)
    return [(case, missing[case.id]) for case in cases if missing.get(case.id, 0) > 0]


def make_up(missing: Sequence[tuple[Case, int]], change: int) -> dict[int, int]:
    """How much of a change goes to each of what is missing, first to last; case → minor units."""
    found: dict[int, int] = {}
    for holder, amount in missing:
        if (part := min(amount, change - sum(found.values()))) > 0:
            found[holder.id] = part
    return found


def too_much(desk: Desk, case: Case, amount: int) -> Problem | None:
    """W1001 when so much can't be promised any more, W435 when nothing can."""
    try:
        left = left_to_promise(desk, case)
    except WestlakeError as error:
        return error.problems[0]
    if amount <= left:
        return None
    return Problem("W1001", values={"amount": format_money(amount, case.currency, sign=True),
                                    "left": format_money(left, case.currency, sign=True)})


def post(desk: Desk, case: Case, key: str, kind: str, transfers: Sequence[Transfer], day: int,
         relates_to: int | None = None) -> int:
    """Post a journal of a case and return its number; the fiscal year of its day is opened where it is not open."""
    books = Books(desk.connection)
    open_year(books, day)
    return books.post(Journal(key, day, kind, f"{case.programme} {case.year} {case.number}", transfers,
                              relates_to=relates_to)).id


def undo(desk: Desk, case: Case, key: str, number: int) -> int:
    """Undo a journal of a case whole, today; the number of the journal that does."""
    books, today = Books(desk.connection), desk.today()
    open_year(books, today)
    return books.reverse(number, key, today, f"{case.programme} {case.year} {case.number}").id


def refill(desk: Desk, case: Case, amount: int) -> None:
    """See to it that so much (minor units) is free in the budget, from what its value was raised by since; W1001, W435
    when it is not."""
    if Books(desk.connection).balance(code_of(desk, case, "budget")).available >= amount:
        return
    problem = too_much(desk, case, amount)
    if problem is not None:
        raise WestlakeError([problem])
    open_programme_budget(desk, case, desk.today())


def open_programme_budget(desk: Desk, case: Case, day: int) -> None:
    """Appropriate the year's budget from the programme's value where that has not been done."""
    offered = desk.offered(case.programme)
    open_budget(Books(desk.connection), offered.programme, offered.terms, case.year, day,
                appropriated(desk, case.programme, case.year))


def key_of(word: str, root: Case, holder: Case, case: Case) -> str:
    """The key of a journal: of which application, for which case, by which case's coming step."""
    return f"{word}:desk:{root.id}:{holder.id}:{case.id}.{case.seq + 1}"


def promise(desk: Desk, case: Case, holder: Case, amount: int) -> int:
    """Hold so much more for a case (minor units); the journal's number. W1001, W435 when the budget has not so much."""
    root, today = root_of(desk, case), desk.today()
    problem = too_much(desk, root, amount)
    if problem is not None:
        raise WestlakeError([problem])
    open_programme_budget(desk, root, today)
    budget, payable = open_accounts(desk, root, "budget", "payable")
    return post(desk, case, key_of("hold", root, holder, case), "hold", [Transfer(budget, payable, amount, "hold")],
                today, funds(desk, root).first)


def release(desk: Desk, case: Case, holder: Case, amount: int) -> int:
    """Release so much of what is held for a case (minor units); the journal's number."""
    root, found = root_of(desk, case), funds(desk, case)
    assert 0 < amount <= found.held, "nobody releases what is not held"
    budget, payable = code_of(desk, root, "budget"), code_of(desk, root, "payable")
    key = key_of("back", root, holder, case)
    if found.holds == 1 and amount == found.held == found.promised:  # the whole promise is taken back: it never counted
        key = f"back{found.last_hold.removeprefix('hold')}"
    return post(desk, case, key, "release", [Transfer(budget, payable, amount, "release")], desk.today(), found.first)


def earn(desk: Desk, case: Case, amount: int) -> int:
    """Turn what a case has earned into money due, and release the rest of what was held for it; the journal."""
    root, held = root_of(desk, case), held_for(desk, case)
    assert 0 < amount <= held, "nobody earns what is not held"
    budget, payable = open_accounts(desk, root, "budget", "payable")
    return post(desk, case, key_of("earn", root, case, case), "award",
                [Transfer(budget, payable, held, "release"), Transfer(budget, payable, amount)], desk.today(),
                funds(desk, root).first)
