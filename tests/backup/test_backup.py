"""A backup holds all of one instant; what is restored is the same on either engine, guarded, and goes on."""

import json
import os
import zipfile

import pytest
from tests.cli.conftest import westlake
from tests.settlement.conftest import line, open_office

from westlake import backup
from westlake.database import Refused, connect
from westlake.dates import Period
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer
from westlake.ledger.beancount import beancount_lines
from westlake.ledger.extract import read_extract
from westlake.ledger.listing import listing_rows
from westlake.record import Record
from westlake.rooms import SCHEMAS, create_all
from westlake.workspace import Settings, Workspace

YEAR = Period.year(2025)


@pytest.fixture
def lake(database, tmp_path):
    """A year of two rounds, one approved, closed and anchored, with a person's data of which some was erased."""
    folder = tmp_path / "lake"
    (folder / "programmes").mkdir(parents=True)
    (folder / "westlake.toml").write_text('city = "Lakeside"\nagency = "Reeds"\ndatabase = "westlake.db"\n', "utf-8")
    (folder / "programmes" / "note.txt").write_text("호수 湖边", "utf-8")
    where = folder / "westlake.db" if str(database).endswith(".db") else database
    office = open_office(where)
    create_all(office.connection)
    for firm in ("heron", "reed"):
        office.know(firm)
    Books(office.connection).open_period(YEAR.first, YEAR.last)
    office.pay(line("reed", 1000))
    office.settle(line("reed", 1000), line("heron", 700, "i2"), day="2026-03-01")
    books, record = Books(office.connection), Record(office.connection)
    record.add("kim", "case.opened", "case:1", personal={"name": "Ada Willow"})
    record.add("kim", "case.opened", "case:2", personal={"name": "Bo Reed", "born": 1990})
    record.erase("lee", "case:1", "asked by the person")
    books.close_period(YEAR.first, YEAR.last)
    books.anchor(YEAR.last + 5, "gazette")
    office.workspace = Workspace(folder, Settings(database=str(where)))
    return office


def saved(office, tmp_path):
    path = tmp_path / "lake.zip"
    return path, backup.write_backup(office.connection, office.workspace, path)


def everything(connection):
    """Every row of every table."""
    return {table: connection.execute(f"SELECT * FROM {table} ORDER BY {schema.key(table)}").fetchall()
            for schema in SCHEMAS for table in schema.tables}


def exports(connection):
    return list(beancount_lines(read_extract(connection), "Lakeside")), list(listing_rows(connection))


@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_the_way_there_and_back(lake, onto, tmp_path, request):
    path, contents = saved(lake, tmp_path)
    server = request.getfixturevalue("server") if onto == "postgresql" else None
    where = server.address(server.new()) if server else "books.db"
    assert backup.restore_backup(path, tmp_path / "again", where) == contents
    restored = connect(where if server else tmp_path / "again" / "books.db")
    assert everything(restored) == everything(lake.connection)
    assert exports(restored) == exports(lake.connection)
    assert (Books(restored).head(), Record(restored).head()) == (contents.books, contents.record)
    assert (Books(restored).verify(), Record(restored).verify()) == ([], [])
    assert (tmp_path / "again" / "programmes" / "note.txt").read_text("utf-8") == "호수 湖边"
    assert Workspace.find(tmp_path / "again").settings == Settings(city="Lakeside", agency="Reeds", database=where)
    for statement in ("UPDATE journal SET memo = 'x'", "DELETE FROM settlement_case", "UPDATE register_fact SET value = ''"):
        with pytest.raises(Refused):
            restored.execute(statement)
    if server:  # it has looked at what it holds, and plans by it from the first page on
        seen = {row[0] for row in restored.execute("SELECT tablename FROM pg_stats WHERE schemaname = 'westlake'")}
        assert {"journal", "act", "register_fact"} <= seen


def test_a_restored_office_goes_on_in_the_middle_of_its_year(lake, tmp_path):
    """The round that was waiting is approved in the restored one; the firm is paid once there, as it would have been."""
    path, _ = saved(lake, tmp_path)
    backup.restore_backup(path, tmp_path / "again", "books.db")
    office = open_office(tmp_path / "again" / "books.db")
    from westlake import settlement
    from westlake.dates import parse_day
    done = settlement.approve(office.connection, office.programme, office.terms, 2, "lee", parse_day("2026-03-02"), frozenset())
    assert done.paid == {"heron": 210_00}
    assert office.settle(line("reed", 1000), line("heron", 700, "i2"), day="2026-03-03") is None
    assert office.sound()


def test_others_go_on_while_it_is_made(lake, database, tmp_path):
    """What is posted after the first row was read is not in it, whole or in part."""
    books = Books(connect(lake.workspace.database))
    books.open_account("treasury", "CNY", "free")
    before = books.head()

    def told(name):
        if name in ("transfer", "act"):
            books.post(Journal(f"while:{name}", YEAR.last + 9, "appropriation", "",
                               [Transfer("treasury", lake.terms.code("budget", "render_voucher", 2025, ""), 5)]))

    path = tmp_path / "lake.zip"
    contents = backup.write_backup(lake.connection, lake.workspace, path, told=told)
    assert (contents.books, books.head().number) == (before, before.number + 2)
    backup.restore_backup(path, tmp_path / "again", "books.db")
    assert Books(connect(tmp_path / "again" / "books.db")).head() == before


def rewritten(path, out, change):
    """The same backup with one member changed, and its SHA-256 as it then is."""
    import hashlib
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        contents = json.loads(old.read("backup.json"))
        for name in old.namelist():
            data = change(name, old.read(name))
            if name == "backup.json":
                continue
            contents["members"][name], contents["sizes"][name] = hashlib.sha256(data).hexdigest(), len(data)
            new.writestr(name, data)
        new.writestr("backup.json", change("backup.json", json.dumps(contents).encode()))
    return out


def refused(path, folder, where="books.db"):
    with pytest.raises(WestlakeError) as error:
        backup.restore_backup(path, folder, where)
    assert not folder.exists()
    assert not list(folder.parent.glob("*.part"))
    return error.value.problems[0].code


IN_A_FILE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@IN_A_FILE
@pytest.mark.parametrize(("table", "old", "new"), [
    ("transfer", b",21000,", b",21001,"), ("journal", b'"award"', b'"gifts"'), ("act", b"kim", b"lee"),
    ("balance", b"credit", b"free"), ("act_personal", b"Bo Reed", b"Bo Wren"), ("closing", b'",1,"', b'",0,"')])
def test_a_backup_that_was_changed_is_not_restored(lake, tmp_path, table, old, new):
    """Even when its own list of digests was made anew: the chain and the sums do not fit."""
    path, _ = saved(lake, tmp_path)
    hits = []

    def change(name, data):
        if name != f"tables/{table}.jsonl":
            return data
        head, rest = data.split(b"\n", 1)
        hits.append(old in rest)
        return head + b"\n" + rest.replace(old, new)

    bad = rewritten(path, tmp_path / "bad.zip", change)
    assert hits == [True]
    assert refused(bad, tmp_path / "again") == "W713"


@IN_A_FILE
def test_a_damaged_backup_is_not_restored(lake, tmp_path):
    path, _ = saved(lake, tmp_path)
    whole = path.read_bytes()
    bad = tmp_path / "bad.zip"
    codes = set()
    for place in range(40, len(whole) - 40, len(whole) // 25):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1:])
        try:
            codes.add(refused(bad, tmp_path / "again"))
        except (AssertionError, pytest.fail.Exception):  # the byte was not one that is read: a date of a member
            assert exports(connect(tmp_path / "again" / "books.db")) == exports(lake.connection)
            import shutil
            shutil.rmtree(tmp_path / "again")
    assert codes == {"W710"}
    for wrong in (b"", whole[:len(whole) // 2], b"not a zip"):
        bad.write_bytes(wrong)
        assert refused(bad, tmp_path / "again") == "W710"


@IN_A_FILE
def test_a_name_that_climbs_out_is_refused(lake, tmp_path):
    path, _ = saved(lake, tmp_path)
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
        contents = json.loads(old.read("backup.json"))
        contents["sizes"]["files/../../climbed"] = 1
        contents["members"]["files/../../climbed"] = "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b"
        for name in old.namelist():
            if name != "backup.json":
                new.writestr(name, old.read(name))
        new.writestr("files/../../climbed", "\n")
        new.writestr("backup.json", json.dumps(contents))
    assert refused(bad, tmp_path / "deep" / "again") == "W710"
    assert not (tmp_path / "climbed").exists()


@IN_A_FILE
def test_a_later_release_is_named(lake, tmp_path):
    path, _ = saved(lake, tmp_path)
    bad = rewritten(path, tmp_path / "bad.zip", lambda name, data: data if name != "backup.json" else
                    json.dumps(json.loads(data) | {"release": "99.0.0"}).encode())
    assert refused(bad, tmp_path / "again") == "W711"


def test_what_is_there_is_not_touched(lake, server, tmp_path):
    path, _ = saved(lake, tmp_path)
    with pytest.raises(WestlakeError) as error:
        backup.restore_backup(path, lake.workspace.folder, "books.db")
    assert error.value.problems[0].code == "W712"
    used = server.address(server.new())
    Books.create(connect(used)).open_account("treasury", "CNY", "free")
    assert refused(path, tmp_path / "again", used) == "W712"
    assert list(Books(connect(used)).balances()) == ["treasury"]


def test_the_app_s_role_cannot_restore_past_the_guards(lake, server, tmp_path):
    path, _ = saved(lake, tmp_path)
    name = server.new()
    create_all(connect(server.address(name)))
    assert refused(path, tmp_path / "again", server.address(name, "desk")) == "W713"
    assert Books(connect(server.address(name))).head().number == 0


def test_a_password_in_the_environment_stays_there(server, tmp_path):
    """A workspace made and restored under an address with a password: no file of it holds the password."""
    made, again = (server.address(server.new()).replace("westlake_owner@", "westlake_owner:hush@") for _ in range(2))
    assert westlake(tmp_path, "new", "lake", WESTLAKE_DATABASE=made).code == 0
    assert westlake(tmp_path / "lake", "backup", "../lake.zip", WESTLAKE_DATABASE=made).code == 0
    assert westlake(tmp_path, "restore", "lake.zip", "again", WESTLAKE_DATABASE=again).code == 0
    for folder, address in (("lake", made), ("again", again)):
        assert Workspace.find(tmp_path / folder).settings.database == address.replace(":hush", "")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"hush" in path.read_bytes()]
    said = westlake(tmp_path, "restore", "lake.zip", "third", "--database", again)
    assert (said.code, said.err.split()[:3], (tmp_path / "third").exists()) == (
        2, ["westlake.toml", "database", "W709"], False)


@IN_A_FILE
@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
def test_personal_data_is_its_owner_s_alone(lake, tmp_path):
    """From the first byte on, whatever the machine's habit is: what others may read for a moment, they may keep."""
    seen = set()

    def told(name):
        for path in (tmp_path / "lake.zip.part", tmp_path / "again.part", *(tmp_path / "again.part").glob("books.db*")):
            if path.exists():
                seen.add((path.name, oct(path.stat().st_mode & 0o777)))

    (tmp_path / "lake.zip.part").write_text("left behind, readable by all")
    before = os.umask(0)
    try:
        backup.write_backup(lake.connection, lake.workspace, tmp_path / "lake.zip", told=told)
        backup.restore_backup(tmp_path / "lake.zip", tmp_path / "again", "books.db", told=told)
    finally:
        os.umask(before)
    assert seen == {("lake.zip.part", "0o600"), ("again.part", "0o700"), ("books.db", "0o600"),
                    ("books.db-shm", "0o600"), ("books.db-wal", "0o600")}
    assert [oct((tmp_path / name).stat().st_mode & 0o777) for name in ("lake.zip", "again", "again/books.db")] == [
        "0o600", "0o700", "0o600"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_people_s_role_makes_a_whole_backup(lake, database, tmp_path):
    """Who may only read and add takes the same backup as the owner: every table, the same members."""
    _, owner_s = saved(lake, tmp_path)
    desk = connect(database.replace("westlake_owner@", "desk@"))
    contents = backup.write_backup(desk, lake.workspace, tmp_path / "desk.zip")
    assert (contents.members, contents.rows, contents.books, contents.record) == (
        owner_s.members, owner_s.rows, owner_s.books, owner_s.record)
    assert backup.restore_backup(tmp_path / "desk.zip", tmp_path / "again", "books.db") == contents
