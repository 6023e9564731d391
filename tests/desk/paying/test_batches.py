"""A batch goes to the bank with three persons behind it, and only what the bank says has been paid is paid."""

import hashlib

import pytest
from tests.desk.money_counter import DEBTOR, written

from westlake.database import Refused
from westlake.desk import people
from westlake.desk.applying import confirming
from westlake.desk.paying import bank_lines, batches, payments
from westlake.desk.paying.bank_statement import read_camt
from westlake.errors import WestlakeError


@pytest.fixture
def till(till):
    till.account()
    till.parts = till.agreed()[1]
    for part in till.parts:
        till.ordered(part)
    till.ours = payments.waiting(till.desk)
    return till


def test_a_batch_holds_the_bytes_that_its_digest_names(till):
    batch = till.batched()
    xml, table = batches.batch_files(till.desk, batch.id)
    assert (batch.state, batch.total, batch.payments, batch.currency) == ("made", 1_000_000, 2, "CNY")
    assert hashlib.sha256(xml).hexdigest() == batch.digest
    assert xml.count(b"<EndToEndId>WLP0000000") == 2
    assert b"<CtrlSum>10000.00</CtrlSum>" in xml
    assert "WLP00000001" in table.decode() and "6222-0212-0204" in table.decode()


def test_a_changed_file_is_told_and_not_released(till):
    batch = till.batched()
    if till.connection.engine == "postgresql":
        till.connection.execute("ALTER TABLE desk_batch DISABLE TRIGGER USER")
    else:
        for trigger, in till.connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"
                                                " AND tbl_name = 'desk_batch'").fetchall():
            till.connection.execute(f"DROP TRIGGER {trigger}")
    till.connection.execute("UPDATE desk_batch SET document = replace(document, '6222-0212-0204', '6222-0212-0999')")
    with pytest.raises(WestlakeError, match="W1021"):
        batches.batch_files(till.desk, batch.id)
    with pytest.raises(WestlakeError, match="W1021"):
        batches.release_batch(till.desk, batch.id, till.second_payer, till.clock())


def test_a_payment_is_in_one_batch(till):
    till.batched(1)
    with pytest.raises(WestlakeError, match="W1015"):
        till.batched(1, 2)
    for wrong in ((2, 2), ()):
        with pytest.raises(WestlakeError, match="W1016"):
            batches.make_batch(till.desk, till.staff["payer"], till.desk.today(), wrong, DEBTOR)
    assert [one.id for one in payments.waiting(till.desk)] == [2]


def test_only_payers_make_and_release(till):
    with pytest.raises(WestlakeError, match="W1020"):
        batches.make_batch(till.desk, till.staff["officer"], till.desk.today(), (1,), DEBTOR)
    elsewhere = till.person("Else Where", "payer", programme="cloud_voucher")
    with pytest.raises(WestlakeError, match="W1020"):
        batches.make_batch(till.desk, elsewhere, till.desk.today(), (1,), DEBTOR)
    with pytest.raises(WestlakeError, match="W1020"):
        bank_lines.import_statement(till.desk, till.staff["officer"], b"", "bank.csv")


def test_who_checked_or_approved_does_not_release(till):
    batch = till.batched()
    for role in ("officer", "approver"):
        people.grant_role(till.connection, till.staff[role].id, "payer", "*", at=till.clock())
        with pytest.raises(WestlakeError, match="W1019"):
            batches.release_batch(till.desk, batch.id, till.staff[role], till.clock())
    stand_in = till.person("Stan Din")
    now = till.clock()
    people.delegate(till.connection, till.staff["approver"], stand_in.id, now, now + 10**12, now, "leave")
    with pytest.raises(WestlakeError, match="W1019"):
        batches.release_batch(till.desk, batch.id, stand_in, till.clock())


def test_whoever_awarded_or_approved_the_case_does_not_release_its_payment(till):
    """Somebody else may have ordered it: who had the award and the milestone in hand does not pay it either."""
    other = till.person("Bea Second", "approver")
    _, parts = till.agreed("lotus")
    till.account("lotus")
    till.approved(parts[0])
    till.take(parts[0], "order", other)
    batch = till.batched(payments.waiting(till.desk)[-1].id)
    first = till.staff["approver"]
    people.grant_role(till.connection, first.id, "payer", "*", at=till.clock())
    assert {one.approved_by for one in payments.payments(till.desk, batch=batch.id)} == {other.id}
    with pytest.raises(WestlakeError, match="W1019"):
        batches.release_batch(till.desk, batch.id, first, till.clock())
    with pytest.raises(Refused):  # nor past our own code
        till.connection.execute("INSERT INTO desk_batch_release VALUES (?,?,?,?)", (batch.id, first.id, 0, till.clock()))
    stand_in, now = till.person("Stan Din"), till.clock()
    people.delegate(till.connection, first, stand_in.id, now, now + 10**12, now, "leave")
    with pytest.raises(WestlakeError, match="W1019"):
        batches.release_batch(till.desk, batch.id, stand_in, till.clock())
    assert batches.release_batch(till.desk, batch.id, till.second_payer, till.clock()).state == "released"


def test_what_a_payer_gave_up_or_the_bank_returned_that_payer_may_release_again(till):
    """The case went back by a step of the system, taken for the payer: that is no hand in the case."""
    payer = till.second_payer
    batches.give_up_batch(till.desk, till.batched().id, payer, "wrong day")
    for part in till.parts:
        till.take(part, "order", "approver")
    assert till.released().released_by == payer.id
    one, two = payments.payments(till.desk, state="sent")
    bank_lines.import_statement(till.desk, payer, written(till.desk, (one, None, "debit", "B1"), (one, None, "credit", "B2"),
                                                          (two, None, "debit", "B3")), "bank.csv")
    again = next(part for part in till.parts if till.case(part).state == "approved")
    till.take(again, "order", "approver")
    assert till.released().released_by == payer.id


def test_a_role_of_ones_own_for_another_programme_does_not_free_a_substitute(till):
    batch, stand_in, now = till.batched(), till.person("Stan Din", "payer", programme="cloud_voucher"), till.clock()
    people.delegate(till.connection, till.staff["approver"], stand_in.id, now, now + 10**12, now, "leave")
    people.grant_role(till.connection, till.staff["approver"].id, "payer", "*", at=now)
    people.delegate(till.connection, till.staff["approver"], stand_in.id, now, now + 10**12, now, "leave")
    with pytest.raises(WestlakeError, match="W1019"):
        batches.release_batch(till.desk, batch.id, stand_in, till.clock())


def test_only_a_payer_of_its_programme_says_what_became_of_a_payment(till):
    till.released()
    elsewhere = till.person("Else Where", "payer", programme="cloud_voucher")
    till.statement((till.ours[0], None, "debit", "B1", "lost"))
    with pytest.raises(WestlakeError, match="W1020"):
        bank_lines.resolve_line(till.desk, 1, elsewhere, "mine", till.ours[0].id)


def test_release_needs_a_fresh_second_factor_and_moves_no_money(till):
    batch, before = till.batched(), len(till.journals())
    for factor_at in (0, till.clock() - 5 * 60_000_000 - 1_000, till.clock() + 10**9):
        with pytest.raises(WestlakeError, match="W968"):
            batches.release_batch(till.desk, batch.id, till.second_payer, factor_at)
    released = batches.release_batch(till.desk, batch.id, till.second_payer, till.clock() - 60_000_000)
    assert (released.state, released.released_by) == ("released", till.second_payer.id)
    till.clock.wait(days=1)
    assert batches.release_batch(till.desk, batch.id, till.second_payer, 0) == released
    assert len(till.journals()) == before


def test_what_rests_on_somebody_who_no_longer_speaks_for_the_firm_goes_no_further(till):
    """Neither into a batch nor out of the house; what is given up can be ordered anew once somebody speaks for the firm."""
    batch, applicant = till.batched(1), till.case(till.parts[0]).applicant
    speaker = confirming.find_speaker(till.desk, "heron", applicant)
    confirming.end_speaker(till.desk, speaker, till.staff["officer"], "left the firm")
    with pytest.raises(WestlakeError, match=r"W1165.*WLP00000001"):
        batches.release_batch(till.desk, batch.id, till.second_payer, till.clock())
    with pytest.raises(WestlakeError, match=r"W1165.*WLP00000002"):
        till.batched(2)
    assert [one.state for one in payments.payments(till.desk)] == ["waiting", "batched"]
    again = confirming.find_speaker(till.desk, "heron", applicant)
    confirming.confirm_speaker(till.desk, again, till.person("Otto", "officer"), "a new letter")
    assert batches.release_batch(till.desk, batch.id, till.second_payer, till.clock()).state == "released"


def test_an_account_of_whoever_speaks_no_longer_holds_its_payments(till):
    """The applicant still speaks for the firm; who entered the account does not."""
    speaker = people.add_person(till.connection, "Iris Heron", "iris@heron.example", firm="heron", at=till.clock())
    account = till.account(number="6222-0212-0299", by=speaker)
    batches.give_up_batch(till.desk, till.batched().id, till.staff["payer"], "another account")
    till.take(till.parts[0], "order", "approver")
    batch = till.batched()
    assert {one.bank for one in payments.payments(till.desk, batch=batch.id)} == {account.id}
    confirming.end_speaker(till.desk, confirming.find_speaker(till.desk, "heron", speaker.id), till.staff["officer"], "left")
    ordered = payments.payments(till.desk, batch=batch.id)
    problem = batches.why_not_release(till.desk, batch, ordered, till.second_payer)
    assert (problem.code, [one.id for one in batches.doubtful(till.desk, ordered)]) == ("W1165", [ordered[0].id])


def test_a_batch_that_is_given_up_is_never_released(till):
    batch = till.batched()
    assert batches.give_up_batch(till.desk, batch.id, till.staff["payer"], "wrong day").state == "given_up"
    assert batches.give_up_batch(till.desk, batch.id, till.staff["payer"], "wrong day").state == "given_up"
    assert [till.case(part).state for part in till.parts] == ["approved", "approved"]
    with pytest.raises(WestlakeError, match="W1018"):
        batches.release_batch(till.desk, batch.id, till.second_payer, till.clock())
    till.take(till.parts[0], "order", "approver")
    released = till.released()
    assert released.total == 500_000
    with pytest.raises(WestlakeError, match="W1015"):
        batches.give_up_batch(till.desk, released.id, till.staff["payer"], "too late")
    assert [one.id for one in batches.batches(till.desk)] == [2, 1]


def test_the_bank_confirms_and_the_case_is_paid(till):
    till.released()
    one, two = till.ours
    result = till.statement((one, None, "debit", "B1"))
    assert (result.paid, result.returned, result.unmatched, result.missing) == ([1], [], [], [two.reference])
    assert [till.case(part).state for part in till.parts] == ["paid", "ordered"]
    payable, bank = till.balance("payable", "heron"), till.balance("bank")
    assert (payable.net, payable.held_debits, bank.credits) == (500_000, 500_000, 500_000)
    found, = payments.outcomes(till.desk, one.id)
    assert (found.outcome, found.line, found.day) == ("paid", 1, till.desk.today() + 1)  # the bank's own day


def test_the_same_statement_again_changes_nothing(till):
    till.released()
    content = written(till.desk, *((one, None, "debit", f"B{one.id}") for one in till.ours))
    bank_lines.import_statement(till.desk, till.staff["payer"], content, "bank.csv")
    before = len(till.journals()), till.connection.execute("SELECT count(*) FROM act").fetchone()
    again = bank_lines.import_statement(till.desk, till.staff["payer"], content, "bank again.csv")
    assert (again.paid, again.known) == ([], 2)
    assert (len(till.journals()), till.connection.execute("SELECT count(*) FROM act").fetchone()) == before


def test_a_booking_again_is_for_a_person(till):
    till.released()
    one, _ = till.ours
    till.statement((one, None, "debit", "B1"))
    result = till.statement((one, None, "debit", "B1"), (one, None, "debit", "B9"))
    assert (result.known, result.paid, result.unmatched) == (1, [], [2])
    assert [line.outcome for line in bank_lines.open_lines(till.desk)] == ["twice"]
    assert till.balance("bank").credits == 500_000


def test_one_reference_of_the_bank_may_cover_many_payments(till):
    """A bank that books a whole order as one entry gives all of it one reference."""
    till.released()
    assert till.statement(*((one, None, "debit", "WHOLE") for one in till.ours)).paid == [1, 2]


def test_returned_money_is_due_again_and_paid_in_a_second_attempt(till):
    till.released()
    one, _ = till.ours
    till.statement((one, None, "debit", "B1"))
    assert till.statement((one, None, "credit", "B2")).returned == [1]
    assert till.case(till.parts[0]).state == "approved"
    paid, back = (entry for entry in till.journals()[-2:])
    assert (back.relates_to, [leg.amount for leg in back.transfers]) == (len(till.journals()) - 1, [500_000])
    assert paid.idem == "paid:desk:1" and back.idem == "retn:desk:1"
    till.take(till.parts[0], "order", "approver")
    again, = payments.waiting(till.desk)
    till.released(again.id)
    till.statement((again, None, "debit", "B3"))
    assert [(found.attempt, found.state) for found in payments.payments(till.desk, case=till.parts[0].id)] == [
        (2, "paid"), (1, "returned")]
    assert till.balance("bank").net == 500_000


def test_returned_in_the_same_statement_however_it_is_sorted(till):
    till.released()
    one, _ = till.ours
    result = till.statement((one, None, "credit", "B2"), (one, None, "debit", "B1"))
    assert (result.paid, result.returned) == ([1], [1])
    assert till.balance("payable", "heron").available == 500_000


def test_what_never_left_is_due_again(till):
    till.released()
    one, _ = till.ours
    assert till.statement((one, None, "credit", "B1")).returned == [1]
    assert (till.balance("bank").credits, till.balance("payable", "heron").available) == (0, 500_000)


def test_another_amount_is_paid_by_nobody_until_a_person_says(till):
    till.released()
    one, two = till.ours
    result = till.statement((one, 499_999, "debit", "B1"), (two, None, "debit", "B2", "lost"))
    assert (result.paid, result.unmatched) == ([], [1, 2])
    assert [(line.outcome, line.amount) for line in bank_lines.open_lines(till.desk)] == [
        ("differing", 499_999), ("unknown", 500_000)]
    payer = till.staff["payer"]
    with pytest.raises(WestlakeError, match="W1017"):
        bank_lines.resolve_line(till.desk, 1, payer, "called the bank", one.id)
    with pytest.raises(WestlakeError, match="W1012"):
        bank_lines.resolve_line(till.desk, 2, payer, "", two.id)
    bank_lines.resolve_line(till.desk, 2, payer, "the bank lost our reference", two.id)
    bank_lines.resolve_line(till.desk, 1, payer, "a fee of somebody else")
    assert bank_lines.open_lines(till.desk) == []
    with pytest.raises(WestlakeError, match="W1017"):
        bank_lines.resolve_line(till.desk, 2, payer, "again", two.id)
    assert [payments.find_payment(till.desk, one.id).state for one in till.ours] == ["sent", "paid"]
    assert [line.id for line in bank_lines.lines(till.desk, outcome="unknown")] == [2]


def test_only_what_was_released_can_be_paid(till):
    till.batched(1)
    result = till.statement(*((one, None, "debit", f"B{one.id}") for one in till.ours))
    assert (result.paid, len(result.unmatched)) == ([], 2)
    assert till.balance("payable", "heron").held_debits == 1_000_000


def test_a_bank_speaks_iso_20022(till):
    till.released()
    content = CAMT.format(reference=till.ours[0].reference).encode()
    assert [one.status for one in read_camt(content)] == ["booked", "pending"]
    result = bank_lines.import_statement(till.desk, till.staff["payer"], content, "camt.xml")
    assert (result.paid, result.pending) == ([1], 1)


CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="CNY">5000.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-01</Dt></BookgDt>
<AcctSvcrRef>X1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BookgDt><Dt>2026-01-01</Dt></BookgDt>
<AcctSvcrRef>X2</AcctSvcrRef></Ntry></Stmt></BkToCstmrStmt></Document>"""



def test_our_own_order_is_no_word_of_the_bank(till):
    """The payer who released a batch cannot mark it paid by handing in the very files that were made of it."""
    batch = till.batched()
    batches.release_batch(till.desk, batch.id, till.second_payer, till.clock())
    for name, content in zip(("order.xml", "order.csv"), batches.batch_files(till.desk, batch.id), strict=True):
        with pytest.raises(WestlakeError, match=r"W1108|W95"):
            bank_lines.import_statement(till.desk, till.staff["payer"], content, name)
    assert {one.state for one in payments.payments(till.desk)} == {"sent"}


def test_money_that_went_out_returns_nothing_and_money_that_came_in_pays_nothing(till):
    """Else a payment that the bank booked twice is “returned” by its second booking, ordered again, and paid twice."""
    till.released()
    one, two = till.ours
    till.statement((one, None, "debit", "B1"), (one, None, "debit", "B 1 credit"), (two, None, "credit", "B3", "lost"))
    payer, before = till.staff["payer"], till.journals()
    out, back = bank_lines.open_lines(till.desk)
    assert [(line.came_in, line.outcomes) for line in (out, back)] == [(False, ("paid",)), (True, ("returned",))]
    for line, payment, word in ((out, one, "returned"), (back, two, "paid")):
        with pytest.raises(WestlakeError, match="W1170"):
            bank_lines.resolve_line(till.desk, line.id, payer, "so it seems", payment.id, word)
    assert (till.journals(), [till.case(part).state for part in till.parts]) == (before, ["paid", "ordered"])
    bank_lines.resolve_line(till.desk, back.id, payer, "called the bank", two.id, "returned")
    assert payments.find_payment(till.desk, two.id).state == "returned"


def test_our_reference_is_found_as_a_word_of_a_longer_text_of_money_that_went_out(till):
    """Where one reference of ours stands there whole; two, a longer number, or money that came in are for a person."""
    till.released()
    one, two = till.ours
    result = till.statement(
        (one, None, "debit", "B1", f"지급 {one.reference}"), (two, None, "debit", "B2", f"{one.reference}/{two.reference}"),
        (two, None, "debit", "B3", f"X{two.reference}"), (two, None, "credit", "B4", f"for {two.reference}"))
    assert (result.paid, result.returned, len(result.unmatched)) == ([one.id], [], 3)
    again = bank_lines.import_statement(till.desk, till.staff["payer"], written(
        till.desk, (one, None, "debit", "B1", f"지급 {one.reference}")), "again.csv")
    assert (again.known, again.paid, again.unmatched) == (1, [], [])
