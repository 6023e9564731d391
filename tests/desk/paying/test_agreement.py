"""An award is signed within its days or lapses; what is signed names each part, its amount and its day."""

import pytest
from tests.desk.counter import Counter, shelf_with
from tests.desk.test_steps import refused

from westlake.dates import iso
from westlake.desk.calls import find_call
from westlake.desk.cases import find_case, following, steps_of
from westlake.desk.outbox import letters
from westlake.desk.paying.agreement import agreement_of
from westlake.desk.paying.budgets import funds
from westlake.errors import WestlakeError
from westlake.rooms import verify_all
from westlake.words import LANGUAGES


def award(counter, **terms):
    """Heron's pier of two stages, awarded today and not signed yet, and its applicant."""
    case, applicant = counter.submitted(counter.call(**terms))
    case = counter.take(case, "admit", "officer")
    counter.reviewed(find_call(counter.desk, case.call), [case])
    counter.selected(find_call(counter.desk, case.call), [case])
    return counter.take(case, "award", "approver"), applicant


def test_what_is_signed_names_each_part_its_amount_and_its_day(counter):
    case, applicant = award(counter)
    day = counter.desk.today()
    made = agreement_of(counter.desk, case)
    assert [(part.choice, part.due - day) for part in made.parts] == [("pile", 90), ("deck", 270)]
    assert sum(part.amount for part in made.parts) == funds(counter.desk, case).held == case.amount
    for lang in LANGUAGES:
        assert all(iso(part.due) in made.text[lang] for part in made.parts)
    assert "piles driven" in made.text["en"] and "말뚝 완료" in made.text["ko"] and "打桩完成" in made.text["zh"]
    assert "within 30 days" in made.text["en"].splitlines()[-2]  # what is claimed back
    counter.clock.wait(days=12)
    assert agreement_of(counter.desk, case) == made  # the days count from the award, whenever it is read
    counter.take(case, "agree", applicant, agreement=made.digest)
    assert [(part.title, part.amount, part.due - day) for part in following(counter.desk, case)] == [
        ("pile", made.parts[0].amount, 90), ("deck", made.parts[1].amount, 270)]
    assert steps_of(counter.desk, case)[-1].data["agreement"] == made.digest
    letter = letters(counter.desk, case=case.id)[0]
    assert (letter.kind, letter.state) == ("agreement", "released") and made.text["en"] in letter.body
    assert verify_all(counter.connection).all_problems == []


def test_what_was_not_read_is_not_signed(counter):
    case, applicant = award(counter)
    assert refused(counter, case, "agree", applicant, agreement="0" * 64) == "W998"
    assert following(counter.desk, case) == []


def test_a_part_without_days_of_its_own_is_due_by_the_terms(tmp_path):
    shelf = shelf_with(tmp_path, "pier_challenge", swap={", days: {pile: \"90\", deck: \"270\"}": ", days: {pile: \"90\"}"})
    counter = Counter(":memory:", shelf)
    case, applicant = award(counter, part_days=200)
    day = counter.desk.today()
    counter.take(case, "agree", applicant)
    assert [part.due - day for part in following(counter.desk, case)] == [90, 200]
    counter.close()


@pytest.mark.parametrize("days", ['{pile: "90", roof: "9"}', '{pile: soon}'])
def test_days_are_numbers_of_choices_that_there_are(tmp_path, days):
    shelf = shelf_with(tmp_path, "pier_challenge", swap={'{pile: "90", deck: "270"}': days})
    with pytest.raises(WestlakeError, match=r"W908|W105"):
        Counter(":memory:", shelf).call()


def test_more_time_moves_the_day_of_a_part(counter):
    case, applicant = award(counter)
    counter.take(case, "agree", applicant)
    pile = following(counter.desk, case)[0]
    counter.take(pile, "ask_extension", applicant, note="Ice.", day=pile.due + 30)
    extension = following(counter.desk, find_case(counter.desk, pile.id))[0]
    counter.take(extension, "grant", "officer", note="So it is.", day=pile.due + 20)
    assert find_case(counter.desk, pile.id).due == pile.due + 20


def test_an_award_that_nobody_signs_lapses_and_its_money_comes_free(counter):
    case, applicant = award(counter, agree_days=10)
    assert case.due == counter.desk.today() + 10
    counter.clock.wait(days=10)
    assert refused(counter, case, "lapse", "approver", note="Nobody signed.") == "W961"
    counter.clock.wait(days=1)
    assert refused(counter, case, "lapse", "officer", note="Nobody signed.") == "W999"
    case = counter.take(case, "lapse", "approver", note="Nobody signed.")
    assert (case.state, case.amount, case.due, funds(counter.desk, case).held) == ("lapsed", 0, None, 0)
    assert letters(counter.desk, case=case.id)[0].kind == "lapsed"
    assert refused(counter, case, "agree", applicant) == "W999"
    assert verify_all(counter.connection).all_problems == []


def test_an_award_signed_on_its_last_day_is_due_no_more(counter):
    case, applicant = award(counter, agree_days=10)
    counter.clock.wait(days=10)
    assert counter.take(case, "agree", applicant).due is None
