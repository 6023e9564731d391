"""What the office finds out is noted while something can still come of it, and on a finished case no more."""

import pytest

from westlake.desk.applying.deciding import is_finished, known_of, note_fact
from westlake.desk.cases import find_case
from westlake.errors import WestlakeError


def note(counter, case, value="18000.00"):
    note_fact(counter.desk, case, counter.staff["officer"], "cost", value, "verified", "site visit")
    return known_of(counter.desk, case, counter.desk.today())["cost"].value


def test_a_fact_is_noted_while_a_case_is_worked(counter):
    case, _ = counter.submitted(counter.call())
    assert not is_finished(counter.desk, case)
    assert note(counter, case) == "18000.00"


@pytest.mark.parametrize("ends", ["withdraw", "refuse"])
def test_and_not_once_it_is_finished(counter, ends):
    case, applicant = counter.submitted(counter.call(), cost="20000.00" if ends == "withdraw" else "1.00")
    stale = case
    case = counter.take(case, ends, applicant if ends == "withdraw" else "officer")
    assert is_finished(counter.desk, case)
    for seen in (case, stale):  # a page that was opened before it ended opens no way round
        with pytest.raises(WestlakeError, match="W1124"):
            note(counter, seen)
    assert [act.act for act in counter.desk.record.acts(case.subject)].count("desk.fact_noted") == 0


def test_what_was_refused_takes_facts_again_once_an_appeal_is_upheld(counter):
    case, applicant = counter.submitted(counter.call(), cost="1.00")
    counter.take(case, "refuse", "officer")
    counter.take(case, "appeal", applicant, note="It cost more.")
    appeal = find_case(counter.desk, case.id + 1)
    counter.take(appeal, "uphold", "chair", note="So it did.")
    assert find_case(counter.desk, case.id).state == "submitted"
    assert note(counter, case) == "18000.00"


def test_while_money_may_still_be_claimed_back_a_case_is_not_finished(counter):
    case, applicant = counter.submitted(counter.call())
    case = counter.agreed(counter.take(case, "admit", "officer"), applicant)
    counter.take(case, "propose_termination", "officer", note="Ice.")
    case = counter.take(case, "terminate", "approver", note="Ice.")
    assert case.state in counter.offer("pier_challenge").workflow.kinds["application"].ends
    assert note(counter, case) == "18000.00"
