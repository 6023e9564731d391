"""The journals as a table: every transfer once, nothing a spreadsheet would run."""

import csv
import io

from westlake.ledger import Journal, Transfer
from westlake.ledger.listing import COLUMNS, listing_rows

from .conftest import NEXT, YEAR


def test_every_transfer_is_a_row_by_day(books):
    books.post(Journal("late", NEXT.first, "payment", "호수 \"a\",\nb", [
        Transfer("budget:cloud", "payable:reed", 123_45, "hold"), Transfer("budget:cloud", "payable:heron", 5)]))
    books.post(Journal("early", YEAR.last, "=1+1", "@x", [Transfer("treasury", "budget:cloud", 100)], relates_to=1))
    text = io.StringIO()
    csv.writer(text).writerows(listing_rows(books.connection))
    header, *rows = csv.reader(io.StringIO(text.getvalue(), newline=""))
    assert tuple(header) == COLUMNS
    hashes = [entry.hash for entry in books.journals()]
    assert rows == [
        ["1", "2025-01-01", "2025-01-01T00:00:00.000000Z", "appropriation", "appropriation", "Cloud budget 2025",
         "", "", "1", "treasury", "budget:cloud", "CNY", "1000.00", "post", hashes[0]],
        ["3", "2025-12-31", "2025-01-01T00:00:02.000000Z", "early", "'=1+1", "'@x", "", "1",
         "1", "treasury", "budget:cloud", "CNY", "1.00", "post", hashes[2]],
        ["2", "2026-01-01", "2025-01-01T00:00:01.000000Z", "late", "payment", '호수 "a",\nb', "", "",
         "1", "budget:cloud", "payable:reed", "CNY", "123.45", "hold", hashes[1]],
        ["2", "2026-01-01", "2025-01-01T00:00:01.000000Z", "late", "payment", '호수 "a",\nb', "", "",
         "2", "budget:cloud", "payable:heron", "CNY", "0.05", "post", hashes[1]]]


def test_only_the_days_asked_for(books):
    books.post(Journal("late", NEXT.first, "payment", "", [Transfer("budget:cloud", "payable:reed", 5)]))
    assert [row[0] for row in listing_rows(books.connection, NEXT.first, NEXT.last)] == ["journal", "2"]
