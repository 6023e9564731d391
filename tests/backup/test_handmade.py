"""A backup that somebody made by hand to do harm: refused with a code, nothing left, and little memory taken."""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import zipfile
from functools import partial

import pytest
from tests.settlement.conftest import line, open_office

from westlake import backup
from westlake.errors import WestlakeError
from westlake.workspace import Settings, Workspace

MEMORY = 400 << 20  # more than the program itself takes up, less than any of these would


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An office's backup: the list and every member."""
    folder = tmp_path_factory.mktemp("lake")
    office = open_office(folder / "books.db")
    office.know("heron")
    office.pay(line("heron", 1000))
    (folder / "note.txt").write_text("a note", "utf-8")
    path = folder / "lake.zip"
    backup.write_backup(office.connection, Workspace(folder, Settings(database="books.db")), path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(members.pop("backup.json")), members


def made(path, whole, listed=(), *, packed=(), change=lambda told: None, how=zipfile.ZIP_DEFLATED):
    """A backup whose list holds `listed` too, with true digests and sizes; `packed` is in it and not in the list."""
    told, members = json.loads(json.dumps(whole[0])), [*whole[1].items()]
    for name, data in listed:
        told["members"][name], told["sizes"][name] = hashlib.sha256(data).hexdigest(), len(data)
        members = [(one, was) for one, was in members if one != name] + [(name, data)]
    change(told)
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in (*members, *packed, ("backup.json", json.dumps(told))):
            archive.writestr(name, data)
    return path


def refused(path, folder):
    with pytest.raises(WestlakeError) as error:
        backup.restore_backup(path, folder, "books.db")
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]
    return error.value.problems[0].code


def test_made_by_hand_and_sound(whole, tmp_path):
    """What the others are refused for is what was changed in them."""
    backup.restore_backup(made(tmp_path / "lake.zip", whole, [("files/more.txt", b"more")]), tmp_path / "again", "books.db")
    assert (tmp_path / "again" / "more.txt").read_bytes() == b"more"


@pytest.mark.parametrize("name", [
    "files//etc/climbed", "files/../climbed", "files/a/../../climbed", "files/C:/climbed", "files/C:climbed",
    "files/\\\\machine\\share\\climbed", "files/\\climbed", "files/note.txt/climbed", "files/westlake.toml/climbed",
    "files/bills", f"files/{'long' * 100}", "files/"])
def test_names_that_lead_elsewhere(whole, tmp_path, name):
    assert refused(made(tmp_path / "bad.zip", whole, [(name, b"x")]), tmp_path / "again") == "W710"


@pytest.mark.parametrize("name", ["books.db", "books.db-wal", "books.db-journal"])
def test_a_database_among_the_files(whole, tmp_path, name):
    """It would be opened in the place of an empty one, with whatever triggers it has."""
    assert refused(made(tmp_path / "bad.zip", whole, [(f"files/{name}", b"")]), tmp_path / "again") == "W712"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["files/other.txt", "files/note.txt", "backup.json", "tables/act.jsonl"])
def test_members_that_are_not_in_the_list_or_twice(whole, tmp_path, name):
    assert refused(made(tmp_path / "bad.zip", whole, packed=[(name, b"x")]), tmp_path / "again") == "W710"


@pytest.mark.parametrize("change", [
    lambda told: told["members"].pop("files/note.txt"), lambda told: told["sizes"].pop("files/note.txt"),
    lambda told: told["sizes"].update({"files/note.txt": 7}), lambda told: told.update(members=[1]),
    lambda told: told.update(rows={"act": "x"}), lambda told: told.update(at=10**30), lambda told: told.update(at="x"),
    lambda told: told.update(release=5), lambda told: told.update(books=5), lambda told: told.update(more=5),
    lambda told: told["members"].update({"files/none": ""})])
def test_lists_that_do_not_fit(whole, tmp_path, change):
    assert refused(made(tmp_path / "bad.zip", whole, change=change), tmp_path / "again") == "W710"


@pytest.mark.parametrize("data", [
    b"", b"[]\n", b'["id","id"]\n', b'["id","nowhere"]\n', b'{"id":1}\n', b'[["id"]]\n', b"[" * 100_000, b'["id"]\n[1,2]\n',
    b'["id"]\n[[1]]\n', b'["id"]\n[1.5]\n', b'["id"]\nnot json\n'])
def test_tables_that_are_none(whole, tmp_path, data):
    assert refused(made(tmp_path / "bad.zip", whole, [("tables/journal.jsonl", data)]), tmp_path / "again") == "W710"


def test_a_number_that_no_table_holds(whole, tmp_path):
    data = b'["id","code","currency","rule"]\n[' + b"9" * 30 + b',"a","CNY","free"]\n'
    assert refused(made(tmp_path / "bad.zip", whole, [("tables/account.jsonl", data)]), tmp_path / "again") == "W713"


def test_settings_that_are_no_text(whole, tmp_path):
    assert refused(made(tmp_path / "bad.zip", whole, [("files/westlake.toml", b"\xff")]), tmp_path / "again") == "W710"


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_of_packing_that_unpack_all_at_once(whole, tmp_path, how):
    assert refused(made(tmp_path / "bad.zip", whole, how=how), tmp_path / "again") == "W710"


SCRIPT = """
import sys
from pathlib import Path
from westlake.backup import restore_backup
from westlake.errors import WestlakeError
try:
    restore_backup(Path(sys.argv[1]), Path(sys.argv[2]), "books.db")
except WestlakeError as error:
    print(error.problems[0].code)
"""


def bomb(path, whole, name, start, size, how_large):
    """A member of `size` bytes that packs to a thousandth; the list and the ZIP's own directory say `how_large`."""
    digest = hashlib.sha256(start)
    for _ in range(size >> 20):
        digest.update(b" " * (1 << 20))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        told = json.loads(json.dumps(whole[0]))
        told["members"][name], told["sizes"][name] = digest.hexdigest(), how_large
        for one, data in whole[1].items():
            if one != name:
                archive.writestr(one, data)
        if name != "backup.json":
            archive.writestr("backup.json", json.dumps(told))
        with archive.open(name, "w", force_zip64=True) as out:
            out.write(start)
            for _ in range(size >> 20):
                out.write(b" " * (1 << 20))
        archive.getinfo(name).file_size = how_large
    return path


def under_little_memory(path, folder):
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path), str(folder)], capture_output=True, text=True,
                          env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # numpy's takes 40 MB for every core
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)))
    return done.stdout, done.stderr


LARGE = 1 << 29


@pytest.mark.parametrize(("name", "start", "how_large"), [
    ("backup.json", b"", LARGE), ("backup.json", b"", 50), ("files/big", b"", 10), ("tables/act.jsonl", b'["', 10),
    ("tables/act.jsonl", b"", LARGE)])  # the last one keeps to its list: a single line that never ends
def test_bombs(whole, tmp_path, name, start, how_large):
    path = bomb(tmp_path / "bomb.zip", whole, name, start, LARGE, how_large)
    assert path.stat().st_size < 6 << 20
    assert under_little_memory(path, tmp_path / "again") == ("W710\n", "")
    assert [one.name for one in tmp_path.iterdir()] == ["bomb.zip"]


def test_little_memory_is_enough(whole, tmp_path):
    assert under_little_memory(made(tmp_path / "lake.zip", whole), tmp_path / "again") == ("", "")


def test_stopped_by_the_keyboard(whole, tmp_path, request):
    """Ctrl-C while it unpacks, and while it fills the tables: nothing is left, and the same command restores."""
    request.addfinalizer(partial(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT)))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that a shell runs beside it would pass it over
    path = made(tmp_path / "lake.zip", whole)
    for moment in ("note.txt", "transfer"):
        def told(name, moment=moment):
            if name == moment:
                signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            backup.restore_backup(path, tmp_path / "again", "books.db", told=told)
        assert [one.name for one in tmp_path.iterdir()] == ["lake.zip"]
    backup.restore_backup(path, tmp_path / "again", "books.db")
