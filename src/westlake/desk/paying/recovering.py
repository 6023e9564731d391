"""Money coming back to the city: booked as owed, set against what the firm is due, repaid, or given up.

Nothing that was paid is undone in the books: what is owed is a receivable of its own that names the payment it
relates to. It waits in `recovered`, not in the budget, until it is met: money that has not come back is not
spent again.
"""

from __future__ import annotations

from westlake.desk.applying.deciding import decide, known_of
from westlake.desk.cases import Case, root_of, term_of
from westlake.desk.desk import Desk
from westlake.desk.moment import Moment
from westlake.desk.paying import budgets
from westlake.desk.paying.budgets import code_of, open_accounts
from westlake.errors import Place, WestlakeError
from westlake.ledger import Transfer
from westlake.money import format_money

KIND = "recovery"  # of the cases that ask money back
DAYS = "repay_days"  # the term within which it is to come back
RULE = "recovery"  # the rule of a programme that says how much is to come back
WORDS = {"owed": 1, "ofst": -1, "rpay": -1, "woff": -1}  # the keys' first words, and what each does to what is owed


def amount_of(moment: Moment, said: int | None) -> int:
    """How much is asked back: what was said, else what the case is for, else what the programme's rule gives."""
    if said is not None:
        return said
    if moment.case.amount or RULE not in moment.offered.programme.graph.rules:
        return moment.case.amount
    root = root_of(moment.desk, moment.case)
    known = known_of(moment.desk, root, moment.today)
    return max(decide(moment.desk, moment.offered, known, moment.today).values[RULE], 0)


def repay_by(moment: Moment) -> int:
    """The day on which what is asked back now is due, by the terms of the application's call, else the programme's."""
    return moment.today + term_of(moment.desk, root_of(moment.desk, moment.case), DAYS)


def book(desk: Desk, case: Case, amount: int) -> int:
    """Book so much (minor units) as owed back; the journal's number. W1022 for more than was paid, or nothing."""
    root, paid = root_of(desk, case), check_askable(desk, case, amount)
    receivable, recovered = open_accounts(desk, root, "receivable", "recovered")
    return budgets.post(desk, case, _key("owed", root, case, f"{case.seq + 1}"), "recovery",
                        [Transfer(receivable, recovered, amount)], desk.today(), paid)


def check_askable(desk: Desk, case: Case, amount: int) -> int | None:
    """The journal of the last payment that so much (minor units) can be asked back of; W1022 for more, or nothing."""
    most, paid = askable(desk, root_of(desk, case))
    if not 0 < amount <= most:
        raise WestlakeError.one("W1022", Place(field="amount"), number=case.number,
                                most=format_money(most, case.currency, sign=True))
    return paid


def askable(desk: Desk, root: Case) -> tuple[int, int | None]:
    """What was paid for an application and not asked back yet, and the journal of the last such payment."""
    paid, journal = desk.connection.execute(
        "SELECT coalesce(sum(p.amount), 0), max(o.journal) FROM desk_payment p JOIN desk_case c ON c.id = p.case_id"
        " JOIN desk_payment_outcome o ON o.payment = p.id AND o.outcome = 'paid' WHERE (c.id = ? OR c.parent = ?)"
        " AND NOT EXISTS (SELECT 1 FROM desk_payment_outcome r WHERE r.payment = p.id AND r.outcome = 'returned')",
        (root.id, root.id)).fetchone()
    asked = desk.connection.execute(
        "SELECT coalesce(sum(amount), 0) FROM journal JOIN transfer ON transfer.journal = journal.id"
        " WHERE idem >= ? AND idem < ?", (f"owed:desk:{root.id}:", f"owed:desk:{root.id};")).fetchone()[0]
    return max(int(paid) - int(asked), 0), journal


def owed(desk: Desk, case: Case) -> int:
    """What of a recovery case is still owed, in minor units."""
    root, left = root_of(desk, case), 0
    for word, sign in WORDS.items():
        prefix = f"{word}:desk:{root.id}:{case.id}"
        left += sign * int(desk.connection.execute(
            "SELECT coalesce(sum(amount), 0) FROM journal JOIN transfer ON transfer.journal = journal.id AND seq = 1"
            " WHERE idem >= ? AND idem < ?", (f"{prefix}:", f"{prefix};")).fetchone()[0])
    return left


def set_off(desk: Desk, case: Case) -> tuple[int, int]:
    """Set what the firm is due from the programme against what the case asks back: the journal, and how much; 0, 0 if
    nothing is due or owed."""
    root = root_of(desk, case)
    amount = min(owed(desk, case), budgets.due_to(desk, root))
    if amount <= 0:
        return 0, 0
    receivable, recovered, payable, budget = (code_of(desk, root, role) for role in (
        "receivable", "recovered", "payable", "budget"))
    journal = budgets.post(desk, case, _key("ofst", root, case, f"{case.seq + 1}"), "offset",
                           [Transfer(payable, receivable, amount), Transfer(recovered, budget, amount)], desk.today(),
                           booked(desk, case))
    return journal, amount


def repay(desk: Desk, case: Case, amount: int, reference: str) -> int:
    """Book what the firm paid back to the bank (minor units), under the bank's own reference; the journal's number.

    It returns to the year's budget. W1023 for more than is owed, W1024 for a reference that is booked already.
    """
    root = root_of(desk, case)
    key = _key("rpay", root, case, reference)
    left = owed(desk, case)
    known = desk.connection.execute("SELECT idem FROM journal WHERE kind = 'repayment' AND idem LIKE 'rpay:%'")
    if any(one.split(":", 4)[-1] == reference for one, in known):  # on whichever case: the bank's line is one payment
        raise WestlakeError.one("W1024", Place(field="evidence"), reference=reference, number=case.number)
    if amount > left:
        raise WestlakeError.one("W1023", Place(field="amount"), number=case.number,
                                owed=format_money(left, case.currency, sign=True))
    bank, = open_accounts(desk, root, "bank")
    receivable, recovered, budget = (code_of(desk, root, role) for role in ("receivable", "recovered", "budget"))
    return budgets.post(desk, case, key, "repayment", [Transfer(bank, receivable, amount),
                                                       Transfer(recovered, budget, amount)],
                        desk.today(), booked(desk, case))


def write_off(desk: Desk, case: Case) -> int:
    """Give up what is still owed; the journal's number."""
    root = root_of(desk, case)
    receivable, recovered = code_of(desk, root, "receivable"), code_of(desk, root, "recovered")
    return budgets.post(desk, case, _key("woff", root, case, f"{case.seq + 1}"), "write_off",
                        [Transfer(recovered, receivable, owed(desk, case))], desk.today(), booked(desk, case))


def booked(desk: Desk, case: Case) -> int | None:
    """The journal by which a recovery case was booked."""
    prefix = f"owed:desk:{root_of(desk, case).id}:{case.id}"
    number: int | None = desk.connection.execute("SELECT max(id) FROM journal WHERE idem >= ? AND idem < ?",
                                                 (f"{prefix}:", f"{prefix};")).fetchone()[0]
    return number


def _key(word: str, root: Case, case: Case, last: str) -> str:
    return f"{word}:desk:{root.id}:{case.id}:{last}"
