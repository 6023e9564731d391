"""Who must not judge whom at Lakeside, against looking at every pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.dates import day_number
from westlake.desk.panel.conflicts import (
    Conflict,
    Party,
    Past,
    conflict_grid,
    conflict_sentence,
    email_domain,
    find_conflicts,
)

TODAY = day_number(2026, 3, 2)
LATELY, LONG_AGO = day_number(2024, 5, 1), day_number(2023, 3, 1)


def kinds(reviewer, case, **terms):
    found = find_conflicts([reviewer], [case], today=TODAY, **terms)
    return [conflict.kind for conflict in found.get((reviewer.id, case.id), ())]


def test_one_house_in_two_spellings():
    assert kinds(Party("heron", "Lake  Lab"), Party("reed", "ＬＡＫＥ lab")) == ["same_organisation"]


def test_public_mail_says_nothing_and_a_department_is_its_house():
    assert kinds(Party("heron", emails=("a@naver.com",)), Party("reed", emails=("b@naver.com",))) == []
    assert kinds(Party("heron", emails=("a@cs.lake.ac.kr",)), Party("reed", emails=("b@LAKE.ac.kr",))) == ["same_email_domain"]
    assert kinds(Party("heron", emails=("a@lake.ac.kr",)), Party("reed", emails=("b@shore.ac.kr",))) == []


@pytest.mark.parametrize(("email", "domain"), [
    ("kim@cs.lake.ac.kr", "lake.ac.kr"), ("li@mail.lake.edu.cn", "lake.edu.cn"), ("jo@vip.qq.com", ""),
    ("an@sub.lakeside.org", "lakeside.org"), ("nobody", ""), ("x@co.kr", "co.kr")])
def test_the_domain_that_an_organisation_registered(email, domain):
    assert email_domain(email) == domain


def test_declared_by_either_side():
    assert kinds(Party("heron", declared=("reed",)), Party("reed")) == ["declared_by_reviewer"]
    assert kinds(Party("heron"), Party("reed", declared=("heron",))) == ["declared_by_case"]


def test_a_shared_past_wears_off():
    once = Party("heron", past=(Past("joint_case", "lotus-2024", LATELY), Past("employer", "Lotus Works", LONG_AGO)))
    both = Party("reed", organisation="Lotus Works", past=(Past("joint_case", "lotus-2024", LATELY),))
    assert kinds(once, both, years=2) == ["joint_case"]
    assert kinds(once, both, years=4) == ["earlier_employer", "joint_case"]
    assert kinds(once, both, years=1) == []


def test_two_daughters_of_one_firm():
    found = find_conflicts([Party("heron", firm="F1", related_firms=("F9",))],
                           [Party("reed", firm="F2", related_firms=("F9",)), Party("lotus", firm="F1")], today=TODAY)
    assert found == {("heron", "lotus"): (Conflict("related_firm", "F1"),),
                     ("heron", "reed"): (Conflict("related_firm", "F9"),)}
    assert conflict_sentence(Conflict("related_firm", "F9"), "zh") == "双方企业通过 F9 存在关联关系"


PARTY = st.builds(
    dict, organisation=st.sampled_from(["", "Lake", "Shore", "Mill"]),
    emails=st.lists(st.sampled_from(["a@lake.org", "b@shore.org", "c@gmail.com"]), max_size=2).map(tuple),
    firm=st.sampled_from(["", "F1", "F2"]), declared=st.lists(st.sampled_from(["r0", "c0", "c1"]), max_size=2).map(tuple),
    past=st.lists(st.builds(Past, st.just("employer"), st.sampled_from(["Lake", "Mill"]),
                            st.sampled_from([LATELY, LONG_AGO])), max_size=2).map(tuple))


@given(st.lists(PARTY, max_size=3), st.lists(PARTY, max_size=3))
def test_as_if_every_pair_were_looked_at(reviewers, cases):
    reviewers = [Party(f"r{n}", **one) for n, one in enumerate(reviewers)]
    cases = [Party(f"c{n}", **one) for n, one in enumerate(cases)]

    def meet(one, other):
        houses = [{party.organisation} - {""} | {past.detail for past in party.past if past.until == LATELY}
                  for party in (one, other)]
        mail = [{email for email in party.emails if "gmail" not in email} for party in (one, other)]
        return bool(houses[0] & houses[1] or mail[0] & mail[1] or (one.firm and one.firm == other.firm)
                    or other.id in one.declared or one.id in other.declared)

    found = find_conflicts(reviewers, cases, today=TODAY, years=2)
    assert list(found) == [(r.id, c.id) for r in reviewers for c in cases if meet(r, c)]
    grid = conflict_grid(found, [c.id for c in cases], [r.id for r in reviewers])
    assert grid.tolist() == [[meet(r, c) for r in reviewers] for c in cases]
