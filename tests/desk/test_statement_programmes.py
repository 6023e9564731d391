"""Whoever takes in a statement of the bank pays for every programme that it names; nobody books another's payments."""

import shutil

import pytest
from tests.desk.money_counter import Till, written

from westlake.desk.paying import bank_lines, payments
from westlake.errors import WestlakeError


@pytest.fixture
def till(tmp_path):
    """Heron is owed for a pier and otter for a quay; both orders have gone to the bank."""
    made = Till(tmp_path / "westlake.db", tmp_path)
    shutil.copytree(made.shelf / "pier_challenge", made.shelf / "quay_challenge")
    made.sent = {}
    for programme, firm in (("pier_challenge", "heron"), ("quay_challenge", "otter")):
        made.round = made.call(programme, programme[:4].upper())
        made.account(firm)
        made.ordered(made.agreed(firm)[1][0])
        made.released()
        made.sent[firm] = next(one for one in payments.payments(made.desk) if one.firm == firm)
    yield made
    assert made.sound()
    made.close()


def took(till, payer, *firms, name="bank.csv"):
    rows = [(till.sent[firm], None, "debit", f"B-{firm}") for firm in firms]
    return bank_lines.import_statement(till.desk, payer, written(till.desk, *rows), name)


def states(till):
    return {firm: payments.find_payment(till.desk, one.id).state for firm, one in till.sent.items()}


def test_a_payer_of_one_programme_books_nothing_of_anothers_and_is_told_of_which(till):
    pia = till.person("Pia", "payer", programme="pier_challenge")
    before = list(till.connection.execute("SELECT count(*) FROM journal"))
    with pytest.raises(WestlakeError, match=r"W1123.*quay_challenge"):
        took(till, pia, "heron", "otter")
    assert states(till) == {"heron": "sent", "otter": "sent"}
    assert bank_lines.lines(till.desk) == []
    assert list(till.connection.execute("SELECT count(*) FROM journal")) == before


def test_their_own_lines_they_take_in_and_miss_nothing_of_anothers(till):
    pia = till.person("Pia", "payer", programme="pier_challenge")
    found = took(till, pia, "heron")
    assert (found.paid, found.missing) == ([till.sent["heron"].id], [])
    assert states(till) == {"heron": "paid", "otter": "sent"}
    whole = took(till, till.staff["payer"], "heron", "otter")
    assert (whole.paid, whole.known) == ([till.sent["otter"].id], 1)
    assert took(till, pia, "heron", "otter").known == 2  # what is booked already is nobody's to book


def test_a_line_with_anothers_reference_is_not_theirs_to_set_aside(till):
    pia = till.person("Pia", "payer", programme="pier_challenge")
    bank_lines.import_statement(till.desk, till.staff["payer"], written(
        till.desk, (till.sent["otter"], 1, "debit", "B-odd")), "bank.csv")
    line = bank_lines.open_lines(till.desk)[0]
    with pytest.raises(WestlakeError, match="W1020"):
        bank_lines.resolve_line(till.desk, line.id, pia, "None of ours.")
    bank_lines.resolve_line(till.desk, line.id, till.staff["payer"], "None of ours.")
    assert bank_lines.open_lines(till.desk) == []
