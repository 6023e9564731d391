"""Many at once try to promise, order, release and confirm the same money: it happens once, whatever is cut off when."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from tests.desk.money_counter import DEBTOR, Till, desk_of, money_shelf, written
from tests.faults.drills import at_once

from westlake.database import Refused, transaction
from westlake.desk import files, people
from westlake.desk.cases import find_case, following
from westlake.desk.paying import bank_lines, batches, payments
from westlake.desk.people import person_by_email
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.record import Record

THREADS, PROCESSES = 16, 8
CUT = 137
PLACES = ("desk.upload_written", "ledger.written", "desk.step_taken", "desk.batch_made", "desk.batch_released",
          "desk.statement_line")
PLAN = b"%PDF-1.7\nplan of a pier"


@pytest.fixture
def lake(database, tmp_path):
    """A till with two earned parts and an account to pay them to; `other()` is one more desk on the same database."""
    till = Till(database, tmp_path, budget="15000.00")
    till.account()
    till.parts = till.agreed()[1]
    for part in till.parts:
        till.approved(part)
    till.other = lambda: desk_of(database, till.shelf)
    yield till
    assert till.sound()
    till.close()


def in_threads(count, step):
    """Take one step in so many threads, all beginning together; what each came to, sorted."""
    begin = Barrier(count)

    def run(number):
        begin.wait()
        try:
            return str(step(number))
        except WestlakeError as error:
            return error.problems[0].code

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(run, range(count)))


def staff(desk, role):
    """The officer of a role, as another process finds them."""
    return person_by_email(desk.connection, {
        "officer": "oda.reed", "approver": "ferry.finn", "payer": "park.dal", "third": "pia.third"}[role]
        + "@lakeside.example")


def step_of(till, case, name, role):
    """Take a step at another desk."""
    other = till.other()
    try:
        return Till.take(other, case, name, staff(other.desk, role)).state
    finally:
        other.close()


@pytest.fixture(params=["threads", "processes"])
def crowd(request):
    """How many, and how they come."""
    return (THREADS, in_threads) if request.param == "threads" else (PROCESSES, at_once)


@pytest.mark.slow
def test_a_payment_is_ordered_once(lake, crowd):
    count, come = crowd
    said = come(count, lambda number: step_of(lake, lake.parts[0], "order", "approver"))
    assert said.count("ordered") == 1
    assert set(said) - {"ordered"} <= {"W998", "W999"} and len(said) == count
    assert [one.attempt for one in payments.payments(lake.desk)] == [1]
    assert lake.balance("payable", "heron").held_debits == 500_000


@pytest.mark.slow
def test_a_payment_is_batched_released_and_confirmed_once(lake, crowd):
    count, come = crowd
    for part in lake.parts:
        lake.take(part, "order", "approver")
    ours = payments.waiting(lake.desk)

    def at_desk(deed):
        def run(_):
            other = lake.other()
            try:
                return deed(other)
            finally:
                other.close()
        return run

    made = come(count, at_desk(lambda other: batches.make_batch(
        other.desk, staff(other.desk, "payer"), other.desk.today(), [one.id for one in ours], DEBTOR).id))
    assert made == ["1"] + ["W1015"] * (count - 1)
    gone = come(count, at_desk(lambda other: batches.release_batch(
        other.desk, 1, staff(other.desk, "third"), other.clock()).released_by))
    assert gone == [str(lake.second_payer.id)] * count
    content = written(lake.desk, *((one, None, "debit", f"B{one.id}") for one in ours))
    said = come(count, at_desk(lambda other: bank_lines.import_statement(
        other.desk, staff(other.desk, "payer"), content, "bank.csv").paid))
    assert said == ["[1, 2]"] + ["[]"] * (count - 1)
    assert (lake.balance("bank").net, lake.balance("payable", "heron").net) == (1_000_000, 0)
    assert [find_case(lake.desk, part.id).state for part in lake.parts] == ["paid", "paid"]
    assert lake.connection.execute("SELECT count(*) FROM desk_payment_outcome").fetchone() == (2,)


@pytest.mark.slow
def test_the_last_of_the_budget_is_promised_once(lake, crowd):
    """5,000.00 are left, and every firm would be awarded 4,000.00."""
    count, come = crowd
    call = lake.round
    waiting = [lake.submitted(call, f"firm{number}", cost="8000.00")[0] for number in range(count)]
    said = come(count, lambda number: step_of(lake, waiting[number], "award", "approver"))
    assert said == ["W1001"] * (count - 1) + ["awarded"]
    assert (lake.balance("budget").available, lake.balance("budget").held_debits) == (100_000, 400_000)


@pytest.mark.slow
def test_voided_and_batched_at_once(lake, crowd):
    """One of the two stands, and the payment is never both."""
    count, come = crowd
    lake.take(lake.parts[0], "order", "approver")

    def deed(number):
        other = lake.other()
        try:
            if number % 2:
                payments.void_payment(other.desk, 1, staff(other.desk, "approver"), "no")
                return "void"
            return f"batch {batches.make_batch(other.desk, staff(other.desk, 'payer'), 20_000, [1], DEBTOR).id}"
        finally:
            other.close()

    said = come(count, deed)
    assert sorted(said) in (["W1015"] * (count - 1) + ["void"], ["W1015"] * (count - 1) + ["batch 1"])


def test_the_schema_itself_lets_nobody_pay_twice(lake):
    """Whoever goes round the desk: the database says no."""
    lake.take(lake.parts[0], "order", "approver")
    row = lake.connection.execute("SELECT case_id, firm, amount, currency, bank, checked_by, approved_by, journal, at"
                                  " FROM desk_payment").fetchone()
    for attempt in (1, 2, 7):
        with pytest.raises(Refused), transaction(lake.connection):
            lake.connection.execute("INSERT INTO desk_payment (attempt, case_id, firm, amount, currency, bank, checked_by,"
                                    " approved_by, journal, at) VALUES (?,?,?,?,?,?,?,?,?,?)", (attempt, *row))


# The power may go: nothing is half done, and going on never pays twice. -----------------------------------------


def opened(database, folder):
    """An application handed in and an account checked; the rest is played, as often as it is cut off."""
    till = Till(database, folder)
    till.account()
    till.submitted(till.call())
    till.close()


def play(database, folder):
    """From a paper and the award to the bank's word, going on wherever it stopped."""
    till = desk_of(database, money_shelf(folder))
    desk, approver = till.desk, staff(till.desk, "approver")
    root = find_case(desk, 1)
    applicant = people.find_person(till.connection, root.applicant)
    if not files.files_of(desk, root):
        files.hand_in(desk, folder / "files", root, applicant, "evidence", "plan.pdf", PLAN)
    for state, name, who in (("submitted", "award", approver), ("awarded", "agree", applicant)):
        if find_case(desk, 1).state == state:
            Till.take(till, root, name, who)
    for part in following(desk, root):
        for state, name, role in (("planned", "check", "officer"), ("checked", "approve", "approver"),
                                  ("approved", "order", "approver")):
            if find_case(desk, part.id).state == state:
                Till.take(till, part, name, staff(desk, role))
    waiting = payments.waiting(desk)
    if waiting:
        batches.make_batch(desk, staff(desk, "payer"), 20_500, [one.id for one in waiting], DEBTOR)
    for batch in batches.batches(desk):
        batches.release_batch(desk, batch.id, staff(desk, "third"), till.clock())
    content = written(desk, *((one, None, "debit", f"B{one.id}") for one in payments.payments(desk)))
    bank_lines.import_statement(desk, staff(desk, "payer"), content, "bank.csv")
    till.close()


def ended(database, folder):
    """What the play must end in."""
    till = desk_of(database, money_shelf(folder))
    assert Books(till.connection).verify() == [] and Record(till.connection).verify() == []
    execute, papers = till.connection.execute, files.files_of(till.desk, find_case(till.desk, 1))
    found = {"balances": Books(till.connection).balances(),
             "journals": [entry.journal.idem for entry in Books(till.connection).journals()],
             "cases": execute("SELECT number, state, seq, amount FROM desk_case ORDER BY id").fetchall(),
             "payments": execute("SELECT payment, outcome FROM desk_payment_outcome ORDER BY payment").fetchall(),
             "batches": execute("SELECT id, total FROM desk_batch").fetchall(),
             "papers": [(one.name, files.read_file(folder / "files", one)) for one in papers],
             "acts": execute("SELECT count(*) FROM act").fetchone()}
    till.close()
    return found


def played_apart(database, folder, place=""):
    """Play in a process of its own, which a failpoint may end; its exit code."""
    def run():
        os.environ["WESTLAKE_FAILPOINT"] = place
        play(database, folder)
        os._exit(0)
    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()
    return process.exitcode


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """How it ends where nothing is cut off: on either engine."""
    folder = tmp_path_factory.mktemp("whole")
    opened(folder / "westlake.db", folder)
    play(folder / "westlake.db", folder)
    return ended(folder / "westlake.db", folder)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_after_a_cut_the_money_ends_the_same(place, database, whole, tmp_path):
    opened(database, tmp_path)
    assert played_apart(database, tmp_path, place) == CUT
    assert played_apart(database, tmp_path) == 0
    assert ended(database, tmp_path) == whole
    assert (whole["payments"], whole["papers"]) == ([(1, "paid"), (2, "paid")], [("plan.pdf", PLAN)])
