"""The books in another program's eyes: bean-check, run as a process, agrees with them and with nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.dates import Period
from westlake.ledger import Journal, Transfer
from westlake.ledger.beancount import account_code, account_name, beancount_lines, held_name, link_name

from .conftest import NEXT, YEAR

BIN = Path(sys.executable).parent
CLOUD, REED, HERON = "budget:cloud", "payable:reed", "payable:heron"


def post(books, idem, day, *transfers, memo="Cloud voucher", **more):
    return books.post(Journal(idem, day, "payment", memo, [Transfer(*leg) for leg in transfers], **more))


@pytest.fixture
def year(books):
    """A hold paid in part, a waterfall of three legs, a reversal, dollars, and a budget above a budget."""
    books.open_account("budget", "CNY", "credit")
    books.open_account("payable:杭州_R-1", "CNY", "credit")
    books.open_account("dollars:lotus", "USD", "credit")
    post(books, "whole", YEAR.first, ("treasury", "budget", 12_345))
    post(books, "hold:1", YEAR.first + 30, (CLOUD, REED, 60_000, "hold"), memo='He said "yes\\no"\nand went')
    post(books, "pay:1", YEAR.first + 60, (CLOUD, REED, 50_000, "release"), (CLOUD, REED, 50_000), relates_to=3)
    wrong = post(books, "fall:1", YEAR.first + 70,
                 (CLOUD, REED, 10), (CLOUD, HERON, 20), (CLOUD, "payable:杭州_R-1", 30))
    books.reverse(wrong.id, "undo:1", YEAR.last, "")
    post(books, "usd:1", NEXT.first, ("exchange:usd", "dollars:lotus", 999), (CLOUD, HERON, 7))
    return books


def text(books, *days):
    return "\n".join(beancount_lines(books.connection, *days)) + "\n"


def check(tmp_path, written):
    """What bean-check complains of, one line a complaint; none when all is well."""
    path = tmp_path / "books.beancount"
    path.write_text(written, "utf-8")
    done = subprocess.run([BIN / "bean-check", "--no-cache", path], capture_output=True, text=True)
    complaints = re.findall(r"^\S*books\.beancount:\d+:\s+(.*)$", done.stderr + done.stdout, re.MULTILINE)
    assert bool(complaints) == bool(done.returncode)
    return complaints


def test_the_whole_life_and_each_year_alone_hold(year, tmp_path):
    assert check(tmp_path, text(year)) == []
    for days in (YEAR, NEXT):
        assert check(tmp_path, text(year, days.first, days.last)) == []


def test_one_journal_as_it_is_written(year):
    entry = year.journal(4)
    assert text(year).split("\n\n")[4].splitlines() == [
        '2025-03-02 * "payment" "Cloud voucher" ^pay/1 ^hold/1',
        "  journal: 4",
        "  relates_to: 3",
        '  recorded: "2025-01-01T00:00:03.000000Z"',
        f'  hash: "{entry.hash}"',
        "  Equity:Held:Budget:Cloud  -500.00 CNY",
        "  Equity:Held:Payable:Reed  500.00 CNY",
        "  Liabilities:Budget:Cloud  500.00 CNY",
        "  Liabilities:Payable:Reed  -500.00 CNY"]


def test_legs_of_one_journal_are_folded(year):
    waterfall = text(year).split("\n\n")[5].splitlines()
    assert [line.strip() for line in waterfall if " CNY" in line] == [
        "Liabilities:Budget:Cloud  0.60 CNY", "Liabilities:Payable:Reed  -0.10 CNY",
        "Liabilities:Payable:Heron  -0.20 CNY", "Liabilities:Payable:Z-676d--5dde---R-2d-1  -0.30 CNY"]


def test_every_account_has_its_assertion_on_the_day_after(year):
    written = text(year)
    opened = set(re.findall(r"^\S+ open (\S+)", written, re.MULTILINE))
    asserted = re.findall(r"^(\S+) balance (\S+) ", written, re.MULTILINE)
    assert {name for _, name in asserted} == opened
    assert {day for day, _ in asserted} == {"2026-01-02"}
    assert {account_code(name) for name in opened} == set(year.balances())


@pytest.mark.parametrize(("what", "found", "instead"), [
    ("a leg changed by a fen", "Liabilities:Budget:Cloud  500.00 CNY", "Liabilities:Budget:Cloud  500.01 CNY"),
    ("both legs changed by a fen", "500.00 CNY\n  Liabilities:Payable:Reed  -500.00 CNY",
     "500.01 CNY\n  Liabilities:Payable:Reed  -500.01 CNY"),
    ("a hold changed", "600.00 CNY\n  Equity:Held:Payable:Reed  -600.00 CNY",
     "601.00 CNY\n  Equity:Held:Payable:Reed  -601.00 CNY"),
    ("an assertion out by a fen", "1123.45 ~ 0 CNY", "1123.46 ~ 0 CNY"),
    ("an assertion a day early", "2026-01-02 balance", "2026-01-01 balance"),
])
def test_a_change_is_caught(year, tmp_path, what, found, instead):
    written = text(year)
    assert written.count(found) >= 1, written
    assert check(tmp_path, written.replace(found, instead)) != []


@pytest.mark.parametrize("times", [0, 2])
def test_a_transaction_dropped_or_doubled_is_caught(year, tmp_path, times):
    parts = text(year).split("\n\n")
    assert check(tmp_path, "\n\n".join(parts[:4] + parts[4:5] * times + parts[5:])) != []


def test_its_balances_are_ours(year, tmp_path):
    path = tmp_path / "books.beancount"
    path.write_text(text(year), "utf-8")
    query = "SELECT account, number(only('CNY', sum(position))) AS amount WHERE currency = 'CNY' GROUP BY account"
    done = subprocess.run([BIN / "bean-query", "-f", "csv", path, query], capture_output=True, text=True, check=True)
    theirs = {name: amount.strip() for name, amount in (line.split(",") for line in done.stdout.splitlines()[1:])}
    theirs = {name: int(amount.replace(".", "") or 0) for name, amount in theirs.items()}
    for code, balance in year.balances().items():
        if balance.currency == "CNY":
            assert theirs.get(account_name(code, balance.rule), 0) == balance.debits - balance.credits
            assert theirs.get(held_name(code), 0) == balance.held_debits - balance.held_credits


def test_empty_books_are_written_too(tmp_path):
    from westlake.database import connect
    from westlake.ledger import Books
    empty = Books.create(connect(":memory:"))
    assert check(tmp_path, text(empty)) == []
    empty.open_account("treasury", "KRW", "free")
    assert check(tmp_path, text(empty, *vars(Period.month(2025, 1)).values())) == []


def test_a_period_without_journals_carries_its_balances(year, tmp_path):
    may = Period.month(2025, 5)
    written = text(year, may.first, may.last)
    assert written.count("opening balances") == 1 and written.count("journal:") == 0
    assert "\n2025-06-01 balance Equity:Held:Budget:Cloud  100.00 ~ 0 CNY\n" in written
    assert check(tmp_path, written) == []


CODES = st.text(min_size=1, max_size=12) | st.text("abz09AZ_-:.杭가", min_size=1, max_size=8)


@pytest.mark.parametrize(("code", "name"), [
    ("budget:cloud_voucher:2025", "Budget:Cloud--voucher:2025"), ("payable:F00005", "Payable:F00005-"),
    ("payable:91330100MA27", "Payable:91330100MA27"), ("payable:f-5", "Payable:F-2d-5"), ("F_5", "F--5-"),
    ("zoo", "Z-7a-oo"), ("_a", "Z--a"), ("a::b", "A:Z:B")])
def test_names_as_they_are_written(code, name):
    assert (account_name(code, "credit"), held_name(code)) == (f"Liabilities:{name}", f"Equity:Held:{name}")


@given(CODES, st.sampled_from(["free", "credit", "debit"]))
def test_a_name_is_read_back(code, rule):
    name = account_name(code, rule)
    assert re.fullmatch(r"[A-Z][a-z]+(:[A-Z0-9][A-Za-z0-9-]*)+", name)
    assert (account_code(name), account_code(held_name(code))) == (code, code)


@given(st.lists(CODES, unique=True, min_size=2, max_size=6))
def test_no_two_keys_share_a_link(keys):
    links = [link_name(key) for key in keys]
    assert all(re.fullmatch(r"\^[A-Za-z0-9\-_/.]+", link) for link in links)
    assert len(set(links)) == len(keys)
