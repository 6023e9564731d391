"""Reviewers are written to: once for each assignment, once before it is due, once when it is late; by numbers alone."""

import pytest

from westlake.dates import iso
from westlake.desk.outbox import letters
from westlake.desk.panel import assigning
from westlake.desk.panel.review_letters import remind_reviewers

LONG = 2**60
SOON = 3


def told(panel, person, kind):
    return [one for one in reversed(letters(panel.desk, person=person.id)) if one.kind == kind]


@pytest.fixture
def seated(review_counter):
    """Two readers and three cases of a call that gives them ten days."""
    panel = review_counter
    call = panel.call(review_days=10, reviews_per_case=1, phases=[{"first": 0, "last": LONG, "hides": ["applicant"]}])
    readers = panel.reviewer(call, "Rita"), panel.reviewer(call, "Rolf")
    cases = [panel.eligible(call, firm, title=f"A secret of {firm}")[0] for firm in ("heron", "egret", "otter")]
    return panel, call, readers, cases


def test_a_run_of_assignments_is_one_letter_to_each_who_got_something(seated):
    panel, call, readers, cases = seated
    run = assigning.assign(panel.desk, call, panel.staff["officer"], seed=1)
    assigning.apply_assignment(panel.desk, run, panel.staff["officer"])
    got = {reader.id: sorted(one.number for one in cases if [one.id, reader.id] in [pair[:2] for pair in run.result["pairs"]])
           for reader in readers}
    day = iso(panel.desk.today() + 10)
    for reader in readers:
        found = told(panel, reader, "review_assigned")
        assert len(found) == bool(got[reader.id])
        for letter in found:
            assert (letter.subject, letter.state, letter.case) == (
                f"To review by {day}: {len(got[reader.id])} ({call.code})", "released", None)
            assert f"\n\n{', '.join(got[reader.id])}\n\n" in letter.body
            assert "secret" not in letter.body and "heron" not in letter.body
    assert sum(len(told(panel, reader, "review_assigned")) for reader in readers) >= 1


def test_a_review_is_reminded_of_once_before_its_day_and_once_after(seated):
    panel, _, (rita, rolf), cases = seated
    panel.assign(cases[0], rita)
    assert remind_reviewers(panel.desk, SOON) == 0
    panel.clock.wait(days=7)
    assert [remind_reviewers(panel.desk, SOON) for _ in range(2)] == [1, 0]
    panel.clock.wait(days=3)
    assert remind_reviewers(panel.desk, SOON) == 0
    panel.clock.wait(days=1)
    assert [remind_reviewers(panel.desk, SOON) for _ in range(2)] == [1, 0]
    assert [one.kind for one in reversed(letters(panel.desk, person=rita.id))] == [
        "review_assigned", "review_due", "review_late"]
    assert cases[0].number in told(panel, rita, "review_late")[0].body
    assert letters(panel.desk, person=rolf.id) == []


def test_one_more_that_comes_due_is_one_more_letter_with_both(seated):
    panel, _, (rita, _), cases = seated
    panel.assign(cases[0], rita)
    panel.clock.wait(days=1)
    panel.assign(cases[1], rita)
    panel.clock.wait(days=6)
    assert remind_reviewers(panel.desk, SOON) == 1
    panel.clock.wait(days=1)
    assert remind_reviewers(panel.desk, SOON) == 1
    first, second = told(panel, rita, "review_due")
    assert (cases[1].number in first.body, cases[1].number in second.body, cases[0].number in second.body) == (False, True, True)


def test_what_is_handed_in_is_not_reminded_of(seated):
    panel, _, (rita, _), cases = seated
    panel.assign(cases[0], rita)
    panel.review(cases[0], rita, 4)
    panel.clock.wait(days=30)
    assert remind_reviewers(panel.desk, SOON) == 0
