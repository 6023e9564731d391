"""Payments on their way: ordered once by two persons, put in a batch, confirmed or returned by the bank, or voided.

What is ordered is held on the firm's account from then on, so that nothing else can take it: neither another
payment nor an offset. Only what the bank confirms moves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from westlake.database import Refused, rows_among, transaction
from westlake.dates import iso
from westlake.desk.cases import Case, cases_among, find_case, open_following, root_of, steps_of
from westlake.desk.desk import Desk
from westlake.desk.looking import Question
from westlake.desk.moment import Moment
from westlake.desk.paying import budgets
from westlake.desk.paying.bank_accounts import account_for
from westlake.desk.paying.budgets import MILESTONE, code_of, due_to, open_accounts
from westlake.desk.paying.recovering import WORDS
from westlake.desk.people import Person
from westlake.desk.workflow import APPLICATION
from westlake.errors import WestlakeError
from westlake.ledger import Transfer
from westlake.settlement.rounds import read_round
from westlake.words import say

STATES = ("waiting", "batched", "sent", "paid", "returned", "void")
AGES = (0, 30, 60, 90)  # days late up to which a sum owed is of an age: not late yet, then three; the last is older
ROUND = "settlement_round"  # the fact of a case that names the settled round which it pays
_STATE = ("CASE WHEN EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id AND o.outcome = 'void')"
          " THEN 'void' WHEN EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id"
          " AND o.outcome = 'returned') THEN 'returned'"
          " WHEN EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id) THEN 'paid'"
          " WHEN r.batch IS NOT NULL THEN 'sent' WHEN l.batch IS NOT NULL THEN 'batched' ELSE 'waiting' END")
UNDER_WAY = ("SELECT 1 FROM desk_payment p WHERE p.case_id = ? AND NOT EXISTS (SELECT 1 FROM desk_payment_outcome o"
             " WHERE o.payment = p.id AND o.outcome <> 'paid')")
_SELECT = (f"SELECT * FROM (SELECT p.id, p.case_id, c.number, c.programme, c.year, p.attempt, p.firm, p.amount,"
           f" p.currency, p.bank, p.checked_by, p.approved_by, p.journal, p.at, l.batch, {_STATE} AS state"
           " FROM desk_payment p JOIN desk_case c ON c.id = p.case_id"
           " LEFT JOIN desk_batch_line l ON l.payment = p.id"
           " LEFT JOIN desk_batch_release r ON r.batch = l.batch) AS found")


@dataclass(frozen=True)
class Ordered:
    """A payment as it stands. amount: minor units; state: one of STATES; batch: None before it is put in one."""

    id: int
    case: int
    number: str
    programme: str
    year: int
    attempt: int
    firm: str
    amount: int
    currency: str
    bank: int
    checked_by: int
    approved_by: int
    journal: int
    at: int
    batch: int | None
    state: str

    @property
    def reference(self) -> str:
        """What the bank gives back with it."""
        return f"WLP{self.id:08d}"


@dataclass(frozen=True)
class Outcome:
    """What became of a payment: paid, returned or void. line: the bank's; day: day number."""

    payment: int
    outcome: str
    line: int | None
    journal: int | None
    day: int
    reason: str
    person: int
    at: int


@dataclass(frozen=True)
class Aged:
    """A sum that a firm owes back. owed: minor units; due: the day by which it was to come, or of its booking where
    none was set; days: since then, below 0 before it; age: 0 (not late) to 4 (over 90 days)."""

    case: int
    number: str
    firm: str
    programme: str
    currency: str
    booked: int
    due: int
    owed: int
    days: int
    age: int


def payable_for(desk: Desk, case: Case) -> int:
    """What of the case's own amount is due and no payment was ordered for, in minor units."""
    return 0 if _under_way(desk, case) else max(min(case.amount, due_to(desk, case)), 0)


def checker(moment: Moment, step: str) -> int:
    """Who last took a step, on the case or its application; W1013 when nobody did, or the same person as now."""
    for case in (moment.case, root_of(moment.desk, moment.case)):
        for taken in reversed(steps_of(moment.desk, case)):
            if taken.name == step and taken.person is not None:
                return _another(moment, taken.person, step)
    raise WestlakeError.one("W1013", step=moment.workflow.text("step", step))


def opener(moment: Moment) -> int:
    """Who opened a case that pays a settled round; W1013 when it is the same person as now."""
    row = moment.desk.connection.execute("SELECT person FROM desk_fact WHERE case_id = ? AND name = ?",
                                         (moment.case.id, ROUND)).fetchone()
    return _another(moment, row[0] if row else moment.person.id, moment.step.name)


def _another(moment: Moment, checked_by: int, step: str) -> int:
    if checked_by in (moment.person.id, moment.held.standing_in_for):
        raise WestlakeError.one("W1013", step=moment.workflow.text("step", step))
    return checked_by


def order(moment: Moment, checked_by: int) -> Ordered:
    """Order what is due for a case to be paid to its firm, once, and hold it.

    Raises W1008 and W1009 without an account to pay to, W1014 when a payment is under way or was made, W1007
    when nothing is due.
    """
    desk, case = moment.desk, moment.case
    to = account_for(desk, case.firm)
    if to is None or to.usable_from is None:
        raise WestlakeError.one("W1008", firm=case.firm)
    if to.usable_from > moment.today:
        raise WestlakeError.one("W1009", firm=case.firm, day=iso(to.usable_from))
    if _under_way(desk, case):
        raise WestlakeError.one("W1014", number=case.number)
    wanted = moment.changes.get("amount", case.amount)
    assert isinstance(wanted, int), "an amount is whole minor units"
    amount = min(wanted, due_to(desk, case))
    if amount <= 0:
        raise WestlakeError.one("W1007", number=case.number)
    attempt = 1 + desk.connection.execute("SELECT count(*) FROM desk_payment WHERE case_id = ?",
                                          (case.id,)).fetchone()[0]
    payable, bank = open_accounts(desk, case, "payable", "bank")
    journal = budgets.post(desk, case, f"send:desk:{root_of(desk, case).id}:{case.id}:{attempt}", "payment",
                           [Transfer(payable, bank, amount, "hold")], moment.today)
    try:
        row = desk.connection.execute(
            "INSERT INTO desk_payment (case_id, attempt, firm, amount, currency, bank, checked_by, approved_by,"
            " journal, at) VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id",
            (case.id, attempt, case.firm, amount, case.currency, to.id, checked_by, moment.person.id, journal,
             moment.at)).fetchone()
    except Refused as error:
        raise WestlakeError.one("W1014", number=case.number) from error
    return find_payment(desk, row[0])


def _under_way(desk: Desk, case: Case) -> bool:
    """Whether a payment was ordered for a case that was neither returned nor voided."""
    return desk.connection.execute(UNDER_WAY, (case.id,)).fetchone() is not None


def find_payment(desk: Desk, number: int) -> Ordered:
    """A payment by number; W920 if there is none."""
    row = desk.connection.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"payment {number}")
    return Ordered(*row)


def payments(desk: Desk, *, state: str = "", firm: str = "", programme: str = "", case: int = 0, batch: int = 0,
             after: int = 0, limit: int = 100) -> list[Ordered]:
    """Payments that are all of what is given, newest first. after: the number of the last one on the page before."""
    rows = desk.connection.execute(
        f"{_SELECT} WHERE ? IN ('', state) AND ? IN ('', firm) AND ? IN ('', programme) AND ? IN (0, case_id)"
        " AND ? IN (0, coalesce(batch, -1)) AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?",
        (state, firm, programme, case, batch, after, after, limit))
    return [Ordered(*row) for row in rows]


def payments_among(desk: Desk, numbers: Iterable[int]) -> list[Ordered]:
    """The payments of these numbers, however many, as far as there are any."""
    return [Ordered(*row) for row in rows_among(desk.connection, f"{_SELECT} WHERE id IN ({{keys}})", numbers)]


def waiting(desk: Desk) -> list[Ordered]:
    """Every payment that waits to be put in a batch, the longest waiting first."""
    return [Ordered(*row) for row in desk.connection.execute(f"{_SELECT} WHERE state = 'waiting' ORDER BY id")]


def outcomes(desk: Desk, payment: int) -> list[Outcome]:
    """What became of a payment, in order."""
    return [Outcome(*row) for row in desk.connection.execute(
        "SELECT payment, outcome, bank_line, journal, day, reason, person, at FROM desk_payment_outcome"
        " WHERE payment = ? ORDER BY at, outcome", (payment,))]


def write_outcome(desk: Desk, found: Ordered, outcome: str, journal: int, day: int, reason: str, person: Person,
                  line: int | None = None) -> None:
    """Keep what became of a payment; W1015 when that can't be so now."""
    try:
        desk.connection.execute("INSERT INTO desk_payment_outcome VALUES (?,?,?,?,?,?,?,?)",
                                (found.id, outcome, line, journal, day, reason, person.id, desk.now()))
    except Refused as error:
        raise not_now(found, person) from error
    desk.record.add(person.actor, f"desk.payment_{outcome}", f"payment:{found.id}", {
        "case": found.case, "amount": found.amount, "reason": reason, "line": line}, day=day)


def void_payment(desk: Desk, payment: int, person: Person, reason: str) -> None:
    """Take back a payment that is in no batch yet, so that it can be ordered anew; W1015 when it is."""
    with transaction(desk.connection):
        found = find_payment(desk, payment)
        if found.state != "waiting":
            raise not_now(found, person)
        take_back(desk, found, person, reason)


def not_now(found: Ordered, person: Person) -> WestlakeError:
    """That this cannot be done with a payment as it stands: W1015."""
    return WestlakeError.one("W1015", number=found.reference,
                             state=say(f"desk_money.payment.{found.state}", person.language))


def take_back(desk: Desk, found: Ordered, person: Person, reason: str) -> None:
    """Void a payment that no bank has seen: what was held for it is due again, and its case goes back."""
    case = find_case(desk, found.case)
    journal = budgets.post(desk, case, f"void:desk:{found.id}", "payment", [
        Transfer(code_of(desk, case, "payable"), code_of(desk, case, "bank"), found.amount, "release")], desk.today(),
        found.journal)
    write_outcome(desk, found, "void", journal, desk.today(), reason, person)
    move_case(desk, case, ("void", "returned"), person, {"note": reason, "payment": found.id})


def move_case(desk: Desk, case: Case, names: Iterable[str], person: Person, said: dict[str, object]) -> bool:
    """Let the system take the first of these steps that the table has for the case as it stands; False if it has none.

    What the bank did stands, whatever the table thinks of it.
    """
    from westlake.desk.steps import take_as_system  # noqa: PLC0415 - steps know the effects, and these know payments
    kind = desk.offered(case.programme).workflow.kinds[case.kind]
    for name in names:
        step = kind.step(name, case.state)
        if step is not None and "system" in step.who:
            take_as_system(desk, case, name, person, said)
            return True
    return False


def open_round_payments(desk: Desk, person: Person, number: int) -> tuple[list[Case], list[str]]:
    """Open a case to be paid for every firm that a settled round gave money; the cases, and the firms without an
    application at the desk. Opened once: what is there already is not opened again. W1029 before it is approved."""
    settled = read_round(desk.connection, number)
    if settled.state != "approved":
        raise WestlakeError.one("W1029", number=number)
    opened, without = [], []
    with transaction(desk.connection):
        for firm, amount in desk.connection.execute(
                "SELECT firm, amount FROM settlement_payment p WHERE round = ? AND amount > 0 AND NOT EXISTS ("
                " SELECT 1 FROM desk_fact f JOIN desk_case c ON c.id = f.case_id WHERE f.name = ? AND f.value = ?"
                " AND c.firm = p.firm) ORDER BY firm", (number, ROUND, str(number))).fetchall():
            row = desk.connection.execute(
                "SELECT id FROM desk_case WHERE kind = ? AND programme = ? AND year = ? AND firm = ? AND state NOT IN"
                " ('draft', 'withdrawn', 'refused') ORDER BY id DESC LIMIT 1",
                (APPLICATION, settled.programme, settled.year, firm)).fetchone()
            if row is None:
                without.append(firm)
                continue
            root = find_case(desk, row[0])
            title = f"{settled.programme} {settled.year} / {number}"
            case = open_following(desk, person, root, MILESTONE, title, amount)
            desk.connection.execute(
                "INSERT INTO desk_fact (case_id, name, value, assurance, source, person, at) VALUES (?,?,?,?,?,?,?)",
                (case.id, ROUND, str(number), "audited", "settlement", person.id, desk.now()))
            opened.append(case)
    return opened, without


def owed_asked(day: int) -> Question:
    """How the journals are asked for what firms owe and paid back by the end of a day."""
    ranges = " OR ".join("(idem >= ? AND idem < ?)" for _ in WORDS)
    return ("SELECT idem, day, amount FROM journal JOIN transfer ON transfer.journal = journal.id AND seq = 1 WHERE"
            f" ({ranges}) AND day <= ?", (*(f"{word}:desk{end}" for word in WORDS for end in (":", ";")), day))


def aged(desk: Desk, day: int) -> list[Aged]:
    """Everything that firms owed back at the end of a day, the longest overdue first."""
    left: dict[int, int] = {}
    booked: dict[int, int] = {}
    for idem, at, amount in desk.connection.execute(*owed_asked(day)):
        word, number = idem.split(":")[0], int(idem.split(":")[3])
        left[number] = left.get(number, 0) + WORDS[word] * amount
        if word == "owed":
            booked[number] = min(at, booked.get(number, at))
    rows = []
    for case in cases_among(desk, [number for number, amount in left.items() if amount]).values():
        due = booked[case.id] if case.due is None else case.due
        rows.append(Aged(case.id, case.number, case.firm, case.programme, case.currency, booked[case.id], due,
                         left[case.id], day - due, sum(day - due > most for most in AGES)))
    return sorted(rows, key=lambda row: (-row.days, row.case))
