"""An office of Lakeside and its old sheets: written as offices write them, and read back."""

from pathlib import Path

import xlsxwriter

from westlake.replay import Column, ColumnMap, Measure, Telling, measure_of, read_table, replay
from westlake.rules import load_programme

LAKESIDE = Path(__file__).parent.parent / "lakeside" / "programmes"
RENDER = load_programme(LAKESIDE / "render_voucher")
RULES = ("entitlement", "eligible")
HEADINGS = ["企业名称", "规模", "在本市", "算力", "SaaS", "云支出", "合同额", "日期", "补助", "结果"]
COLUMNS = ColumnMap(
    {"firm": Column("企业名称"), "base": Column("云支出"), "spend_class": Column("算力"), "resident": Column("在本市"),
     "saas": Column("SaaS"), "size": Column("规模"), "contracts_year": Column("合同额"),
     "claim_settled": Column(constant="0.00"), "claims_before": Column(constant="0.00"),
     "allotted_before": Column(constant="0.00")},
    Column("补助"), Column("结果"), Column("日期"), Column("企业名称"))


def row(name, base, paid, result="通过", **other):
    """One decision; unless told otherwise of a small resident SaaS firm beyond the small users' threshold."""
    told = {"规模": "小型", "在本市": "是", "算力": "国产算力", "SaaS": "是", "合同额": "900.00", "日期": "2025-03-01", **other}
    return [name, *(told[key] for key in ("规模", "在本市", "算力", "SaaS")), base, told["合同额"], told["日期"], paid, result]


def workbook(path, rows, above=(), below=(), sheet="2025"):
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        for number, cells in enumerate([*above, HEADINGS, *rows, *below]):
            page.write_row(number, 0, cells)
    return path


def replayed(path, columns=COLUMNS, programme=RENDER):
    table = read_table(path, columns.sheet, columns.header_row, columns.headings())
    return replay(path, table, columns, measure_of(programme, columns, RULES))


def told(path, lang="en", **changes):
    return Telling(replayed(path, **changes), lang)


MEASURE = Measure(RENDER, *RULES)
