"""Who may check a firm's account: somebody with a role for all that is paid to it, who is not the firm's and not its proposer."""

import pytest
from tests.desk.money_counter import Till

from westlake.dates import MICROS_PER_DAY
from westlake.desk import people
from westlake.desk.applying import confirming
from westlake.desk.cases import open_application
from westlake.desk.panel import interests
from westlake.desk.paying import bank_accounts
from westlake.errors import WestlakeError

COMPUTE = "render_voucher"


@pytest.fixture
def till(tmp_path):
    made = Till(tmp_path / "westlake.db", tmp_path)
    yield made
    made.close()


def proposed(till, firm="heron"):
    return bank_accounts.propose_account(till.desk, till.staff["officer"], firm, "Heron Works", "6222-0212-0204",
                                         "Lake Bank", "102100099996", "CN")


def refused(till, account, person):
    """The code with which a check is refused, by the page's question and by the act itself; None when it is made."""
    problem = bank_accounts.why_not_check(till.desk, account, person)
    if problem is None:
        assert bank_accounts.check_account(till.desk, account.id, person, "called them").checked_by == person.id
        return None
    with pytest.raises(WestlakeError, match=problem.code):
        bank_accounts.check_account(till.desk, account.id, person, "called them")
    return problem.code


def test_a_role_for_another_programme_is_none_for_this_account(till):
    till.awarded()
    account = proposed(till)
    assert refused(till, account, till.person("Rhea", "payer", programme="render_voucher")) == "W1121"
    assert refused(till, account, till.person("Pia", "payer", programme="pier_challenge")) is None


@pytest.mark.parametrize("role", ["auditor", "chair", "admin", "economist"])
def test_nor_is_a_role_that_checks_nothing(till, role):
    till.awarded()
    assert refused(till, proposed(till), till.person("Rhea", role)) == "W1121"


def test_a_role_is_asked_for_every_programme_that_promised_the_firm_money(till):
    case, _ = till.awarded()
    till.connection.execute(
        "INSERT INTO desk_case (number, kind, parent, call, programme, year, currency, firm, applicant, opened_at, title,"
        " asked, amount, due, state, seq, submitted_at, moved_at) SELECT 'RV-1', kind, parent, call, 'render_voucher', year,"
        " currency, firm, applicant, opened_at, title, asked, amount, due, state, 0, submitted_at, moved_at FROM desk_case"
        " WHERE id = ?", (case.id,))
    account = proposed(till)
    half = till.person("Rhea", "payer", programme="pier_challenge")
    assert refused(till, account, half) == "W1121"
    assert "render_voucher" in str(bank_accounts.why_not_check(till.desk, account, half).values)
    people.grant_role(till.connection, half.id, "officer", "render_voucher", at=till.clock())
    assert refused(till, account, half) is None


def test_a_draft_gives_nobody_a_say(till):
    """A firm that opens a draft in a friend's programme does not choose its own checker."""
    call = till.call()
    applicant = till.applicant("heron")
    open_application(till.desk, applicant, call, "heron")
    assert refused(till, proposed(till), till.person("Pia", "payer", programme="pier_challenge")) == "W1121"
    assert refused(till, proposed(till), till.staff["payer"]) is None


def test_who_stands_in_for_the_proposer_is_the_proposer(till):
    till.awarded()
    account, stand_in = proposed(till), till.person("Stan")
    people.grant_role(till.connection, stand_in.id, "officer", at=till.clock(), standing_in_for=till.staff["officer"].id,
                      last_at=till.clock() + 30 * MICROS_PER_DAY)
    assert refused(till, account, stand_in) == "W1010"
    people.grant_role(till.connection, stand_in.id, "payer", at=till.clock())
    assert refused(till, account, stand_in) is None


@pytest.mark.parametrize("how", ["declared", "declared firm", "own firm"])
def test_who_has_a_conflict_with_the_firm_does_not_check_its_account(till, how):
    case, _ = till.awarded()
    payer = till.person("Pia", "payer")
    if how == "own firm":
        payer = people.change_person(till.connection, payer, payer, firm="heron")
    else:
        interests.declare(till.desk, payer, payer.id, case if how == "declared" else None,
                          "" if how == "declared" else "heron", "My brother's.")
    assert refused(till, proposed(till), payer) == "W1122"


def test_a_conflict_with_a_firm_without_a_case_counts_too(till):
    payer = till.staff["payer"]
    interests.declare(till.desk, payer, payer.id, None, "heron", "My brother's.")
    assert refused(till, proposed(till), payer) == "W1122"
    assert refused(till, proposed(till, "otter"), payer) is None


def spoken_for(till, by="officer"):
    """Iris registered by herself; an officer confirmed that she speaks for heron, and she entered its account."""
    iris = people.add_person(till.connection, "Iris Heron", "iris@heron.example", at=till.clock())
    iris = people.change_person(till.connection, iris, iris, firm="heron")
    if by:
        confirmed(till, iris, till.staff[by])
    return iris, account_of(till, iris)


def confirmed(till, person, by):
    confirming.confirm_speaker(till.desk, confirming.find_speaker(till.desk, "heron", person.id), by, "a letter")


def account_of(till, person):
    return bank_accounts.propose_account(till.desk, person, "heron", "Heron Works", "6222-0212-0204", "Lake Bank",
                                         "102100099996", "CN")


def test_who_confirmed_the_speaker_does_not_check_the_account_that_the_speaker_entered(till):
    _, account = spoken_for(till)
    assert refused(till, account, till.staff["officer"]) == "W1159"
    assert refused(till, account, till.person("Otto", "officer")) is None


def test_nor_does_who_confirmed_whoever_invited_the_proposer(till):
    iris, _ = spoken_for(till)
    hugo = people.add_person(till.connection, "Hugo Heron", "hugo@heron.example", firm="heron", at=till.clock())
    people.grant_role(till.connection, hugo.id, "co_applicant", by=iris, at=till.clock(), firm="heron")
    account = account_of(till, hugo)
    assert refused(till, account, till.staff["officer"]) == "W1159"
    assert refused(till, account, till.staff["payer"]) is None


def test_nor_by_ending_their_word_in_between(till):
    """Once confirmed, ended, checked and confirmed anew by one officer would be one officer's account."""
    iris, account = spoken_for(till)
    confirming.end_speaker(till.desk, confirming.find_speaker(till.desk, "heron", iris.id), till.staff["officer"], "left")
    assert refused(till, account, till.staff["officer"]) == "W1159"


def test_who_only_ended_what_the_office_had_entered_has_confirmed_nobody(till):
    hana = till.person("Hana Heron", firm="heron")
    account = account_of(till, hana)
    ended = confirming.find_speaker(till.desk, "heron", hana.id)
    confirming.end_speaker(till.desk, ended, till.staff["officer"], "left")
    confirmed(till, hana, till.person("Otto", "officer"))
    assert refused(till, account, till.staff["officer"]) is None


def test_who_stands_in_for_the_confirmer_does_not_check_it_either(till):
    _, account = spoken_for(till)
    stand_in = till.person("Stan")
    people.grant_role(till.connection, stand_in.id, "officer", at=till.clock(), standing_in_for=till.staff["officer"].id,
                      last_at=till.clock() + 30 * MICROS_PER_DAY)
    assert refused(till, account, stand_in) == "W1159"
    people.grant_role(till.connection, stand_in.id, "payer", at=till.clock())
    assert refused(till, account, stand_in) is None


def test_who_checked_the_account_does_not_confirm_afterwards_who_entered_it(till):
    """The other way round: nobody knew of the firm when its account was checked."""
    iris, account = spoken_for(till, by="")
    checker = till.staff["officer"]
    assert refused(till, account, checker) is None
    stand_in = till.person("Stan")
    people.grant_role(till.connection, stand_in.id, "officer", at=till.clock(), standing_in_for=checker.id,
                      last_at=till.clock() + 30 * MICROS_PER_DAY)
    for person in (checker, stand_in):
        with pytest.raises(WestlakeError, match="W1159"):
            confirmed(till, iris, person)
    confirmed(till, iris, till.person("Otto", "officer"))
    speaker = confirming.find_speaker(till.desk, "heron", iris.id)
    assert (speaker.state, confirming.why_not_say(till.desk, speaker, checker)) == ("confirmed", None)  # and may end it
