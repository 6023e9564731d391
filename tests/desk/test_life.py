"""A case lives any life that its table allows: whatever people try, in any order, the books and the record agree."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.desk.counter import Counter

from westlake.database import transaction
from westlake.desk import files, people, steps
from westlake.desk.cases import find_case
from westlake.desk.paying import bank_accounts, bank_lines, batches, payments
from westlake.desk.paying.payment_order import Account
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.rooms import verify_all

DEBTOR = Account("Lakeside Office", "330100000001", "102331000002", "CNAPS")
PDF = b"%PDF-1.4 evidence"
FINAL = ("propose_termination", "terminate", "finish", "miss")  # taken now and then only: after them little is left to try


class Life(RuleBasedStateMachine):
    """One agreed pier of two stages, then whatever its applicant and the office do to it and to what follows."""

    folder = None

    @initialize(ahead=st.sampled_from([0, 2, 4, 5]))
    def begin(self, ahead):
        """ahead: how many steps the first stage's payment has behind it."""
        self.counter = Counter(":memory:")
        counter = self.counter
        self.releaser = counter.person("Pia Third", "payer")  # has no hand in any case
        case, self.applicant = counter.submitted(counter.call())
        self.root = counter.agreed(counter.take(case, "admit", "officer"), self.applicant)
        bank = bank_accounts.propose_account(counter.desk, self.applicant, "heron", "Heron", "620000000001", "Lake Bank",
                                             "102331000001", "CN")
        bank_accounts.check_account(counter.desk, bank.id, counter.staff["officer"], "called back", 0)
        self.released = []
        first = next(case for case in self.cases() if case.kind == "milestone")
        files.hand_in(counter.desk, self.folder, first, self.applicant, "evidence", "evidence.pdf", PDF)
        for step, who in (("hand_in", self.applicant), ("check", "officer"), ("approve", "approver"), ("order", "approver"),
                          )[:ahead]:
            counter.take(first, step, who, note="so")
        if ahead == 5:
            self.waiting_payments_are_released()
            self.the_bank_answers(False)

    def teardown(self):
        if hasattr(self, "counter"):
            assert verify_all(self.counter.connection).all_problems == []
            self.counter.close()

    def cases(self):
        rows = self.counter.connection.execute("SELECT id FROM desk_case ORDER BY id").fetchall()
        return [find_case(self.counter.desk, number) for number, in rows]

    @rule(luck=st.integers(0, 2**31), amount=st.integers(0, 1_500_000), days=st.integers(1, 40))
    def somebody_takes_a_step(self, luck, amount, days):
        """Anybody, any case, any row of its table: mostly one that nothing keeps from being taken, sometimes not."""
        counter = self.counter
        people_here = [self.applicant, *counter.staff.values()]
        options = []
        for person in people_here:
            roles = people.roles_of(counter.connection, person.id, counter.clock())
            options += [(case, person, roles, one) for case in self.cases()
                        for one in steps.possible(counter.desk, case, person, roles)]
        free = [one for one in options if one[3].problem is None and one[3].step.name not in FINAL] or options
        picked = luck * 2_654_435_761 % 2**32  # small numbers are what is tried most: spread them
        among = options if picked % 5 == 0 else free
        case, person, roles, chosen = among[picked // 7 % len(among)]
        said = {"note": "so", "amount": amount, "day": counter.desk.today() + days, "days": days, "evidence": f"E{days}",
                "reason": "so"}
        before = self.everything()
        try:
            steps.take(counter.desk, case, chosen.step.name, person, roles, {name: said[name] for name in chosen.step.asks})
        except WestlakeError:
            assert self.everything() == before  # refused: nothing at all is left of it
        else:
            assert chosen.problem is None

    @rule(place=st.integers(0, 30))
    def evidence_is_handed_in(self, place):
        planned = [case for case in self.cases() if case.kind == "milestone" and case.state == "planned"]
        planned = [case for case in planned if not files.files_of(self.counter.desk, case)]
        if planned:
            files.hand_in(self.counter.desk, self.folder, planned[place % len(planned)], self.applicant, "evidence",
                          "evidence.pdf", PDF)

    @rule()
    def waiting_payments_are_released(self):
        counter, payer = self.counter, self.counter.staff["payer"]
        waiting = [one.id for one in payments.waiting(counter.desk)]
        if waiting:
            batch = batches.make_batch(counter.desk, payer, counter.desk.today(), waiting, DEBTOR)
            batches.release_batch(counter.desk, batch.id, self.releaser, counter.clock())
            self.released.append(batch.id)

    @precondition(lambda self: self.released)
    @rule(back=st.booleans())
    def the_bank_answers(self, back):
        counter = self.counter
        rows = [f"{one.reference},{one.amount / 100:.2f},2026-03-01,B{one.id},{'credit' if back else 'debit'},"
                f"{'returned' if back else 'booked'}" for one in payments.payments(counter.desk, batch=self.released[-1])]
        statement = "reference,amount,day,bank_reference,credit_debit,status\n" + "\n".join(rows) + "\n"
        bank_lines.import_statement(counter.desk, counter.staff["payer"], statement.encode(), "s.csv", currency="CNY")

    @rule(days=st.integers(1, 20))
    def days_pass(self, days):
        self.counter.clock.wait(days=days)

    def everything(self):
        connection = self.counter.connection
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in ("desk_case", "desk_step", "desk_payment", "journal", "act", "desk_message", "desk_debarment")]

    @invariant()
    def budget_over_committed_over_awarded_over_paid(self):
        if not hasattr(self, "counter"):
            return
        books = Books(self.counter.connection)
        budget = books.balance("budget:pier_challenge:2026")
        due = back = 0
        for code, one in books.balances().items():
            due += one.credits - one.debits if code.startswith("payable:") else 0
            back += one.credits if code.startswith("recovered") else 0
        undone = dict.fromkeys(("unow", "unof", "unrp"), 0)  # demands that did not stand, and what was taken for them
        for idem, amount in self.counter.connection.execute(
                "SELECT idem, amount FROM journal JOIN transfer ON journal = id AND seq = 1 WHERE idem LIKE 'un%'"):
            undone[idem[:4]] += amount
        again = undone["unof"] + undone["unrp"]
        back -= undone["unow"] + again
        earned = budget.debits - again
        paid = earned - due  # what was earned and is owed no longer; what the bank returned is owed again
        assert budget.credits >= budget.held_debits + budget.debits  # given ≥ promised + earned
        assert paid + undone["unrp"] >= 0
        assert paid <= earned
        if not any(one.state == "returned" for one in payments.payments(self.counter.desk)):
            assert paid - back >= 0  # a payment that is returned after it was claimed back is truly due again
        assert budget.credits - again <= 10_000_000 + back
        promised = sum(case.amount for case in self.cases() if case.kind == "application")
        assert promised <= 4_000_000  # the cap of one pier, whatever was amended


@pytest.mark.slow
def test_any_life(tmp_path):
    """Hypothesis tries lives; after each, every room is verified anew."""
    Life.folder = tmp_path / "files"
    run_state_machine_as_test(Life, settings=settings(
        max_examples=60, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck)))


def test_a_refused_step_within_a_larger_transaction_leaves_the_rest(counter):
    call = counter.call()
    case, _ = counter.submitted(call)
    with transaction(counter.connection):
        counter.take(case, "look_again", "officer")
        with pytest.raises(WestlakeError):
            counter.take(case, "refuse", "officer")
        counter.take(case, "admit", "officer")
    assert find_case(counter.desk, case.id).state == "eligible"
