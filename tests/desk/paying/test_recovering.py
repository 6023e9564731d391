"""Money comes back: booked as owed, set against what is due, repaid or given up; and nothing is spent again before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desk.money_counter import TABLE, Till, money_shelf

from westlake.dates import iso
from westlake.desk.cases import find_case, following, steps_of
from westlake.desk.outbox import letters
from westlake.desk.paying import batches, budgets, payments, recovering
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.settlement.programme_years import programme_years


@pytest.fixture
def till(till):
    till.account()
    return till


@pytest.fixture
def paid(till):
    """A pier of which the piles were paid, and the deck is still to come."""
    case, parts = till.agreed()
    till.paid(parts[0])
    return till.case(case), parts


def test_what_is_asked_back_is_owed_and_not_in_the_budget(till, paid):
    recovery = till.demanded(paid[0], 300_000)
    assert (recovery.amount, recovering.owed(till.desk, recovery)) == (300_000, 300_000)
    assert (till.balance("receivable", "heron").net, till.balance("recovered").net) == (300_000, 300_000)
    assert till.balance("budget").available == 9_000_000
    booked = till.journals()[-1]
    assert (booked.kind, till.journals()[booked.relates_to - 1].idem) == ("recovery", "paid:desk:1")


def test_nobody_gives_back_more_than_was_paid(till, paid):
    for amount in (500_001, 0):
        with pytest.raises(WestlakeError, match="W1022"):
            till.demanded(paid[0], amount)
    till.demanded(paid[0], 300_000)
    with pytest.raises(WestlakeError, match=r"W1022.*2,000\.00"):
        till.demanded(paid[0], 200_001)


def test_too_large_a_claim_is_refused_where_it_is_opened(till, paid):
    for amount in (1_000_000_000, 500_001, 0):
        with pytest.raises(WestlakeError, match=r"W1022.*5,000\.00"):
            till.take(till.case(paid[0]), "claim_back", "officer", amount=amount, note="not built")
    assert following(till.desk, paid[0], "recovery") == []
    till.take(paid[0], "claim_back", "officer", amount=500_000, note="not built")
    assert [one.amount for one in following(till.desk, paid[0], "recovery")] == [500_000]


def test_the_programmes_own_rule_says_how_much_comes_back(database, tmp_path):
    table = TABLE.replace("asks: [amount, note], effects: [{follow: recovery}]", "asks: [note], effects: [{follow: recovery}]")
    folder = money_shelf(tmp_path, table) / "pier_challenge"
    rules, words = folder / "rules.py", folder / "words.yaml"
    rules.write_text(rules.read_text("utf-8") + RULE, "utf-8")
    words.write_text(words.read_text("utf-8").replace("\nrules:\n", f"\nrules:\n{LABEL}"), "utf-8")
    till = Till(database, tmp_path)
    till.account()
    case, (pile, _) = till.agreed()
    till.paid(pile)
    till.take(case, "claim_back", "officer", note="not built")
    recovery = till.take(following(till.desk, case, "recovery")[0], "demand", "approver")
    assert (recovery.amount, recovering.owed(till.desk, recovery)) == (500_000, 500_000)
    assert till.sound()
    till.close()


RULE = '''

@rule(source="L-cloud25", clause="5")
def recovery(part: Money) -> Money:
    """A pier that sinks gives its stage back."""
    return part
'''
LABEL = "  recovery:\n    label: {en: To give back, ko: 반환액, zh: 应退金额}\n"


def test_repaid_money_is_free_again(till, paid):
    recovery = till.demanded(paid[0], 300_000)
    with pytest.raises(WestlakeError, match=r"W1025.*3,000\.00"):
        till.take(recovery, "settle", "approver")
    till.take(recovery, "repay", "payer", amount=100_000, evidence="R-1")
    with pytest.raises(WestlakeError, match="W1024"):
        till.take(recovery, "repay", "payer", amount=100_000, evidence="R-1")
    with pytest.raises(WestlakeError, match=r"W1023.*2,000\.00"):
        till.take(recovery, "repay", "payer", amount=200_001, evidence="R-2")
    till.take(recovery, "repay", "payer", amount=200_000, evidence="R-2")
    assert till.take(recovery, "settle", "approver").state == "repaid"
    assert till.balance("budget").available == 9_300_000
    assert till.balance("bank").net == 200_000  # 5,000.00 out, 3,000.00 back


def test_what_the_firm_is_due_is_set_off_first(till, paid):
    """The deck is approved and due when the piles are asked back."""
    case, (_, deck) = paid
    till.approved(deck)
    recovery = till.demanded(case, 400_000)
    assert (recovering.owed(till.desk, recovery), recovery.due) == (0, None)
    assert (till.balance("payable", "heron").net, till.balance("budget").available) == (100_000, 9_400_000)
    assert till.take(recovery, "settle", "approver").state == "repaid"
    ordered = till.take(deck, "order", "approver")
    found, = payments.waiting(till.desk)
    assert (ordered.amount, found.amount) == (500_000, 100_000)


def test_what_is_ordered_is_not_set_off(till, paid):
    case, (_, deck) = paid
    till.ordered(deck)
    recovery = till.demanded(case, 400_000)
    assert recovering.owed(till.desk, recovery) == 400_000
    payments.void_payment(till.desk, payments.waiting(till.desk)[0].id, till.staff["approver"], "set off instead")
    till.take(recovery, "set_against", "approver")
    assert recovering.owed(till.desk, recovery) == 0


def test_a_part_that_was_set_off_whole_ends_without_a_payment(till, paid):
    case, (_, deck) = paid
    till.approved(deck)
    with pytest.raises(WestlakeError, match="W1005"):
        till.take(deck, "finish", "officer")
    till.demanded(case, 500_000)
    with pytest.raises(WestlakeError, match="W1007"):
        till.take(deck, "order", "approver")
    assert till.take(deck, "finish", "officer").state == "done"


def test_two_persons_give_up_what_is_owed(till, paid):
    recovery = till.demanded(paid[0], 300_000)
    till.take(recovery, "propose_write_off", "officer", note="gone")
    assert till.take(recovery, "write_off", "approver").state == "written_off"
    assert (till.balance("receivable", "heron").net, till.balance("recovered").net) == (0, 0)
    assert (recovering.owed(till.desk, recovery), till.balance("budget").available) == (0, 9_000_000)


def test_what_was_set_off_wrongly_is_due_to_the_firm_again(till, paid):
    """1,000.00 of the deck's 5,000.00 was set against a demand that does not stand."""
    case, (_, deck) = paid
    till.approved(deck)
    before = books_of(till)
    recovery = till.demanded(case, 100_000)
    assert till.balance("payable", "heron").net == 400_000
    recovery = till.take(recovery, "drop", "approver")
    assert (recovery.state, recovery.due, recovering.owed(till.desk, recovery)) == ("dropped", None, 0)
    assert steps_of(till.desk, recovery)[-1].data["due_again"] == 100_000
    assert books_of(till) == before
    assert recovering.askable(till.desk, case)[0] == 500_000  # and may be asked back rightly
    till.take(deck, "order", "approver")
    assert [one.amount for one in payments.waiting(till.desk)] == [500_000]
    again = till.demanded(case, 500_000)
    assert recovering.owed(till.desk, again) == 500_000


def test_what_was_repaid_wrongly_is_due_to_the_firm_again(till, paid):
    """Of 5,000.00 paid 3,000.00 came back: the city has it, owes it, and can ask for the other 2,000.00 alone."""
    recovery = till.demanded(paid[0], 300_000)
    till.take(recovery, "repay", "payer", amount=200_000, evidence="R-1")
    till.take(recovery, "repay", "payer", amount=100_000, evidence="R-2")
    recovery = till.take(recovery, "drop", "approver")
    assert recovering.owed(till.desk, recovery) == 0
    assert books_of(till) == {"payable": 300_000, "receivable": 0, "recovered": 0, "budget": 9_000_000, "bank": 200_000}
    assert recovering.askable(till.desk, paid[0])[0] == 200_000
    assert payments.aged(till.desk, till.desk.today()) == []
    figures, = programme_years(till.connection)
    assert (figures.asked_back, figures.returned, figures.owed, figures.others) == (0, 0, 0, 0)


def test_what_is_owed_wrongly_is_no_loss_of_the_city(till, paid):
    before = books_of(till)
    recovery = till.take(till.demanded(paid[0], 300_000), "drop", "approver")
    assert books_of(till) == before
    assert "written_off" not in steps_of(till.desk, recovery)[-1].data


def test_what_came_back_and_was_promised_to_others_is_not_due_twice(database, tmp_path):
    """The budget of 10,000.00 was heron's; the 3,000.00 that came back are lotus's when heron turns out to be right."""
    till = Till(database, tmp_path, budget="10000.00")
    till.account()
    case, parts = till.agreed()
    till.paid(parts[0])
    recovery = till.demanded(case, 300_000)
    till.take(recovery, "repay", "payer", amount=300_000, evidence="R-1")
    other, applicant = till.awarded("lotus", less=300_000)
    written = till.journals()
    with pytest.raises(WestlakeError, match=r"W1001.*3,000\.00"):
        till.take(recovery, "drop", "approver")
    assert till.journals() == written
    till.take(other, "decline", applicant)
    assert till.take(recovery, "drop", "approver").state == "dropped"
    assert (till.balance("payable", "heron").net, till.balance("budget").available) == (300_000, 0)
    assert till.sound()
    till.close()


def books_of(till):
    """What the accounts of heron's money hold; nothing where one is not open yet."""
    kept, terms = Books(till.connection).balances(), till.offer("pier_challenge").terms
    found = {role: kept.get(terms.code(role, "pier_challenge", 2026, "heron"))
             for role in ("payable", "receivable", "recovered", "budget", "bank")}
    return {role: one.net - one.held_debits if one else 0 for role, one in found.items()}


def test_what_is_asked_back_is_due_on_a_day_that_the_letter_names(till, paid):
    recovery = till.demanded(paid[0], 300_000)
    due = till.desk.today() + 30
    letter = letters(till.desk, case=recovery.id)[0]
    assert (recovery.due, letter.state) == (due, "draft")
    for said in ("¥3,000.00", "not built", f"to be repaid by {iso(due)}"):
        assert said in letter.body
    recovery = till.take(recovery, "repay", "payer", amount=100_000, evidence="R-1")
    assert recovery.due == due
    assert till.take(recovery, "repay", "payer", amount=200_000, evidence="R-2").due is None
    assert till.sound()


def test_a_call_gives_days_of_its_own_to_repay(till):
    till.round = till.call(repay_days=7)
    case, parts = till.agreed()
    till.paid(parts[0])
    assert till.demanded(till.case(case), 300_000).due == till.desk.today() + 7


def test_what_is_owed_grows_old(till):
    till.clock.at -= till.clock.at % (24 * 3_600_000_000)
    rows = []
    for firm in ("heron", "lotus", "reed", "stork"):
        till.account(firm, number=f"{firm}-1") if firm != "heron" else None
        case, parts = till.agreed(firm)
        till.paid(parts[0])
        rows.append((firm, till.case(case)))
    for firm, case in rows:  # booked 92, 61, 31 and 0 days before the last, each due 30 days later
        rows[rows.index((firm, case))] = (firm, till.demanded(case, 100_000))
        till.clock.wait(days={"heron": 31, "lotus": 30, "reed": 31, "stork": 0}[firm])
    till.take(rows[1][1], "repay", "payer", amount=40_000, evidence="L-1")
    today = till.desk.today()
    assert [(one.firm, one.days, one.age, one.owed) for one in payments.aged(till.desk, today)] == [
        ("heron", 62, 3, 100_000), ("lotus", 31, 2, 60_000), ("reed", 1, 1, 100_000), ("stork", -30, 0, 100_000)]
    assert [(one.firm, one.owed) for one in payments.aged(till.desk, today - 31)] == [
        ("heron", 100_000), ("lotus", 100_000), ("reed", 100_000)]


# The law: budget >= committed >= awarded >= paid - recovered >= 0, whatever is done in whatever order. ----------

FIRMS = ("heron", "lotus")
OPENING = [(deed, 0, 0) for deed in ("awarded", "agree", "approve", "order", "send", "pay", "approve", "order")]
LOADED = {}
amounts = st.integers(0, 1_100_000)
deeds = st.one_of(
    st.tuples(st.sampled_from(["awarded", "award_less", "adjust", "claim_back", "repay"]), st.integers(0, 3), amounts),
    st.tuples(st.sampled_from(["agree", "decline", "approve", "approve", "miss", "order", "order", "void", "send", "pay",
                               "pay", "return", "set_against", "write_off", "drop", "terminate", "finish", "give_up"]),
              st.integers(0, 3), st.just(0)))


@pytest.mark.slow
@settings(max_examples=30)
@given(story=st.lists(deeds, min_size=6, max_size=40))
def test_no_order_of_deeds_spends_money_twice(story, tmp_path_factory):
    till = Till(":memory:", tmp_path_factory.getbasetemp(), budget="15000.00")
    till.loaded = LOADED  # reading the programme takes longer than its story
    try:
        for number, firm in enumerate(FIRMS):
            till.account(firm, number=f"A-{number}")
            till.know(firm, resident="1", name=firm)
        till.done = 0
        for deed, which, amount in [*OPENING, *story]:
            try:
                do(till, deed, which, amount)
            except WestlakeError as error:
                assert error.problems[0].code in EXPECTED, (deed, error)
            check(till)
        assert till.sound()
    finally:
        till.close()


EXPECTED = {"W999", "W1001", "W1002", "W1003", "W1004", "W1005", "W1006", "W1007", "W1014", "W1015", "W1022", "W1023",
            "W1025", "W1026", "W1027", "W1028", "W969"}


def nth(found, which):
    """One of several, or nothing to do."""
    if not found:
        raise WestlakeError.one("W999", number="-", step="-", state="-")
    return found[which % len(found)]


def able(till, kind, step, which):
    """A case of a kind that may take a step now."""
    table = till.offer("pier_challenge").workflow.kinds[kind]
    return nth([case for case in cases(till, kind) if table.step(step, case.state)], which)


def cases(till, kind):
    return [find_case(till.desk, number) for number, in till.connection.execute(
        "SELECT id FROM desk_case WHERE kind = ? ORDER BY id", (kind,)).fetchall()]


def do(till, deed, which, amount):
    till.done += 1
    if deed in ("awarded", "award_less"):
        firm = FIRMS[which % 2]
        till.round = getattr(till, "round", None) or till.call()
        applicant = till.person(f"speaker {till.done}", "applicant", firm)
        case = till.take(till.draft(till.round, applicant), "submit", applicant)
        till.speakers = {**getattr(till, "speakers", {}), case.id: applicant}
        return till.take(case, "award", "approver") if deed == "awarded" else till.take(
            case, "award_less", "approver", amount=amount)
    if deed in ("agree", "decline"):
        case = able(till, "application", deed, which)
        return till.take(case, deed, till.speakers[case.id])
    if deed in ("adjust", "terminate", "finish", "claim_back"):
        return on_application(till, deed, able(till, "application", deed, which), amount)
    if deed == "approve":
        return till.approved(able(till, "milestone", "check", which))
    if deed in ("miss", "order"):
        return till.take(able(till, "milestone", deed, which), deed, "officer" if deed == "miss" else "approver")
    if deed in ("set_against", "repay", "write_off", "drop"):
        return on_recovery(till, deed, able(till, "recovery", "repay", which), amount // 8)
    return on_payment(till, deed, which)


def on_application(till, deed, case, amount):
    if deed == "claim_back":
        return till.demanded(case, amount // 4)
    said = {"amount": amount} if deed == "adjust" else {}
    return till.take(case, deed, "officer" if deed == "finish" else "approver", **said)


def on_recovery(till, deed, case, amount):
    if deed == "write_off":
        till.take(case, "propose_write_off", "officer", note="gone")
        return till.take(case, "write_off", "approver")
    said = {"amount": amount, "evidence": f"R-{till.done}"} if deed == "repay" else {}
    return till.take(case, deed, "payer" if deed == "repay" else "approver", **said)


def on_payment(till, deed, which):
    if deed == "void":
        return payments.void_payment(till.desk, nth(payments.waiting(till.desk), which).id, till.staff["approver"], "no")
    if deed == "send":
        return till.released(nth(payments.waiting(till.desk), which).id)
    if deed == "give_up":
        batch = till.batched(nth(payments.waiting(till.desk), which).id)
        return batches.give_up_batch(till.desk, batch.id, till.staff["payer"], "no")
    state = "paid" if deed == "return" and which % 2 else "sent"
    found = nth(payments.payments(till.desk, state=state), which)
    root = find_case(till.desk, find_case(till.desk, found.case).parent)
    if deed == "return" and following(till.desk, root, "recovery"):
        raise WestlakeError.one("W999", number="-", step="-", state="-")  # asked back, so it was paid
    return till.statement((found, None, "credit" if deed == "return" else "debit", f"B{till.done}"))


def check(till):
    """The law, from the journals alone, and the desk's own figures beside it."""
    legs = [(leg.debit.split(":")[0], leg.credit.split(":")[0], leg.phase, leg.amount)
            for journal in till.journals() for leg in journal.transfers]

    def moved(debit, credit, phase="post"):
        return sum(amount for one, other, how, amount in legs if (one, other, how) == (debit, credit, phase))

    budget, back = moved("treasury", "budget"), moved("recovered", "budget") - moved("budget", "recovered")
    held = moved("budget", "payable", "hold") - moved("budget", "payable", "release")
    earned = moved("budget", "payable")
    paid = moved("payable", "bank") - moved("bank", "payable")
    awarded = earned - back
    again = sum(one.transfers[0].amount for one in till.journals() if one.idem.startswith("unrp:"))  # came, and goes back
    assert budget >= held + awarded >= awarded >= paid - again - back
    assert paid >= back
    roots = cases(till, "application")
    for root in roots:  # what was missed comes off the promise when the case ends
        found = budgets.funds(till.desk, root)
        ended = root.state in ("withdrawn", "terminated", "done")
        assert root.amount == found.earned if ended else root.amount >= found.held + found.earned
    assert sum(budgets.funds(till.desk, one).earned for one in roots) == earned
    assert sum(budgets.held_for(till.desk, one) for one in roots) == held
    for root in roots:
        parts = [budgets.held_for(till.desk, one) for one in following(till.desk, root, "milestone")]
        assert not parts or sum(parts) == budgets.held_for(till.desk, root)
    every = payments.payments(till.desk, limit=10_000)
    assert sum(one.amount for one in every if one.state == "paid") == paid
    assert sum(one.amount for one in every if one.state in ("waiting", "batched", "sent")) == moved("payable", "bank", "hold") - moved(
        "payable", "bank", "release")
    owed = sum(recovering.owed(till.desk, one) for one in cases(till, "recovery"))
    assert owed == moved("receivable", "recovered") - back - moved("recovered", "receivable")
