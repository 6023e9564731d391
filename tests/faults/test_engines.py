"""Both engines keep their promises when one is careless: what was refused is never taken for written, readers see one view."""

import contextlib
import threading

import psycopg
import pytest

from westlake.database import Damaged, Refused, connect, reading, transaction, why_stopped
from westlake.dates import Period
from westlake.ledger import Books, Journal, Transfer
from westlake.record import Record

YEAR = Period.year(2025)


def journal(key, amount=1):
    return Journal(key, YEAR.first, "payment", "", [Transfer("treasury", "payable:reed", amount)])


def open_books(database):
    books = Books.create(connect(database))
    Record.create(books.connection)
    books.open_account("treasury", "CNY", "free")
    books.open_account("payable:reed", "CNY", "credit")
    books.open_period(YEAR.first, YEAR.last)
    return books


@pytest.fixture
def books(database):
    return open_books(database)


def test_a_refusal_that_was_passed_over_does_not_make_a_commit_a_lie(books, database):
    """A server forgets the whole transaction then, and answers COMMIT with no more than another word."""
    told = pytest.raises(Damaged) if books.connection.engine == "postgresql" else contextlib.nullcontext()
    with told, transaction(books.connection):
        books.post(journal("before"))
        with contextlib.suppress(Refused):
            books.connection.execute("INSERT INTO account (code, currency, rule) VALUES ('treasury', 'CNY', 'free')")
    assert not books.connection.in_transaction
    found = [entry.journal.idem for entry in Books(connect(database)).journals()]
    assert found == ([] if books.connection.engine == "postgresql" else ["before"])
    assert books.post(journal("after")).again is False


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_server_set_to_another_isolation_still_waits_its_turn(books, server, database, level):
    """The writer that waited must see what the one before it wrote."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(server.address("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
    first, second = Books(connect(database)), Books(connect(database))
    with transaction(first.connection):
        first.post(journal("one"))
        waiting = threading.Thread(target=lambda: second.post(journal("two")))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(20)
    assert [entry.journal.idem for entry in books.journals()] == ["one", "two"]


@pytest.mark.parametrize("count", [20, 1500])
def test_a_reader_who_stops_halfway_holds_nobody_up(books, database, count):
    """Rows are read, another one writes, and the reader writes too before going on."""
    books.post_many(journal(f"k{number}") for number in range(count))
    other = Books(connect(database))
    entries = books.journals()
    assert next(entries).journal.idem == "k0"
    other.post(journal("theirs"))
    assert books.post(journal("ours")).id == count + 2
    assert [entry.journal.idem for entry in entries] == [f"k{number}" for number in range(1, count)]
    assert books.verify() == []


def test_rows_begun_within_a_step_that_is_undone(books):
    books.post_many(journal(f"k{number}") for number in range(20))
    with transaction(books.connection):
        with pytest.raises(RuntimeError), transaction(books.connection):
            books.post(journal("gone"))
            entries = books.journals()
            next(entries)
            raise RuntimeError
        books.post(journal("stays"))
        del entries
    assert [entry.journal.idem for entry in books.journals()][-1] == "stays"
    assert books.verify() == []


def test_acts_read_while_acts_are_written(books):
    record = Record(books.connection)
    for number in range(5):
        record.add("kim", "case.opened", f"case:{number}")
    with transaction(books.connection):
        for act in list(record.acts()):
            record.add("lee", "case.seen", act.subject)
    assert [act.act for act in record.acts()] == ["case.opened"] * 5 + ["case.seen"] * 5
    for act in record.acts(act="case.opened"):
        record.add("lee", "case.closed", act.subject)
    assert [act.subject for act in record.acts(act="case.closed")] == [f"case:{number}" for number in range(5)]
    assert record.verify() == []


def test_a_view_stays_as_it_was_while_others_write(books, database):
    other = Books(connect(database))
    with reading(books.connection):
        before = books.head()
        other.post(journal("later"))
        assert (books.head(), list(books.journals())) == (before, [])
    assert books.head().number == 1


def stopped(step):
    """The code for what the database says of a step."""
    with pytest.raises(Damaged) as error:
        step()
    return why_stopped(error.value).code


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_database_undoes_the_step_and_says_so(books):
    pages = books.connection.execute("PRAGMA page_count").fetchone()[0]
    books.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with transaction(books.connection):
        books.post(journal("fits"))
    many = [journal(f"k{number}") for number in range(500)]
    assert stopped(lambda: books.post_many(many)) == "W715"
    assert not books.connection.in_transaction
    books.connection.execute("PRAGMA max_page_count = 100000")
    assert (books.head().number, books.verify()) == (1, [])
    assert len(books.post_many(many)) == 500


def test_who_waits_too_long_for_another_one_is_told(books, database):
    other = Books(connect(database))
    other.connection.execute("PRAGMA busy_timeout = 50" if other.connection.engine == "sqlite" else "SET lock_timeout = '50ms'")
    with transaction(books.connection):
        books.post(journal("mine"))
        assert stopped(lambda: other.post(journal("theirs"))) == "W716"
    assert not other.connection.in_transaction
    assert other.post(journal("theirs")).id == 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_told_and_nothing_of_it_stands(books, server, database):
    def cut():
        with psycopg.connect(server.address("postgres", "postgres"), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (books.connection.raw.info.backend_pid,))

    def step():
        with transaction(books.connection):
            books.post(journal("half"))
            cut()
            books.post(journal("other half"))

    assert stopped(step) == "W717"
    assert not books.connection.in_transaction
    again = Books(connect(database))
    assert (again.head().number, again.verify()) == (0, [])


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_while_tables_were_made_is_told_too(books, server):
    def step():
        with books.connection.installing():
            with psycopg.connect(server.address("postgres", "postgres"), autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", (books.connection.raw.info.backend_pid,))
            books.connection.run_script("CREATE TABLE later (day BIGINT)")

    assert stopped(step) == "W717"
