"""The office's own effort, counted from a history that was lived by hand, and once more in plain Python."""

import json
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.counter import NEW_YEAR

from westlake.dates import DAY_MAX, MICROS_PER_DAY
from westlake.desk.files import hand_in
from westlake.desk.plan.effort import AskedTwice, measure_effort, ours, percentile, spread

ALWAYS = (NEW_YEAR, DAY_MAX)


def days(us):
    """Whole days: the clock's own steps are of a microsecond."""
    return round(us / MICROS_PER_DAY)


@pytest.fixture
def lived(counter):
    """Four piers: refused after 10 days, admitted after 3 + 6 days (sent back for 4 of them), waiting, and a draft."""
    call = counter.call(days=60, decision_days=7)
    heron, otter, swan = (counter.applicant(firm) for firm in ("heron", "otter", "swan"))
    first = counter.take(counter.draft(call, heron, cost="10.00"), "submit", heron)  # too cheap: not eligible
    second = counter.take(counter.draft(call, otter), "submit", otter)
    counter.clock.wait(days=3)
    counter.take(second, "ask_supplement", "officer", note="A drawing, please", day=NEW_YEAR + 20)
    counter.clock.wait(days=4)
    counter.take(second, "supply", otter)
    counter.clock.wait(days=2)
    counter.take(second, "admit", "officer")
    counter.clock.wait(days=1)
    counter.take(first, "refuse", "officer")
    third = counter.take(counter.draft(call, swan), "submit", swan)
    counter.draft(call, counter.applicant("crane"))
    counter.clock.wait(days=5)
    return counter, first, second, third


def test_days_in_each_stage(lived):
    counter = lived[0]
    effort = measure_effort(counter.desk, "pier_challenge", *ALWAYS)
    assert [(one.state, one.ours, one.stays, days(one.median_us), days(one.p90_us)) for one in effort.stages] == [
        ("draft", False, 3, 0, 0), ("supplement", False, 1, 4, 4), ("submitted", True, 3, 3, 10)]


def test_decided_within_the_announced_time_but_for_the_applicant_s_own(lived):
    counter, first, *_ = lived
    effort = measure_effort(counter.desk, "pier_challenge", *ALWAYS)
    assert (effort.handed_in, effort.open, effort.sent_back) == (3, 2, 1)
    refused, = effort.decided  # the others are not decided before money is promised to them or they end
    assert (refused.case, days(refused.wait_us), days(refused.ours_us), refused.touches) == (first.id, 10, 10, 1)
    assert (refused.announced, refused.in_time) == (7, False)
    assert [(one.year, one.month, one.decided, one.announced, one.in_time) for one in effort.months] == [(2026, 1, 1, 1, 0)]


def test_what_waits_for_the_office_the_longest_first(lived):
    counter, _, second, third = lived
    effort = measure_effort(counter.desk, "pier_challenge", *ALWAYS)
    assert [(one.case, one.state) for one in effort.waiting] == [(second.id, "eligible"), (third.id, "submitted")]
    assert days(counter.clock.at - effort.waiting[0].since) == 6


def by_hand(counter, case, seq, step, came, went, role):
    """A step written straight into the tables, whatever its guards would say."""
    at = counter.clock()
    counter.connection.execute("INSERT INTO desk_step VALUES (?, ?, ?, ?, ?, 2, ?, ?, 1, '{}')",
                               (case.id, seq, step, came, went, role, at))
    counter.connection.execute("UPDATE desk_case SET state = ?, seq = ?, moved_at = ? WHERE id = ?", (went, seq, at, case.id))


def test_the_clock_stops_while_the_applicant_has_it(lived):
    counter, _, second, third = lived
    by_hand(counter, second, 5, "to_panel", "eligible", "panel", "officer")
    counter.clock.wait(days=2)
    by_hand(counter, second, 6, "reject", "panel", "not_selected", "chair")
    by_hand(counter, third, 2, "withdraw", "submitted", "withdrawn", "applicant")  # nobody decided that
    effort = measure_effort(counter.desk, "pier_challenge", *ALWAYS)
    decided = {one.case: one for one in effort.decided}
    assert third.id not in decided
    assert (days(decided[second.id].wait_us), days(decided[second.id].ours_us)) == (17, 13)
    assert decided[second.id].touches == 4  # asked for more, admitted, to the panel, turned down
    assert (effort.open, effort.waiting) == (0, ())


def test_only_the_days_asked_about_count(lived):
    counter = lived[0]
    before = measure_effort(counter.desk, "pier_challenge", NEW_YEAR, NEW_YEAR + 5)
    assert (before.handed_in, len(before.decided), before.sent_back) == (2, 0, 1)
    assert {one.state: one.stays for one in before.stages} == {"draft": 2, "submitted": 1}


def test_paper_asked_for_twice(counter, tmp_path):
    one, two = counter.call(code="A"), counter.call(code="B")
    heron = counter.applicant("heron", district="north")  # the register knows the shore already
    earlier = counter.draft(one, heron, cost="20000.00")
    hand_in(counter.desk, tmp_path, earlier, heron, "plan", "plan.txt", b"two piles")
    hand_in(counter.desk, tmp_path, earlier, heron, "plan", "plan again.txt", b"two piles")  # the same application: fine
    counter.take(earlier, "submit", heron)
    counter.clock.wait(days=2)
    later = counter.draft(two, heron, cost="30000.00")
    hand_in(counter.desk, tmp_path, later, heron, "plan", "renamed.txt", b"two piles")
    hand_in(counter.desk, tmp_path, later, heron, "plan", "new.txt", b"three piles")
    counter.take(later, "submit", heron)
    otter = counter.applicant("otter")
    counter.take(counter.draft(two, otter), "submit", otter)  # another firm may say the same
    found = measure_effort(counter.desk, "pier_challenge", *ALWAYS).asked_twice
    assert found == AskedTwice(answers=12, known=2, same_answers=3, files=4, same_files=1)  # the proposal was said twice as well


def test_whose_turn_it_is_follows_from_the_table(counter):
    kinds = counter.desk.offered("pier_challenge").workflow.kinds

    def theirs(kind):
        return [state for state in kind.states if state not in kind.ends and not ours(kind, state)]
    assert theirs(kinds["application"]) == ["draft", "supplement", "awarded", "agreed"]
    assert theirs(kinds["milestone"]) == ["planned"]  # the office may miss it on a bad day; the bank is the office's side


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=40), st.integers(1, 100))
def test_percentiles_by_nearest_rank(values, per_cent):
    """The smallest value that at least so many per cent do not exceed, found by trying every value."""
    wanted = min(value for value in values
                 if Fraction(sum(other <= value for other in values), len(values)) >= Fraction(per_cent, 100))
    assert percentile(values, per_cent) == wanted == sorted(values)[ceil(Fraction(len(values) * per_cent, 100)) - 1]


def test_nothing_lived_is_nothing_counted(counter):
    effort = measure_effort(counter.desk, "pier_challenge", *ALWAYS)
    assert (effort.handed_in, effort.decided, effort.stages, effort.waiting, effort.open) == (0, (), (), (), 0)
    assert (effort.asked_twice, effort.months, spread([])) == (AskedTwice(), [], (0, 0))


def test_an_oracle_in_plain_python(lived):
    """The same stays from the rows of the steps, told another way: pairs of entering and leaving."""
    counter = lived[0]
    entered, stays = {}, []
    for case, opened in counter.connection.execute("SELECT id, opened_at FROM desk_case"):
        entered[case] = ("draft", opened)
    for case, came, went, at in counter.connection.execute("SELECT case_id, came_from, went_to, at FROM desk_step ORDER BY at"):
        state, since = entered[case]
        assert state == came
        if went != came:
            stays.append((came, at - since))
            entered[case] = (went, at)
    effort = measure_effort(counter.desk, "pier_challenge", *ALWAYS)
    assert {one.state: (one.stays, one.median_us, one.p90_us) for one in effort.stages} == {
        state: (len(found), sorted(found)[ceil(len(found) / 2) - 1], sorted(found)[ceil(len(found) * 9 / 10) - 1])
        for state in {one[0] for one in stays} for found in [[us for name, us in stays if name == state]]}
    assert json.dumps(sorted(one[0] for one in stays)) == json.dumps(sorted(
        state for one in effort.stages for state in [one.state] * one.stays))
