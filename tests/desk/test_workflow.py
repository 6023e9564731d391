"""workflow.yaml: the whole life of a case as a table, and what is wrong with one, at its place."""

from pathlib import Path

import pytest
from tests.desk.counter import LAKESIDE, Counter, shelf_with

import westlake.programmes
from westlake.desk.applying.deciding import Known, known_of, last_decision
from westlake.desk.effects import EFFECTS
from westlake.desk.guards import GUARDS
from westlake.desk.steps import read_table
from westlake.desk.workflow import FILE
from westlake.errors import WestlakeError
from westlake.rules import Kind, load_programme

HANGZHOU = Path(westlake.programmes.__file__).parent / "hangzhou"
RESULTS = ("eligible", "claim", "award", "cheque")  # what a route decides
PROGRAMMES = sorted(path.parent.name for path in HANGZHOU.glob("*/workflow.yaml"))


def table(folder):
    return read_table(load_programme(folder))


@pytest.mark.parametrize("name", PROGRAMMES)
def test_each_programme_of_the_city_has_its_whole_life_in_one_table(name):
    workflow = table(HANGZHOU / name)
    for kind in workflow.kinds.values():
        way_on = {kind.start}
        for _ in kind.states:
            way_on |= {step.target(state) for state in way_on for step in kind.from_state(state)}
        assert way_on == set(kind.states), f"{kind.name}: not every state is reached from the start"
        assert kind.ends <= way_on
    assert {word for kind in workflow.kinds.values() for state in kind.states
            for word in (workflow.word("state", state, lang) for lang in ("en", "ko", "zh")) if word == state} == set()


def test_all_five_are_worked_at_the_desk():
    assert PROGRAMMES == ["challenge", "cloud_voucher", "fund", "loss_share", "talent"]


def test_each_programme_that_is_reviewed_asks_for_something_to_read():
    written = {name: [one.name for one in table(HANGZHOU / name).proposal] for name in PROGRAMMES if table(HANGZHOU / name).criteria}
    assert written == {"challenge": ["summary", "work_plan", "team", "budget_notes"],
                       "fund": ["manager_record", "investment_plan", "city_use"]}


@pytest.mark.parametrize("old, new, code", [
    ('most: "800"', 'most: many', "W105"), ('most: "800"', 'most: "20001"', "W105"), ("  summary: {", "  cost: {", "W1141"),
    ("  summary: {", "  title: {", "W1141"),
    ("review:", 'asked_when:\n  cost: {input: district, is: [north], otherwise: lots}\nreview:', "W105"),
    ("review:", 'asked_when:\n  cost: {input: district, is: [east], otherwise: "1"}\nreview:', "W908"),
    ("review:", 'asked_when:\n  cost: {input: resident, is: [yes], otherwise: "1"}\nreview:', "W908"),
    ("review:", 'asked_when:\n  district: {input: district, is: [north], otherwise: north}\nreview:', "W908")])
def test_sections_and_routes_that_cannot_be_are_named(tmp_path, old, new, code):
    folder = shelf_with(tmp_path, "pier_challenge", swap={old: new}) / "pier_challenge"
    with pytest.raises(WestlakeError) as refused:
        table(folder)
    assert {one.code for one in refused.value.problems} == {code}


def test_a_question_of_another_route_is_not_asked_and_the_rule_is_told_so(tmp_path):
    """On the south shore nobody is asked what a pier costs; what was typed before the route was chosen counts for nothing."""
    route = 'asked_when:\n  cost: {input: district, is: [north], otherwise: "5000.00"}\nreview:'
    counter = Counter(tmp_path / "lake.sqlite", shelf_with(tmp_path, "pier_challenge", swap={"review:": route}))
    north, _ = counter.submitted(counter.call(), "heron", cost="20000.00")
    south, _ = counter.submitted(counter.call(code="PIER-27"), "otter", district="south", cost="a lot")
    told = {case.firm: known_of(counter.desk, case, counter.desk.today())["cost"] for case in (north, south)}
    assert told == {"heron": Known("cost", "20000.00", "declared", "applicant"), "otter": Known("cost", "5000.00", "not_asked", "workflow")}
    assert last_decision(counter.desk, south).given["cost"] == "5,000.00"
    counter.close()


def test_no_step_that_moves_money_is_one_persons():
    """Whoever checks does not approve; whoever proposes to claim back, to write off or to debar does not decide it."""
    ends = {"approve": "check", "order": "check", "demand": "claim_back", "write_off": "propose_write_off",
            "debar": "propose_debarment"}
    for name in PROGRAMMES:
        for kind in table(HANGZHOU / name).kinds.values():
            for step in kind.steps:
                first = ends.get(step.name)
                if first and any(first == other.name for one in table(HANGZHOU / name).kinds.values() for other in one.steps):
                    others = [use.given for use in step.guards if use.name == "other_than"]
                    assert others and first in others[0], f"{name}: {kind.name}.{step.name}"


def test_every_guard_and_effect_is_used_by_some_programme():
    used = {use.name for name in PROGRAMMES for kind in table(HANGZHOU / name).kinds.values() for step in kind.steps
            for use in (*step.guards, *step.effects)}
    beyond = {"after_days", "payable_left", "nothing_held", "made_known", "set_off", "fresh_factor", "offset"}
    assert (set(GUARDS) | set(EFFECTS)) - used <= beyond  # for offices' own tables


FAULTS = {
    ("to: submitted, who: [applicant], guards: [call_open", "to: submited, who: [applicant], guards: [call_open"):
        {"W910", "W913"},
    ("guards: [call_open, complete", "guards: [call_opn, complete"): {"W908"},
    ("effects: [submit, decide, {send: receipt}]", "effects: [submit, decid]"): {"W908"},
    ("who: [applicant, co_applicant]}", "who: [aplicant]}"): {"W908"},
    ("do: withdraw, from: draft", "do: submit, from: draft"): {"W911"},
    ("weight: 40%", "weight: 50%"): {"W912"},
    ("start: draft", "start: drafted"): {"W909", "W910", "W913"},
    ("ends: [withdrawn,", "ends: [vanished, withdrawn,"): {"W909"},
    ("asks: [note, day]", "asks: [note, dai]"): {"W908"},
    ("to: panel, who: [officer, chair]", "to: jury, who: [officer, chair]"): {"W910", "W913"},
    ("milestones: {input: stage,", "milestones: {input: stages,"): {"W908"},
    ('objection_days: "2"', 'objection_days: "two"'): {"W105"},
    ("  application:", "  applications:"): {"W104", "W913"},
}


@pytest.mark.parametrize(("old", "new"), FAULTS)
def test_a_fault_is_named_at_its_place(tmp_path, old, new):
    shelf = shelf_with(tmp_path, "pier_challenge", swap={old: new})
    with pytest.raises(WestlakeError) as caught:
        table(shelf / "pier_challenge")
    assert {problem.code for problem in caught.value.problems} == FAULTS[old, new]
    assert all(problem.place.file == FILE and problem.place.line for problem in caught.value.problems)


def test_a_programme_without_a_table_says_so():
    with pytest.raises(WestlakeError) as caught:
        table(LAKESIDE / "render_voucher")
    assert caught.value.problems[0].code == "W907"


def test_an_office_changes_the_life_of_its_cases_without_touching_code(tmp_path):
    """A jury of its own between submission and panel: two rows and two words, and the desk works it."""
    row = "      - {do: to_panel, from: eligible, to: panel,"
    shelf = shelf_with(tmp_path, "pier_challenge", swap={
        row: "      - {do: look_over, from: eligible, to: jury, who: [officer], guards: [no_conflict]}\n"
             "      - {do: to_panel, from: jury, to: panel,",
        "kinds:\n": "words:\n  state:\n    jury: {en: Before the jury, ko: 배심 심사, zh: 评判中}\n"
                    "  step:\n    look_over: {en: Look over, ko: 살펴보기, zh: 初看}\nkinds:\n"})
    counter = Counter(tmp_path / "westlake.db", shelf)
    case, _ = counter.submitted(counter.call())
    case = counter.take(counter.take(case, "admit", "officer"), "look_over", "officer")
    assert counter.offer("pier_challenge").workflow.word("state", case.state, "ko") == "배심 심사"
    counter.close()


def extremes(item):
    """The numbers between which an answer may lie."""
    return sorted({item.low, item.high, *range(len(item.choices)), *((0, 1) if item.kind is Kind.BOOL else ())})


@pytest.mark.parametrize("name", [name for name in PROGRAMMES if table(HANGZHOU / name).asked_when])
@pytest.mark.parametrize("size", ["least", "middle"])
def test_what_a_route_does_not_ask_changes_nothing_there(name, size):
    """Whatever stood in a question of another route, the rules decide the same: eligible or not, and every amount."""
    programme, routes = load_programme(HANGZHOU / name), table(HANGZHOU / name).asked_when
    middle = {Kind.BOOL: 1, Kind.MONEY: 100_000_00, Kind.COUNT: 2, Kind.RATE: 100_000, Kind.DAY: 19_500}
    base = {item.name: item.low if size == "least" else middle.get(item.kind, item.low) for item in programme.inputs.values()}
    tried = 0
    for wanted in dict.fromkeys(route.input for route in routes.values()):
        for place, choice in enumerate(programme.inputs[wanted].choices):
            off = {one: route.otherwise for one, route in routes.items() if not route.takes(choice)}
            decided = programme.decide({**base, wanted: place, **off}, "2026-03-01").values
            for one in off:
                for number in extremes(programme.inputs[one]):
                    told = programme.decide({**base, wanted: place, **off, one: number}, "2026-03-01").values
                    assert {rule: told[rule] for rule in RESULTS if rule in told} == {
                        rule: decided[rule] for rule in RESULTS if rule in decided}, (choice, one, number)
                    tried += 1
    assert tried > 20
