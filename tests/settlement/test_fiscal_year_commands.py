"""The end of a fiscal year at the command line: seen before it is done, done once, told in figures."""

import json
import subprocess
import sys

import pytest

from westlake.cli.fiscal_year import close
from westlake.database import connect
from westlake.dates import Period, iso, local_day, now_us
from westlake.ledger import Books
from westlake.record import Record

from .conftest import line, open_office

EARLY = ("--before-its-end", "a drill")  # the year of these tests may still run; one that is past takes it too


@pytest.fixture
def desk(tmp_path):
    """Reed has been paid 300 of 2,000, heron's 150 waits for the approval of a second round."""
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\n', "utf-8")
    office = open_office(tmp_path / "westlake.db")
    for firm in ("heron", "reed"):
        office.know(firm)
    office.pay(line("reed", 1000))
    office.settle(line("reed", 1000), line("heron", 500))
    office.connection.close()
    return tmp_path


def run(desk, *words, lang="en"):
    done = subprocess.run([sys.executable, "-m", "westlake.cli", *words, "--lang", lang], cwd=desk,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def row(said, first):
    return [entry.split() for entry in said.splitlines() if entry.strip().startswith(first)]


def test_the_end_of_the_year_is_seen_before_it_is_done(desk):
    books = Books(connect(desk / "westlake.db"))
    head = books.head()
    code, out, err = run(desk, "ledger", "close", "2026", "--dry-run", *EARLY)
    assert (code, out, books.head(), books.closings()) == (0, "", head, [])
    assert row(err, "render_voucher") == [
        ["render_voucher", "2025", "CNY", "1,550.00", "150.00"],
        ["render_voucher", "2025", "heron", "payable:render_voucher:heron", "150.00"]]
    assert run(desk, "ledger", "close", "2026", "--as", "kim", *EARLY)[0] == 2  # nobody there to be asked
    told = json.loads(run(desk, "ledger", "close", "2026", "--dry-run", "--json", *EARLY)[1])
    for _ in range(2):
        code, out, _ = run(desk, "ledger", "close", "2026", "--as", "kim", "--yes", "--json", *EARLY)
        closed = json.loads(out)
        assert (code, closed["journal"]) == (0, head.number + 1)
    assert closed["year_end"] == []  # the second time nothing was left to do
    assert told["year_end"] == [{
        "programme": "render_voucher", "year": 2025, "currency": "CNY", "budget": "budget:render_voucher:2025",
        "lapsed": 1550_00, "carried_over": 150_00,
        "carried": [{"firm": "heron", "account": "payable:render_voucher:heron", "amount": 150_00}]}]
    assert [act.act for act in Record(books.connection).acts()][-2:] == ["settlement.year_ended", "ledger.closed"]


def test_a_year_closed_by_another_meanwhile_is_not_ended_twice(desk, monkeypatch):
    """Lee closes the year while Kim is asked whether she is sure."""
    monkeypatch.chdir(desk)

    def lee_is_faster(*_):
        assert run(desk, "ledger", "close", "2026", "--as", "lee", "--yes", *EARLY)[0] == 0
    monkeypatch.setattr("westlake.cli.fiscal_year.confirm", lee_is_faster)
    close("2026", actor="kim", as_json=True, before_its_end="a drill")
    acts = [(act.act, act.actor) for act in Record(connect(desk / "westlake.db")).acts()]
    assert acts[-2:] == [("settlement.year_ended", "lee"), ("ledger.closed", "lee")]
    assert [act for act, _ in acts].count("settlement.year_ended") == 1


def test_the_figures_of_programmes_and_an_appropriation_anew(desk):
    run(desk, "ledger", "close", "2026", "--as", "kim", "--yes", *EARLY)
    anew = ("ledger", "appropriate", "render_voucher", "--year", "2025", "--amount", "500", "--on", "2027-01-02")
    assert run(desk, *anew, "--as", "kim", "--yes")[0] == 2  # no reason
    code, out, err = run(desk, *anew, "--as", "kim", "--reason", "late bills", "--yes", "--json")
    assert (code, json.loads(out)) == (0, {"programme": "render_voucher", "year": 2025, "currency": "CNY",
                                           "amount": 500_00}), err
    code, _, err = run(desk, *anew, "--as", "kim", "--reason", "late bills", "--yes", lang="ko")
    assert (code, "W436" in err) == (1, True)
    found = json.loads(run(desk, "ledger", "programmes", "--year", "2027", "--json")[1])
    assert (found["first"], found["last"]) == ("2027-01-01", "2027-12-31")
    assert {name: amount for name, amount in found["programmes"][0].items() if amount} == {
        "programme": "render_voucher", "year": 2025, "currency": "CNY", "budget": "budget:render_voucher:2025",
        "carried_in": 150_00, "raised": 500_00, "held": 150_00, "available": 500_00}
    assert found["payables"] == [{"programme": "render_voucher", "currency": "CNY", "due_in": 300_00, "awarded": 0,
                                  "others": 0, "set_off": 0, "paid_out": 0, "due": 300_00}]
    code, out, err = run(desk, "ledger", "programmes")
    assert (code, out) == (0, "")
    assert "render_voucher, programme's year 2025, CNY" in err
    assert row(err, "Appropriated") == [["Appropriated", "2,000.00", "Held", "150.00"]]
    assert max(len(told) for told in err.splitlines()) <= 100
    assert "appropriated in the fiscal year 2026, 2027." in " ".join(
        run(desk, "ledger", "programmes", "--year", "2025")[2].split())
    code, _, err = run(desk, "ledger", "appropriate", "fund", *anew[3:], "--as", "kim", "--reason", "x", "--yes")
    assert (code, "W806" in err) == (2, True)


def test_a_fiscal_year_from_april_is_opened_by_its_days(desk, tmp_path):
    new = tmp_path / "spring"
    new.mkdir()
    (new / "westlake.toml").write_text('city = "Lakeside"\n', "utf-8")
    assert run(new, "ledger", "open", "2025-04-01..2026-03-31", "--as", "kim")[0] == 0
    told = json.loads(run(new, "ledger", "close", "2025", "--as", "kim", "--yes", "--json")[1])
    assert (told["first"], told["last"], told["year_end"]) == ("2025-04-01", "2026-03-31", [])


def test_books_kept_by_month_end_their_year_when_it_is_said(desk):
    """December alone is no year; whoever closes it says that the year ends with it."""
    for period in ("2027-01-01..2027-11-30", "2027-12"):
        assert run(desk, "ledger", "open", period, "--as", "kim")[0] == 0
    assert run(desk, "ledger", "close", "2026", "--as", "kim", "--yes", *EARLY)[0] == 0
    assert run(desk, "ledger", "appropriate", "render_voucher", "--year", "2025", "--amount", "500", "--on", "2027-01-02",
               "--as", "kim", "--reason", "late bills", "--yes")[0] == 0
    month = ("ledger", "close", "2027-12", "--dry-run", "--json", *EARLY)
    assert "W520" in run(desk, *month)[2]
    assert run(desk, "ledger", "close", "2027-01-01..2027-11-30", "--as", "kim", "--yes", *EARLY)[0] == 0
    assert json.loads(run(desk, *month)[1])["year_end"] == []
    assert json.loads(run(desk, *month, "--year-end")[1])["year_end"][0]["lapsed"] == 500_00


def test_a_year_that_runs_is_not_closed_without_a_reason(desk):
    """The dry run says what the command says; with its reason a year may end early, and the record keeps why."""
    (desk / "westlake.toml").write_text('city = "Lakeside"\nzone = "Pacific/Kiritimati"\n', "utf-8")
    books = Books(connect(desk / "westlake.db"))
    today = local_day(now_us(), "Pacific/Kiritimati")
    far = Period.year(2127)
    books.open_period(far.first, far.last)
    for more in (("--dry-run",), ("--as", "kim", "--yes")):
        code, out, err = run(desk, "ledger", "close", "2127", *more)
        assert (code, out, "W544" in err, iso(today) in err) == (1, "", True, True), err
    assert books.closings() == []


def test_the_dry_run_makes_the_checks_of_the_command(desk):
    """No such period, or an earlier one still open: both say so, and name the periods there are."""
    for more in (("--dry-run",), ("--as", "kim", "--yes")):
        code, _, err = run(desk, "ledger", "close", "2019", *more)
        assert (code, "W514" in err, "2026-01-01…2026-12-31" in err) == (1, True, True), err
    books = Books(connect(desk / "westlake.db"))
    assert (books.closings(), [str(one) for one in books.all_periods()]) == ([], ["2026-01-01…2026-12-31"])


def test_the_periods_are_listed_open_and_closed(desk):
    run(desk, "ledger", "open", "2027", "--as", "kim")
    run(desk, "ledger", "close", "2026", "--as", "kim", "--yes", *EARLY)
    code, out, _ = run(desk, "ledger", "periods", "--json")
    assert (code, [(one["first"], one["last"], one["state"]) for one in json.loads(out)]) == (
        0, [("2026-01-01", "2026-12-31", "closed"), ("2027-01-01", "2027-12-31", "open")])
    code, out, err = run(desk, "ledger", "periods", lang="ko")
    assert (code, out, row(err, "2027-01-01")) == (0, "", [["2027-01-01", "2027-12-31", "열림"]])
    (act,) = Record(connect(desk / "westlake.db")).acts(act="ledger.closed")
    assert act.details["before_its_end"] == "a drill"
