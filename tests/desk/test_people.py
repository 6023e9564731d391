"""People and their roles: given by somebody else, ended, delegated, and never passed on twice."""

import pytest
from tests.desk.counter import NEW_YEAR

from westlake.dates import MICROS_PER_DAY
from westlake.desk.people import (
    FOREVER,
    Held,
    add_person,
    change_person,
    delegate,
    end_role,
    find_person,
    grant_role,
    grants,
    holders,
    person_by_email,
    roles_of,
    with_roles,
)
from westlake.errors import WestlakeError
from westlake.record import Record


def code(caught):
    return caught.value.problems[0].code


def test_an_address_is_one_persons_however_it_is_typed(counter):
    heron = add_person(counter.connection, " Heron Lee ", "Heron@Lakeside.example", "Heron Ltd", "ko", "heron")
    assert person_by_email(counter.connection, " HERON@lakeside.EXAMPLE") == heron
    assert (heron.name, heron.email, heron.actor) == ("Heron Lee", "heron@lakeside.example", f"person:{heron.id}")
    with pytest.raises(WestlakeError) as caught:
        add_person(counter.connection, "Another", "heron@lakeside.example")
    assert code(caught) == "W901"


@pytest.mark.parametrize(("name", "email"), [("", "a@b.example"), ("Ada", ""), ("Ada", "no address"), ("Ada", "a@b@c"),
                                             ("A\0da", "a@b.example"), ("Ada", "x" * 201 + "@b.example")])
def test_what_cannot_be_kept_is_refused(counter, name, email):
    with pytest.raises(WestlakeError) as caught:
        add_person(counter.connection, name, email)
    assert code(caught) == "W902"
    assert len(counter.connection.execute("SELECT 1 FROM desk_person").fetchall()) == len(counter.staff)


def test_a_role_holds_from_its_first_instant_to_its_last(counter):
    ada, at = counter.person("Ada"), NEW_YEAR * MICROS_PER_DAY
    grant_role(counter.connection, ada.id, "officer", "pier_challenge", by=counter.staff["admin"], at=at, first_at=at + 10,
               last_at=at + 20)
    assert [bool(roles_of(counter.connection, ada.id, at + then)) for then in (9, 10, 19, 20)] == [False, True, True, False]
    assert roles_of(counter.connection, ada.id, at + 10) == {Held("officer", "pier_challenge")}
    assert [one.name for one in holders(counter.connection, "officer", at + 10, "pier_challenge")] == ["Ada", "Oda Reed"]
    assert [one.name for one in holders(counter.connection, "officer", at + 10, "cloud_voucher")] == ["Oda Reed"]


def test_an_ended_role_ends_sessions_and_cannot_end_twice(counter):
    ada, admin = counter.person("Ada"), counter.staff["admin"]
    number = grant_role(counter.connection, ada.id, "payer", by=admin, at=100)
    assert with_roles(counter.connection, ada.id, 150)[2] == 100
    end_role(counter.connection, number, admin, 200, "left")
    assert roles_of(counter.connection, ada.id, 199) and not roles_of(counter.connection, ada.id, 200)
    assert with_roles(counter.connection, ada.id, 250)[2] == 200
    for missing in (number, 999):
        with pytest.raises(WestlakeError) as caught:
            end_role(counter.connection, missing, admin, 300)
        assert code(caught) == "W905"
    given = next(one for one in grants(counter.connection) if one.id == number)
    assert (given.held, given.ended_at, given.given_by, given.last_at) == (Held("payer", "*"), 200, admin.id, FOREVER)


def test_nobody_gives_themselves_a_role_and_no_role_is_made_up(counter):
    admin = counter.staff["admin"]
    for person, role, expected in ((admin.id, "payer", "W904"), (counter.staff["officer"].id, "oficer", "W903")):
        with pytest.raises(WestlakeError) as caught:
            grant_role(counter.connection, person, role, by=admin, at=1)
        assert code(caught) == expected
    assert caught.value.problems[0].suggestion == "officer"


def test_a_substitute_stands_in_for_a_while_and_does_not_pass_it_on(counter):
    officer, ada, ben = counter.staff["officer"], counter.person("Ada"), counter.person("Ben")
    delegate(counter.connection, officer, ada.id, 100, 200, 50, "leave")
    assert roles_of(counter.connection, ada.id, 150) == {Held("officer", "*", "", officer.id)}
    assert roles_of(counter.connection, ada.id, 200) == frozenset()
    for giver, substitute in ((ada, ben.id), (officer, officer.id)):
        with pytest.raises(WestlakeError) as caught:
            delegate(counter.connection, giver, substitute, 100, 200, 150, "on")
        assert code(caught) == "W906"


def test_acts_name_people_by_number_only(counter):
    ada = counter.person("Ada Lovelace")
    changed = change_person(counter.connection, ada, counter.staff["admin"], name="Ada King", language="zh")
    assert find_person(counter.connection, ada.id) == changed
    acts = list(Record(counter.connection).acts(ada.actor))
    assert [act.act for act in acts] == ["desk.person_entered", "desk.person_changed"]
    assert "Ada" not in str([(act.actor, act.details) for act in acts])
