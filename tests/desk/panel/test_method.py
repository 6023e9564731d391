"""How a call chooses, in sentences: of Hangzhou's five programmes each says what its own table and terms do."""

from pathlib import Path

import pytest
from tests.desk.counter import Counter

import westlake
from westlake.desk.panel.method import method, shown_method
from westlake.desk.panel.quota_fields import fields_of_quotas, values_of
from westlake.errors import WestlakeError

HANGZHOU = Path(westlake.__file__).parent / "programmes" / "hangzhou"


@pytest.fixture
def counter(tmp_path):
    made = Counter(tmp_path / "westlake.db", HANGZHOU)
    yield made
    made.close()


def told(counter, programme, lang="en", **terms):
    return method(counter.desk, counter.call(programme, **terms), lang)


def test_what_is_decided_by_rules_is_no_competition(counter):
    appeal = "An appeal may be filed within 60 days of the decision, once for each decision."
    alone = "There is no competition: each application is decided by the rules of the programme, by itself."
    assert told(counter, "cloud_voucher") == [
        alone, "If the budget of the year does not suffice, all amounts are cut in the same proportion.", appeal]
    assert told(counter, "talent", code="TAL") == told(counter, "loss_share", code="LOSS") == [
        alone, "Support is given while the budget of the year lasts.", appeal]


def test_a_plain_ranked_list_and_the_best_combination(counter):
    fund, challenge = told(counter, "fund"), told(counter, "challenge", code="CHA")
    assert fund[0] == ("Each application gets 3 or more independent reviews by these criteria: Manager and record 40 %,"
                       " Investment plan 35 %, Use to the city 25 %. Full marks are 100 points.")
    assert fund[1:5] == [
        "The score is the plain mean of the reviews.", "An application with fewer than 60 points is never chosen.",
        "Applications are ranked by score and chosen from the top while the budget lasts; equal scores are ordered by lot.",
        "With the first that no longer fits the budget the list ends."]
    assert challenge[3] == ("Of all combinations of applications that the budget and the conditions allow, the one with the"
                            " most points in total is chosen.")
    assert "At most one award for each firm." in challenge


def test_lots_among_all_and_quotas_in_money(counter):
    said = told(counter, "challenge", choice={"mode": "lottery", "lottery": "all", "quotas": [
        {"field": "district", "value": "南岸", "least_amount": "1000000.00", "most_count": "4"}]})
    assert "Lots are drawn among all that may be chosen, while the budget lasts." in said
    assert "Quota for 南岸 (district): at least ¥1,000,000.00, at most 4 chosen." in said


def test_terms_that_cannot_be_read_close_no_page(counter):
    call = counter.call("challenge", choice={"score": "guessed"})
    with pytest.raises(WestlakeError, match="W1045"):
        method(counter.desk, call, "en")
    assert shown_method(counter.desk, call, "en") == []


def test_a_field_stands_once_and_its_values_are_those_of_form_and_register(counter):
    for programme in ("challenge", "cloud_voucher", "fund", "talent"):
        fields = fields_of_quotas(counter.desk, programme)
        assert len(fields) == len(set(fields)) and {"district", "sector", "size"} <= set(fields)
    counter.know("heron", district="South Shore")
    counter.know("egret", district="North Shore")
    assert values_of(counter.desk, "challenge", "district") == ["North Shore", "South Shore"]
    assert values_of(counter.desk, "cloud_voucher", "size") == ["micro", "small", "medium", "large"]
