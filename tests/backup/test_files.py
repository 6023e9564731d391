"""What a backup takes from a workspace, to the file; and what it does not take, by name and with the reason."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from tests.cli.conftest import westlake
from tests.settlement.conftest import open_office

from westlake import backup
from westlake.rooms import create_all
from westlake.workspace import Settings, Workspace

HELD = ["bills/a.part", "bills/reports/2025.csv", "charges/1.parquet", "fx.csv", "programmes/hangzhou/backups/rules.py",
        "register/books-of-firms.csv", "register/books.db-notes.csv", "westlake.toml"]


def write(*files):
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(file.name, "utf-8")


@pytest.fixture
def lake(tmp_path):
    """Charges on a bigger disk, names that look like the database's, folders named as ours, links and a pipe."""
    folder, disk = tmp_path / "lake", tmp_path / "disk"
    write(*(folder / name for name in HELD if not name.startswith("charges")), disk / "charges" / "1.parquet")
    (folder / "westlake.toml").write_text('database = "books"\n', "utf-8")
    (folder / "charges").symlink_to(disk / "charges")
    write(folder / "reports" / "2025.html", folder / "backups" / "old.zip", folder / "mails" / "a.eml", tmp_path / "secret")
    (folder / "bills" / "secret.csv").symlink_to(tmp_path / "secret")
    (folder / "bills" / "disk").symlink_to(disk)
    (folder / "bills" / "nowhere.csv").symlink_to("nothing")
    (folder / "bills" / "books.csv").symlink_to(folder / "books")
    (folder / "rates.csv").symlink_to("fx.csv")
    write(folder / "C:x.csv", folder / "charges" / ".intake-abcd_123" / "half")
    os.mkfifo(folder / "bills" / "pipe")
    (folder / os.fsdecode(b"bills/\xb1\xb8.csv")).write_text("in an old encoding", "utf-8")
    office = open_office(folder / "books")
    create_all(office.connection)
    office.workspace = Workspace(folder, Settings(database="books"))
    return office


LEFT_OUT = {"C:x.csv": "name", "backups/": "made", "mails/": "mails", "bills/books.csv": "database", "bills/disk/": "link",
            "bills/nowhere.csv": "link", "bills/pipe": "kind", "bills/secret.csv": "link",
            r"bills/\udcb1\udcb8.csv": "name", "books": "database", "books-shm": "database",
            "books-wal": "database", "charges/.intake-abcd_123/": "unfinished", "reports/": "made"}


def test_all_is_in_it_or_named(lake, tmp_path):
    path = lake.workspace.folder / "lake.zip"  # it lies in the workspace itself
    contents = backup.write_backup(lake.connection, lake.workspace, path)
    held = sorted([*HELD, "rates.csv"])
    assert sorted(name[6:] for name in contents.members if name.startswith("files/")) == held
    assert contents.left_out == LEFT_OUT
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if archive.read(name) == b"secret"]
    backup.restore_backup(path, tmp_path / "again", "books")
    again = tmp_path / "again"
    assert sorted(file.relative_to(again).as_posix() for file in again.rglob("*") if file.is_file()) == sorted(
        [*held, "books"])
    assert {name: (again / name).read_text("utf-8") for name in held if name != "westlake.toml"} == {
        name: "fx.csv" if name == "rates.csv" else name.rpartition("/")[2] for name in held if name != "westlake.toml"}


def test_whole_folders_that_stay_behind_are_named_where_backups_are_told():
    page = (Path(__file__).parents[2] / "docs" / "database.md").read_text("utf-8")
    told = page.split("every file of the workspace but:")[1].split("Each of these")[0]
    assert [name for name in LEFT_OUT if name.count("/") == 1 and name.endswith("/") and f"`{name}`" not in told] == []


def test_the_person_at_the_keyboard_is_told(lake):
    folder = lake.workspace.folder
    told = json.loads(westlake(folder, "backup", "--json").out)
    assert {one["file"]: one["why"] for one in told["left_out"]} == LEFT_OUT
    for lang, words in (("en", "LEFT OUT, a link that leads out"), ("ko", "제외됨 — 작업공간 밖으로"), ("zh", "未收入——链接指向")):
        said = westlake(folder, "backup", f"../{lang}.zip", "--lang", lang, COLUMNS="400")
        assert [line.endswith("bills/disk/, bills/nowhere.csv, bills/secret.csv")
                for line in said.err.splitlines() if line.startswith(words)] == [True]


def test_a_workspace_without_a_file_has_its_folders_again(tmp_path):
    folder = tmp_path / "lake"
    for name in ("bills", "charges", "programmes", "register"):
        (folder / name).mkdir(parents=True)
    office = open_office(folder / "westlake.db")
    create_all(office.connection)
    backup.write_backup(office.connection, Workspace(folder, Settings()), tmp_path / "lake.zip")
    backup.restore_backup(tmp_path / "lake.zip", tmp_path / "again", "westlake.db")
    assert sorted(path.name for path in (tmp_path / "again").iterdir() if path.is_dir()) == [
        "bills", "charges", "files", "programmes", "register"]


def test_what_does_not_verify_is_named_so(tmp_path):
    """A guard was dropped: the copy is evidence, and no one takes it for a backup to go back to."""
    from tests.cli.conftest import westlake

    from westlake.database import connect

    westlake(tmp_path, "new", "lake")
    connect(tmp_path / "lake" / "westlake.db").execute("DROP TRIGGER settlement_two_persons")
    said = westlake(tmp_path / "lake", "backup", "copy.zip")
    assert (said.code, "W720" in said.err) == (1, True)
    assert sorted(path.name for path in (tmp_path / "lake").glob("*.zip")) == ["copy-UNVERIFIED.zip"]
