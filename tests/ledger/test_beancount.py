"""The Beancount file as it is written, and the traps of its assertions that bean-check would not mind."""

import re

import pytest

from westlake.dates import Period
from westlake.ledger.account_names import account_code

from .readers import Beancount, saved

TOOL = Beancount()


def test_one_journal_as_it_is_written(year):
    entry = year.journal(4)
    assert TOOL.write(year).split("\n\n")[4].splitlines() == [
        '2025-03-02 * "payment" "Cloud voucher" ^pay/1 ^hold/1',
        "  journal: 4",
        "  relates_to: 3",
        '  recorded: "2025-01-01T00:00:03.000000Z"',
        f'  hash: "{entry.hash}"',
        "  Equity:Held:Budget:Cloud:Debits  -500.00 CNY",
        "  Equity:Held:Payable:Reed:Credits  500.00 CNY",
        "  Liabilities:Budget:Cloud:Debits  500.00 CNY",
        "  Liabilities:Payable:Reed:Credits  -500.00 CNY"]


def test_legs_of_one_journal_are_folded(year):
    waterfall = TOOL.write(year).split("\n\n")[5].splitlines()
    assert [line.strip() for line in waterfall if " CNY" in line] == [
        "Liabilities:Budget:Cloud:Debits  0.60 CNY", "Liabilities:Payable:Reed:Credits  -0.10 CNY",
        "Liabilities:Payable:Heron:Credits  -0.20 CNY", "Liabilities:Payable:Z-676d--5dde---R-2d-1:Credits  -0.30 CNY"]


def test_every_sum_of_every_account_has_its_assertion_on_the_day_after(year):
    written = TOOL.write(year)
    opened = set(re.findall(r"^\S+ open (\S+)", written, re.MULTILINE))
    asserted = re.findall(r"^(\S+) balance (\S+) ", written, re.MULTILINE)
    assert {name for _, name in asserted} == opened
    assert {day for day, _ in asserted} == {"2026-01-02"}
    assert {account_code(name) for name in opened} == set(year.balances())
    assert {name for name in opened if name.startswith("Equity:Held")} == {
        "Equity:Held:Budget:Cloud:Debits", "Equity:Held:Payable:Reed:Credits"}


@pytest.mark.parametrize(("what", "found", "instead"), [
    ("an assertion out by a fen", "123.45 ~ 0 CNY", "123.46 ~ 0 CNY"),
    ("an assertion a day early", "2026-01-02 balance", "2026-01-01 balance"),
])
def test_an_assertion_that_is_not_so_is_caught(year, tmp_path, what, found, instead):
    written = TOOL.write(year)
    assert found in written
    assert TOOL.complaints(saved(tmp_path, written.replace(found, instead))) != []


def test_a_period_without_journals_carries_its_balances(year, tmp_path):
    may = Period.month(2025, 5)
    written = TOOL.write(year, may.first, may.last)
    assert written.count("opening balances") == 1 and written.count("journal:") == 0
    assert "\n2025-06-01 balance Equity:Held:Budget:Cloud:Debits  100.00 ~ 0 CNY\n" in written
    assert TOOL.complaints(saved(tmp_path, written)) == []
