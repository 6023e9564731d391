"""Who a firm was on a day, corrections, and one owner for an account on any day."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.database import connect
from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.register import AccountSpan, Register, RelatedParty, take_in

SPRING = parse_day("2025-04-01")
FIRMS = """id,name,size,saas,resident,contracts_year,bank_account,from,to,assurance,source
reed,Reed Analytics,small,yes,yes,480000.00,CN-001,2025-01-01,,verified,licence 12
heron,Heron Robotics,medium,no,yes,9000000.00,CN-002,2025-01-01,,declared,form
"""
ACCOUNTS = """issuer,account,firm,from,to
Aster Cloud,0071,reed,2025-01-01,2025-03-15
Aster Cloud,0071,heron,2025-03-16,
"""


@pytest.fixture
def register(tmp_path):
    return Register.create(connect(tmp_path / "books.db"))


def write(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def faults(register, path):
    with pytest.raises(WestlakeError) as caught:
        take_in(register.connection, path, learnt=SPRING, actor="officer")
    return [problem.line() for problem in caught.value.problems]


def enter(register, subject, name, value, first, last="9999-12-31", assurance="verified", learnt="2025-01-01"):
    register.enter(subject, name, value, parse_day(first), parse_day(last), assurance, "test", parse_day(learnt))


def values(register, day, **known):
    facts = register.on(parse_day(day), **known)
    return {subject: {name: fact.value for name, fact in facts[subject].items()} for subject in facts}


def test_facts_of_a_table(register, tmp_path):
    intake = take_in(register.connection, write(tmp_path, FIRMS), learnt=SPRING, actor="officer")
    assert (intake.rows, intake.again) == (2, False)
    reed = register.on(SPRING)["reed"]
    assert {name: fact.number() for name, fact in reed.items() if name not in ("name", "bank_account")} == {
        "size": 1, "saas": 1, "resident": 1, "contracts_year": 48_000_000}
    assert reed["size"].source == "licence 12"
    assert [reed["size"].only_declared, register.on(SPRING)["heron"]["size"].only_declared] == [False, True]
    assert register.on(parse_day("2024-12-31")) == {}


def test_the_same_file_again_changes_nothing(register, tmp_path):
    path = write(tmp_path, FIRMS)
    take_in(register.connection, path, learnt=SPRING, actor="officer")
    assert take_in(register.connection, path, learnt=SPRING, actor="officer").again
    assert len(register.history("reed")) == 6


def test_a_correction_is_a_new_row_and_the_past_can_be_asked_for(register):
    enter(register, "reed", "size", "small", "2025-01-01")
    enter(register, "reed", "size", "medium", "2025-01-01", learnt="2025-06-01")
    assert values(register, "2025-03-01") == {"reed": {"size": "medium"}}
    assert values(register, "2025-03-01", known_by=parse_day("2025-05-31")) == {"reed": {"size": "small"}}
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        register.connection.execute("UPDATE register_fact SET value = 'micro'")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        register.connection.execute("DELETE FROM register_fact")


def test_a_fresh_declaration_holds_and_is_only_declared(register):
    enter(register, "reed", "size", "small", "2025-01-01")
    enter(register, "reed", "size", "medium", "2026-01-01", assurance="declared")
    fact = register.on(parse_day("2026-02-01"))["reed"]["size"]
    assert (fact.value, fact.only_declared) == ("medium", True)


def test_a_correction_can_shorten_a_span(register):
    enter(register, "reed", "saas", "1", "2025-01-01")
    enter(register, "reed", "saas", "1", "2025-01-01", "2025-03-31")
    assert values(register, "2025-03-31") == {"reed": {"saas": "1"}}
    assert values(register, "2025-04-01") == {}


def test_days_on_which_a_month_splits(register):
    enter(register, "reed", "size", "small", "2025-01-01", "2025-03-14")
    enter(register, "reed", "size", "medium", "2025-03-15")
    enter(register, "reed", "name", "Reed", "2025-02-10")
    days = register.change_days(["size"], parse_day("2025-01-01"), parse_day("2025-12-31"))
    assert days == {"reed": {parse_day("2025-03-15")}}


def test_an_account_moves_between_firms(register, tmp_path):
    take_in(register.connection, write(tmp_path, ACCOUNTS), learnt=SPRING, actor="officer")
    moved = parse_day("2025-03-16")
    assert [(span.firm, span.first) for span in register.accounts()] == [("reed", parse_day("2025-01-01")), ("heron", moved)]
    assert register.accounts()[0] == AccountSpan("Aster Cloud", "0071", "reed", parse_day("2025-01-01"), moved - 1)


def test_two_firms_on_one_account_are_refused_and_nothing_is_entered(register, tmp_path):
    path = write(tmp_path, ACCOUNTS.replace("2025-03-15", ""))
    assert faults(register, path) == [
        "table.csv row 3 account W206 account 0071 already belongs to reed on these days, so not to heron"]
    assert register.accounts() == []


@given(spans=st.lists(st.tuples(st.sampled_from(["reed", "heron", "lotus"]), st.integers(0, 30), st.integers(0, 10)),
                      max_size=8))
def test_no_order_of_rows_gives_an_account_two_owners(spans):
    register = Register.create(connect(":memory:"))
    for firm, first, length in spans:
        try:
            register.connection.execute(
                "INSERT INTO register_account(issuer, account, firm, first, last, assurance, source, learnt, file)"
                " VALUES ('Aster', '1', ?, ?, ?, 'verified', '', 0, '')", (firm, first, first + length))
        except sqlite3.IntegrityError:
            continue
    for day in range(45):
        owners = {span.firm for span in register.accounts() if span.first <= day <= span.last}
        assert len(owners) <= 1


def test_related_parties(register, tmp_path):
    take_in(register.connection, write(tmp_path, "firm,party,from\nreed,Reed Resale,2025-02-01\n"), learnt=SPRING, actor="a")
    assert register.related() == [RelatedParty("reed", "Reed Resale", parse_day("2025-02-01"))]


def test_every_wrong_row_is_named(register, tmp_path):
    path = write(tmp_path, "id,size,saas,from,to,assurance,founded\n"
                           "reed,tiny,yes,2025-01-01,,verified,\n"
                           ",small,perhaps,2025-13-01,,verified,\n"
                           "heron,small,no,2025-02-01,2025-01-01,sworn,\n"
                           "lotus,small,no,2025-02-01,2025-01-01,audited,1/2/25\n")
    assert faults(register, path) == [
        'table.csv row 2 size W204 "tiny" cannot stand here; wanted: micro, small, medium, large',
        'table.csv row 3 from W204 "2025-13-01" cannot stand here; wanted: 2025-01-31',
        'table.csv row 4 assurance W204 "sworn" cannot stand here; wanted: declared, verified, audited',
        "table.csv row 5 to W205 the span ends (2025-01-01) before it begins (2025-02-01)"]
    assert register.on(SPRING) == {}


@pytest.mark.parametrize(("text", "said"), [
    ("", "table.csv W201 the file is missing, empty or cannot be read"),
    ("firm;name\nreed;Reed\n", "table.csv row 1 W202 the header is of no known table: firm, name"),
    ("id,siz\nreed,small\n", 'table.csv row 1 W207 unknown column "siz"; did you mean "size"?'),
    ("issuer,account,firm\nAster,,reed\n", "table.csv row 2 account W203 this row needs a value here"),
    ("id,size,size\nreed,small,small\n", 'table.csv row 1 W209 column "size" stands twice'),
])
def test_bad_tables(register, tmp_path, text, said):
    assert faults(register, write(tmp_path, text))[0] == said


def test_excel_with_several_sheets_keeps_account_numbers(register, tmp_path):
    import xlsxwriter

    path = tmp_path / "register.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in {"firms": [["id", "size", "from"], ["reed", "small", "2025-01-01"]],
                           "accounts": [["issuer", "account", "firm"], ["Aster Cloud", 1234567890123, "reed"],
                                        ["Aster Cloud", "0071", "reed"]]}.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    take_in(register.connection, path, learnt=SPRING, actor="officer")
    assert [span.account for span in register.accounts()] == ["0071", "1234567890123"]
    assert values(register, "2025-04-01") == {"reed": {"size": "small"}}


def test_a_table_that_begins_lower_down_keeps_its_rows_numbers(register, tmp_path):
    import xlsxwriter

    path = tmp_path / "register.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([["id", "size", "from"], ["reed", "small", "2025-01-01"], [], ["", "small"]], 3):
            sheet.write_row(number, 1, cells)
    assert faults(register, path) == ["register.xlsx [Sheet1] row 7 id W203 this row needs a value here"]


def test_a_file_that_only_looks_like_excel(register, tmp_path):
    assert faults(register, write(tmp_path, "PK not a workbook", "register.xlsx")) == [
        "register.xlsx W201 the file is missing, empty or cannot be read"]


def test_a_row_that_is_cut_lacks_what_it_needs_and_one_too_long_is_moved(register, tmp_path):
    """A short row's missing cells are empty ones; a stray comma moves every cell after it, so that row is refused."""
    short = write(tmp_path, "from,assurance,source,firm,party\n2025-01-01,declared,form\n", "short.csv")
    assert [line.split(" W")[1][:3] for line in faults(register, short)] == ["203", "203"]
    long = write(tmp_path, "firm,party,from,assurance,source\nreed,heron,2025-01-01,declared,form,extra\n", "long.csv")
    assert faults(register, long) == ["long.csv row 2 W210 the row has 6 cells, and there are 5 headings"]


@pytest.mark.parametrize("closed", ["lotus", 'lotus"'])
def test_an_open_quote_loses_no_firm(register, tmp_path, closed):
    path = write(tmp_path, f'id,size,from\n"heron,small,2025-01-01\nreed,small,2025-01-01\n{closed},small,2025-01-01\n')
    assert faults(register, path) == [
        "table.csv row 2 W727 a quotation mark opens in this row and takes in whole rows behind it"]
    assert register.on(SPRING) == {}


def test_a_formula_that_failed_is_nobody_s_name(register, tmp_path):
    import xlsxwriter

    path = tmp_path / "register.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "name", "from"])
        sheet.write_row(1, 0, ["reed", "", "2025-01-01"])
        sheet.write_formula(1, 1, "=VLOOKUP(A1,B1:B2,1)", None, "#N/A")
    assert faults(register, path) == ['register.xlsx [Sheet1] row 2 name W204 "#N/A" cannot stand here; wanted: …']
    path = write(tmp_path, "issuer,account,firm\nAster,#REF!,reed\n")
    assert faults(register, path) == ['table.csv row 2 account W204 "#REF!" cannot stand here; wanted: …']
