"""What other programs read of a decision, a check and a reform: the whole of it, every name and every text."""

import json

from westlake.rules import load_programme
from westlake.rules.checks import check
from westlake.rules.difference import compare
from westlake.rules.remedies import find_remedies

from .toy import R, load, write

LAW = {"source": "toy", "title": "The thing", "publisher": "", "date": "", "kind": "text"}
TEXT = (R + 'def enough(spend: Money, least: Money) -> Bool:\n    """Is it worth the paper?"""\n    return spend >= least\n'
        + R + "def answer(enough: Bool, spend: Money, half: Rate) -> Money:\n"
        "    return share_down(spend, half) if enough else 0\n")
SPEND = {"spend": 'money, max: "100.00"'}
VALUES = {"least": ("money", [("2025-01-01", '"5.00"')]), "half": ("rate", [("2025-01-01", "50%")])}


def plain(found):
    return json.loads(json.dumps(found))


def cited(cls):
    rests = {"class": cls, "clause": "1"}
    return {**LAW, **rests, "says": "The thing (toy), 1; official text"}


def told(name, kind, number, text, shown, origin, since=None, law=None):
    return {"name": name, "label": "The thing", "origin": origin, "kind": kind, "number": number, "text": text, "shown": shown,
            "in_force": since, "citation": law}


SPENT = told("spend", "money", 9_01, "9.01", "¥9.01", "input")
LEAST = told("least", "money", 5_00, "5.00", "¥5.00", "value", "2025-01-01", cited("P"))
HALF = told("half", "rate", 500_000, "50%", "50%", "value", "2025-01-01", cited("P"))
ENOUGH = told("enough", "bool", 1, "true", "yes", "rule", None, cited(""))
ANSWER = told("answer", "money", 4_50, "4.50", "¥4.50", "rule", None, cited(""))


def test_a_decision_whole(tmp_path):
    decision = load(tmp_path, TEXT, SPEND, VALUES).decide({"spend": 9_01}, "2025-06-01")
    found = plain(decision.as_dict())

    def short(part):
        return {name: part[name] for name in ("label", "number", "text", "shown")}

    assert found == {
        "programme": "toy", "title": "The thing", "regime": "official", "digest": decision.digest, "day": "2025-06-01",
        "currency": "CNY", "sentence": "The thing, 2025-06-01: The thing ¥4.50. The thing", "results": ["answer"],
        "inputs": {"spend": short(SPENT)}, "values": {"enough": short(ENOUGH), "answer": short(ANSWER)},
        "steps": [{**ENOUGH, "doc": "Is it worth the paper?", "says": "The thing", "arguments": [SPENT, LEAST]},
                  {**ANSWER, "doc": "", "says": None, "arguments": [ENOUGH, SPENT, HALF]}]}


def test_a_decision_as_a_page_of_text(tmp_path):
    decision = load(tmp_path, TEXT, SPEND, VALUES).decide({"spend": 9_01}, "2025-06-01")
    assert decision.text("ko").splitlines() == [
        "그것, 2025-06-01: 그것 ¥4.50. 그것", "", "그것: 예  [그것 (toy), 1; 공식 문서]", "    그것: ¥9.01",
        "    그것: ¥5.00  [2025-01-01부터 시행, 그것 (toy), 1; 공식 문서]", "그것: ¥4.50  [그것 (toy), 1; 공식 문서]",
        "    그것: 예", "    그것: ¥9.01", "    그것: 50%  [2025-01-01부터 시행, 그것 (toy), 1; 공식 문서]"]


def test_a_check_whole(tmp_path):
    report = check(write(tmp_path, TEXT, SPEND | {"idle": "count"}, VALUES))
    assert plain(report.as_dict()) == {
        "programme": "toy", "regime": "official", "digest": report.digest, "well": True, "problems": [],
        "examples": {"held": 0, "all": 0},
        "ground": {"values": 2, "doubtful": 0, "by_class": {"P": 2}, "by_kind": {"text": 2}, "rules": 2, "clauses_unknown": 0},
        "unused": ["idle"]}


def test_a_reform_whole(tmp_path):
    before = load(tmp_path, TEXT, SPEND, VALUES)
    (tmp_path / "reform.yaml").write_text("toy: {half: [{in_force: 2025-01-01, value: 40%}]}\n", "utf-8")
    after = load_programme(before.folder, reform=tmp_path / "reform.yaml")
    found = compare(*(law.decide({"spend": 9_01}, "2025-06-01") for law in (before, after)))
    assert plain(found.as_dict()) == {
        "before": {"regime": "official", "digest": before.digest}, "after": {"regime": "official", "digest": after.digest},
        "values": [{"name": "half", "before": "50%", "after": "40%", "rests_on": {
            "source": "reform", "title": "A proposed reform", "publisher": "", "date": "", "kind": "inference",
            "clause": "unknown", "class": "I",
            "says": "A proposed reform (reform), article number unknown; inference; scenario value, not a rule text"}}],
        "answers": [{"name": "answer", "before": "4.50", "after": "3.60"}]}
    assert found.lines() == ["The thing: 50% → 40%", "The thing: ¥4.50 → ¥3.60"]


def test_a_way_to_pass_whole(tmp_path):
    decision = load(tmp_path, TEXT, SPEND, VALUES).decide({"spend": 4_99}, "2025-06-01")
    assert plain(find_remedies(decision, "enough").as_dict()) == {
        "goal": "enough", "failing": ["enough"], "stuck": [],
        "remedies": [{"changes": [{"name": "spend", "before": "4.99", "after": "5.00"}],
                      "values": {"enough": 1, "answer": 2_50},
                      "says": "It would pass with: The thing ¥5.00 instead of ¥4.99 → The thing ¥2.50"}]}
