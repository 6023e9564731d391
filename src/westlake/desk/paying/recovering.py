"""Money coming back to the city: booked as owed, set against what the firm is due, repaid, or given up.

Nothing that was paid is undone in the books: what is owed is a receivable of its own that names the payment it
relates to. It waits in `recovered`, not in the budget, until it is met: money that has not come back is not
spent again.
"""

from __future__ import annotations

from collections.abc import Iterable

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
WORDS = {"owed": 1, "ofst": -1, "rpay": -1, "woff": -1,  # the keys' first words, and what each does to what is owed
         "unow": -1, "unof": 1, "unrp": 1}  # the last three undo the first three
ASKED = {"owed": 1, "unow": -1, "unrp": 1}  # and to what can't be asked back: what came to the bank, it has


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
    asked = sum(ASKED[word] * amount for _, word, amount in _booked(desk, ASKED, f"{root.id}"))
    return max(int(paid) - asked, 0), journal


def owed(desk: Desk, case: Case) -> int:
    """What of a recovery case is still owed, in minor units."""
    return sum(WORDS[word] * amount for _, word, amount in _booked(desk, WORDS, f"{root_of(desk, case).id}:{case.id}"))


def _booked(desk: Desk, words: Iterable[str], of: str) -> list[tuple[int, str, int]]:
    """The journals under keys of these words, of an application or one of its cases: (number, word, minor units)."""
    keys = [f"{word}:desk:{of}{end}" for word in words for end in (":", ";")]  # ; comes after :
    ranges = " OR ".join("(idem >= ? AND idem < ?)" for _ in keys[::2])
    return [(number, idem.split(":")[0], int(amount)) for number, idem, amount in desk.connection.execute(
        "SELECT journal.id, idem, amount FROM journal JOIN transfer ON transfer.journal = journal.id AND seq = 1"
        f" WHERE {ranges} ORDER BY journal.id", keys).fetchall()]


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


def cancel(desk: Desk, case: Case) -> tuple[list[int], int]:
    """Undo what was asked back wrongly, and all that was taken for it; the journals, and what the firm is due again.

    What was set off is due as before. What was repaid has come to the bank, and stays there: it is due too. Both
    leave the budget, into which they had come; W1001, W435 where they have been given to others and no more is there.
    """
    root, journals, due = root_of(desk, case), [], 0
    taken = _booked(desk, WORDS, f"{root.id}:{case.id}")
    back = sum(amount for _, word, amount in taken if word in ("ofst", "rpay"))
    if back:
        budgets.refill(desk, root, back)
    receivable, recovered, payable, budget = open_accounts(desk, root, "receivable", "recovered", "payable", "budget")
    for number, word, amount in sorted(taken, key=lambda one: (one[1] == "owed", one[0])):  # the demand itself last
        key = _key(f"un{word[:2]}", root, case, f"{number}")
        if word == "rpay":
            journals.append(budgets.post(desk, case, key, "repayment", [
                Transfer(receivable, payable, amount), Transfer(budget, recovered, amount)], desk.today(), number))
        elif word in ("ofst", "owed"):
            journals.append(budgets.undo(desk, case, key, number))
        due += amount if word in ("ofst", "rpay") else 0
    return journals, due


def booked(desk: Desk, case: Case) -> int | None:
    """The journal by which a recovery case was booked."""
    prefix = f"owed:desk:{root_of(desk, case).id}:{case.id}"
    number: int | None = desk.connection.execute("SELECT max(id) FROM journal WHERE idem >= ? AND idem < ?",
                                                 (f"{prefix}:", f"{prefix};")).fetchone()[0]
    return number


def _key(word: str, root: Case, case: Case, last: str) -> str:
    return f"{word}:desk:{root.id}:{case.id}:{last}"
