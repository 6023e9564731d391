"""Sheets are read cell by cell at their true places, in the codes that offices use; nothing written is a formula."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter

from westlake.errors import WestlakeError
from westlake.spreadsheet import Unreadable, column_letters, read_sheets, said, unarmed, xlsx_bytes
from westlake.spreadsheet.delimited import decoded
from westlake.spreadsheet.extent import extents

CHINESE = "企业名称,规模\n芦苇科技有限公司,小型\n苍鹭机器人,中型\n"
KOREAN = "기업명,규모\n갈대분석,소기업\n왜가리로봇,중기업\n"


def rows(path):
    return {name: [list(cells) for cells in found] for name, found in read_sheets(path)}


@pytest.mark.parametrize(("text", "code"), [
    (CHINESE, "utf-8"), (CHINESE, "utf-8-sig"), (CHINESE, "gb18030"), (CHINESE, "gbk"), (CHINESE, "utf-16"),
    (KOREAN, "utf-8"), (KOREAN, "cp949"), (KOREAN, "euc-kr"), (KOREAN, "utf-16")])
def test_a_csv_in_the_codes_of_the_region(tmp_path, text, code):
    path = tmp_path / "old.csv"
    path.write_bytes(text.encode(code))
    assert rows(path) == {"": [line.split(",") for line in text.splitlines()]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_with_any_usual_delimiter(tmp_path, delimiter):
    path = tmp_path / "old.csv"
    path.write_text(f"a{delimiter}b\n\n1{delimiter}2\n", "utf-8")
    assert rows(path) == {"": [["a", "b"], [], ["1", "2"]]}


def test_a_workbook_keeps_the_places_of_its_rows_and_columns(tmp_path):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("旧")
        sheet.write_row(2, 1, ["Reed", 12.5, True])
        sheet.write_datetime(4, 1, dt.datetime(2025, 6, 1))
        book.add_worksheet("leer")
    found = rows(path)
    assert found["旧"] == [["", "", "", ""], ["", "", "", ""], ["", "Reed", 12.5, True], ["", "", "", ""],
                          ["", dt.date(2025, 6, 1), "", ""]]
    assert found["leer"] == []


@pytest.mark.parametrize("content", [b"", b"\x80\x81\xff\xfe\x00", b"PK no workbook"])
def test_what_is_no_table(tmp_path, content):
    for name in ("old.xlsx", "old.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        if name.endswith("csv") and content.startswith(b"PK"):
            continue  # plain text it is
        with pytest.raises(Unreadable):
            rows(path)
    with pytest.raises(Unreadable):
        rows(tmp_path / "missing.csv")


@pytest.mark.parametrize(("cell", "text"), [
    (" Reed ", "Reed"), (3.0, "3"), (0.1 + 0.2, "0.3"), (1234567890123.45, "1234567890123.45"), (1e-7, "0.0000001"),
    (333.3333333333333, "333.333333333333"), (True, "yes"), (False, "no"), (dt.date(2025, 6, 1), "2025-06-01"),
    (dt.datetime(2025, 6, 1), "2025-06-01"), (dt.datetime(2025, 6, 1, 8), "2025-06-01 08:00:00")])
def test_a_cell_is_said_as_a_person_sees_it(cell, text):
    assert said(cell) == text


def test_latin_bytes_are_nobody_s_code():
    assert decoded("Café, Zürich".encode("latin-1")) is None


def test_columns_have_letters():
    assert [column_letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_no_text_is_a_formula():
    assert [unarmed(text) for text in ("=1+1", "@x", "-2", "+3", "\tx", "Reed")] == ["'=1+1", "'@x", "'-2", "'+3", "'\tx", "Reed"]


ROWS = [f"firm {number},2025-01-02,{number}00\n" for number in range(1, 31)]
HEAD = "firm,day,amount\n"


def refusal(path):
    with pytest.raises(WestlakeError) as caught:
        rows(path)
    return [(problem.code, problem.place.row) for problem in caught.value.problems]


@pytest.mark.parametrize("at", [0, 7, 18])  # before the name, the day, the amount
@pytest.mark.parametrize("closed", [4, 5, 24, None])
def test_no_row_is_lost_in_an_open_quote(tmp_path, at, closed):
    """One stray quote, closed one, two or twenty rows later or never; the row named is the one where it opened."""
    spoilt = ROWS.copy()
    for number in filter(None, (3, closed)):
        spoilt[number] = f'{spoilt[number][:at]}"{spoilt[number][at:]}'
    path = tmp_path / "old.csv"
    path.write_text(HEAD + "".join(spoilt), "utf-8")
    assert refusal(path) == [("W727", 5)]


def test_an_open_quote_over_more_than_a_cell_can_hold(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text(HEAD + ROWS[0] + '"' + "".join(ROWS) * 500, "utf-8")
    assert refusal(path) == [("W727", 3)]
    path.write_text(HEAD + "x" * 200_000 + ",2,3\n", "utf-8")
    with pytest.raises(Unreadable):
        rows(path)


@pytest.mark.parametrize("cells", [
    ["Reed", "2025-01-02", "100"], ["Lotus\nHouse 5, Room 3", "2025-01-02", "100"],
    ["Reed", "Street 5\nRoom, 3\n\nHangzhou", "100"], ["Reed", "day", "first, line\nsecond\r\nthird, line"], ['a "b"', "", "\n"]])
def test_a_line_break_within_a_cell_is_a_line_break(tmp_path, cells):
    path = tmp_path / "old.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["firm", "day", "amount"], cells, ["Heron", "2025-01-03", "200"]])
    assert rows(path) == {"": [["firm", "day", "amount"], cells, ["Heron", "2025-01-03", "200"]]}
    path.write_bytes(path.read_bytes().rstrip())
    assert rows(path)[""][1] == cells


@pytest.mark.parametrize(("row", "column", "cell"), [(1_048_575, 40, "AO1048576"), (200_000, 16_383, "XFD200001"), (1, 1_000, "ALM2")])
def test_a_stray_cell_far_outside_is_told_before_it_is_read(tmp_path, row, column, cell):
    """One blank at the far end is a table of billions of cells, more than any machine holds."""
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("2025")
        sheet.write_row(0, 0, ["firm", "day"])
        sheet.write_row(1, 0, ["Reed", "2025-01-02"])
        sheet.write(row, column, " ")
    with pytest.raises(WestlakeError) as caught:
        rows(path)
    assert [(problem.code, str(problem.place), problem.values["cell"]) for problem in caught.value.problems] == [
        ("W728", "old.xlsx [2025]", cell)]


def test_cells_with_a_format_and_no_value_are_no_part_of_the_table(tmp_path):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("2025")
        sheet.write_row(0, 0, ["firm", "day"])
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    assert rows(path) == {"2025": [["firm", "day"]]}


def test_a_cell_in_error_is_not_an_empty_one(tmp_path):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("cover").write(0, 0, "x")
        sheet = book.add_worksheet("2025")
        sheet.write_row(1, 1, ["Reed", 100])
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(4, 1, "=#REF!", None, "#REF!")
    assert rows(path)["2025"] == [["", "", ""], ["", "Reed", 100.0], ["", "", "#DIV/0!"], ["", "", ""], ["", "#REF!", ""]]


@pytest.mark.parametrize("text", [
    '<x:worksheet xmlns:x="{space}"><x:sheetData><x:row r="{row}"><x:c r="B{row}"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
    '<worksheet xmlns="{space}"><sheetData><row r="{row}"><c><v>1</v></c><c t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>',
    '<worksheet xmlns="{space}"><sheetData><row r="{row}"><c r = \'B{row}\'><v>1</v></c></row></sheetData></worksheet>'])
def test_a_sheet_is_measured_however_it_is_written(tmp_path, text):
    """With a prefix, without places, in other quotes: as other programmes than Excel write them."""
    plain, other = tmp_path / "plain.xlsx", tmp_path / "other.xlsx"
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet("2025").write(0, 0, "x")
    sheet = text.format(space="http://schemas.openxmlformats.org/spreadsheetml/2006/main", row=1_000_000)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    assert {name: (extent.rows, extent.columns, extent.last) for name, extent in extents(other)} == {
        "2025": (1_000_000, 2, "B1000000")}


def test_a_table_is_written_with_every_text_as_a_text_and_every_number_as_a_number(tmp_path):
    path = tmp_path / "cases.xlsx"
    path.write_bytes(xlsx_bytes(["=Firm", "Amount"], iter([
        ["=HYPERLINK(\"http://x\")", Decimal("1300.26")], ["@Reed Analytics", Decimal("-0.05")], ["W" * 40_000, 7]])))
    assert rows(path) == {"Sheet1": [
        ["=Firm", "Amount"], ["=HYPERLINK(\"http://x\")", 1300.26], ["@Reed Analytics", -0.05],
        ["W" * 32_766 + "…", 7.0]]}
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as parts:
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()
