"""A counter of Lakeside with a short table of steps, on which money goes all the ways it can."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.desk.counter import LAKESIDE, Clock, Counter

from westlake.database import connect
from westlake.desk.cases import find_case, following
from westlake.desk.desk import Desk
from westlake.desk.paying import bank_accounts, bank_lines, batches, payments
from westlake.desk.paying.payment_order import Account
from westlake.ledger import Books
from westlake.record import Record

DEBTOR = Account("Lakeside Treasury", "1100-2200-3300", "102100099996", "CNAPS")
TABLE = """
award: claim
milestones: {input: stage, part: part}
facts:
  stage: {from: office, before: pile}
  built: {from: office, before: "false"}
words:
  step:
    award_less: {en: Award less, ko: 일부 지원, zh: 部分资助}
    set_against: {en: Set against, ko: 상계, zh: 抵扣}
    adjust: {en: Adjust, ko: 조정, zh: 调整}
kinds:
  application:
    start: draft
    ends: [withdrawn, terminated, done]
    steps:
      - {do: edit, from: draft, to: "=", who: [applicant]}
      - {do: submit, from: draft, to: submitted, who: [applicant], effects: [submit, decide]}
      - {do: award, from: submitted, to: awarded, who: [approver], guards: [budget_left], effects: [decide, promise]}
      - {do: award_less, from: submitted, to: awarded, who: [approver], asks: [amount], guards: [budget_left], effects: [promise]}
      - {do: agree, from: awarded, to: agreed, who: [applicant], effects: [milestones]}
      - {do: decline, from: awarded, to: withdrawn, who: [applicant], effects: [release_rest]}
      - {do: adjust, from: agreed, to: "=", who: [approver], asks: [amount], effects: [adjust_promise]}
      - {do: ask_amendment, from: agreed, to: "=", who: [applicant], asks: [note, amount], effects: [{follow: amendment}]}
      - {do: amend, from: agreed, to: "=", who: [system], effects: [adjust_promise]}
      - {do: terminate, from: agreed, to: terminated, who: [approver], effects: [release_rest]}
      - {do: claim_back, from: [agreed, terminated, done], to: "=", who: [officer], asks: [amount, note], effects: [{follow: recovery}]}
      - {do: finish, from: agreed, to: done, who: [officer], guards: [nothing_held], effects: [release_rest]}
  milestone:
    start: planned
    ends: [paid, missed, done]
    steps:
      - {do: check, from: planned, to: checked, who: [officer], effects: [{find: [built, "true"]}]}
      - {do: approve, from: checked, to: approved, who: [approver], effects: [tranche, earn]}
      - {do: approve, from: planned, to: approved, who: [approver], effects: [tranche, earn]}
      - {do: order, from: approved, to: ordered, who: [approver], guards: [speaker_confirmed, account_usable, payable_left], effects: [{order_payment: check}]}
      - {do: finish, from: approved, to: done, who: [officer], guards: [set_off]}
      - {do: confirm, from: ordered, to: paid, who: [system]}
      - {do: returned, from: [ordered, paid], to: approved, who: [system]}
      - {do: void, from: ordered, to: approved, who: [system]}
      - {do: miss, from: planned, to: missed, who: [officer], effects: [release_rest]}
  amendment:
    start: asked
    ends: [granted]
    steps:
      - {do: grant, from: asked, to: granted, who: [approver], effects: [{on_parent: amend}]}
  recovery:
    start: proposed
    ends: [repaid, written_off, dropped]
    steps:
      - {do: demand, from: proposed, to: demanded, who: [approver], effects: [book_recovery, {letter: demand}]}
      - {do: set_against, from: demanded, to: "=", who: [approver], effects: [offset]}
      - {do: repay, from: demanded, to: "=", who: [payer], asks: [amount, evidence], effects: [repay]}
      - {do: settle, from: demanded, to: repaid, who: [approver], guards: [repaid]}
      - {do: drop, from: demanded, to: dropped, who: [approver], effects: [cancel_owed]}
      - {do: propose_write_off, from: demanded, to: writing_off, who: [officer], asks: [note]}
      - {do: write_off, from: writing_off, to: written_off, who: [approver], guards: [{other_than: propose_write_off}], effects: [write_off]}
"""


def money_shelf(tmp_path, table=TABLE, budget="100000.00"):
    """Lakeside's pier challenge with a table of steps of its own."""
    shelf = Path(tmp_path) / "money_shelf"
    if not shelf.is_dir():
        shutil.copytree(LAKESIDE, shelf, ignore=shutil.ignore_patterns("__pycache__"))
        (shelf / "pier_challenge" / "workflow.yaml").write_text(table, "utf-8")
        values = shelf / "pier_challenge" / "values.yaml"
        values.write_text(values.read_text("utf-8").replace('"100000.00"', f'"{budget}"'), "utf-8")
    return shelf


class Till(Counter):
    """The counter with short words for what becomes of money. All amounts are fen."""

    def __init__(self, database, tmp_path=None, **shelf):
        super().__init__(database, money_shelf(tmp_path or tempfile.mkdtemp(), **shelf))
        self.second_payer = self.person("Pia Third", "payer")

    def awarded(self, firm="heron", cost="20000.00", less=None):
        """An application that has been awarded, and who made it."""
        self.round = getattr(self, "round", None) or self.call()
        case, applicant = self.submitted(self.round, firm, cost=cost)
        if less is not None:
            return self.take(case, "award_less", "approver", amount=less), applicant
        return self.take(case, "award", "approver"), applicant

    def agreed(self, firm="heron", **how):
        """Its application, and its milestones."""
        case, applicant = self.awarded(firm, **how)
        case = self.take(case, "agree", applicant)
        return case, following(self.desk, case)

    def approved(self, milestone):
        self.take(milestone, "check", "officer")
        return self.take(milestone, "approve", "approver")

    def account(self, firm="heron", number="6222-0212-0204", wait=0, by=None):
        """A bank account that one person entered and another checked."""
        made = bank_accounts.propose_account(self.desk, by or self.staff["officer"], firm, firm.title(), number,
                                             "Lake Bank", "102100099996", "CN")
        return bank_accounts.check_account(self.desk, made.id, self.staff["payer"], "called the firm", wait)

    def ordered(self, milestone):
        self.approved(milestone)
        return self.take(milestone, "order", "approver")

    def batched(self, *chosen):
        numbers = chosen or [one.id for one in payments.waiting(self.desk)]
        return batches.make_batch(self.desk, self.staff["payer"], self.desk.today(), numbers, DEBTOR)

    def released(self, *chosen):
        batch = self.batched(*chosen)
        return batches.release_batch(self.desk, batch.id, self.second_payer, self.clock())

    def statement(self, *rows, name="bank.csv"):
        """The bank says: rows of (payment, amount or None, direction, bank reference)."""
        return bank_lines.import_statement(self.desk, self.staff["payer"], written(self.desk, *rows), name)

    def paid(self, milestone):
        """All the way to the bank's word."""
        self.ordered(milestone)
        found = payments.payments(self.desk, case=milestone.id, limit=1)[0]
        self.released(found.id)
        self.statement((found, None, "debit", f"B{found.id}"))
        return self.case(milestone)

    def demanded(self, case, amount):
        case = self.take(case, "claim_back", "officer", amount=amount, note="not built")
        return self.take(following(self.desk, case, "recovery")[-1], "demand", "approver")

    def case(self, case):
        return find_case(self.desk, case.id)

    def balance(self, role, firm=""):
        return Books(self.connection).balance(self.offer("pier_challenge").terms.code(role, "pier_challenge", 2026, firm))

    def journals(self):
        return [entry.journal for entry in Books(self.connection).journals()]

    def sound(self):
        assert Books(self.connection).verify() == []
        assert Record(self.connection).verify() == []
        return True


def written(desk, *rows):
    """A bank's table of rows of (payment, amount or None, direction, bank reference[, reference])."""
    lines = ["reference,amount,currency,day,bank_reference,direction,reason"]
    for payment, amount, direction, bank_reference, *reference in rows:
        fen = payment.amount if amount is None else amount
        lines.append(f"{reference[0] if reference else payment.reference},{fen // 100}.{fen % 100:02},CNY,2026-01-02,"
                     f"{bank_reference},{direction},")
    return ("\n".join(lines) + "\n").encode()


def desk_of(database, shelf):
    """Another desk on the same database, as another process has it."""
    made = Till.__new__(Till)
    made.connection, made.loaded, made.shelf, made.clock = connect(database), {}, Path(shelf), Clock()
    made.clock.wait(days=40)
    made.desk = Desk(made.connection, made.offer, "Asia/Shanghai", made.clock)
    return made
