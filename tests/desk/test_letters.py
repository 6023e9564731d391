"""What the desk's letters say: each kind in words of its own, what was decided, why, what can be done, and until when."""

from pathlib import Path
from string import Formatter

import pytest
import yaml

import westlake
from westlake.dates import iso
from westlake.desk import people
from westlake.desk.outbox import letters, text_of, write_letter
from westlake.words import catalogue

HERE = Path(__file__).parents[1] / "lakeside" / "programmes"
TABLES = sorted([*Path(westlake.__file__).parent.joinpath("programmes").rglob("workflow.yaml"), *HERE.rglob("workflow.yaml")])


def written(path):
    """Each (kind of case, kind of letter) that a table names."""
    for case, kind in yaml.safe_load(path.read_text("utf-8"))["kinds"].items():
        for step in kind["steps"]:
            for effect in step.get("effects", []):
                for name in ("letter", "send"):
                    if isinstance(effect, dict) and name in effect:
                        yield case, effect[name]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_every_letter_that_a_table_names_has_its_own_words(path):
    named = set(written(path))
    assert named, "a table writes to people"
    assert {one for one in named if text_of(one[1], one[0]) == "moved"} == set()


def test_a_decision_against_the_reader_says_why():
    """What the step asked to be said as a reason is in the letter."""
    for kind in ("suspended", "terminated", "missed", "denied", "denied_extension", "denied_amendment", "dismissed",
                 "dismissed_objection", "debarred", "supplement", "supplement_milestone", "supplement_closed", "upheld"):
        assert "note" in {name for _, name, _, _ in Formatter().parse(catalogue()[f"desk.letter.{kind}.body"]["en"])}, kind


def last(counter, case):
    return letters(counter.desk, case=case.id)[0]


def test_a_refusal_says_until_when_it_may_be_appealed_against(counter):
    case, _ = counter.submitted(counter.call(appeal_days=10), cost="1.00")
    day = iso(counter.desk.today() + 10)
    case = counter.take(case, "refuse", "officer")
    assert f"You may appeal against this decision once, until {day}," in last(counter, case).body


def test_a_supplement_names_its_day_and_an_admission_has_no_appeal(counter):
    case, _ = counter.submitted(counter.call())
    day = counter.desk.today() + 7
    counter.take(case, "ask_supplement", "officer", note="Where does it stand?", day=day)
    body = last(counter, case).body
    assert f"by {iso(day)}:\n\nWhere does it stand?\n\nHand it in" in body
    assert "appeal" not in body


def test_a_receipt_of_a_correction_says_that_it_is_one(counter):
    case, applicant = counter.submitted(counter.call())
    first = last(counter, case)
    counter.take(case, "resubmit", applicant)
    again = last(counter, case)
    assert first.subject == "PIER-26-0001: we have your application"
    assert again.subject == "PIER-26-0001: we have your changed application, version 2"
    assert "takes the place of the one before" in again.body
    assert (first.kind, again.kind) == ("receipt", "receipt")


@pytest.mark.parametrize("firm, told, never", [("heron", "贵单位的申请 PIER-26-0001 符合条件", "您"),
                                               ("", "您的申请 PIER-26-0001 符合条件", "贵单位")])
def test_chinese_says_one_thing_to_a_firm_and_another_to_a_person(counter, firm, told, never):
    case, _ = counter.submitted(counter.call())
    reader = people.add_person(counter.connection, "吴娜", "wu@heron.example", "", "zh", firm, at=counter.clock())
    write_letter(counter.desk, case, "admitted", {}, released=True, to=reader)
    letter = last(counter, case)
    assert letter.body.startswith("致吴娜：\n\n根据")
    assert told in letter.body
    assert never not in letter.body + letter.subject


def test_who_objects_is_not_addressed_as_the_firm_that_it_is_about(counter):
    case, _ = counter.submitted(counter.call())
    citizen = people.add_person(counter.connection, "王五", "wang@shore.example", "", "zh", at=counter.clock())
    write_letter(counter.desk, case, "answered", {}, released=True, to=citizen)
    assert "给您留言" in last(counter, case).body


def test_a_debarment_says_how_long_and_from_what(counter):
    case, _ = counter.submitted(counter.call())
    write_letter(counter.desk, case, "debarred", {"note": "False papers.", "days": 90, "day": 20_700}, released=True)
    body = last(counter, case).body
    for told in (f"From today until {iso(20_700)} (90 days)", "False papers.", "for this programme only", "Pier challenge"):
        assert told in body


def test_a_letter_without_a_note_has_no_hole_where_it_would_be(counter):
    case, _ = counter.submitted(counter.call())
    write_letter(counter.desk, case, "resumed", {}, released=True)
    assert "\n\n\n" not in last(counter, case).body


def test_a_kind_that_a_new_table_invents_names_at_least_where_the_case_stands(counter):
    case, _ = counter.submitted(counter.call())
    write_letter(counter.desk, case, "launched", {}, released=True)
    assert "now stands at “Submitted”" in last(counter, case).body
