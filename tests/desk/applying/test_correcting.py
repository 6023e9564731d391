"""An administrator puts an entry right: with a reason, never their own, and with what was there before in the record."""

import pytest
from tests.desk.counter import Counter
from tests.desk.review_counter import code

from westlake.desk import people
from westlake.desk.applying.correcting import correct_person, still_free, why_not_change_firm
from westlake.desk.erasing import NOWHERE
from westlake.desk.people import Held


@pytest.fixture
def desk(tmp_path):
    counter = Counter(tmp_path / "westlake.db")
    yield counter
    counter.close()


def test_what_cannot_be_kept_or_is_not_said_is_refused(desk):
    admin, hana = desk.staff["admin"], desk.applicant("heron")
    assert code(correct_person, desk.desk, hana, admin, "  ", name="Hanna") == ["W1127"]
    assert code(correct_person, desk.desk, hana, admin, "x" * 1_001, name="Hanna") == ["W1127"]
    assert code(correct_person, desk.desk, admin, admin, "a slip", name="Minna") == ["W1128"]
    for wrong in ({"name": " "}, {"email": "no address"}, {"firm": "f" * 61}, {"organisation": "o" * 201}):
        assert code(correct_person, desk.desk, hana, admin, "a slip", **wrong) == ["W902"]
    assert code(correct_person, desk.desk, hana, admin, "a slip", email=desk.staff["payer"].email) == ["W901"]
    gone = people.change_person(desk.connection, desk.person("Gone"), admin, name="–", email=f"person-9@{NOWHERE}")
    assert code(correct_person, desk.desk, gone, admin, "a slip", name="Was Here") == ["W1128"]
    before = desk.desk.record.head()
    assert correct_person(desk.desk, hana, admin, "a slip", name=f" {hana.name} ") == hana
    assert desk.desk.record.head() == before


def test_a_refused_address_leaves_the_roles_as_they_were(desk):
    hana = desk.applicant("heron")
    held = people.roles_of(desk.connection, hana.id, desk.clock())
    assert code(correct_person, desk.desk, hana, desk.staff["admin"], "a slip", email=desk.staff["payer"].email) == ["W901"]
    assert people.roles_of(desk.connection, hana.id, desk.clock()) == held


def test_a_co_applicant_with_another_address_writes_along_no_more_and_an_operator_stays_one(desk):
    admin = desk.staff["admin"]
    writer, partner = desk.person("Wim", "co_applicant", "heron"), desk.person("Olga", "operator", programme="pier_challenge")
    correct_person(desk.desk, writer, admin, "a typo", email="wim@works.example")
    correct_person(desk.desk, partner, admin, "moved", email="olga@works.example")
    held = [people.roles_of(desk.connection, one.id, desk.clock()) for one in (writer, partner)]
    assert held == [frozenset(), {Held("operator", "pier_challenge")}]


def test_a_number_is_free_until_something_rests_on_it(desk):
    nele = desk.person("Nele", "applicant")
    assert still_free(desk.desk, nele) == nele
    nele = people.change_person(desk.connection, nele, nele, firm="NEW-7")
    assert (why_not_change_firm(desk.desk, nele), still_free(desk.desk, nele)) == (None, nele)
    case = desk.draft(desk.call(), nele, resident="true")
    assert code(still_free, desk.desk, nele) == ["W1129"]
    desk.take(case, "submit", nele)
    assert code(still_free, desk.desk, nele) == ["W1130"]
