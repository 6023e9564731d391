"""A case in which a duty is left to nobody is listed, until somebody without a conflict has the role."""

import pytest
from tests.desk.counter import Counter

from westlake.desk import people
from westlake.desk.audit.unopened import unopened
from westlake.desk.panel.interests import declare


@pytest.fixture
def desk(tmp_path):
    counter = Counter(tmp_path / "westlake.db")
    yield counter
    counter.close()


def test_a_case_is_listed_while_all_who_hold_a_duty_are_in_conflict(desk):
    call = desk.call()
    heron, _ = desk.submitted(call, "heron")
    desk.submitted(call, "otter")
    assert unopened(desk.desk) == []
    second = desk.person("Olga Reed", "officer", programme="pier_challenge")
    for one, left in ((desk.staff["officer"], []), (desk.staff["approver"], [("approver",)]), (second, [("officer", "approver")])):
        declare(desk.desk, one, one.id, None, "heron", "We row together.")
        assert [found.roles for found in unopened(desk.desk)] == left
    found, = unopened(desk.desk)
    assert found[:4] == (heron.id, "PIER-26-0001", "pier_challenge", ("officer", "approver"))
    assert [one.name for one in found.people] == ["Ferry Finn", "Oda Reed", "Olga Reed"]
    assert unopened(desk.desk, {"dock_challenge"}) == []
    for role in ("officer", "approver"):
        desk.person(f"Deputy {role}", role, programme="pier_challenge")
    assert unopened(desk.desk) == []


def test_a_draft_and_a_duty_that_ended_are_not_meant(desk):
    call = desk.call()
    desk.draft(call, desk.applicant("heron"))
    declare(desk.desk, desk.staff["officer"], desk.staff["officer"].id, None, "heron", "We row together.")
    assert unopened(desk.desk) == []
    desk.submitted(call, "egret")
    declare(desk.desk, desk.staff["payer"], desk.staff["payer"].id, None, "egret", "We row together.")
    assert [(one.number, one.roles) for one in unopened(desk.desk)] == [("PIER-26-0002", ("payer",))]
    grant, = people.grants(desk.connection, person=desk.staff["payer"].id)
    people.end_role(desk.connection, grant.id, desk.staff["admin"], desk.clock())
    assert unopened(desk.desk) == []
