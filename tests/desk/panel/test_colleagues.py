"""Colleagues of those who work here are found by what the office knows now, however often it was looked at before."""

import pytest

from westlake.desk import people
from westlake.desk.looking import looking
from westlake.desk.panel.interests import conflicted_cases


@pytest.fixture
def seen(review_counter):
    """What keeps a reviewer of the Pier House from a case of heron, as each page finds it anew."""
    call = review_counter.call()
    case = review_counter.submitted(call, "heron")[0]
    reader = review_counter.somebody("Ole Pier", "reviewer", "ole@pier.example", "Pier House")

    def kinds():
        pages = [looking(review_counter.desk) for _ in range(2)]
        found = [conflicted_cases(desk, reader) for desk in (*pages, review_counter.desk)]
        assert found[0] == found[1] == found[2]
        return sorted(one.kind for one in found[0].get(case.id, ()))
    return review_counter, case, kinds


def test_an_applicant_who_moves_to_the_reviewers_house_is_a_colleague_from_then_on(seen):
    desk, case, kinds = seen
    assert kinds() == []
    applicant = people.find_person(desk.connection, case.applicant)
    people.change_person(desk.connection, applicant, applicant, organisation="ＰＩＥＲ  house")
    assert kinds() == ["same_organisation"]
    people.change_person(desk.connection, applicant, applicant, organisation="Elsewhere")
    assert kinds() == []
    people.change_person(desk.connection, applicant, applicant, email="kim@mail.pier.example")
    assert kinds() == ["same_email_domain"]


def test_whoever_is_let_write_for_the_firm_brings_their_house_along(seen):
    desk, _, kinds = seen
    assert kinds() == []
    writer = people.add_person(desk.connection, "Ann Writer", "ann@home.example", "Pier House")
    assert kinds() == []
    people.grant_role(desk.connection, writer.id, "co_applicant", firm="heron", at=desk.clock())
    assert kinds() == ["same_organisation"]


def test_a_firm_of_the_same_name_is_found_as_soon_as_the_register_has_it(seen):
    desk, _, kinds = seen
    assert kinds() == []
    desk.know("heron", name="Pier House")
    assert kinds() == ["same_organisation"]
