"""One behaviour on a file and on a server; what a server's roles may do; and what only the chain can tell."""

import random

import pytest

from westlake.database import Refused, connect, transaction
from westlake.dates import Period
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.ledger.beancount import beancount_lines
from westlake.ledger.extract import read_extract
from westlake.ledger.hledger import hledger_lines
from westlake.ledger.listing import listing_rows

from .conftest import ACCOUNTS, YEAR

ON_A_SERVER = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
FIRMS = [code for code, currency, _ in ACCOUNTS if currency == "CNY"]


def random_journals(seed, count):
    """Posts, holds, releases, reversals and repeats between accounts of every rule; some must be refused."""
    chance = random.Random(seed)
    for number in range(count):
        legs = []
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            debit, credit = chance.sample(FIRMS, 2)
            if chance.random() < 0.4:
                debit = "treasury"
            if debit == credit:
                credit = "budget:cloud"
            legs.append(Transfer(debit, credit, chance.choice((1, 7, 250, 10**4, 10**9)),
                                 chance.choice(("post", "post", "post", "hold", "release"))))
        key = f"k{chance.randrange(number + 1) if chance.random() < 0.03 else number}"
        day = YEAR.first + chance.randrange(900)  # some lie in no period
        memo = chance.choice(("", "云计算 대금 'cloud' \"%s\" ? :day; --", "line\nbreak\ttab"))
        reverses = chance.randrange(1, number + 1) if number and chance.random() < 0.06 else None
        yield Journal(key, day, chance.choice(("payment", "award")), memo, legs, reverses=reverses)


def answer(asked, *values):
    """What the books answer: the hashes of what they took, or the code and values of the refusal."""
    try:
        posted = asked(*values)
        return [one.hash for one in (posted if isinstance(posted, list) else [posted])]
    except WestlakeError as error:
        return [(problem.code, dict(problem.values)) for problem in error.problems]


def answers(books, count, seed):
    """Journals one by one, and every tenth time many at once; then the year closed, and the rest."""
    told = []
    journals = list(random_journals(seed, count))
    for start in range(0, count, 100):
        for journal in journals[start:start + 60]:
            told.append(answer(books.post, journal))
        told.append(answer(books.post_many, journals[start + 60:start + 100]))
        told.extend(answer(books.reverse, number, f"undo:{start}:{number}", YEAR.last + 9, "by mistake")
                    for number in (start // 9 + 1, start // 18 + 1))
        if start == count // 2:
            told.append(books.close_period(YEAR.first, YEAR.last))
    return told


def open_books(where):
    ticks = iter(range(10**15, 2 * 10**15, 1000))
    books = Books.create(connect(where), lambda: next(ticks))
    for account in ACCOUNTS:
        books.open_account(*account)
    for year in (YEAR, Period.year(2026)):
        books.open_period(year.first, year.last)
    return books


@pytest.mark.slow
def test_ten_thousand_journals_are_the_same_bytes_on_both(server, tmp_path):
    """Same answers, refusals in the same words, same head hash, same exports, byte for byte."""
    both = [open_books(tmp_path / "westlake.db"), open_books(server.address(server.new()))]
    told = [answers(books, 10_000, seed=2025) for books in both]
    assert told[0] == told[1]
    codes = {told_of[0][0] for told_of in told[0] if isinstance(told_of, list) and isinstance(told_of[0], tuple)}
    assert {"W502", "W503", "W504", "W506", "W507", "W509", "W510"} <= codes
    assert both[0].head() == both[1].head()
    assert both[0].head().number > 3_000
    exports = [("\n".join(beancount_lines(read_extract(books.connection), "Lakeside")), "\n".join(hledger_lines(read_extract(books.connection), "Lakeside")), list(listing_rows(books.connection)),
                books.balances(), books.balances(YEAR.last), books.closings(),
                books.statement("budget:cloud", YEAR.first, YEAR.last + 300)) for books in both]
    assert exports[0] == exports[1]
    assert [books.verify() for books in both] == [[], []]


@pytest.fixture
def office(server):
    """Books made by their owner, with one payment; and the same books as people under the app's role see them."""
    name = server.new()
    books = open_books(server.address(name))
    books.post(Journal("funds", YEAR.first, "appropriation", "", [Transfer("treasury", "budget:cloud", 1000)]))
    books.post(Journal("pay", YEAR.first, "payment", "", [Transfer("budget:cloud", "payable:reed", 400)]))
    return name, books, Books.create(connect(server.address(name, "desk")))


def test_the_app_s_role_works_and_may_no_more(office):
    _, books, desk = office
    desk.post(Journal("more", YEAR.first, "payment", "", [Transfer("budget:cloud", "payable:heron", 600)]))
    desk.close_period(YEAR.first, YEAR.last)
    desk.anchor(YEAR.last, "gazette")
    assert (desk.balance("budget:cloud").available, desk.verify(), books.verify()) == (0, [], [])


@pytest.mark.parametrize("statement", [
    "UPDATE balance SET credits = credits + 1", "INSERT INTO balance VALUES (99, 'free')", "DELETE FROM balance",
    "UPDATE journal SET memo = 'x'", "DELETE FROM transfer", "TRUNCATE transfer", "TRUNCATE journal CASCADE",
    "INSERT INTO journal SELECT * FROM journal WHERE id = 1 ON CONFLICT (id) DO UPDATE SET memo = 'x'",
    "ALTER TABLE journal DISABLE TRIGGER ALL", "DROP TRIGGER journal_may ON journal", "DROP TABLE anchor",
    "SET session_replication_role = replica", "CREATE FUNCTION westlake.append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RETURN NEW; END'", "CREATE TABLE westlake.visit (day int)", "SET ROLE westlake_owner",
    "ALTER FUNCTION transfer_may() OWNER TO desk",
    "CREATE TEMP TABLE t (journal bigint, seq bigint, debit bigint, credit bigint, amount bigint, phase text);"
    " CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION westlake.transfer_counts()",
    "CREATE TEMP TABLE t (id bigint, rule text); CREATE TRIGGER x AFTER INSERT ON t"
    " FOR EACH ROW EXECUTE FUNCTION westlake.account_opens()", "SELECT westlake.append_only()"])
def test_the_app_s_role_is_refused(office, statement):
    _, books, desk = office
    before = books.head(), books.balances()
    with pytest.raises(Refused):
        desk.connection.execute(statement)
    assert (books.head(), books.balances(), books.verify()) == (*before, [])


def test_a_table_in_the_way_of_the_books_leads_nobody_astray(office):
    """The functions look into the schema of the books only, whatever a session puts before it."""
    _, books, desk = office
    desk.connection.execute("CREATE TEMP TABLE balance (account bigint, rule text, debits bigint, credits bigint,"
                            " held_debits bigint, held_credits bigint)")
    desk.connection.execute("SET search_path = pg_temp, westlake")
    with pytest.raises(Refused, match="overdraft"):
        desk.connection.execute("INSERT INTO westlake.transfer VALUES (3, 1, 2, 5, 601, 'post')")
    assert (books.balance("budget:cloud").available, books.verify()) == (600, [])


def as_superuser(server, name, *statements):
    connection = connect(server.address(name, "postgres"))
    connection.execute("SET session_replication_role = replica")
    for statement in statements:
        connection.execute(statement)


@pytest.mark.parametrize(("statement", "codes"), [
    ("UPDATE transfer SET amount = 300 WHERE journal = 2", {"W533", "W536"}),
    ("UPDATE journal SET memo = 'a favour' WHERE id = 2", {"W533"}),
    ("DELETE FROM transfer WHERE journal = 2", {"W533", "W534", "W536"}),
    ("UPDATE balance SET credits = credits + 5 WHERE account = 4", {"W536"}),
    ("INSERT INTO transfer VALUES (7, 1, 1, 2, 5, 'post')", {"W532", "W534", "W536"}),
    ("ALTER TABLE journal DISABLE TRIGGER journal_may", {"W531"}),
    ("DROP TRIGGER transfer_stays ON transfer", {"W531"}),
    ("GRANT UPDATE ON balance TO westlake_app", {"W531"}),
    ("CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", {"W531"}),
    ("CREATE OR REPLACE VIEW entry AS SELECT 1::bigint AS journal, ''::text AS day, ''::text AS recorded_at, kind, idem,"
     " ''::text COLLATE \"C\" AS account, ''::text COLLATE \"C\" AS currency, ''::text COLLATE \"C\" AS phase,"
     " 1::bigint AS amount, memo FROM journal WHERE false", {"W531"}),
    ("CREATE RULE nothing AS ON DELETE TO period DO INSTEAD NOTHING", {"W531"}),
    ("ALTER TABLE journal ENABLE ROW LEVEL SECURITY", {"W531"}),
    ("CREATE POLICY hidden ON journal USING (id > 2)", {"W531"}),
    ("ALTER TABLE anchor SET UNLOGGED", {"W531"}),
    ("GRANT UPDATE (credits) ON balance TO westlake_app", {"W531"}),
    ("ALTER TABLE account ALTER COLUMN id SET DEFAULT 7", {"W531"}),
    ("GRANT CREATE ON SCHEMA westlake TO westlake_app", {"W531"}),
    ("GRANT EXECUTE ON FUNCTION transfer_counts() TO PUBLIC", {"W531"}),
    ("ALTER TABLE transfer OWNER TO desk", {"W531", "W532"})])
def test_what_a_superuser_changed_shows(server, office, statement, codes):
    name, books, _ = office
    as_superuser(server, name, statement)
    assert {problem.code for problem in books.verify()} == codes


def test_a_superuser_who_rewrites_all_is_told_only_by_a_head_kept_outside(server, office):
    """Everything sealed anew: the books agree with themselves, and not with what was published."""
    name, books, _ = office
    published = books.head().hash
    as_superuser(server, name, "TRUNCATE journal, transfer, closing, closing_balance, anchor CASCADE",
                 "UPDATE balance SET debits = 0, credits = 0")
    books.post(Journal("funds", YEAR.first, "appropriation", "", [Transfer("treasury", "budget:cloud", 1000)]))
    books.post(Journal("pay", YEAR.first, "payment", "", [Transfer("budget:cloud", "payable:heron", 400)]))
    assert books.verify() == []
    assert [problem.code for problem in books.verify([published])] == ["W541"]


def test_a_stranger_s_database_is_refused_and_named(server):
    with pytest.raises(WestlakeError) as refused:
        Books.create(connect(server.address(server.new(), "desk")))
    assert [problem.code for problem in refused.value.problems] == ["W708"]
    with pytest.raises(WestlakeError) as refused:
        connect("postgresql://desk:secret@/nowhere?host=/nowhere")
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.file) == ("W707", "postgresql:///nowhere")
    assert "secret" not in str(problem.values)


@ON_A_SERVER
def test_a_step_that_was_refused_leaves_the_transaction_whole(books):
    """A server gives up a transaction at the first refusal; a step of one must not."""
    with transaction(books.connection):
        with pytest.raises(WestlakeError):
            books.post(Journal("much", YEAR.first, "payment", "", [Transfer("budget:cloud", "payable:reed", 10**9)]))
        books.post(Journal("some", YEAR.first, "payment", "", [Transfer("budget:cloud", "payable:reed", 5)]))
    assert books.balance("payable:reed").credits == 5
    assert books.verify() == []


def test_the_guards_are_those_of_the_schema(server):
    """schema/postgresql.guards is what a server shows of a fresh installation: `python -m tests.postgresql` writes it."""
    books = open_books(server.address(server.new()))
    assert books.verify() == []
