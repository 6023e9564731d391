"""Ranking, choosing, deciding otherwise, making known: told as a chair and an officer meet them, and what may not leak."""

import csv
import hashlib
import io
import json
from urllib.parse import urlencode

import pytest
from tests.web.conftest import Browser
from tests.web.review_office import Panel, hides

from westlake.desk import people
from westlake.desk.calls import change_call
from westlake.desk.panel import choosing, notices, reviewing
from westlake.desk.panel.interests import declare
from westlake.words import say

ASKS = {"seed": "7", "mode": "ranked_list", "objective": "points", "threshold": "60", "score": "estimate", "edge": "skip",
        "lottery": "no"}


@pytest.fixture
def lake(office, clock):
    return Panel(office, clock, Browser)


@pytest.fixture
def desk(lake):
    """Money for two piers; four of them reviewed, one too weak."""
    call = lake.call(budget=2_500_000, reserve_places=1)
    reviewers = [lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")]
    return lake, call, lake.paneled(call, reviewers, heron=9, lynx=7, swan=8, crane=5)


def select(lake, call, who="chair", **asks):
    """Look at a choice and make it; its number."""
    browser, here = lake.at(who), f"/reviews/calls/{call.id}/selection/"
    looked = browser.get(here, {**ASKS, **asks})
    assert looked.status_code == 200 and "seen_digest" in looked.context, looked.text
    answer = browser.post(here, {**ASKS, **asks, "seen": looked.context["seen_digest"], "reason": "The panel asked."})
    return int(answer["Location"].split("/")[3])


def test_a_ranking_shows_the_mean_beside_the_estimate_and_its_doubt(desk):
    lake, call, _ = desk
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/ranking/"
    assert "No ranking yet" in officer.get(here).text
    assert officer.post(here, {"seed": "3"})["Location"] == here
    page = officer.get(here)
    lines = page.context["lines"]
    assert [(one.case.number, one.mean) for one in lines] == [
        ("PIER-26-0001", "90.0"), ("PIER-26-0003", "80.0"), ("PIER-26-0002", "70.0"), ("PIER-26-0004", "50.0")]
    assert page.context["proof"] == ""  # two on each side of the cut-off are too few to show anything
    assert "The first 2 have the points that are asked for and are paid in full by the budget" in page.text
    assert "<svg" in page.text and "How reviewers mark" in page.text
    run = choosing.runs(lake.desk, call, "ranking")[0]
    assert "Computed again: same digest" in officer.get(f"/reviews/runs/{run.id}/again/", headers={"HX-Request": "true"}).text
    assert officer.get(f"/reviews/runs/{run.id}/").status_code == 404


def test_a_ranking_says_what_its_cut_off_can_show(lake):
    """Three cases on each side are enough for a line on each; under lots a cut-off shows nothing."""
    call = lake.call(budget=3_750_000)
    reviewers = [lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")]
    lake.paneled(call, reviewers, heron=9, lynx=7, swan=8, crane=5, otter=6, teal=4)
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/ranking/"
    officer.post(here, {"seed": "3"})
    assert officer.get(here).context["proof"].startswith("With 6 cases about the cut-off, the smallest effect")
    change_call(lake.desk, call, lake.staff["officer"], "Lots instead.", terms={
        "choice": {**call.terms["choice"], "mode": "lottery"}})
    assert officer.get(here).context["proof"] == ""


def test_looking_keeps_nothing_and_only_the_chair_chooses(desk):
    lake, call, _ = desk
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/selection/"
    looked = officer.get(here, ASKS)
    assert "Only a chair makes the choice." in looked.text and "PIER-26-0001" in looked.text
    assert officer.post(here, {**ASKS, "seen": looked.context["seen_digest"]}).status_code == 404
    assert choosing.runs(lake.desk, call) == []
    run = choosing.find_run(lake.desk, select(lake, call))
    assert [award[0] for award in run.result["awards"]] == ["PIER-26-0001", "PIER-26-0003"]
    assert run.terms["choice"]["mode"] == "ranked_list" and run.seed == 7


def test_the_terms_show_what_is_left_of_the_budget(desk):
    lake, call, cases = desk
    select(lake, call)
    lake.take(cases["heron"], "select", "chair")
    left = choosing.budget_left(lake.desk, call, [cases["lynx"]])
    shown = dict(lake.at("chair").get(f"/reviews/calls/{call.id}/selection/").context["terms"])["Budget"]
    amount = choosing.place_of(lake.desk, cases["heron"]).amount
    whole = call.number("budget")
    assert shown == f"¥{(whole - amount) / 100:,.2f}, what is left of ¥{whole / 100:,.2f}"
    assert left < whole


def test_once_the_choice_is_made_a_review_is_read_and_no_longer_written(desk):
    lake, call, cases = desk
    heron = cases["heron"]
    reader = next(one for one in reviewing.states_of(lake.desk, heron))
    rita = people.find_person(lake.connection, reader)
    own, here = lake.at(rita), f"/reviews/cases/{heron.id}/"
    assert own.get(here).text.count("Keep the draft") == 1
    select(lake, call)
    page = own.get(here)
    assert page.context["closed"][0] == f"the choice that case {heron.number} takes part in has been made; its reviews stand"
    assert page.context["closed"][0] in page.text and "90 / 100" in page.text.replace("90.0", "90")
    for gone in ("Keep the draft", "Look once more and submit", "data-autosave", f"{here}abstain/"):
        assert gone not in page.text
    assert f"{here}recuse/" in page.text  # a conflict may be found at any time
    assert own.get(f"{here}submit/")["Location"] == here
    for path, said in (("", {"keep": "1", "comment": "Later"}), ("draft/", {"comment": "Later"}),
                       ("abstain/", {"reason": "Late."})):
        assert "W1036" in own.post(f"{here}{path}", said).text
    assert "Later" not in own.get(here).text and reviewing.states_of(lake.desk, heron)[reader] == "submitted"


def test_where_no_case_waits_the_page_says_what_comes_first(lake):
    call = lake.call(objection_days=0)
    page = lake.at("chair").get(f"/reviews/calls/{call.id}/selection/").text
    assert "first bring those that are reviewed before the panel" in page
    assert f'href="/cases/?call={call.id}"' in page


def test_a_call_without_days_to_object_still_offers_one(lake):
    call = lake.call(budget=2_500_000, objection_days=0)
    lake.paneled(call, [lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")], heron=9)
    page = lake.at("officer").get(f"/reviews/runs/{select(lake, call)}/publish/")
    assert page.context["form"]["days"].value() == 1


def test_a_reviewers_first_page_counts_an_unanswered_invitation(lake):
    call = lake.call()
    asked = lake.reviewer(call, "Rita", accepts=False)
    home = "<b>1</b><span>Invitations to answer</span>"
    assert home in lake.at(asked).get("/").text
    reviewing.answer_invitation(lake.desk, call, asked, True)
    assert home not in lake.at(asked).get("/").text


def test_what_changed_since_it_was_looked_at_is_not_chosen(desk):
    lake, call, _ = desk
    chair, here = lake.at("chair"), f"/reviews/calls/{call.id}/selection/"
    looked = chair.get(here, ASKS)
    change_call(lake.desk, call, lake.staff["officer"], "less money", terms={"budget": 1_200_000})
    refused = chair.post(here, {**ASKS, "seen": looked.context["seen_digest"], "reason": "No lots."})
    assert refused.status_code == 422 and "W1110" in refused.text
    assert choosing.runs(lake.desk, call) == []


def test_the_choice_says_what_stood_in_the_way_and_can_be_checked(desk):
    lake, call, cases = desk
    run = select(lake, call)
    chair = lake.at("chair")
    page = chair.get(f"/reviews/runs/{run}/").text
    assert "the budget had ¥5,000.00 left, the case needs ¥10,000.00" in page
    assert "50 points, below the threshold of 60" in page and "Reserve 1" in page
    assert f"/cases/bulk/?case={cases['heron'].id}&amp;case={cases['swan'].id}&amp;step=select" in page
    assert "same digest" in chair.get(f"/reviews/runs/{run}/again/").text
    what = chair.get(f"/reviews/runs/{run}/cases/{cases['lynx'].id}/what-if/", headers={"HX-Request": "true"}).text
    assert "<html" not in what and "PIER-26-0002" in what and "PIER-26-0003" in what
    assert chair.get(f"/reviews/runs/{run}/cases/{cases['heron'].id}/what-if/").status_code == 404


def test_the_best_choice_tells_its_objective_and_that_it_is_proved(desk):
    lake, call, _ = desk
    run = select(lake, call, mode="optimal")
    page = lake.at("auditor").get(f"/reviews/runs/{run}/").text
    assert "Sum of points" in page and "proved" in page and "Decide otherwise" not in page


def test_lots_can_be_drawn_again_by_anybody(lake):
    call = lake.call(budget=2_500_000)
    reviewers = [lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")]
    cases = lake.paneled(call, reviewers, heron=(9, 6), lynx=(6, 9), swan=(7, 8), crane=(8, 7))
    run = select(lake, call, lottery="all", seed="20260601")
    page = lake.at("officer").get(f"/reviews/runs/{run}/")
    lots = page.context["lots"]
    assert len(lots) == 4 and sorted(one.lot for one, _ in lots) == [one.lot for one, _ in lots]
    assert all(hashlib.sha256(text.encode()).hexdigest() == one.lot for one, text in lots)
    assert "Drawn again from the seed: the same lots" in page.text
    first, number = lots[0][0], {case.number: case.id for case in cases.values()}
    paper = lake.at("auditor").get(f"/audit/cases/{number[first.case]}/").text.split("The draw", 1)[1]
    assert f"/reviews/runs/{run}/" in paper and first.lot[:16] in paper and "Drawn again from the seed: the same lots" in paper


def test_a_chair_decides_otherwise_and_it_stands_beside(desk):
    lake, call, cases = desk
    run = select(lake, call)
    chair, here = lake.at("chair"), f"/reviews/runs/{run}/cases/{cases['swan'].id}/override/"
    assert "PIER-26-0003" in chair.get(here).text
    assert chair.post(here, {"chosen": "0", "reason": ""}).status_code == 422
    assert "W1071" in chair.post(here, {"chosen": "1", "amount": "ten", "reason": "x"}).text
    assert "W1049" in chair.post(here, {"chosen": "1", "amount": "99999.00", "reason": "x"}).text
    chair.post(here, {"chosen": "0", "reason": "The swans have left."})
    page = lake.at("auditor").get(f"/reviews/calls/{call.id}/standing/").text
    assert "The swans have left." in page and "Chen Mei" in page and "computed: chosen" in page
    assert lake.at("officer").post(here, {"chosen": "1", "amount": "1.00", "reason": "x"}).status_code == 404


def test_a_result_is_made_known_and_objections_come_in(desk):
    lake, call, cases = desk
    run = select(lake, call)
    officer = lake.at("officer")
    page = officer.get(f"/reviews/runs/{run}/publish/").text
    assert "cannot be taken back" in page and "PIER-26-0001" in page
    assert officer.post(f"/reviews/runs/{run}/publish/", {"days": "0"}).status_code == 422
    assert officer.post(f"/reviews/runs/{run}/publish/", {"days": "3"})["Location"] == f"/reviews/calls/{call.id}/notices/"
    (notice,) = notices.notices(lake.desk, call)
    assert (notice.cases, notice.last_day - notice.first_day) == ((cases["heron"].id, cases["swan"].id), 2)
    one = notices.object_to(lake.desk, notice, lake.again(cases["swan"]), lake.somebody("Olga"), "Their pier is ours.")
    page = officer.get(f"/reviews/calls/{call.id}/notices/").text
    assert "Open, days left: 3" in page and "Their pier is ours." in page and f"/cases/{one.id}/#step_uphold" in page
    assert "Olga" not in page


def test_the_panel_as_a_file_holds_the_unfunded_too(desk):
    lake, call, _ = desk
    select(lake, call)
    rows = list(csv.DictReader(io.StringIO(lake.at("officer").get(f"/reviews/calls/{call.id}/panel.csv").text)))
    assert [(row["case"], row["chosen"], row["firm"], row["cut_off"]) for row in rows] == [
        (f"PIER-26-000{number}", chosen, firm, rows[0]["cut_off"]) for number, chosen, firm in
        ((1, "1", "heron"), (3, "1", "swan"), (2, "0", "lynx"), (4, "0", "crane"))]
    data = json.loads(lake.at("auditor").get(f"/reviews/calls/{call.id}/panel.json").text)
    assert [str(row["score"]) for row in data] == [row["score"] for row in rows]


def test_a_phase_that_hides_scores_hides_them_everywhere(desk):
    lake, call, cases = desk
    run = select(lake, call)
    change_call(lake.desk, call, lake.staff["officer"], "hidden again", terms=hides("scores"))
    for who in ("officer", "chair"):
        browser = lake.at(who)
        assert {browser.get(f"/reviews/{page}").status_code for page in (
            f"runs/{run}/", f"runs/{run}/again/", f"runs/{run}/cases/{cases['lynx'].id}/what-if/", f"calls/{call.id}/panel.csv",
            f"calls/{call.id}/panel.json")} == {404}
        for tab in ("ranking", "selection", "standing"):
            page = browser.get(f"/reviews/calls/{call.id}/{tab}/?seed=7")
            assert "This phase hides scores" in page.text and "PIER-26-0001" not in page.text
        assert "This phase hides scores" in browser.post(f"/reviews/calls/{call.id}/ranking/", {"seed": "1"}).text
    assert choosing.runs(lake.desk, call, "ranking") == []
    assert lake.at("auditor").get(f"/reviews/runs/{run}/").status_code == 200


def test_a_blind_chair_reads_reasons_without_names(lake):
    call = lake.call(budget=2_500_000, **hides("applicant"))
    reviewers = [lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")]
    cases = lake.paneled(call, reviewers, still_open=True, heron=9, lynx=7, swan=8)
    speaker = lake.somebody("Heron Two", "applicant", firm="heron", email="two@heronwing.example")
    second = lake.take(lake.draft(call, speaker, title="A second pier"), "submit", speaker)
    second = lake.take(second, "admit", "officer")
    lake.assign(second, *reviewers)
    for one in reviewers:
        lake.review(second, one, 8, 8, 8)
    lake.take(second, "to_panel", "officer")
    lake.closed(call)
    run = select(lake, call)
    chair = lake.at("chair")
    pages = [f"/reviews/runs/{run}/", f"/reviews/calls/{call.id}/standing/", f"/reviews/calls/{call.id}/panel.csv",
             f"/reviews/calls/{call.id}/panel.json", f"/reviews/runs/{run}/publish/", f"/reviews/calls/{call.id}/ranking/",
             f"/reviews/runs/{run}/cases/{second.id}/what-if/", f"/reviews/runs/{run}/cases/{cases['swan'].id}/override/",
             f"/reviews/calls/{call.id}/selection/?{urlencode(ASKS)}"]
    chair.post(f"/reviews/calls/{call.id}/ranking/", {"seed": "1"})
    for address in pages:
        page = chair.get(address)
        assert page.status_code == 200, address
        text = page.text.lower()
        assert not any(name in text for name in ("heron", "swan", "lynx", "@")), address
    assert "one award for each firm: not shown has it for PIER-26-0001" in chair.get(pages[0]).text
    assert "heron" in lake.at("officer").get(pages[2]).text


def test_a_chair_in_conflict_finds_no_trace_of_the_case(desk):
    lake, call, cases = desk
    tied = lake.somebody("Tia", "chair", email="tia@swan.example")
    run = select(lake, call)
    own = lake.at(tied)
    own.post(f"/reviews/calls/{call.id}/ranking/", {"seed": "1"})
    pages = [f"/reviews/runs/{run}/", f"/reviews/calls/{call.id}/standing/", f"/reviews/calls/{call.id}/panel.csv",
             f"/reviews/calls/{call.id}/panel.json", f"/reviews/runs/{run}/publish/", f"/reviews/calls/{call.id}/ranking/",
             f"/reviews/runs/{run}/cases/{cases['lynx'].id}/what-if/", f"/reviews/calls/{call.id}/selection/?seed=7"]
    for address in pages:
        page = own.get(address).text
        assert "PIER-26-0003" not in page and "swan" not in page.lower(), address
    ranks = [line.one.rank for line in own.get(f"/reviews/calls/{call.id}/ranking/").context["lines"]]
    assert ranks == [1, 2, 3]
    for page in ("what-if", "override"):
        assert own.get(f"/reviews/runs/{run}/cases/{cases['swan'].id}/{page}/").status_code == 404
    assert own.post(f"/reviews/runs/{run}/cases/{cases['swan'].id}/override/", {"chosen": "0", "reason": "x"}).status_code == 404
    declare(lake.desk, tied, tied.id, cases["heron"], "", "Also mine.")
    assert "PIER-26-0001" not in own.get(pages[0]).text


def test_conditions_are_set_on_the_page_and_stay_with_the_choice(desk):
    lake, call, _ = desk
    here = f"/reviews/calls/{call.id}/selection/"
    page = lake.at("officer").get(here).text
    assert 'name="quota_field"' in page and '<option value="district">Shore</option>' in page
    assert 'value="PIER-26-0002"' in page and '<option value="firm"' not in page
    limits = {"conditions": "1", "quota_field": ["district", "", ""], "quota_value": ["north", "", ""],
              "quota_least": ["", "", ""], "quota_most": ["90", "", ""], "quota_unit": ["share", "count", "count"]}
    district = lake.connection.execute("SELECT DISTINCT value FROM desk_answer WHERE field = 'district'").fetchone()[0]
    limits["quota_value"][0] = district
    pairs = {"exclusion_one": ["PIER-26-0001", ""], "exclusion_other": ["PIER-26-0003", ""],
             "prerequisite_one": ["PIER-26-0002"], "prerequisite_other": ["PIER-26-0001"]}
    run = choosing.find_run(lake.desk, select(lake, call, **limits, **pairs))
    assert run.terms["choice"]["quotas"] == [{"field": "district", "value": district, "most_share_ppm": 900_000}]
    assert run.terms["choice"]["exclusions"] == [["PIER-26-0001", "PIER-26-0003"]]
    assert [award[0] for award in run.result["awards"]] == ["PIER-26-0001", "PIER-26-0002"]
    told = lake.at("chair").get(f"/reviews/runs/{run.id}/").text
    assert "The panel asked. (differs in: " in told
    lake.staff["auditor"] = lake.staff.get("auditor") or lake.person("Ada", "auditor")
    assert "The panel asked." in lake.at("auditor").get("/audit/departures/").text
    assert "at most 90 %" in told and "PIER-26-0001 or PIER-26-0003, not both" in told and "PIER-26-0002 only with PIER-26-0001" in told
    assert "cannot be chosen together with PIER-26-0001, which was" in told


@pytest.mark.parametrize(("asks", "code"), [
    ({"quota_field": "district", "quota_value": "", "quota_least": "2"}, "W1150"),
    ({"quota_field": "district", "quota_value": "atlantis", "quota_least": "2"}, "W1151"),
    ({"quota_field": "district", "quota_value": "north", "quota_least": "two"}, "W1045"),
    ({"exclusion_one": "PIER-26-0001", "exclusion_other": ""}, "W1150"),
    ({"prerequisite_one": "PIER-26-0001", "prerequisite_other": "PIER-99-0001"}, "W1152")])
def test_a_condition_that_means_nothing_is_told_and_stays_in_the_form(desk, asks, code):
    lake, call, _ = desk
    with lake.connection as connection:
        connection.execute("UPDATE desk_answer SET value = 'north' WHERE field = 'district'")
    row = {"conditions": "1", "quota_most": "", "quota_unit": "count", **asks}
    if "quota_field" not in asks:
        row = {"conditions": "1", **asks}
    page = lake.at("chair").get(f"/reviews/calls/{call.id}/selection/", {**ASKS, **row})
    assert page.status_code == 422 and code in page.text and "seen_digest" not in page.context
    assert all(f'value="{text}"' in page.text for text in asks.values() if text and text != "district")


@pytest.mark.parametrize("field", ["firm", "applicant"])
def test_no_quota_is_asked_by_who_applied_however_it_is_posted(lake, field):
    """In a blind phase an empty choice would tell whether the firm has applied, a full one which case is its own."""
    call = lake.call(budget=2_500_000, **hides("applicant"))
    reviewers = [lake.reviewer(call, "Rita"), lake.reviewer(call, "Rolf")]
    lake.paneled(call, reviewers, heron=9, lynx=7)
    chair, here = lake.at("chair"), f"/reviews/calls/{call.id}/selection/"
    for value in ("heron", "nobody"):
        row = {"conditions": "1", "quota_field": field, "quota_value": value, "quota_least": "", "quota_most": "0",
               "quota_unit": "count"}
        for answer in (chair.get(here, {**ASKS, **row}), chair.post(here, {**ASKS, **row, "seen": "?"})):
            assert (answer.status_code, "W1150" in answer.text, "W1151" in answer.text) == (422, True, False)
            assert "seen_digest" not in answer.context
    assert choosing.runs(lake.desk, call) == []


def test_a_place_on_the_reserve_list_is_told_and_is_no_selection(desk):
    lake, call, cases = desk
    select(lake, call)
    case = lake.take(cases["lynx"], "reserve", "chair")
    told = [("On the reserve list", "Reserve 1")]
    assert [one for one in lake.at("officer").get(f"/cases/{case.id}/").context["facts"] if one in told] == told
    applicant = people.people_of(lake.connection, {case.applicant})[case.applicant]
    assert [one for one in lake.at(applicant).get(f"/applications/{case.id}/").context["facts"] if one in told] == told
    assert (say("desk.state.reserve", "ko"), say("web.reviews.reserve_place", "ko", place=3)) == ("예비 후보", "예비 후보 3번")


def test_what_is_spent_is_not_said_to_be_asked_for_and_the_rules_part_stands_beside(desk):
    lake, _, cases = desk
    case, told = cases["lynx"], [("Cost of the pier", "¥20,000.00"), ("The rules say", "¥10,000.00")]
    applicant = people.people_of(lake.connection, {case.applicant})[case.applicant]
    for browser, page in (("officer", "cases"), (applicant, "applications")):
        facts = lake.at(browser).get(f"/{page}/{case.id}/").context["facts"]
        assert [one for one in facts if one[0] in dict(told)] == told
    reviewer = next(one for one in people.holders(lake.connection, "reviewer", lake.clock()) if one.name.startswith("Rita"))
    page = lake.at(reviewer).get(f"/reviews/cases/{case.id}/").text
    assert "Cost of the pier ¥20,000.00 · The rules say ¥10,000.00" in page


def test_a_field_by_which_the_call_asks_twice_is_offered_once(lake):
    quotas = [{"field": "sector", "value": "angling", "least_count": "1"}, {"field": "sector", "value": "rowing", "least_count": "1"},
              {"field": "group", "value": "reed", "most_count": "1"}, {"field": "group", "value": "oak", "most_count": "1"}]
    call = lake.call(choice={"quotas": quotas})
    offered = lake.at("officer").get(f"/reviews/calls/{call.id}/selection/").context["quota_fields"]
    assert [name for name, _ in offered] == ["district", "sector", "size", "group"]


def test_a_cut_off_is_never_below_the_points_that_are_asked_for(desk):
    lake, call, _ = desk
    officer, here = lake.at("officer"), f"/reviews/calls/{call.id}/ranking/"
    change_call(lake.desk, call, lake.staff["officer"], "fewer", terms={"choice": {**(call.terms.get("choice") or {}), "threshold": "85"}})
    officer.post(here, {"seed": "3"})
    assert "The first 1 have the points" in officer.get(here).text
