"""The books as an Excel workbook, read back with another library, fen by fen, and its formulas worked out anew."""

import datetime as dt
import json
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from settlement.conftest import line, open_office
from westlake import settlement
from westlake.database import connect
from westlake.dates import Period, iso, parse_day
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.ledger.periods import balances_digest
from westlake.record import Record
from westlake.reports.books import EXACT_MAX, Origin, write_books
from westlake.settlement.programme_years import FIGURES, payables, programme_years

YEAR = Period.year(2025)
ORIGIN = Origin("Harbour Office, Lakeside", YEAR, 1_735_689_600_000_000, "en")


@pytest.fixture
def books(tmp_path):
    """Fen that no binary fraction holds, won without decimals, the largest sums, texts that look like formulas."""
    books = Books.create(connect(tmp_path / "westlake.db"))
    Record.create(books.connection)
    settlement.create(books.connection)
    books.open_period(YEAR.first, YEAR.last)
    for code, currency, rule in (("treasury", "CNY", "free"), ("=1+1", "CNY", "credit"), ("payable:苇", "CNY", "credit"),
                                 ("vault", "KRW", "free"), ("budget:한강", "KRW", "credit")):
        books.open_account(code, currency, rule)
    legs = [("treasury", "=1+1", 600_000_000_000_001), ("=1+1", "payable:苇", 10), ("=1+1", "payable:苇", 20, "hold"),
            ("=1+1", "payable:苇", 19, "release"), ("=1+1", "payable:苇", 399_999_999_999_989),
            ("vault", "budget:한강", EXACT_MAX)]
    for number, leg in enumerate(legs):
        books.post(Journal(f"=k{number}", YEAR.first + number, "@kind", "=HYPERLINK(\"x\")" if number else "x" * 40_000,
                           [Transfer(*leg)]))
    return books


def written(tmp_path, books, origin=ORIGIN, account=""):
    path = tmp_path / "books.xlsx"
    write_books(path, books.connection, origin, account)
    return path


def sheets(path):
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def minor(cell, currency):
    """Minor units of a number in a cell: the decimal that Excel shows, which must be exact."""
    scaled = Decimal(repr(cell)) * (1 if currency == "KRW" else 100)
    assert scaled == int(scaled)
    return int(scaled)


def formulas(path, sheet):
    """(row from 0, column letter) → formula and the value stored with it."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        tree = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    return {(int(re.sub(r"\D", "", cell.get("r"))) - 1, re.sub(r"\d", "", cell.get("r"))):
            (cell.find("x:f", space).text, Decimal(cell.find("x:v", space).text))
            for cell in tree.iterfind(".//x:c", space) if cell.find("x:f", space) is not None}


def worked_out(formula, rows):
    """The few forms of formula that the workbook uses, worked out in exact decimals from the cells above."""
    def cells(text):
        column, first, last = re.fullmatch(r"\$?([A-Z])\$(\d+):\$?[A-Z]\$(\d+)", text).groups()
        return [rows[at][ord(column) - ord("A")] for at in range(int(first) - 1, int(last))]

    def number(cell):
        return Decimal(repr(cell)) if isinstance(cell, float | int) else Decimal(0)

    inner, digits = re.fullmatch(r"ROUND\((.*),(\d)\)", formula).groups()
    if found := re.fullmatch(r'SUMIF\((.*),"(\w+)",(.*)\)', inner):
        total = sum(number(cell) for key, cell in zip(cells(found[1]), cells(found[3]), strict=True) if key == found[2])
    elif found := re.fullmatch(r'SUMIFS\((.*),(.*),"(\w+)",(.*),"(\w+)"\)', inner):
        total = sum(number(cell) for cell, one, two in zip(*(cells(found[at]) for at in (1, 2, 4)), strict=True)
                    if (one, two) == (found[3], found[5]))
    elif found := re.fullmatch(r"SUM\((.*)\)", inner):
        total = sum(map(number, cells(found[1])))
    else:
        assert re.fullmatch(r"[A-Z]\d+([+-][A-Z]\d+)*", inner)
        total = sum((-1 if sign == "-" else 1) * number(rows[int(row) - 1][ord(column) - ord("A")])
                    for sign, column, row in re.findall(r"([+-]?)([A-Z])(\d+)", inner))
    return round(Decimal(total), int(digits))


def test_every_amount_is_read_back_to_the_fen(books, tmp_path):
    found = sheets(written(tmp_path, books))
    assert list(found) == ["Cover", "Balances", "Transfers", "Programmes"]
    for code, currency, rule, *sums in found["Balances"][1:6]:
        kept = books.balance(code)
        assert (currency, rule) == (kept.currency, kept.rule)
        assert [minor(cell, currency) for cell in sums] == [
            kept.debits, kept.credits, kept.held_debits, kept.held_credits, kept.available]
    transfers = [(entry.id, iso(entry.journal.day), entry.journal.idem, leg.debit, leg.credit, leg.amount)
                 for entry in books.journals() for leg in entry.journal.transfers]
    assert [(int(row[1]), row[0].isoformat(), row[3], row[6], row[7], minor(row[10], row[9]))
            for row in found["Transfers"][1:7]] == transfers


def test_the_cover_says_whose_books_and_under_which_head(books, tmp_path):
    cover = [row[:2] for row in sheets(written(tmp_path, books))["Cover"]]
    assert cover[:8] == [["The books of Harbour Office, Lakeside", ""], ["First day", "2025-01-01"],
                         ["Last day", "2025-12-31"], ["Journals of these days", 6.0], ["Head of the chain", 6.0],
                         ["Its hash", books.head().hash], ["Digest of the balances", balances_digest(books.balances())],
                         ["Made at", "2025-01-01T00:00:00.000000Z"]]
    korean = Origin("항만청", YEAR, 0, "ko")
    assert list(sheets(written(tmp_path, books, korean))) == ["표지", "잔액", "이체", "사업"]


def test_totals_are_formulas_that_give_what_is_stored(books, tmp_path):
    path = written(tmp_path, books)
    for number, rows in enumerate(sheets(path).values(), 1):
        found = formulas(path, number)
        assert {place: worked_out(formula, rows) for place, (formula, _) in found.items()} == {
            place: stored for place, (_, stored) in found.items()}
        assert len(found) == {1: 0, 2: 8, 3: 4, 4: 0}[number]  # two currencies; posts, holds and releases


def test_no_text_is_a_formula_and_none_is_too_long(books, tmp_path):
    path = written(tmp_path, books)
    assert all(formula.startswith("ROUND(") for sheet in (2, 3) for formula, _ in formulas(path, sheet).values())
    rows = sheets(path)["Transfers"]
    assert rows[2][3:6] == ["=k1", "@kind", '=HYPERLINK("x")']
    assert (len(rows[1][5]), rows[1][5][-1]) == (32_767, "…")


def test_an_amount_that_excel_would_round_is_refused_by_its_place(books, tmp_path):
    books.post(Journal("more", YEAR.first, "x", "", [Transfer("treasury", "=1+1", 1)]))
    with pytest.raises(WestlakeError) as caught:
        written(tmp_path, books)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.file, problem.values["amount"]) == ("W542", "balances", EXACT_MAX + 1)


def test_a_sheet_that_would_run_over_is_refused_by_its_name(books, tmp_path, monkeypatch):
    monkeypatch.setattr("westlake.reports.books.ROWS_MAX", 9)  # the cover has nine rows, transfers eleven
    with pytest.raises(WestlakeError) as caught:
        written(tmp_path, books)
    assert [(problem.code, problem.place.file) for problem in caught.value.problems] == [("W543", "transfers")]


def test_one_account_line_by_line(books, tmp_path):
    second = Period(YEAR.first + 1, YEAR.last)
    path = written(tmp_path, books, Origin("Lakeside", second, 0, "en"), "payable:苇")
    rows = sheets(path)["Statement"]
    found = books.statement("payable:苇", second.first, second.last)
    assert [[minor(cell, "CNY") if cell != "" else 0 for cell in row[6:]] for row in rows[1:]] == [
        [0] * 5, [0, 10, 0, 0, 10], [0, 0, 0, 20, 10], [0, 0, 0, -19, 10],
        [0, 399_999_999_999_989, 0, 0, 399_999_999_999_999], [0, 399_999_999_999_999, 0, 1, found.closing.available]]
    told = formulas(path, 3)
    assert len(told) == 4
    assert all(worked_out(formula, rows) == stored for formula, stored in told.values())
    assert rows[1][0] == dt.date(2025, 1, 2)


def test_programmes_stand_with_their_free_money_worked_out(tmp_path):
    office = open_office(tmp_path / "office.db")
    for firm in ("heron", "reed"):
        office.know(firm)
    office.pay(line("reed", 1000))
    office.pay(line("reed", 1000), line("reed", -100, "i2"))
    office.settle(line("reed", 1000), line("reed", -100, "i2"), line("heron", 500))
    year = Period.year(2026)
    path = tmp_path / "books.xlsx"
    write_books(path, office.connection, Origin("Lakeside", year, 0, "en"))
    rows = sheets(path)["Programmes"]
    (one,), (due,) = programme_years(office.connection, year.first, year.last), payables(office.connection)
    assert [minor(cell, "CNY") for cell in rows[1][3:]] == [getattr(one, name) for name in FIGURES]
    assert [minor(cell, "CNY") for cell in rows[4][3:9]] == list(due[2:])
    told = formulas(path, 4)
    assert len(told) == 2 and all(worked_out(formula, rows) == stored for formula, stored in told.values())
    assert one.available == 2000_00 - 270_00 - 150_00


def test_the_command_writes_it_whole_or_not_at_all(books, tmp_path):
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\n', "utf-8")

    def run(*words):
        done = subprocess.run([sys.executable, "-m", "westlake.cli", "export", "xlsx", "out.xlsx", *words], cwd=tmp_path,
                              capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    books.connection.close()
    code, out, err = run("--json")
    assert (code, json.loads(out)["file"]) == (0, "out.xlsx"), err
    assert sheets(tmp_path / "out.xlsx")["Cover"][2][1] == iso(parse_day("2025-01-06"))
    before = (tmp_path / "out.xlsx").read_bytes()
    code, _, err = run("--account", "payable:reed")
    assert (code, "W501" in err, (tmp_path / "out.xlsx").read_bytes() == before) == (1, True, True)
    assert not list(tmp_path.glob("*.part"))
