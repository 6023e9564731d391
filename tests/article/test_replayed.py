"""What the article says was paid, as a sheet of old decisions, held against the rule of either regime."""

import xlsxwriter

from westlake import settlement
from westlake.replay import Column, ColumnMap, measure_of, read_table, replay

from .conftest import programme, whole
from .test_programmes import CHALLENGE, DIRECT, LOSS, PERSON, ROUND_B

LOAN = {**PERSON, "benefit": "interest", "loan": "100000000.00", "interest_paid": "5000000.00"}
FIRST = {**CHALLENGE, "milestone": "first", "audited_spend": "40000000.00"}


def replayed(tmp_path, regime, name, day, who, case, paid):
    loaded = programme(name, regime)
    terms = settlement.read_terms(loaded)
    numbers = whole(name, case)
    inputs = {item: loaded.write(item, number) for item, number in numbers.items()}
    path = tmp_path / f"{regime}-{name}.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["who", "day", "paid", *inputs])
        page.write_row(1, 0, [who, day, f"{paid:,}.00", *inputs.values()])
    columns = ColumnMap({item: Column(item) for item in inputs}, amount=Column("paid"), day=Column("day"), case=Column("who"))
    table = read_table(path, "", 0, columns.headings())
    rules = (terms.decides["entitlement"], terms.decides["eligible"])
    return replay(path, table, columns, measure_of(loaded, columns, rules)).comparison


def hold(tmp_path, *told, binding=None):
    """Under the article's own figures the payment agrees to the fen; under the rules as found the clause is named."""
    agreed = replayed(tmp_path, "article", *told)
    assert (agreed.agreeing, agreed.disagreements, agreed.unread) == (1, [], [])
    held = replayed(tmp_path, "official", *told)
    found = [(case.kind, case.rule, case.value, case.old - case.new) for case in held.disagreements]
    assert found == ([binding] if binding else [])


def test_f07_a_firm_s_loss_replayed(tmp_path):
    hold(tmp_path, "loss_share", "2025-03-01", "colt", LOSS, 3_000_000,
         binding=("refused", "is_this_reading", "reading_holds", 3_000_000_00))


def test_f08_the_robot_dog_replayed(tmp_path):
    hold(tmp_path, "fund", "2018-05-01", "colt", DIRECT, 20_000_000)


def test_f16_the_first_of_three_payments_replayed(tmp_path):
    hold(tmp_path, "challenge", "2025-10-01", "stag", FIRST, 36_000_000,
         binding=("cap", "award", "cap_by_class", 33_000_000_00))


def test_f26_the_interest_replayed(tmp_path):
    hold(tmp_path, "talent", "2025-11-01", "lin", LOAN, 5_000_000,
         binding=("cap", "interest", "interest_cap_year", 4_800_000_00))


def test_f31_the_b_round_replayed(tmp_path):
    hold(tmp_path, "fund", "2026-03-01", "colt", ROUND_B, 150_000_000,
         binding=("cap", "cheque", "cheque_max", 90_000_000_00))
