"""The hledger journal as it is written: what its plain lines cannot hold is written in another form, never let through."""

from westlake.ledger import Books, Journal, Transfer

from .conftest import CLOUD, REED, YEAR
from .readers import Hledger, saved


def test_one_journal_as_it_is_written(year):
    entry = year.journal(4)
    assert Hledger().write(year).split("\n\n")[4].splitlines() == [
        "2025-03-02 * (pay/1) payment | Cloud voucher",
        f"  ; journal:4, relates_to:3, recorded:2025-01-01T00:00:03.000000Z, hash:{entry.hash}",
        "  Equity:Held:Budget:Cloud:Debits  -500.00 CNY",
        "  Equity:Held:Payable:Reed:Credits  500.00 CNY",
        "  Liabilities:Budget:Cloud:Debits  500.00 CNY",
        "  Liabilities:Payable:Reed:Credits  -500.00 CNY"]


def test_a_text_never_becomes_a_line_a_comment_or_a_date(books, tmp_path):
    tool = Hledger()
    memo = "a; date:2020-01-01, [2020-01-01]\n2025-02-01 forged\n  assets:x  1 CNY | 가산"
    books.post(Journal("a;b|c)(", YEAR.first, "; (x) = 1", memo, [Transfer(CLOUD, REED, 5)]))
    written = tool.write(books)
    assert ("2025-01-01 * (a.3b.b.7c.c.29..28.) ； (x) = 1 | a； date:2020-01-01， [2020-01-01]⏎"
            "2025-02-01 forged⏎  assets:x  1 CNY ｜ 가산\n") in written
    path = saved(tmp_path, written)
    assert (tool.complaints(path), tool.journals(path)) == ([], 2)


def test_money_without_decimals_is_written_without(tmp_path):
    from westlake.database import connect
    books = Books.create(connect(tmp_path / "won.db"))
    books.open_period(YEAR.first, YEAR.last)
    books.open_account("vault", "KRW", "free")
    books.open_account("budget:서울", "KRW", "credit")
    books.post(Journal("k", YEAR.first, "appropriation", "", [Transfer("vault", "budget:서울", 10**15)]))
    tool, path = Hledger(), tmp_path / "won.journal"
    path.write_text(tool.write(books), "utf-8")
    assert "\ncommodity 1. KRW\n" in path.read_text("utf-8")
    assert tool.complaints(path) == []
    assert set(tool.sums(path).values()) == {10**15, -10**15}
