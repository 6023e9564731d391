"""What stays in the office: objections of others, debarments that are only proposed, and, from auditors, what is a draft."""

from westlake.desk import people, seeing
from westlake.desk.calls import find_call
from westlake.desk.cases import find_case, following, open_following
from westlake.desk.panel.notices import find_notice, notices, object_to


def roles(counter, person):
    return people.roles_of(counter.connection, person.id, counter.clock())


def seen(counter, case, person):
    """The numbers of what follows from a case, by the list, one by one, and among what follows."""
    held = roles(counter, person)
    condition, values = seeing.seen_cases_sql(counter.desk, person, held)
    listed = [row[0] for row in counter.connection.execute(
        f"SELECT c.id FROM desk_case c WHERE {condition} AND c.parent = ? ORDER BY c.id", [*values, case.id])]
    all_of_them = following(counter.desk, case)
    assert listed == [one.id for one in all_of_them if seeing.may_see(counter.desk, one, person, held)]
    assert listed == [one.id for one in seeing.seen_among(counter.desk, all_of_them, person, held)]
    assert listed == [one.id for one in all_of_them if seeing.view_of(counter.desk, one, person, held).seen]
    return [find_case(counter.desk, one).kind for one in listed]


def told(counter, case, person):
    view = seeing.view_of(counter.desk, case, person, roles(counter, person))
    return [step.name for step in seeing.shown_steps(counter.desk, case, view)]


def outsiders(counter, applicant, firm="heron"):
    return [applicant, counter.person("Cora", "co_applicant", firm), counter.person("Opal", "operator"),
            counter.person("Otis", "operator", firm)]


def test_a_debarment_is_told_to_the_firm_once_it_is_decided(counter):
    case, applicant = counter.submitted(counter.call())
    case = counter.agreed(counter.take(case, "admit", "officer"), applicant)
    counter.take(case, "propose_debarment", "officer", note="Two piers sank.")
    proposed = following(counter.desk, case, "debarment")[0]
    office = [counter.staff[name] for name in ("officer", "approver", "auditor")]
    for person in outsiders(counter, applicant):
        assert "debarment" not in seen(counter, case, person)
        assert "propose_debarment" not in told(counter, case, person)
    for person in office:
        assert "debarment" in seen(counter, case, person)
        assert "propose_debarment" in told(counter, case, person)
    counter.take(proposed, "debar", "approver", days=30, note="Two piers sank.")
    assert "debarment" in seen(counter, case, applicant)
    assert "propose_debarment" in told(counter, case, applicant)


def test_a_proposal_that_was_dropped_is_never_told(counter):
    case, applicant = counter.submitted(counter.call())
    case = counter.agreed(counter.take(case, "admit", "officer"), applicant)
    counter.take(case, "propose_debarment", "officer", note="Two piers sank.")
    counter.take(following(counter.desk, case, "debarment")[0], "drop", "approver", note="They floated.")
    assert "debarment" not in seen(counter, case, applicant)
    assert "propose_debarment" not in told(counter, case, applicant)


def test_who_objects_speaks_to_the_office_and_not_to_the_firm(counter):
    case, applicant = counter.submitted(counter.call())
    case = counter.take(case, "admit", "officer")
    call = find_call(counter.desk, case.call)
    counter.reviewed(call, [case])
    counter.selected(call, [case])
    counter.clock.wait(days=-call.number("objection_days") - 1)
    notice = find_notice(counter.desk, notices(counter.desk, call)[0].id)
    swan = counter.applicant("swan")
    object_to(counter.desk, notice, case, swan, "The oak is pine.")
    for person in outsiders(counter, applicant):
        assert seen(counter, case, person) == []
    for person in (swan, counter.staff["officer"]):
        assert seen(counter, case, person) == ["objection"]


def test_an_auditor_opens_what_was_handed_in_and_no_draft(counter):
    call, auditor = counter.call(), counter.staff["auditor"]
    draft = counter.draft(call, counter.applicant("swan"))
    case, _ = counter.submitted(call)
    held = roles(counter, auditor)
    assert not seeing.may_see(counter.desk, draft, auditor, held)
    assert seeing.view_of(counter.desk, draft, auditor, held) == seeing.UNSEEN
    assert seeing.may_see(counter.desk, case, auditor, held)
    opened = [act.subject for act in counter.desk.record.acts(act="desk.case_opened")]
    assert opened == [draft.subject, case.subject]  # that somebody began one stays on the record


def test_what_follows_from_nothing_asks_nothing(counter):
    assert seeing.seen_among(counter.desk, [], counter.staff["officer"], roles(counter, counter.staff["officer"])) == []


def test_an_appeal_of_ones_own_is_seen_as_ever(counter):
    case, applicant = counter.submitted(counter.call())
    open_following(counter.desk, applicant, case, "appeal", "Why not?")
    assert seen(counter, case, applicant) == ["appeal"]
