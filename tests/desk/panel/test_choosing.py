"""Who is chosen at Lakeside, why others are not, and what a chair decides otherwise, for all to see."""

import csv
import hashlib
import io
from dataclasses import replace

import pytest
from tests.desk.review_counter import code

from westlake.desk.applying.deciding import decide_case
from westlake.desk.audit import duties
from westlake.desk.panel import choosing, interests, reviewing
from westlake.desk.panel.terms import Bound

PLAIN = {"lottery": "no"}
EACH = 1_000_000  # half of what the counter's piers cost, minor units


@pytest.fixture
def counter(review_counter):
    return review_counter


@pytest.fixture
def lake(counter):
    """Money for two piers; four of them reviewed, one too weak."""
    call = counter.call(budget=2_500_000, reserve_places=1)
    reviewers = [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")]
    return counter, call, counter.paneled(call, reviewers, heron=9, otter=7, swan=8, crane=5)


def firms(rows):
    return [one.case.firm for one in rows]


def choose(counter, call, seed=7, **terms):
    return choosing.select(counter.desk, call, counter.staff["chair"], seed, {**PLAIN, **terms}, "As the test asks.")


def override(counter, run, case, chosen, amount, reason="The council asked.", who="chair"):
    person = counter.staff[who] if isinstance(who, str) else who
    return choosing.override(counter.desk, run, case, chosen, amount, reason, person, counter.roles(person))


def test_a_ranking_chooses_nobody(counter):
    call = counter.call(reviews_per_case=2)
    rita, rolf = counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")
    heron, _ = counter.eligible(call, "heron")
    otter, _ = counter.eligible(call, "otter")
    swan, _ = counter.eligible(call, "swan")
    assert code(choosing.rank, counter.desk, call, counter.staff["chair"], 1) == ["W1044"]
    counter.assign(heron, rita, rolf)
    counter.assign(otter, rita)
    for case, one, mark in ((heron, rita, 9), (heron, rolf, 6), (otter, rita, 5)):
        counter.review(case, one, mark, mark, mark)
    run = choosing.rank(counter.desk, call, counter.staff["chair"], 1)
    rows = choosing.places(counter.desk, run)
    assert [(one.case.firm, one.rank, one.mean, one.reviews, one.few, one.chosen) for one in rows] == [
        ("heron", 1, 75_000, 2, False, False), ("otter", 2, 50_000, 1, True, False)]
    assert run.result["unreviewed"] == [swan.number]
    assert choosing.standing(counter.desk, call) == []


def test_the_list_is_paid_down_and_says_what_stood_in_the_way(lake):
    counter, call, cases = lake
    run = choose(counter, call)
    rows = choosing.standing(counter.desk, call)
    assert [(one.case.firm, one.rank, one.mean, one.chosen, one.amount, one.reserve) for one in rows] == [
        ("heron", 1, 90_000, True, EACH, 0), ("swan", 2, 80_000, True, EACH, 0), ("otter", 3, 70_000, False, 0, 1),
        ("crane", 4, 50_000, False, 0, 0)]
    assert [one.bound for one in rows] == [
        None, None, Bound("budget", {"left": 500_000, "amount": EACH}),
        Bound("below_threshold", {"points": rows[3].estimate, "threshold": 60_000})]
    assert choosing.place_of(counter.desk, cases["otter"]) == rows[2]
    assert run.result["spent"] == 2 * EACH


def test_the_choice_is_kept_whole_so_that_it_can_be_made_again(lake):
    counter, call, _ = lake
    for terms in ({}, {"mode": "optimal"}, {"mode": "lottery", "lottery": "all"}):
        run = choose(counter, call, **terms)
        assert choosing.repeated(counter.desk, choosing.find_run(counter.desk, run.id), call)
        forged = replace(run, terms={**run.terms, "amounts": {**run.terms["amounts"], "PIER-26-0001": 1}})
        assert not choosing.repeated(counter.desk, forged, call)
    ranking = choosing.rank(counter.desk, call, counter.staff["chair"], 3)
    assert choosing.repeated(counter.desk, ranking, call)
    assert not choosing.repeated(counter.desk, replace(ranking, seed=4), call)


def test_steps_follow_the_choice(lake):
    counter, call, cases = lake
    assert code(counter.take, cases["heron"], "select", "chair") == ["W1040"]
    assert code(counter.take, cases["heron"], "reject", "chair") == ["W1042"]
    choose(counter, call)
    taken = counter.take(cases["heron"], "select", "chair")
    assert (taken.state, taken.amount) == ("selected", EACH)
    assert code(counter.take, cases["otter"], "select", "chair") == ["W1040"]
    assert counter.take(cases["otter"], "reserve", "chair").state == "reserve"
    assert code(counter.take, cases["crane"], "reserve", "chair") == ["W1041"]
    assert counter.take(cases["crane"], "reject", "chair").state == "not_selected"
    assert code(counter.take, cases["swan"], "reject", "chair") == ["W1042"]


def test_a_chair_in_conflict_takes_no_step(lake):
    counter, call, cases = lake
    choose(counter, call)
    chair = counter.staff["chair"]
    interests.declare(counter.desk, chair, chair.id, cases["heron"], "", "I own the wood.")
    assert code(counter.take, cases["heron"], "select", "chair") == ["W1038"]
    run = choosing.runs(counter.desk, call, "selection")[0]
    assert code(override, counter, run, cases["heron"], False, 0) == ["W1038"]
    assert counter.take(cases["swan"], "select", "chair").state == "selected"


def test_the_chair_decides_otherwise_beside_what_was_computed(lake):
    counter, call, cases = lake
    run = choose(counter, call)
    assert code(override, counter, run, cases["otter"], True, EACH) == ["W1049"]  # the budget does not hold three
    override(counter, run, cases["swan"], False, 0)
    given = override(counter, run, cases["otter"], True, 900_000, "The only pier of the south.")
    assert (given.seq, given.chosen, given.amount, given.person) == (1, True, 900_000, counter.staff["chair"].id)
    rows = choosing.standing(counter.desk, call)
    assert [(one.case.firm, one.computed, one.chosen, one.amount) for one in rows] == [
        ("heron", True, True, EACH), ("otter", False, True, 900_000), ("swan", True, False, 0),
        ("crane", False, False, 0)]
    assert counter.take(cases["otter"], "select", "chair").amount == 900_000
    override(counter, run, cases["swan"], True, 600_000, "On second thoughts.")
    override(counter, run, cases["swan"], False, 0, "On third thoughts.")
    assert [(one.case, one.seq, one.chosen) for one in choosing.overrides(counter.desk, call)] == [
        (cases["swan"].id, 1, False), (cases["otter"].id, 1, True), (cases["swan"].id, 2, True),
        (cases["swan"].id, 3, False)]


@pytest.mark.parametrize(("change", "problem"), [
    ({"who": "officer"}, "W1047"), ({"reason": " "}, "W1035"), ({"chosen": True, "amount": 0}, "W1049"),
    ({"chosen": False, "amount": 5}, "W1049")])
def test_an_override_that_may_not_be(lake, change, problem):
    counter, call, cases = lake
    given = {"run": choose(counter, call), "case": cases["swan"], "chosen": True, "amount": 1, **change}
    assert code(override, counter, **given) == [problem]
    assert choosing.overrides(counter.desk, call) == []


def test_only_the_last_selection_is_overridden(lake):
    counter, call, cases = lake
    first = choose(counter, call)
    choose(counter, call, seed=8)
    assert code(override, counter, first, cases["swan"], False, 0) == ["W1048"]


def test_another_programmes_chair_has_no_say(lake):
    counter, call, cases = lake
    run = choose(counter, call)
    other = counter.somebody("Dora", "chair", programme="dock_challenge")
    assert code(override, counter, run, cases["swan"], False, 0, who=other) == ["W1047"]


def test_the_panel_for_judging_later_has_the_unfunded_and_the_overridden(lake):
    counter, call, cases = lake
    run = choose(counter, call)
    override(counter, run, cases["swan"], False, 0)
    rows = choosing.panel(counter.desk, call)
    kept = ("case", "firm", "mean", "rank", "computed", "chosen", "drawn", "override", "unfunded", "amount", "asked")
    assert [tuple(row[name] for name in kept) for row in rows] == [
        ("PIER-26-0001", "heron", 90_000, 1, 1, 1, None, 0, 0, EACH, 2 * EACH),
        ("PIER-26-0003", "swan", 80_000, 2, 1, 0, None, 1, 1, 0, 2 * EACH),
        ("PIER-26-0002", "otter", 70_000, 3, 0, 0, None, 0, 1, 0, 2 * EACH),
        ("PIER-26-0004", "crane", 50_000, 4, 0, 0, None, 0, 1, 0, 2 * EACH)]
    assert {row["cut_off"] for row in rows} == {rows[1]["score"]}
    read = list(csv.DictReader(io.StringIO(choosing.panel_csv(rows))))
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows] == read


def test_lots_decide_where_reviews_cannot_and_anybody_can_draw_them_again(counter):
    call = counter.call(budget=2_500_000)
    reviewers = [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")]
    cases = counter.paneled(call, reviewers, heron=(9, 6), otter=(6, 9), swan=(8, 7), crane=(7, 8))
    run = choose(counter, call, seed=42, mode="lottery", lottery="all")
    rows = {one.case.number: one for one in choosing.standing(counter.desk, call)}
    lots = sorted((hashlib.sha256(f"l2:s2:42s{len(number)}:{number}".encode()).hexdigest(), number) for number in rows)
    assert {number: one.drawn for number, one in rows.items()} == {number: turn for turn, (_, number)
                                                                  in enumerate(lots, 1)}
    assert {number for number, one in rows.items() if one.chosen} == {number for _, number in lots[:2]}
    assert [lot[:2] for lot in run.result["drawing"]["lots"]] == [[number, lot] for lot, number in lots]
    assert len(cases) == 4


def test_the_band_alone_draws_by_the_programmes_own_terms(lake):
    counter, call, _ = lake
    run = choosing.select(counter.desk, call, counter.staff["chair"], 7)
    assert run.terms["choice"]["mode"] == "lottery"
    assert {lot[0] for lot in run.result["drawing"]["lots"]} <= set(run.result["band"])


def test_quotas_by_register_and_by_answers(counter):
    call = counter.call(budget=2_500_000)
    reviewers = [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")]
    cases = counter.paneled(call, reviewers, heron=9, swan=8, otter=7)
    counter.know("otter", size="micro")
    micro = {"field": "size", "value": "micro", "least_count": "1"}
    choose(counter, call, quotas=[micro])
    assert sorted(firms(one for one in choosing.standing(counter.desk, call) if one.chosen)) == ["heron", "otter"]
    north = {"field": "district", "value": "north", "most_share": "40%"}
    run = choose(counter, call, quotas=[north])
    assert run.terms["choice"]["quotas"] == [{"field": "district", "value": "north", "most_share_ppm": 400_000}]
    rows = choosing.standing(counter.desk, call)
    assert firms(one for one in rows if one.chosen) == ["heron"]
    assert rows[1].bound == Bound("quota_amount", {"quota": "district = north", "left": 0, "amount": EACH})
    choose(counter, call, exclusions=[[cases["heron"].number, cases["swan"].number]])
    assert firms(one for one in choosing.standing(counter.desk, call) if one.chosen) == ["heron", "otter"]


def test_other_terms_than_announced_need_a_reason_that_stays_and_is_shown_to_auditors(counter):
    call = counter.call(budget=2_500_000)
    counter.paneled(call, [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")], heron=9, swan=8)
    chair, terms = counter.staff["chair"], {"quotas": [{"field": "district", "value": "north", "most_count": 1}]}
    assert code(choosing.select, counter.desk, call, chair, 7, terms, " ") == ["W1181"]
    assert choosing.runs(counter.desk, call) == []
    assert "otherwise" not in choosing.select(counter.desk, call, chair, 7, {"objective": "points"}).terms
    run = choosing.select(counter.desk, call, chair, 7, terms, "One pier a shore.")
    assert run.terms["otherwise"] == {"reason": "One pier a shore.", "terms": ["quotas"]}
    assert choosing.repeated(counter.desk, run, call)
    [one] = duties.departures(counter.desk)
    assert (one.kind, one.number, one.person, one.reason, one.after) == (
        "other_terms", call.code, chair.id, "One pier a shore.", "quotas")


def test_who_was_passed_over_and_what_choosing_them_would_have_cost(counter):
    call = counter.call(budget=2_500_000)
    reviewers = [counter.reviewer(call, "Rita"), counter.reviewer(call, "Rolf")]
    cases = {}
    for firm, mark, cost in (("heron", 9, "20000.00"), ("swan", 8, "40000.00"), ("otter", 7, "20000.00")):
        case, _ = counter.eligible(call, firm, cost=cost)
        counter.assign(case, *reviewers)
        for one in reviewers:
            counter.review(case, one, mark, mark, mark)
        cases[firm] = counter.take(case, "to_panel", "officer")
    counter.closed(call)
    run = choose(counter, call)
    assert [(one.case.firm, one.bound.kind) for one in choosing.skipped(counter.desk, run)] == [("swan", "budget")]
    found = choosing.resolve_with(counter.desk, run, cases["swan"])
    assert found.possible
    assert [one.case for one in found.brought_in] == [cases["swan"].number]
    assert [one.case for one in found.pushed_out] == [cases["heron"].number, cases["otter"].number]


def test_a_second_choice_has_only_the_money_that_the_first_left(lake):
    counter, call, cases = lake
    choose(counter, call)
    counter.take(cases["heron"], "select", "chair")
    second = choose(counter, call, seed=8)
    assert second.terms["budget"] == 2_500_000 - EACH
    rows = choosing.standing(counter.desk, call)
    assert [(one.case.firm, one.chosen) for one in rows] == [
        ("heron", True), ("swan", True), ("otter", False), ("crane", False)]


def test_what_takes_no_part_is_listed_with_its_reason(lake):
    counter, call, cases = lake
    for reviewer in reviewing.states_of(counter.desk, cases["swan"]):
        reviewing.withdraw_assignment(counter.desk, cases["swan"], counter.staff["officer"], reviewer, "wrong pier")
    decide_case(counter.desk, cases["otter"], counter.desk.today(), {"resident": 0})
    choose(counter, call)
    rows = choosing.standing(counter.desk, call)
    assert [(one.case.firm, one.rank, one.chosen, one.bound and one.bound.kind) for one in rows] == [
        ("heron", 1, True, None), ("crane", 2, False, "below_threshold"), ("otter", 0, False, "not_eligible"),
        ("swan", 0, False, "no_reviews")]


@pytest.mark.parametrize("terms", [
    {"threshold": "many"}, {"score": "best"}, {"lottery": "perhaps"}, {"quotas": [{"field": "size"}]},
    {"quotas": [{"field": "size", "value": "micro", "least": "1"}]},
    {"quotas": [{"field": "size", "value": "micro", "most_share": "half"}]}])
def test_terms_that_cannot_be_read(lake, terms):
    counter, call, _ = lake
    assert code(choose, counter, call, **terms) == ["W1045"]
    assert choosing.runs(counter.desk, call) == []


def test_looking_at_a_choice_beforehand_keeps_nothing(lake):
    counter, call, _ = lake
    seen = choosing.preview(counter.desk, call, 7, PLAIN)
    assert choosing.runs(counter.desk, call) == []
    assert choose(counter, call).result == seen
