"""What people are told of a step: what would be posted, what stays held and why, what was set apart."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from tests.bills.office import Office, row

from westlake.cli.inbox import Inbox
from westlake.cli.outcome import question, tell_approval, tell_inbox, tell_waiting
from westlake.settlement import Approval, Round

ROUND = Round(3, "voucher", 2025, 1, 20_000, "official", "d", "e", "pro_rata", "", "CNY", 100, 100, {}, "Kim", "", "decided")
PARTLY = Approval(paid={"reed": 100_00, "lotus": 50_00}, waiting={"heron": ["size", "bank_account"]})


def told(tell, *said):
    console = Console(file=io.StringIO(), width=200, highlight=False)
    tell(*said, console, "en")
    return console.file.getvalue().splitlines()


def test_the_question_states_what_is_posted_and_what_stays_held():
    assert question(ROUND, PARTLY, "en") == "Post ¥150.00 to 2 firms (1 more stay held, 0 are asked to pay back)?"


def test_who_stays_held_is_told_with_the_facts_that_lack():
    said = told(tell_approval, ROUND, PARTLY)
    assert said[1] == "1 firms stay held until these facts are verified: heron (size, bank_account)"
    assert "assurance" in said[2]


@pytest.mark.parametrize(("lang", "sentence"), [
    ("en", "is brought by more than one firm"), ("ko", "여러 기업이 제출했습니다"), ("zh", "由多家企业提交")])
def test_what_waits_speaks_the_language(lang, sentence):
    console = Console(file=io.StringIO(), width=200)
    one = {"ruling": "DUPLICATE_INVOICE", "code": "W321", "firms": ["reed"], "issuer": "Heron Cloud", "invoice": "INV-1",
           "file": "", "values": {"invoice": "INV-1", "firms": "lotus, reed"}}
    tell_waiting([one] * 5, console, lang)
    lines = console.file.getvalue().splitlines()
    assert [(line.startswith("  INV-1 W321"), sentence in line) for line in lines] == [(True, True)] * 3


def test_rows_set_apart_are_told_with_the_first_reason(tmp_path):
    taken = Office(tmp_path).send([row("1.00"), row("many"), row("more")], name="reed.csv")
    said = told(tell_inbox, Inbox(taken=[taken], skipped=["bills/note.txt"]))
    assert said[0] == "2 rows of reed.csv were set apart; the first:"
    assert said[1].startswith("  reed.csv row 2 ")
    assert said[2] == "Passed over 1, neither table nor bill: bills/note.txt"
    assert told(tell_inbox, Inbox(taken=[replace(taken, quarantined=0)])) == []
