"""The books at the command line: words for people on stderr, one JSON value on stdout, an exit code for scripts."""

import csv
import hashlib
import json
import subprocess
import sys

import pytest

from westlake.cli.books import read_period
from westlake.database import connect
from westlake.dates import Period, iso, parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.record import Record

from .conftest import ACCOUNTS, NEXT, YEAR


@pytest.fixture
def office(tmp_path, clock):
    """A workspace whose books hold an appropriation, a hold and its payment."""
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\nagency = "Harbour Office"\n', "utf-8")
    books = Books.create(connect(tmp_path / "westlake.db"), clock)
    Record.create(books.connection).add("kim", "books.opened", "books")
    for account in ACCOUNTS:
        books.open_account(*account)
    for year in (YEAR, NEXT):
        books.open_period(year.first, year.last)
    legs = (("treasury", "budget:cloud", 100_000), ("budget:cloud", "payable:reed", 60_000, "hold"),
            ("budget:cloud", "payable:heron", 13_026))
    for number, leg in enumerate(legs):
        books.post(Journal(f"k{number}", YEAR.first + number, "payment", "Cloud", [Transfer(*leg)]))
    return books


def run(tmp_path, *words, lang="en"):
    done = subprocess.run([sys.executable, "-m", "westlake.cli", *words, "--lang", lang], cwd=tmp_path,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def test_books_that_hold(office, tmp_path):
    code, out, err = run(tmp_path, "ledger", "verify", "--head", office.head().hash)
    assert (code, out) == (0, "")
    assert f"Books: 3 journals hold; head {office.head().hash}" in err
    assert "Record: 1 acts hold" in err
    assert json.loads(run(tmp_path, "ledger", "verify", "--json")[1]) == {
        "books": {"head": {"number": 3, "hash": office.head().hash}, "problems": []},
        "record": {"head": {"number": 1, "hash": Record(office.connection).head().hash}, "problems": []},
        "rooms": {"problems": []}}


def test_books_that_do_not(office, tmp_path):
    """A guard that was taken away is told, not put back in silence; and so is what was done meanwhile."""
    office.connection.execute("DROP TRIGGER journal_no_update")
    office.connection.execute("UPDATE journal SET memo = 'x' WHERE id = 2")
    code, _, err = run(tmp_path, "ledger", "verify")
    assert code == 1
    assert "W531" in err and "ledger row 2 hash W533 the chain is broken at journal 2" in err
    code, out, _ = run(tmp_path, "ledger", "verify", "--json", lang="zh")
    assert (code, [problem["code"] for problem in json.loads(out)["books"]["problems"]]) == (1, ["W531", "W533"])


def test_a_head_from_elsewhere_is_not_in_the_chain(office, tmp_path):
    code, _, err = run(tmp_path, "ledger", "verify", "--head", "f" * 64, lang="ko")
    assert code == 1
    assert "W541 공표된 해시" in err
    code, _, err = run(tmp_path, "ledger", "verify", "--head", office.head().hash[:12])
    assert (code, "W823" in err) == (2, True)


def test_balances_and_a_statement(office, tmp_path):
    found = {row.pop("account"): row for row in json.loads(run(tmp_path, "ledger", "balances", "--json")[1])}
    assert found["budget:cloud"] == {"currency": "CNY", "rule": "credit", "debits": 13_026, "credits": 100_000,
                                     "held_debits": 60_000, "held_credits": 0, "available": 26_974}
    (row,) = [line.split() for line in run(tmp_path, "ledger", "balances")[2].splitlines() if "budget:cloud" in line]
    assert row == ["budget:cloud", "CNY", "130.26", "1,000.00", "600.00", "0.00", "269.74"]
    early = json.loads(run(tmp_path, "ledger", "balances", "--on", "2025-01-01", "--json")[1])
    assert [row["available"] for row in early if row["account"] == "budget:cloud"] == [100_000]
    words = ("ledger", "statement", "budget:cloud", "--period", "2025-01")
    told = json.loads(run(tmp_path, *words, "--json")[1])
    assert (told["first"], told["last"], told["opening"]["available"]) == ("2025-01-01", "2025-01-31", 0)
    asked = ("day", "side", "phase", "amount", "available")
    assert [tuple(line[name] for name in asked) for line in told["lines"]] == [
        ("2025-01-01", "credit", "post", 100_000, 100_000), ("2025-01-02", "debit", "hold", 60_000, 40_000),
        ("2025-01-03", "debit", "post", 13_026, 26_974)]
    assert "약정" in run(tmp_path, *words, lang="ko")[2]


def test_closing_asks_and_is_recorded(office, tmp_path):
    assert run(tmp_path, "ledger", "close", "2025", "--as", "kim")[0] == 2  # nobody there to be asked
    assert run(tmp_path, "ledger", "close", "2025", "--yes")[0] == 2  # nobody's name
    assert office.closings() == []
    for _ in range(2):
        code, out, _ = run(tmp_path, "ledger", "close", "2025", "--as", "kim", "--yes", "--json")
        assert (code, json.loads(out)["hash"]) == (0, office.head().hash)
    (closing,) = office.closings()
    (act,) = Record(office.connection).acts(act="ledger.closed")
    assert (act.actor, act.subject, act.details["hash"]) == ("kim", f"period:{YEAR}", closing.hash)
    code, _, err = run(tmp_path, "ledger", "close", "2025-02", "--as", "kim", "--yes")
    assert (code, "W514" in err) == (1, True)


def test_the_head_is_shown_and_noted(office, tmp_path):
    assert office.head().hash in run(tmp_path, "ledger", "anchor")[2]
    assert run(tmp_path, "ledger", "anchor", "Gazette 12")[0] == 2
    out = json.loads(run(tmp_path, "ledger", "anchor", "Gazette 12", "--as", "lee", "--on", "2025-03-01", "--json")[1])
    assert [(kept["day"], kept["place"], kept["hash"]) for kept in out["anchors"]] == [
        ("2025-03-01", "Gazette 12", office.head().hash)]
    assert [act.actor for act in Record(office.connection).acts(act="ledger.anchored")] == ["lee"]


def test_exports_are_whole(office, tmp_path):
    assert run(tmp_path, "export", "hledger", "books.journal")[0] == 0
    assert (tmp_path / "books.journal").read_text("utf-8").startswith("; Harbour Office， Lakeside\n")
    code, out, _ = run(tmp_path, "export", "beancount", "books.beancount", "--json")
    path = tmp_path / "books.beancount"
    assert (code, json.loads(out)) == (0, {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    assert path.read_text("utf-8").startswith('option "title" "Harbour Office, Lakeside"\n')
    assert run(tmp_path, "export", "csv", "books.csv", "--period", "2025-01-02..2025-01-03")[0] == 0
    with (tmp_path / "books.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["day"] for row in csv.DictReader(file)] == [iso(YEAR.first + 1), iso(YEAR.first + 2)]
    assert not list(tmp_path.glob("*.part"))
    assert run(tmp_path, "export", "csv", "books.csv", "--period", "2025-13")[0] == 2


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2025", "2025-01-01", "2025-12-31"), ("2024-02", "2024-02-01", "2024-02-29"),
    ("2025-03-01..2025-03-01", "2025-03-01", "2025-03-01")])
def test_what_a_period_is(text, first, last):
    assert read_period(text) == Period(parse_day(first), parse_day(last))


@pytest.mark.parametrize("text", ["", "25", "0000", "2025-13", "2025-3", "2025-02-30..2025-03-01",
                                  "2025-03-01..2025-02-01", "2025-03-01"])
def test_what_a_period_is_not(text):
    with pytest.raises(WestlakeError) as caught:
        read_period(text)
    assert caught.value.problems[0].code == "W821"


def test_no_books_yet(tmp_path):
    (tmp_path / "westlake.toml").write_text("", "utf-8")
    code, _, err = run(tmp_path, "ledger", "verify")
    assert (code, "W822" in err) == (2, True)
    assert not (tmp_path / "westlake.db").exists()
