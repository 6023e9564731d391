"""Who sees what at Lakeside: lists, searches and counts hold what can be opened, and a blind phase has no side door."""

import pytest

from westlake.dates import day_number
from westlake.desk import people, seeing
from westlake.desk.calls import calls, change_call
from westlake.desk.cases import COLUMNS, Case, open_following
from westlake.desk.files import hand_in
from westlake.desk.panel import interests, reviewing
from westlake.desk.people import Held
from westlake.register import Register

BLIND = ["applicant", "other_reviews", "reviewers"]
LONG = 2**60


@pytest.fixture
def counter(review_counter):
    return review_counter


def phase(*hides):
    return {"phases": [{"first": 0, "last": LONG, "hides": list(hides)}]}


@pytest.fixture
def lake(counter):
    """Four firms, two programmes, and everybody who might look."""
    pier, dock = counter.call(), counter.call("dock_challenge", "DOCK-26")
    heron, speaker = counter.eligible(pier, "heron", title="Oak on granite")
    otter, _ = counter.eligible(pier, "otter")
    crane, _ = counter.eligible(dock, "crane")
    swan_speaker = counter.applicant("swan")
    counter.draft(pier, swan_speaker)
    open_following(counter.desk, speaker, heron, "appeal", "Why not?")
    who = {**counter.staff, "heron": speaker, "swan": swan_speaker}
    who["pier officer"] = counter.somebody("Pia", "officer", programme="pier_challenge")
    who["tied chair"] = counter.somebody("Tia", "chair", email="tia@otter.example")
    who["economist"] = counter.somebody("Eco", "economist")
    who["operator"] = counter.somebody("Olga", "operator", programme="pier_challenge")
    who["otter's partner"] = counter.somebody("Ottilie", "co_applicant", firm="otter")
    who["rita"] = counter.reviewer(pier, "Rita")
    who["rosa"] = counter.reviewer(pier, "Rosa")
    who["rolf"] = counter.reviewer(pier, "Rolf", accepts=False)
    who["both"] = counter.reviewer(pier, "Bo")
    people.grant_role(counter.connection, who["both"].id, "officer", at=counter.clock())
    counter.assign(heron, who["rita"], who["rosa"], who["both"])
    reviewing.move_assignment(counter.desk, heron, who["rolf"].id, "assigned", counter.staff["officer"])
    reviewing.recuse(counter.desk, heron, who["rosa"], "Her brother drives the piles.")
    return counter, who, {"heron": heron, "otter": otter, "crane": crane}


PIER, DOCK = ["PIER-26-0001", "PIER-26-0001/1", "PIER-26-0002"], ["DOCK-26-0001"]
SEEN = {
    "officer": DOCK + PIER, "chair": DOCK + PIER, "approver": DOCK + PIER, "payer": DOCK + PIER,
    "auditor": DOCK + PIER, "admin": [], "pier officer": PIER, "economist": DOCK + PIER,
    "tied chair": DOCK + PIER[:2], "operator": PIER, "heron": PIER[:2], "swan": ["PIER-26-0003"],
    "otter's partner": ["PIER-26-0002"], "rita": ["PIER-26-0001"], "rosa": [], "rolf": [], "both": DOCK + PIER,
}


def all_cases(counter):
    return [Case(*row) for row in counter.connection.execute(f"SELECT {COLUMNS} FROM desk_case ORDER BY number")]


def listed(counter, person, find=seeing.seen_cases_sql, also="1 = 1"):
    condition, values = find(counter.desk, person, counter.roles(person))
    return [row[0] for row in counter.connection.execute(
        f"SELECT c.number FROM desk_case c WHERE {condition} AND {also} ORDER BY c.number", values)]


def test_everybody_has_their_own_list_and_can_open_just_what_it_holds(lake):
    counter, who, _ = lake
    cases = all_cases(counter)
    assert {name: listed(counter, person) for name, person in who.items()} == SEEN
    for name, person in who.items():
        roles = counter.roles(person)
        views = seeing.views_of(counter.desk, cases, person, roles)
        assert [case.number for case in cases if seeing.may_see(counter.desk, case, person, roles)] == SEEN[name]
        assert [case.number for case in cases if views[case.id].seen] == SEEN[name]


@pytest.mark.parametrize("hides", [[], ["reviewers"], ["other_reviews"], ["other_reviews", "reviewers"]])
def test_reviews_are_counted_of_the_cases_whose_progress_each_is_shown(lake, hides):
    counter, who, _ = lake
    if hides:
        pier = next(call for call in calls(counter.desk) if call.code == "PIER-26")
        change_call(counter.desk, pier, counter.staff["officer"], "blind now", terms=phase(*hides))
    cases = all_cases(counter)
    for name, person in who.items():
        views = seeing.views_of(counter.desk, cases, person, counter.roles(person))
        for place, flag in enumerate(("seen", "progress_shown", "reviewers_shown")):
            assert listed(counter, person, lambda *given, place=place: seeing.panel_sql(*given)[place]) == [
                case.number for case in cases if getattr(views[case.id], flag)], (name, flag)


@pytest.mark.parametrize("hides", [[], ["applicant"]])
def test_a_name_is_found_by_search_only_where_it_is_shown(lake, hides):
    counter, who, _ = lake
    if hides:
        pier = next(call for call in calls(counter.desk) if call.code == "PIER-26")
        change_call(counter.desk, pier, counter.staff["officer"], "blind now", terms=phase(*hides))
    cases = all_cases(counter)
    for name, person in who.items():
        views = seeing.views_of(counter.desk, cases, person, counter.roles(person))
        assert listed(counter, person, seeing.named_cases_sql) == [
            case.number for case in cases if views[case.id].applicant_shown], name
    found = {name: listed(counter, who[name], seeing.named_cases_sql, "c.firm = 'heron'") for name in
             ("officer", "chair", "rita", "both", "economist")}
    assert found == {"officer": PIER[:2], "chair": [] if hides else PIER[:2], "rita": [] if hides else PIER[:1],
                     "both": PIER[1:2] if hides else PIER[:2], "economist": []}


def everything_shown(counter, case, person):
    roles = counter.roles(person)
    view = seeing.view_of(counter.desk, case, person, roles)
    return repr([seeing.shown_case(counter.desk, case, view), seeing.shown_answers(counter.desk, case, view),
                 seeing.shown_files(counter.desk, case, view), seeing.shown_steps(counter.desk, case, view),
                 reviewing.assignments_of(counter.desk, person, roles),
                 reviewing.reviews_of(counter.desk, case, person, roles)]).lower()


@pytest.mark.parametrize(("text", "name", "left"), [
    ("A limited public line, Li & Co of Li.", "Li", "A limited public line, █████ & Co of █████."),
    ("AI maintains; said AI's chair, AI2, 由AI建造, AI는", "AI", "█████ maintains; said █████'s chair, █████2, 由█████建造, █████는"),
    ("RÉAI and AIÉ stay", "AI", "RÉAI and AIÉ stay"),
    ("西湖的码头", "西湖", "█████的码头"), ("91330100 in 1913301009", "91330100", "█████ in 1913301009"),
    ("Heron\n Works, heron_works.pdf", "Heron Works", "█████, heron_works.pdf"), ("heron_plan", "Heron", "█████_plan")])
def test_a_short_name_breaks_no_word(text, name, left):
    assert seeing.struck(text, [name]) == left


def test_a_blind_phase_has_no_side_door(tmp_path, counter):
    call = counter.call(**phase(*BLIND))
    case, speaker = counter.eligible(call, "heron", title="HERON: oak on granite")
    hand_in(counter.desk, tmp_path / "files", case, speaker, "plan", "heron-plan.txt", b"piles")
    rita = counter.reviewer(call, "Rita")
    counter.assign(case, rita)
    for person in (rita, counter.staff["chair"], counter.somebody("Eco", "economist")):
        shown = everything_shown(counter, counter.again(case), person)
        assert "oak on granite" in shown
        assert "heron" not in shown
        assert f"applicant={speaker.id}" not in shown
    assert "plan-1.txt" in everything_shown(counter, case, rita)
    told = everything_shown(counter, case, counter.staff["officer"])
    assert "heron-plan.txt" in told
    assert f"applicant={speaker.id}" in told


def test_nobody_peeks_at_others_before_their_own_review_is_in(counter):
    call = counter.call(reviews_per_case=3)
    case, _ = counter.eligible(call)
    rita, rolf = counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")
    counter.assign(case, rita, rolf)
    counter.review(case, rolf, 9, comment="Ninefold sound.")
    view = seeing.view_of(counter.desk, case, rita, counter.roles(rita))
    assert (view.others_reviews_shown, view.scores_shown, view.progress_shown, view.reviewers_shown) == (False,) * 4
    assert "ninefold" not in everything_shown(counter, case, rita)
    counter.review(case, rita, 2, comment="Rotten.")
    assert "ninefold" in everything_shown(counter, case, rita)
    officer = seeing.view_of(counter.desk, case, counter.staff["officer"], counter.roles(counter.staff["officer"]))
    assert officer.progress_shown
    assert reviewing.counted_reviews(counter.desk, case) == 2


def test_reviewers_stay_nameless_where_the_call_says_so(counter):
    call = counter.call(**phase("reviewers"))
    case, _ = counter.eligible(call)
    rita, rolf = counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")
    counter.assign(case, rita, rolf)
    counter.review(case, rita, 7)
    counter.review(case, rolf, 8)
    seen = reviewing.reviews_of(counter.desk, case, rita, counter.roles(rita))
    assert [(one.name, one.reviewer, one.own) for one in seen] == [("Rita", rita.id, True), ("", 0, False)]
    assert "rolf" not in everything_shown(counter, case, counter.staff["chair"])
    assert "rolf" in everything_shown(counter, case, counter.staff["officer"])


def test_the_applicant_learns_the_reviews_only_once_the_choice_is_known_and_never_who_wrote_them(counter):
    call = counter.call()
    case, speaker = counter.eligible(call)
    rita = counter.reviewer(call, "Rita")
    counter.assign(case, rita)
    counter.review(case, rita, 7, comment="Sound piles.")
    assert "sound piles" not in everything_shown(counter, case, speaker)
    counter.connection.execute("INSERT INTO desk_notice (call, run, first_day, last_day, cases, person, at) VALUES"
                               " (?, NULL, 0, 1, ?, 1, 1)", (call.id, f",{case.id},"))
    shown = everything_shown(counter, case, speaker)
    assert "sound piles" in shown
    assert "rita" not in shown


def test_the_applicants_side_does_not_learn_who_of_the_office_did_what(counter):
    call = counter.call()
    case, speaker = counter.eligible(call)
    view = seeing.view_of(counter.desk, case, speaker, counter.roles(speaker))
    steps = seeing.shown_steps(counter.desk, case, view)
    assert [(step.name, step.person) for step in steps] == [("submit", speaker.id), ("admit", None)]
    assert "letter" not in steps[1].data
    officer = counter.staff["officer"]
    told = seeing.shown_steps(counter.desk, case, seeing.view_of(counter.desk, case, officer, counter.roles(officer)))
    assert [(step.name, step.person) for step in told] == [("submit", speaker.id), ("admit", officer.id)]
    assert "letter" in told[1].data


def test_scores_under_lock_are_under_lock_for_the_office_too(counter):
    call = counter.call(**phase("scores"))
    case, _ = counter.eligible(call)
    rita = counter.reviewer(call, "Rita")
    counter.assign(case, rita)
    counter.review(case, rita, 7, comment="Sevenfold sound.")
    assert "sevenfold" not in everything_shown(counter, case, counter.staff["officer"])
    assert "sevenfold" not in everything_shown(counter, case, counter.staff["chair"])
    assert "sevenfold" in everything_shown(counter, case, counter.staff["auditor"])


def tie(counter, kind, case, speaker):
    """Somebody of the office, tied to a case in one way."""
    def chair(**more):
        return counter.somebody("Tia", "chair", **more)

    register = Register(counter.connection)
    first, last = day_number(2020, 1, 1), day_number(2099, 1, 1)
    match kind:
        case "house":
            return chair(organisation="ＨＥＲＯＮ ")
        case "mail":
            return chair(email="tia@mail.heron.example")
        case "firm":
            return chair(firm="heron")
        case "registered name":
            counter.know("heron", name="Heron Piers Ltd")
            return chair(organisation="heron piers ltd")
        case "group":
            for firm in ("heron", "egret"):
                register.enter(firm, "group", "Waders", first, last, "verified", "registry", first)
            return chair(firm="egret")
        case "related" | "related the other way":
            pair = ("egret", "heron") if kind == "related" else ("heron", "egret")
            counter.connection.execute(
                "INSERT INTO register_related (firm, party, first, last, assurance, source, learnt, file)"
                " VALUES (?, ?, ?, ?, 'verified', 'registry', ?, '')", (*pair, first, last, first))
            return chair(firm="egret")
        case "partner's mail":
            counter.somebody("Part", "co_applicant", firm="heron", email="p@delta.example")
            return chair(email="tia@delta.example")
    return tie_by_deed(counter, kind, case, speaker, chair())


def tie_by_deed(counter, kind, case, speaker, made):
    """The same, by what was done or said."""
    desk, officer = counter.desk, counter.staff["officer"]
    match kind:
        case "own role":
            people.grant_role(counter.connection, made.id, "co_applicant", firm="heron", at=counter.clock())
            return made
        case "earlier":
            people.grant_role(counter.connection, made.id, "applicant", at=counter.clock())
            counter.draft(counter.call(code="OLD"), people.change_person(counter.connection, made, officer, firm="heron"))
            return people.change_person(counter.connection, made, officer, firm="")
        case "declared":
            interests.declare(desk, made, made.id, case, "", "My sister swims there.")
            return made
        case "declared firm":
            interests.declare(desk, made, made.id, None, "heron", "We lunch.")
            return made
        case "declared by the applicant":
            interests.declare(desk, speaker, made.id, case, "", "She sued us.")
            return made
    raise AssertionError(kind)


KINDS = {"house": ["same_organisation"], "mail": ["same_email_domain"], "firm": ["related_firm", "same_email_domain"],
         "registered name": ["same_organisation"], "group": ["related_firm"], "related": ["related_firm"],
         "related the other way": ["related_firm"],
         "partner's mail": ["same_email_domain"], "own role": ["related_firm", "same_email_domain"],
         "earlier": ["joint_case"], "declared": ["declared_by_reviewer"], "declared firm": ["declared_by_reviewer"],
         "declared by the applicant": ["declared_by_case"]}


@pytest.mark.parametrize("kind", KINDS)
def test_each_tie_bars_from_seeing_and_is_found_both_ways(counter, kind):
    call = counter.call()
    heron, speaker = counter.eligible(call, "heron")
    otter, _ = counter.eligible(call, "otter")
    tia = tie(counter, kind, heron, speaker)
    office = [held for held in counter.roles(tia) if held.role == "chair"]
    assert [one.kind for one in interests.conflict_with(counter.desk, heron, tia)] == KINDS[kind]
    assert interests.conflict_with(counter.desk, otter, tia) == ()
    assert heron.id in interests.conflicted_cases(counter.desk, tia)
    assert otter.id not in interests.conflicted_cases(counter.desk, tia)
    assert not seeing.may_see(counter.desk, heron, tia, office)
    assert seeing.may_see(counter.desk, otter, tia, office)
    assert seeing.view_of(counter.desk, heron, tia, office) == seeing.UNSEEN


def test_a_shared_past_wears_off_as_the_call_says(counter):
    call = counter.call(history_years=1)
    heron, _ = counter.eligible(call, "heron")
    tia = tie(counter, "earlier", heron, None)
    office = [Held("chair", "*")]
    assert not seeing.may_see(counter.desk, heron, tia, office)
    counter.clock.wait(days=366)
    assert seeing.may_see(counter.desk, heron, tia, office)
