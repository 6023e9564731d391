"""What the article says was paid, as a sheet of old decisions, held against the rule of either regime."""

import pytest
import xlsxwriter

from westlake import settlement
from westlake.replay import Column, ColumnMap, measure_of, read_table, replay

from .conftest import programme, whole
from .test_programmes import CHALLENGE, DIRECT, LOSS, PERSON, ROUND_B

LOAN = {**PERSON, "benefit": "interest", "loan": "100000000.00", "interest_paid": "5000000.00"}
FIRST = {**CHALLENGE, "milestone": "first", "audited_spend": "40000000.00"}
# programme, day, who, the case, what the article says was paid → what binds it under the rules as found, and the money
TOLD = {
    "F07 a firm's loss": ("loss_share", "2025-03-01", "colt", LOSS, 3_000_000,
                          ("refused", "is_this_reading", "reading_holds", 3_000_000_00)),
    "F08 the robot dog": ("fund", "2018-05-01", "colt", DIRECT, 20_000_000, None),
    "F16 the first third of 120 million": ("challenge", "2025-10-01", "stag", FIRST, 36_000_000,
                                           ("cap", "award", "cap_by_class", 33_000_000_00)),
    "F26 the interest": ("talent", "2025-11-01", "lin", LOAN, 5_000_000,
                         ("cap", "interest", "interest_cap_year", 4_800_000_00)),
    "F31 the B round": ("fund", "2026-03-01", "colt", ROUND_B, 150_000_000, ("cap", "cheque", "cheque_max", 90_000_000_00)),
}


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


@pytest.mark.parametrize("fact", TOLD)
def test_what_the_article_says_was_paid(fact, tmp_path):
    """Under the article's own figures every payment agrees to the fen; under the rules as found the clause is named."""
    *told, binding = TOLD[fact]
    agreed = replayed(tmp_path, "article", *told)
    assert (agreed.agreeing, agreed.disagreements, agreed.unread) == (1, [], [])
    held = replayed(tmp_path, "official", *told)
    found = [(case.kind, case.rule, case.value, case.old - case.new) for case in held.disagreements]
    assert found == ([binding] if binding else [])
