"""A new dated value: one person proposes, another agrees; the text keeps its shape; an older version is refused."""

import shutil

import pytest
from tests.desk.counter import LAKESIDE, Counter

from westlake.dates import parse_day
from westlake.desk.plan import proposing
from westlake.desk.plan.proposing import Entry
from westlake.errors import WestlakeError
from westlake.rules import load_programme

NEXT_YEAR = Entry(parse_day("2027-01-01"), {"": "45000.00"}, "L-cloud25", "9", "P")


@pytest.fixture
def shelf(tmp_path):
    """A desk whose programme's folder may be written to."""
    shutil.copytree(LAKESIDE, tmp_path / "shelf", ignore=shutil.ignore_patterns("__pycache__"))
    made = Counter(tmp_path / "westlake.db", tmp_path / "shelf")
    yield made
    made.close()


def propose(shelf, name="award_max", entry=NEXT_YEAR, reason="Piles cost more."):
    programme = shelf.desk.offered("pier_challenge").programme
    return proposing.propose_value(shelf.desk, shelf.staff["officer"], programme, name, entry, reason)


def values_file(shelf):
    return shelf.shelf / "pier_challenge" / "values.yaml"


def code(call, *given):
    with pytest.raises(WestlakeError) as caught:
        call(*given)
    return caught.value.problems[0].code


def test_agreeing_adds_one_line_and_nothing_else(shelf):
    before = values_file(shelf).read_text("utf-8").splitlines()
    written = proposing.agree(shelf.desk, propose(shelf), shelf.staff["approver"])
    after = values_file(shelf).read_text("utf-8").splitlines()
    line = '    - {in_force: 2027-01-01, value: "45000.00", source: L-cloud25, clause: "9", class: P}'
    assert [one for one in after if one not in before] == [line]
    assert len(after) == len(before) + 1
    assert after[after.index(line) - 1].strip().startswith("- {in_force: 2025")
    assert written.digest == load_programme(values_file(shelf).parent).digest
    kept = {row[0] for row in shelf.connection.execute("SELECT digest FROM programme_version")}
    assert kept == {written.digest, shelf.desk.offered("pier_challenge").programme.digest}


def test_an_earlier_day_goes_before_and_a_choice_has_each_its_number(shelf):
    earlier = Entry(parse_day("2024-01-01"), {"north": "45%", "south": "30%"}, "L-cloud24", "unknown", "P")
    text = proposing.draft_of(shelf.desk.offered("pier_challenge").programme, "rate_by_shore", earlier).text
    lines = [line.strip() for line in text.splitlines() if "rate_by_shore" not in line and "%" in line]
    assert lines[0] == "- {in_force: 2024-01-01, value: {north: 45%, south: 30%}, source: L-cloud24, clause: unknown, class: P}"
    assert lines[1].startswith("- {in_force: 2025-01-01, value: {north: 50%, south: 40%}")


def test_an_example_that_would_no_longer_hold_is_named(shelf):
    lower = Entry(parse_day("2025-01-02"), {"": "10.00"}, "L-cloud25", "9", "P")
    found = proposing.draft_of(shelf.desk.offered("pier_challenge").programme, "award_max", lower)
    assert len(found.problems) > 0
    assert all("examples.yaml" in one for one in found.problems)


def test_the_proposer_never_agrees(shelf):
    proposal = propose(shelf)
    assert code(proposing.agree, shelf.desk, proposal, shelf.staff["officer"]) == "W1075"
    assert code(proposing.refuse, shelf.desk, proposal, shelf.staff["officer"], "no") == "W1075"
    assert code(proposing.withdraw, shelf.desk, proposal, shelf.staff["chair"]) == "W1075"
    assert "45000" not in values_file(shelf).read_text("utf-8")


def test_an_end_is_an_end(shelf):
    proposal = propose(shelf)
    proposing.refuse(shelf.desk, proposal, shelf.staff["approver"], "No budget")
    found = proposing.find_proposal(shelf.desk, proposal.id)
    assert (found.outcome, found.end_reason) == ("refused", "No budget")
    assert code(proposing.agree, shelf.desk, proposal, shelf.staff["approver"]) == "W1076"
    assert code(proposing.withdraw, shelf.desk, proposal, shelf.staff["officer"]) == "W1076"
    assert proposing.proposals(shelf.desk, open_only=True) == []


def test_a_file_changed_by_hand_makes_it_stale(shelf):
    proposal = propose(shelf)
    path = values_file(shelf)
    path.write_text(path.read_text("utf-8") + "# a remark\n", "utf-8")
    shelf.loaded.clear()
    assert code(proposing.agree, shelf.desk, proposal, shelf.staff["approver"]) == "W1076"


@pytest.mark.parametrize("entry, name, expected", [
    (NEXT_YEAR, "no_such_value", "W1077"),
    (Entry(NEXT_YEAR.in_force, {"": "1.00"}, "nowhere", "9", "P"), "award_max", "W1077"),
    (Entry(NEXT_YEAR.in_force, {"": "1.00"}, "L-cloud25", " ", "P"), "award_max", "W1077"),
    (Entry(parse_day("2025-01-01"), {"": "1.00"}, "L-cloud25", "9", "P"), "award_max", "W1077"),
    (Entry(NEXT_YEAR.in_force, {"": "a lot"}, "L-cloud25", "9", "P"), "award_max", "W106"),
    (Entry(NEXT_YEAR.in_force, {"": '1.00", source: "x'}, "L-cloud25", "9", "P"), "award_max", "W106")])
def test_what_cannot_stand_in_the_file_is_refused_and_the_file_is_as_it_was(shelf, entry, name, expected):
    before = values_file(shelf).read_bytes()
    assert code(propose, shelf, name, entry) == expected
    assert values_file(shelf).read_bytes() == before
    assert proposing.proposals(shelf.desk) == []


def test_a_patch_that_does_not_fit_line_for_line_is_refused():
    patch = "--- a\n+++ a\n@@ -1,2 +1,3 @@\n one\n+two\n three\n"
    assert proposing.apply_patch("one\nthree\nfour\n", patch) == "one\ntwo\nthree\nfour\n"
    assert code(proposing.apply_patch, "one\nfour\n", patch) == "W1076"
