"""What an auditor is handed: the papers of a case, a sample drawn twice alike, acts looked for, and duties in one hand."""

import hashlib
import json
from collections import Counter

import pytest
from tests.desk.counter import NEW_YEAR
from tests.desk.plan.test_effort import by_hand

from westlake.chance import stream
from westlake.dates import DAY_MAX, MICROS_PER_DAY
from westlake.desk import people
from westlake.desk.applying.deciding import note_fact
from westlake.desk.audit.auditing import (
    SAMPLED,
    Search,
    act_row,
    again,
    cases_by_number,
    count_acts,
    draw_sample,
    find_acts,
    keep_sample,
    papers_of,
)
from westlake.desk.audit.duties import departures, findings
from westlake.desk.files import hand_in
from westlake.desk.panel.interests import declare
from westlake.errors import WestlakeError
from westlake.record import Record

ALWAYS = (NEW_YEAR, DAY_MAX)


@pytest.fixture
def admitted(counter, tmp_path):
    """One pier, handed in with a file and admitted."""
    call = counter.call()
    heron = counter.applicant("heron")
    case = counter.draft(call, heron)
    hand_in(counter.desk, tmp_path, case, heron, "plan", "plan.txt", b"two piles")
    case = counter.take(case, "submit", heron)
    counter.clock.wait(days=1)
    return counter, counter.take(case, "admit", "officer"), heron


def test_all_papers_of_a_case(admitted):
    counter, case, _ = admitted
    found = papers_of(counter.desk, case, "en", "erased")
    assert {name: found.facts[name] for name in ("number", "applicant", "state", "answer.cost", "follow")} == {
        "number": "PIER-26-0001", "applicant": "heron speaker", "state": "eligible", "answer.cost": "20000.00", "follow": {}}
    assert [(row["step"], row["from"], row["to"], row["role"]) for row in found.steps] == [
        ("submit", "draft", "submitted", "applicant"), ("admit", "submitted", "eligible", "officer")]
    decision, = found.decisions
    assert decision["eligible"] is True
    assert decision["claim"] == 1_000_000  # half of 20,000.00
    assert "L-cloud25" in decision["trace"]
    assert [(file.name, file.sha256) for file in found.uploads] == [("plan.txt", hashlib.sha256(b"two piles").hexdigest())]
    assert Counter(row["act"] for row in found.acts) == {
        "desk.case_opened": 1, "desk.file_handed_in": 1, "desk.submit": 1, "desk.admit": 1}
    assert (found.journals, found.reviews) == ([], [])
    json.dumps([found.facts, *found.decisions, *found.steps, *found.acts])  # plain values all through


def test_an_account_is_told_by_its_last_four_signs(admitted):
    counter, case, heron = admitted
    Record(counter.connection).add(heron.actor, "desk.account_proposed", case.subject, {"firm": "heron"}, personal={
        "account": "110-234-567890", "holder": "Heron Works"})
    act, = find_acts(counter.desk, Search(act="desk.account_proposed"), 10)
    assert act_row(act, "erased")["personal"] == {"account": "•••• 7890", "holder": "Heron Works"}


def test_what_was_erased_shows_as_erased(admitted):
    counter, case, heron = admitted
    record = Record(counter.connection)
    record.add(heron.actor, "desk.note", case.subject, {"kind": "telephone"}, personal={"text": "call my mother"})
    act, = find_acts(counter.desk, Search(act="desk.note"), 10)
    assert act_row(act, "erased")["personal"] == {"text": "call my mother"}
    record.erase("person:1", case.subject, "asked for")
    act, = find_acts(counter.desk, Search(act="desk.note"), 10)
    assert act_row(act, "erased")["personal"] == {"text": "erased"}
    assert [row["personal"] for row in papers_of(counter.desk, case, "en", "gone").acts if row["act"] == "desk.note"] == [
        {"text": "gone"}]


# A sample --------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(counter):
    """Forty applications, written by hand: thirty small and ten large."""
    call = counter.call()
    for place in range(40):
        counter.connection.execute(
            "INSERT INTO desk_case (number, kind, call, programme, year, currency, firm, applicant, opened_at, title, asked,"
            " amount, state, seq, submitted_at, moved_at) VALUES (?, 'application', ?, 'pier_challenge', 2026, 'CNY', 'heron',"
            " 1, 0, '', ?, 0, 'submitted', 0, ?, 0)",
            (f"P-{place:02}", call.id, 10**9 if place >= 30 else 10**6, (NEW_YEAR + place) * MICROS_PER_DAY))
    return counter


def test_a_sample_is_the_smallest_draws_of_each_stratum(many):
    draw = draw_sample(many.desk, 20260101, 8, *ALWAYS, by="amount")
    assert draw.strata == {"10": (10, 2), "7": (30, 6)}
    for numbers, wanted in ((range(30), 6), (range(30, 40), 2)):
        drawn = sorted((int(stream(20260101, "audit.sample", f"P-{place:02}").integers(0, 2**63)), f"P-{place:02}")
                       for place in numbers)
        assert {number for _, number in drawn[:wanted]} == set(draw.chosen) & {number for _, number in drawn}


def test_another_seed_another_sample_and_a_later_case_changes_nobody_s_number(many):
    one, other = (draw_sample(many.desk, seed, 8, *ALWAYS) for seed in (1, 2))
    assert one.chosen != other.chosen
    part = draw_sample(many.desk, 1, 8, NEW_YEAR, NEW_YEAR + 19)
    assert part.population == 20
    assert part.draws == {number: drawn for number, drawn in one.draws.items() if number in part.draws}


def test_every_case_has_its_chance(many):
    """Eight of forty, four hundred times: each about eighty times (beyond five standard deviations would be a fault)."""
    counted = Counter(number for seed in range(400) for number in draw_sample(many.desk, seed, 8, *ALWAYS).chosen)
    assert len(counted) == 40
    assert max(abs(times - 80) for times in counted.values()) <= 5 * (400 * 0.2 * 0.8) ** 0.5


def test_a_sample_is_kept_and_can_be_drawn_again(many):
    draw = draw_sample(many.desk, 7, 5, *ALWAYS, "pier_challenge", "programme")
    number = keep_sample(many.desk, many.staff["auditor"], draw)
    act, = find_acts(many.desk, Search(act=SAMPLED), 10)
    assert (act.id, act.details["chosen"], act.actor) == (number, list(draw.chosen), many.staff["auditor"].actor)
    assert again(many.desk, act) == draw
    assert [case.number for case in cases_by_number(many.desk, draw.chosen)] == list(draw.chosen)


@pytest.mark.parametrize("size", [0, 41, -1])
def test_more_than_there_is_cannot_be_drawn(many, size):
    with pytest.raises(WestlakeError) as caught:
        draw_sample(many.desk, 1, size, *ALWAYS)
    assert [problem.code for problem in caught.value.problems] == ["W1095"]


def test_an_auditor_of_one_programme_draws_from_it_alone(many):
    assert draw_sample(many.desk, 1, 1, *ALWAYS, within={"pier_challenge"}).population == 40
    with pytest.raises(WestlakeError):
        draw_sample(many.desk, 1, 1, *ALWAYS, within={"cloud_voucher"})


# Acts ------------------------------------------------------------------------------------------------------------


def test_acts_are_found_by_all_that_is_asked(admitted):
    counter, case, heron = admitted
    desk = counter.desk
    assert [act.act for act in find_acts(desk, Search(subject=case.subject, act="desk.a"), 10)] == ["desk.admit"]
    assert [act.act for act in find_acts(desk, Search(actor=heron.actor), 2, 1)] == [
        "desk.file_handed_in", "desk.case_opened"]
    assert count_acts(desk, Search(actor=heron.actor)) == 4  # entered, opened, file, submitted
    assert count_acts(desk, Search(text="PLAN")) == 1  # the file's field
    assert count_acts(desk, Search(text="100%_")) == 0  # no sign of a pattern is one
    assert count_acts(desk, Search(), within={"cloud_voucher"}) == 0
    assert count_acts(desk, Search(), within={"pier_challenge"}) == 4
    assert count_acts(desk, Search()) == desk.connection.execute("SELECT count(*) FROM act").fetchone()[0]


def test_days_are_those_of_the_city(counter):
    assert counter.desk.starts_at(NEW_YEAR) == (NEW_YEAR * 24 - 8) * 3_600_000_000
    counter.desk.zone = "UTC"
    assert counter.desk.starts_at(NEW_YEAR) == NEW_YEAR * MICROS_PER_DAY


# Departures and duties ---------------------------------------------------------------------------------------------


def kinds(found):
    return Counter(one.kind for one in found)


def test_nothing_speaks_against_an_ordinary_case(admitted):
    counter = admitted[0]
    assert departures(counter.desk) == []
    assert findings(counter.desk) == []


def test_a_fact_over_the_applicant_s_word(admitted):
    counter, case, _ = admitted
    note_fact(counter.desk, case, counter.staff["officer"], "cost", "20000", "verified", "survey")  # the same amount
    assert departures(counter.desk) == []
    note_fact(counter.desk, case, counter.staff["officer"], "cost", "18000.00", "verified", "survey of 3 January")
    one, = departures(counter.desk)
    assert (one.kind, one.number, one.before, one.after, one.reason, one.person) == (
        "over_word", case.number, "cost: 20000.00", "cost: 18000.00", "survey of 3 January", counter.staff["officer"].id)
    assert departures(counter.desk, within={"cloud_voucher"}) == []


def test_overrides_annulled_choices_and_write_offs(admitted):
    counter, case, _ = admitted
    run = counter.connection.execute(
        "INSERT INTO desk_run (call, kind, seed, terms, result, digest, person, at) VALUES (?, 'selection', 1, '{}', '{}', '',"
        " 1, 0) RETURNING id", (case.call,)).fetchone()[0]
    counter.connection.execute("INSERT INTO desk_place VALUES (?, ?, 1, 0, 0, 1, 1, 0, NULL, 0, '')", (run, case.id))
    counter.connection.execute("INSERT INTO desk_override VALUES (?, ?, 1, 1, 500000, 'the only one on this shore', 2, 5)",
                               (run, case.id))
    by_hand(counter, case, 3, "annul", "eligible", "panel", "chair")
    counter.connection.execute("INSERT INTO desk_step VALUES (?, 4, 'write_off', 'panel', 'panel', 3, 'approver', 9, 1, ?)", (
        case.id, json.dumps({"said": {"note": "the firm is gone"}, "written_off": 1234})))
    found = {one.kind: one for one in departures(counter.desk)}
    assert sorted(found) == ["annulled", "override", "write_off"]
    assert found["override"][5:] == (2, 5, "the only one on this shore", "0", "1", 500000)
    assert found["annulled"][8:10] == ("eligible", "panel")
    assert (found["write_off"].amount, found["write_off"].reason) == (1234, "the firm is gone")


def test_one_person_at_two_ends(admitted):
    counter, case, heron = admitted
    by_hand(counter, case, 3, "to_panel", "eligible", "panel", "officer")  # by the person with number 2
    assert kinds(findings(counter.desk)) == {}
    counter.connection.execute("INSERT INTO desk_step VALUES (?, 4, 'select', 'panel', 'selected', ?, 'chair', ?, 1, '{}')",
                               (case.id, heron.id, counter.clock() + 10**9))
    one, = findings(counter.desk)
    assert (one.kind, one.person, one.cases, one.steps) == (
        "two_ends", heron.id, ((case.id, case.number),), ("applicant: submit", "chair: select"))


def test_two_duties_in_one_case_and_over_the_cases_of_one_firm(admitted):
    counter, case, heron = admitted
    call = counter.call(code="LATER")
    other = counter.take(counter.draft(call, heron), "submit", heron)
    officer = counter.staff["officer"].id
    counter.clock.wait(days=1)
    counter.connection.execute("INSERT INTO desk_step VALUES (?, 2, 'award', 'submitted', 'awarded', ?, 'approver', ?, 1, '{}')",
                               (other.id, officer, counter.clock()))
    one, = findings(counter.desk)
    assert (one.kind, one.person, one.firm) == ("across_cases", officer, "heron")
    assert one.cases == ((case.id, case.number), (other.id, other.number))
    by_hand(counter, case, 3, "select", "eligible", "selected", "chair")
    counter.connection.execute("INSERT INTO desk_step VALUES (?, 4, 'award', 'selected', 'awarded', ?, 'approver', ?, 1, '{}')",
                               (case.id, officer, counter.clock() + 10**9))
    assert kinds(findings(counter.desk)) == {"two_duties": 1, "across_cases": 1}


@pytest.mark.parametrize("seconds, wanted", [(59, 1), (60, 0)])
def test_approved_within_a_minute(admitted, seconds, wanted):
    counter, case, _ = admitted
    admitted_at = counter.connection.execute("SELECT max(at) FROM desk_step").fetchone()[0]
    counter.connection.execute("INSERT INTO desk_step VALUES (?, 3, 'select', 'eligible', 'selected', ?, 'chair', ?, 1, '{}')",
                               (case.id, counter.staff["chair"].id, admitted_at + seconds * 1_000_000))
    found = findings(counter.desk)
    assert [(one.kind, one.seconds, one.other) for one in found] == [
        ("within_a_minute", 59, counter.staff["officer"].id)] * wanted


def test_substitutes_and_looking_as_somebody_else(admitted):
    counter, case, _ = admitted
    chair, admin = counter.staff["chair"], counter.staff["admin"]
    people.grant_role(counter.connection, chair.id, "approver", by=counter.staff["approver"], at=counter.clock(),
                      standing_in_for=counter.staff["approver"].id)
    counter.connection.execute("INSERT INTO desk_step VALUES (?, 3, 'select', 'eligible', 'selected', ?, 'chair', ?, 1, ?)", (
        case.id, chair.id, counter.clock() + 10**9, json.dumps({"standing_in_for": counter.staff["approver"].id})))
    moments = iter((10_000_000, 95_000_000))
    last = counter.connection.execute("SELECT max(at) FROM act").fetchone()[0]
    record = Record(counter.connection, lambda: last + next(moments))
    record.add(admin.actor, "web.stood_as", chair.actor)
    record.add(admin.actor, "web.stood_as_ended", chair.actor)
    found = {one.kind: one for one in findings(counter.desk)}
    assert (found["substitute"].person, found["substitute"].other) == (chair.id, counter.staff["approver"].id)
    assert (found["looked_as"].person, found["looked_as"].other, found["looked_as"].seconds) == (admin.id, chair.id, 85)
    assert kinds(findings(counter.desk, within={"pier_challenge"})) == {"substitute": 1}


def test_an_interest_told_after_the_fact(admitted):
    counter, case, _ = admitted
    officer, chair = counter.staff["officer"], counter.staff["chair"]
    declare(counter.desk, chair, chair.id, case, "", "my cousin works there")  # in time: she has done nothing yet
    assert findings(counter.desk) == []
    counter.clock.wait(seconds=3600)
    declare(counter.desk, officer, officer.id, None, "heron", "my brother works there")
    one, = findings(counter.desk)
    assert (one.kind, one.person, one.steps, one.seconds // 60) == ("late_interest", officer.id, ("officer: admit",), 60)


def test_a_role_that_somebody_gave_themselves(counter):
    admin = counter.staff["admin"]
    with pytest.raises(WestlakeError):
        people.grant_role(counter.connection, admin.id, "payer", by=admin, at=counter.clock())
    counter.connection.execute(
        "INSERT INTO desk_role (person, role, programme, firm, first_at, last_at, standing_in_for, given_by, at, reason)"
        " VALUES (?, 'payer', '*', '', 0, 9, NULL, ?, 5, '')", (admin.id, admin.id))  # behind the desk's back
    assert [(one.kind, one.person, one.steps) for one in findings(counter.desk)] == [("own_role", admin.id, ("payer",))]
