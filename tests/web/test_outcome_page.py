"""How the choice came out, on the applicant's own page: nothing before it is told, then everything but the reviewers."""

import pytest
from tests.web.conftest import Browser
from tests.web.machine import Machine, token_of
from tests.web.review_office import Panel

from westlake.desk.calls import change_call, find_call
from westlake.desk.panel import choosing, notices
from westlake.desk.panel.standing import override
from westlake.desk.people import person_by_email

SAID = {"Rita Fox": "The piles hold, says Rita Fox.", "Rolf Oak": "The deck is thin."}


@pytest.fixture
def lake(office, clock):
    return Panel(office, clock, Browser)


@pytest.fixture
def panel(lake):
    """Money for two piers of four: heron 90, swan 80, lynx 70, crane 50 points."""
    call = lake.call(budget=2_000_000, reserve_places=1)
    readers, cases = [lake.reviewer(call, name) for name in SAID], {}
    for firm, points in (("heron", 9), ("swan", 8), ("lynx", 7), ("crane", 5)):
        case, _ = lake.eligible(call, firm)
        lake.assign(case, *readers)
        for one in readers:
            lake.review(case, one, points, points, points, comment=SAID[one.name])
        cases[firm] = lake.take(case, "to_panel", "officer")
    lake.closed(call)
    return call, cases


def speaker(lake, firm):
    return person_by_email(lake.connection, f"{firm}.speaker@{firm}.example")


def page(lake, case, firm, lang="en"):
    answer = lake.at(speaker(lake, firm)).get(f"/applications/{case.id}/?lang={lang}")
    assert answer.status_code == 200
    return answer


def chosen(lake, call):
    return choosing.select(lake.desk, call, lake.staff["chair"], 7)


def test_who_was_not_selected_reads_score_rank_cut_off_reason_and_comments(lake, panel):
    call, cases = panel
    run = chosen(lake, call)
    lake.take(cases["lynx"], "reject", "chair")
    before = page(lake, cases["lynx"], "lynx")
    assert before.context["outcome"] is None
    assert "How the choice came out" not in before.text and "The deck is thin" not in before.text
    notices.publish(lake.desk, call, lake.staff["officer"], run)
    told = page(lake, cases["lynx"], "lynx")
    found = told.context["outcome"]
    assert found.facts == (("Score", "70.0 of 100"), ("Rank", "3 of 4"), ("Lowest score chosen", "80.0"))
    assert found.reasons[0] == "What kept it from being chosen: the budget had ¥0.00 left, the case needs ¥10,000.00."
    assert found.notes[0] == "The reviews leave no doubt about this rank."
    assert sorted(found.comments) == ["The deck is thin.", "The piles hold, says █████."]
    text = told.text.split('id="outcome"')[1].split("</section>")[0]
    assert "Reviewer 1" in text and "Reviewer 2" in text
    for secret in ("Rita", "Rolf", *(cases[firm].number for firm in ("heron", "swan", "crane"))):
        assert secret not in told.text
    assert "Until 29 July 2026." in told.text  # thirty days after it was turned down


@pytest.mark.parametrize("lang, said", [("ko", "4건 중 1위"), ("zh", "第 1 名（共 4 件）")])
def test_who_was_chosen_reads_it_as_well(lake, panel, lang, said):
    call, cases = panel
    notices.publish(lake.desk, call, lake.staff["officer"], chosen(lake, call))
    told = page(lake, cases["heron"], "heron", lang)
    assert said in told.text and "The deck is thin." in told.text
    assert told.context["outcome"].reasons == (
        {"ko": "귀 신청은 선정되었습니다.", "zh": "您的申报已入选。"}[lang],)


def test_a_chairs_own_decision_is_told_with_its_reason(lake, panel):
    call, cases = panel
    run, chair = chosen(lake, call), lake.staff["chair"]
    override(lake.desk, run, cases["swan"], False, 0, "Rolf Oak found its shore closed.", chair, lake.roles(chair))
    notices.publish(lake.desk, call, lake.staff["officer"], run)
    assert page(lake, cases["swan"], "swan").context["outcome"].reasons == (
        "The chair decided otherwise than was computed: █████ found its shore closed.",)


def test_scores_that_a_phase_keeps_back_are_promised_for_its_end(lake, panel):
    call, cases = panel
    until = lake.clock() + 90 * 86_400_000_000
    run = chosen(lake, call)
    change_call(lake.desk, find_call(lake.desk, call.id), lake.staff["officer"], "Scores later.", terms={
        "phases": [{"first": 0, "last": until, "hides": ["scores"]}]})
    notices.publish(lake.desk, call, lake.staff["officer"], run)
    told = page(lake, cases["lynx"], "lynx").text
    assert "The call keeps the scores back until 27 September 2026 04:26." in told
    assert "70.0" not in told and "The deck is thin" not in told


def test_no_interface_and_no_other_applicant_learns_of_it(lake, panel):
    call, cases = panel
    notices.publish(lake.desk, call, lake.staff["officer"], chosen(lake, call))
    heron = speaker(lake, "heron")
    assert lake.at(heron).get(f"/applications/{cases['lynx'].id}/").status_code == 404
    lake.at(speaker(lake, "lynx"))
    machine = Machine(token_of(speaker(lake, "lynx")))
    answer = machine.get(f"/cases/{cases['lynx'].id}").content.decode()
    for secret in ("The deck is thin", "Rita", "Rolf", "70000", "70.0"):
        assert secret not in answer


def test_reviewers_are_told_who_reads_their_comment(lake, panel):
    call = lake.call(code="PIER-27")
    case, _ = lake.eligible(call, "teal")
    reader = lake.reviewer(call, "Runa Elm")
    lake.assign(case, reader)
    form = lake.at(reader).get(f"/reviews/cases/{case.id}/").text
    assert "The applicant reads this comment once the result is known, without your name" in form
    written = {"merit": "7", "team": "7", "use": "7", "confidence": "4", "comment": "Fine."}
    last_look = lake.at(reader).post(f"/reviews/cases/{case.id}/", written)["Location"]
    assert "the applicant reads your comment, without your name" in lake.at(reader).get(last_look).text
