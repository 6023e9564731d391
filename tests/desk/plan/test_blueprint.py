"""Lakeside's plan beside what came of it: read strictly, its disagreements kept, its pledges spread to the last fen."""

import shutil

import pytest
from tests.desk.counter import LAKESIDE, NEW_YEAR

from westlake.dates import MICROS_PER_DAY, day_number
from westlake.desk.calls import plan_call
from westlake.desk.plan.attained import FOUND, TOLD, UNKNOWN, budget_years, plan_and_actual, share_of
from westlake.desk.plan.blueprint import find_blueprints, read_blueprint
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.register import Register

PLAN = read_blueprint(LAKESIDE)


def told(tmp_path, old, new):
    """What the reader says of the plan with one text changed: code and line of each problem."""
    shelf = tmp_path / "shelf"
    shutil.copytree(LAKESIDE, shelf, ignore=shutil.ignore_patterns("__pycache__"))
    path = shelf / "blueprint.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WestlakeError) as caught:
        read_blueprint(shelf)
    line = text[:text.index(old)].count("\n") + 1
    assert {problem.place.file for problem in caught.value.problems} == {"blueprint.yaml"}
    return [(problem.code, problem.place.line - line) for problem in caught.value.problems]


@pytest.mark.parametrize("old, new, wanted", [
    ("programme: pier_challenge, first: 2025", "programme: pear_challenge, first: 2025", [("W1092", 0)]),
    ("first: 2025, last: 2027}", "first: 2027, last: 2025}", [("W1091", 0)]),
    ("first: 2025, last: 2027}", "first: 2023, last: 2027}", [("W1091", 0)]),
    ("last: 2028, unit: people, value: 1_000", "last: 2031, unit: people, value: 1_000", [("W1091", 0)]),
    ("note: K1", "note: K2", [("W1092", 0)]),
    (", note: K1", "", [("W1093", 0)]),
    ("value: 1_000", "value: a thousand", [("W1094", 0)]),
    ('value: "2.5"', "value: -1", [("W1094", 0)]),
    ("class: P}", "class: X}", [("W1092", 0)]),
    ("source: L-plan", "source: L-nowhere", [("W1092", 0)]),
    ("field: cost, ", "", [("W104", 0)]),
    ("unit: times", "unit: apples", [("W1092", 0)]),
    ("name: chosen", "name: calls", [("W102", 0)]),
    ("declared: 2024", "declared: soon", [("W1094", 0)]),
    ("targets:", "aims:", [("W103", 0)]),
])
def test_each_fault_is_named_at_its_line(tmp_path, old, new, wanted):
    assert told(tmp_path, old, new) == wanted


def test_a_folder_without_a_plan(tmp_path):
    with pytest.raises(WestlakeError) as caught:
        read_blueprint(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["W1090"]
    assert find_blueprints(tmp_path) == []
    assert find_blueprints(LAKESIDE.parent) == [LAKESIDE]


def test_figures_that_disagree_stay_as_they_are_and_carry_their_note():
    assert [(one.of, one.by_year.total, one.whole.total, one.note) for one in PLAN.disagreements] == [
        ("people", 4 * 1000, 5000, "K1")]
    assert PLAN.notes["K1"]["zh"] == "每年一千人与四年五千人不一致。"


def test_a_pledge_is_spread_as_declared_and_to_the_last_fen():
    boats, = PLAN.pledges
    even, unknown = boats.readings
    assert even.by_year(boats.amount) == {2025: 33334, 2026: 33333, 2027: 33333}
    assert sum(even.by_year(boats.amount).values()) == boats.amount == 100_000
    assert unknown.by_year(boats.amount) == {}


@pytest.mark.parametrize("part, whole, wanted", [(1, 3, 333_333), (2, 3, 666_667), (1, 2_000_000, 1), (0, 5, 0),
                                                 (10**15, 10**15 - 1, 1_000_000)])
def test_shares_are_exact_to_the_millionth(part, whole, wanted):
    assert share_of(part, whole) == wanted


def attained(counter):
    return {(row.target.name, row.first): row for row in plan_and_actual(counter.desk, PLAN)}


def test_what_is_not_measured_says_so(counter):
    rows = attained(counter)
    assert len(rows) == 2 + 1 + 1 + 4 + 1 + 1 + 1
    assert {key: (row.basis, row.actual) for key, row in rows.items() if key[0].startswith("people")} == {
        ("people_year", 2025): (TOLD, 800), ("people_year", 2026): (UNKNOWN, None),
        ("people_year", 2027): (UNKNOWN, None), ("people_year", 2028): (UNKNOWN, None),
        ("people_four_years", 2025): (UNKNOWN, None)}
    assert rows["people_year", 2025].share == 800_000
    assert (rows["chosen", 2026].basis, rows["cost", 2026].basis, rows["founders", 2026].basis) == (UNKNOWN,) * 3


def test_calls_firms_and_founders_are_counted_from_the_office_s_own_papers(counter):
    counter.call(code="PIER-26")
    plan_call(counter.desk, counter.staff["officer"], "pier_challenge", "PIER-26b", 2026, NEW_YEAR, NEW_YEAR + 9, {
        "title": {"en": "Later", "ko": "나중", "zh": "稍后"}})  # nobody sees it yet: it does not count
    counter.know("heron", resident="1")
    counter.know("otter", resident="1", assurance="declared")
    counter.know("away", resident="0")
    for person, origin, founder in (("ann", "local_graduate", "1"), ("bo", "local_graduate", "0"),
                                    ("cy", "local_graduate", "0"), ("di", "outsider", "1")):
        counter.know(person, origin=origin, founder=founder)
    counter.know("eve", origin="local_graduate")  # nobody knows whether she founded one
    rows = attained(counter)
    assert {key: (rows[key].actual, rows[key].basis) for key in (
        ("calls", 2026), ("calls", 2027), ("firms", 2026), ("founders", 2026))} == {
        ("calls", 2026): (1, FOUND), ("calls", 2027): (0, FOUND), ("firms", 2026): (1, FOUND),
        ("founders", 2026): (share_of(1, 3), FOUND)}
    assert rows["calls", 2026].share == 500_000
    assert rows["calls", 2026].since is None  # the desk was opened on New Year's Day


def test_years_before_the_desk_was_opened_are_not_measured(counter):
    counter.call()
    opened = NEW_YEAR + 400
    counter.connection.execute("UPDATE desk_person SET made_at = ?", (opened * MICROS_PER_DAY,))
    rows = attained(counter)
    assert (rows["calls", 2026].basis, rows["calls", 2026].actual) == (UNKNOWN, None)
    assert (rows["calls", 2027].basis, rows["calls", 2027].since) == (FOUND, opened)


def test_a_year_s_budget_stands_beside_its_books(counter):
    books = Books(counter.connection)
    books.open_period(day_number(2026, 1, 1), day_number(2026, 12, 31))
    for code, rule in (("treasury", "free"), ("budget:pier_challenge:2026", "credit"),
                       ("payable:pier_challenge:heron", "credit")):
        books.open_account(code, "CNY", rule)
    budget, payable = "budget:pier_challenge:2026", "payable:pier_challenge:heron"
    for key, kind, transfer in (("a", "appropriation", Transfer("treasury", budget, 10_000_000)),
                                ("b", "hold", Transfer(budget, payable, 3_000_000, "hold")),
                                ("c", "award", Transfer(budget, payable, 1_000_000))):
        books.post(Journal(key, NEW_YEAR, kind, key, [transfer]))
    rows = {(row.programme, row.year): row for row in budget_years(counter.desk, PLAN)}
    assert list(rows) == [("pier_challenge", year) for year in (2025, 2026, 2027)] + [
        ("cloud_voucher", 2025), ("cloud_voucher", 2026)]
    row = rows["pier_challenge", 2026]
    assert (row.planned, row.books.appropriated, row.books.held, row.books.awarded, row.paid) == (
        10_000_000, 10_000_000, 3_000_000, 1_000_000, 0)
    assert row.used == 400_000
    assert (row.citation.source.id, row.citation.cls) == ("L-cloud25", "P")
    assert (rows["pier_challenge", 2025].books, rows["pier_challenge", 2025].used) == (None, None)
    own = rows["cloud_voucher", 2026]  # not worked at the desk: the plan's own amount, and no books
    assert (own.planned, own.citation.source.id, own.books) == (500_000, "L-plan", None)


def test_the_register_is_asked_as_of_the_last_day(counter):
    """Who moved in after the years ended does not count."""
    Register(counter.connection).enter("late", "resident", "1", day_number(2029, 6, 1), day_number(2099, 1, 1),
                                       "verified", "registry", NEW_YEAR)
    counter.clock.wait(days=365 * 5)
    assert attained(counter)["firms", 2026].actual == 0


def test_awards_are_measured_from_what_was_promised(counter):
    """Three awarded, one not; two of the three by a selection: written into the tables by hand."""
    call = counter.call()
    insert = ("INSERT INTO desk_case (number, kind, call, programme, year, currency, firm, applicant, opened_at, title, asked,"
              " amount, state, seq, submitted_at, moved_at) VALUES (?, 'application', ?, 'pier_challenge', 2026, 'CNY', ?, 1, 0,"
              " '', 0, ?, 'agreed', 0, 1, 1) RETURNING id")
    cases = [counter.connection.execute(insert, (f"C-{place}", call.id, f"firm{place}", amount)).fetchone()[0]
             for place, amount in enumerate((100_00, 250_00, 50_00, 0))]
    for case, cost in zip(cases, ("300.00", "500.00", "200.00", "9999.00"), strict=True):
        counter.connection.execute("INSERT INTO desk_answer VALUES (?, 'cost', ?, 1, 0)", (case, cost))
    run = counter.connection.execute(
        "INSERT INTO desk_run (call, kind, seed, terms, result, digest, person, at) VALUES (?, 'selection', 1, '{}', '{}', '',"
        " 1, 0) RETURNING id", (call.id,)).fetchone()[0]
    for case, chosen in ((cases[0], 1), (cases[1], 1), (cases[2], 0)):
        counter.connection.execute("INSERT INTO desk_place VALUES (?, ?, 1, 0, 0, 1, 1, ?, NULL, 0, '')", (run, case, chosen))
    rows = attained(counter)
    assert rows["chosen", 2026].actual == share_of(2, 3)
    assert rows["cost", 2026].actual == 2_500_000  # 1,000.00 over 400.00
    assert rows["cost", 2026].share == 1_000_000
