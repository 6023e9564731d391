"""What outsiders say of themselves hides no case from the office; who really is of one house with a firm stays barred."""

import pytest
from tests.desk.review_counter import code

from westlake.database import transaction
from westlake.dates import day_number
from westlake.desk import people, seeing
from westlake.desk.applying.drafting import save_answers
from westlake.desk.calls import find_call
from westlake.desk.consents import AGREED
from westlake.desk.panel import interests
from westlake.desk.panel.assigning import assign_one
from westlake.register.entered import enter_by_hand

OFFICE = ("officer", "chair", "approver", "payer")


@pytest.fixture
def desk(review_counter):
    return review_counter


@pytest.fixture
def heron(desk):
    """A case of somebody who registered by herself, with an address of her own, and named heron as her firm."""
    call = desk.call()
    desk.know("heron", name="Heron Works", resident="1")
    hana = desk.somebody("Hana")
    people.grant_role(desk.connection, hana.id, "applicant", at=desk.clock())
    hana = people.change_person(desk.connection, hana, hana, firm="heron")
    return call, desk.take(desk.draft(call, hana, resident="true"), "submit", hana), hana


def invited(desk, by, name, email, firm="heron"):
    """As /firm/invite/ enters somebody, who may never hear of it."""
    made = people.person_by_email(desk.connection, email) or people.add_person(desk.connection, name, email, "", "en", firm)
    people.grant_role(desk.connection, made.id, "co_applicant", by=by, at=desk.clock(), firm=firm, reason="invited")
    return made


def told(desk, case, person):
    """Why somebody is kept from a case, the same whether it alone or all cases are looked at."""
    kinds = sorted({one.kind for one in interests.conflict_with(desk.desk, case, person)})
    reasons = interests.conflicted_cases(desk.desk, person)
    assert kinds == sorted({one.kind for one in reasons.get(case.id, ())})
    return kinds


def typed_organisation(desk, hana):
    people.change_person(desk.connection, hana, hana, organisation="ｌａｋｅｓｉｄｅ   OFFICE")


def invented_writer(desk, hana):
    invited(desk, hana, "Ghost", "ghost.never@mail.lakeside.example")


def stranger_names_the_firm(desk, hana):
    stranger = desk.somebody("Stan", organisation="Lakeside Office", email="stan@lakeside.example")
    people.change_person(desk.connection, stranger, stranger, firm="heron")


def name_of_a_new_number(desk, hana):
    enter_by_hand(desk.connection, desk.desk.record, hana.actor, "heron", "name", "Lakeside Office", day_number(2026, 1, 1),
                  day_number(2199, 12, 31), "declared", "applicant", desk.desk.today())


def invites_who_is_to_be_deputy(desk, hana):
    """Who works there without a role of the office can be invited; they become everybody's deputy later."""
    for name, role in (("Dep", role) for role in OFFICE):
        deputy = desk.somebody(f"{name} {role}", email=f"{role}.deputy@lakeside.example", organisation="Lakeside Office")
        invited(desk, hana, deputy.name, deputy.email)
        people.grant_role(desk.connection, deputy.id, role, by=desk.staff["admin"], at=desk.clock())
        desk.staff[role] = deputy


def invites_a_colleague_to_come(desk, hana):
    """An invented colleague is entered with the firm, and the office gives the very address its role afterwards."""
    for role in OFFICE:
        made = invited(desk, hana, "New", f"new.{role}@lakeside.example")
        people.grant_role(desk.connection, made.id, role, by=desk.staff["admin"], at=desk.clock())
        desk.staff[role] = people.find_person(desk.connection, made.id)


WORDS = [typed_organisation, invented_writer, stranger_names_the_firm, name_of_a_new_number, invites_who_is_to_be_deputy,
         invites_a_colleague_to_come]


@pytest.mark.parametrize("say", WORDS)
def test_what_somebody_outside_says_hides_the_case_from_nobody_of_the_office(desk, heron, say):
    _, case, hana = heron
    say(desk, hana)
    for role in OFFICE:
        person = desk.staff[role]
        office = [held for held in desk.roles(person) if held.role == role]
        assert told(desk, case, person) == [], role
        condition, values = seeing.seen_cases_sql(desk.desk, person, office)
        listed = desk.connection.execute(f"SELECT c.id FROM desk_case c WHERE {condition}", values).fetchall()
        assert (seeing.may_see(desk.desk, case, person, office), listed) == (True, [(case.id,)]), role


def test_a_chair_of_another_house_is_tied_by_what_is_known_and_not_by_what_is_said(desk, heron):
    """An institute's professor: the organisation typed, or an address that nobody has shown to be theirs, says nothing."""
    _, case, hana = heron
    chair = desk.somebody("Dora", "chair", "dora@delta.example", "Delta Institute")
    people.change_person(desk.connection, hana, hana, organisation="Delta Institute")
    writer = invited(desk, hana, "Wim", "wim@delta.example")
    assert told(desk, case, chair) == []
    desk.desk.record.add(writer.actor, AGREED, writer.actor)
    assert told(desk, case, chair) == ["same_email_domain"]
    desk.know("heron", name="Delta Institute")
    assert told(desk, case, chair) == ["same_email_domain", "same_organisation"]


def test_a_reviewer_of_the_applicants_house_is_barred_as_ever(desk, heron):
    call, case, hana = heron
    house = desk.reviewer(call, "Rita", organisation="Pier House")
    mail = desk.reviewer(call, "Rolf", email="rolf@mail.hana.example")
    works = desk.reviewer(call, "Rosa", organisation="heron works")
    people.change_person(desk.connection, hana, hana, organisation="PIER house")
    assert [told(desk, case, one) for one in (house, mail, works)] == [
        ["same_organisation"], ["same_email_domain"], ["same_organisation"]]
    assert {who for who, _ in interests.conflicts_of(desk.desk, call)} == {house.id, mail.id, works.id}


def test_nobody_drives_a_reviewer_out_with_an_invented_writer_or_as_a_stranger(desk, heron):
    call, case, hana = heron
    rita = desk.reviewer(call, "Rita", email="rita@pier.example", organisation="Pier House")
    writer = invited(desk, hana, "Ghost", "ghost@pier.example")
    stranger = desk.somebody("Stan", organisation="Pier House", email="stan@pier.example")
    people.change_person(desk.connection, stranger, stranger, firm="heron")
    assert told(desk, case, rita) == []
    desk.desk.record.add(writer.actor, AGREED, writer.actor)  # she has logged in with that address
    assert told(desk, case, rita) == ["same_email_domain"]


def test_whom_the_office_confirmed_or_entered_stands_on_the_firms_side(desk, heron):
    call, case, _ = heron
    rita = desk.reviewer(call, "Rita", email="rita@pier.example")
    rolf = desk.reviewer(call, "Rolf", email="rolf@dock.example")
    desk.somebody("Ann", email="ann@pier.example", firm="heron")
    ben = desk.somebody("Ben", email="ben@dock.example")
    assert (told(desk, case, rita), told(desk, case, rolf)) == (["same_email_domain"], [])
    grant = people.grant_role(desk.connection, ben.id, "applicant", by=desk.staff["officer"], at=desk.clock(), firm="heron")
    assert told(desk, case, rolf) == ["same_email_domain"]
    people.end_role(desk.connection, grant, desk.staff["officer"], desk.clock())
    assert told(desk, case, rolf) == []


@pytest.mark.parametrize("role", OFFICE)
def test_what_is_declared_or_true_still_bars_the_office(desk, heron, role):
    _, case, hana = heron
    first, second, third = (desk.person(f"{name} {role}", role) for name in ("Ida", "Una", "Eve"))
    interests.declare(desk.desk, first, first.id, case, "", "My sister swims there.")
    people.grant_role(desk.connection, second.id, "co_applicant", at=desk.clock(), firm="heron")
    with transaction(desk.connection):
        act = desk.desk.record.add(third.actor, "desk.step", case.subject).id
        desk.connection.execute("INSERT INTO desk_step VALUES (?,?,?,?,?,?,?,?,?,?)", (
            case.id, case.seq + 1, "supply", case.state, case.state, third.id, "co_applicant", desk.clock(), act, "{}"))
        desk.connection.execute("UPDATE desk_case SET seq = ? WHERE id = ?", (case.seq + 1, case.id))
    assert [told(desk, case, one) for one in (first, second, third)] == [
        ["declared_by_reviewer"], ["related_firm"], ["joint_case"]]
    office = [people.Held(role, "*")]
    assert [seeing.may_see(desk.desk, case, one, office) for one in (first, second, third)] == [False] * 3
    assert hana.firm == "heron"


def seconded(desk, name, role="officer", firm="heron"):
    """Somebody of the office whose house and address are a firm's."""
    return desk.somebody(name, role, f"{name.lower()}@{firm}.example", firm.title())


def test_an_officer_who_is_of_the_applicant_firm_is_kept_from_its_case(review_counter):
    """By its registered name and by its address; and brings nobody else of the office out of their ties."""
    desk = review_counter
    case, _ = desk.submitted(desk.call(), "heron")
    oda, chair = seconded(desk, "Sora"), seconded(desk, "Dora", "chair")
    assert [told(desk, case, one) for one in (oda, chair)] == [["same_email_domain", "same_organisation"]] * 2
    assert code(desk.take, case, "admit", oda) == ["W1038"]
    assert desk.take(case, "admit", "officer").state == "eligible"


def test_two_seconded_officers_do_not_make_a_confirmed_firms_domain_the_offices(review_counter):
    desk = review_counter
    case, _ = desk.submitted(desk.call(), "heron")
    both = [desk.somebody(name, "officer", f"{name}@heron.example", "Lakeside Office") for name in ("sora", "tara")]
    assert [told(desk, case, one) for one in both] == [["same_email_domain"]] * 2


def test_whoever_writes_from_the_offices_own_domain_keeps_none_of_it_out(desk, heron):
    """A clerk of another department applies for a firm; the office confirms her, and still can work on the case."""
    _, case, hana = heron
    people.change_person(desk.connection, hana, hana, email="hana@lakeside.example")
    assert [told(desk, case, desk.staff[role]) for role in OFFICE] == [[]] * 4
    people.grant_role(desk.connection, hana.id, "applicant", by=desk.staff["officer"], at=desk.clock(), firm="heron")
    assert [told(desk, case, desk.staff[role]) for role in OFFICE] == [[]] * 4
    other = [desk.somebody(name, "officer", f"{name}@hana.example") for name in ("sora", "tara")]
    people.change_person(desk.connection, hana, hana, email="hana@hana.example")
    assert [told(desk, case, one) for one in other] == [["same_email_domain"]] * 2


@pytest.mark.parametrize("programme", ["pier_challenge", "dock_challenge"])
def test_a_role_of_the_office_beside_makes_no_reviewer_free(desk, heron, programme):
    """Rita of the applicant's house becomes auditor, be it of another programme: she judges the case as little as before."""
    call, case, hana = heron
    people.change_person(desk.connection, hana, hana, organisation="Pier House")
    rita = desk.reviewer(call, "Rita", organisation="Pier House")
    people.grant_role(desk.connection, rita.id, "auditor", programme, by=desk.staff["admin"], at=desk.clock())
    assert {pair: [one.kind for one in reasons] for pair, reasons in interests.conflicts_of(desk.desk, call).items()} == {
        (rita.id, case.id): ["same_organisation"]}
    officer, assigned = desk.staff["officer"], desk.take(case, "admit", "officer")
    assert code(assign_one, desk.desk, assigned, officer, rita.id) == ["W1056"]


def agrees(desk, writer, case):
    desk.desk.record.add(writer.actor, AGREED, writer.actor)


def changes_their_entry(desk, writer, case):
    people.change_person(desk.connection, writer, writer, name="Wim Writer")


def writes(desk, writer, case):
    held = people.Held("co_applicant", "*", "heron")
    save_answers(desk.desk, desk.draft(find_call(desk.desk, case.call), people.find_person(desk.connection, case.applicant)),
                 writer, held, {"district": "south"})


def hands_in(desk, writer, case):
    desk.desk.record.add(writer.actor, "desk.file_handed_in", case.subject)


def applies_too(desk, writer, case):
    desk.draft(find_call(desk.desk, case.call), writer)


@pytest.mark.parametrize("acts", [agrees, changes_their_entry, writes, hands_in, applies_too])
def test_whoever_was_invited_is_known_by_anything_they_do_themselves(desk, heron, acts):
    """Invited before there was a notice to agree to, or at work by a machine that is never asked to."""
    call, case, hana = heron
    rita = desk.reviewer(call, "Rita", email="rita@pier.example")
    writer = invited(desk, hana, "Wim", "wim@pier.example")
    assert told(desk, case, rita) == []
    acts(desk, writer, case)
    assert told(desk, case, rita) == ["same_email_domain"]
