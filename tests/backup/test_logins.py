"""The log-ins' own database goes into a backup as it stands at one instant, though somebody has it open."""

import sqlite3
import zipfile

import pytest

from westlake.backup import restore_backup, write_backup
from westlake.database import connect
from westlake.rooms import create_all
from westlake.workspace import SETTINGS_FILE, Settings, Workspace


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / SETTINGS_FILE).write_text("", "utf-8")
    return Workspace(folder, Settings())


def test_what_is_still_in_the_log_of_the_logins_is_in_the_backup(workspace, tmp_path):
    logins = sqlite3.connect(workspace.folder / "logins.db")
    logins.execute("PRAGMA journal_mode = WAL")
    logins.execute("PRAGMA wal_autocheckpoint = 0")
    logins.execute("CREATE TABLE login (email TEXT)")
    logins.execute("INSERT INTO login VALUES ('heron@lakeside.example')")
    logins.commit()
    assert (workspace.folder / "logins.db-wal").stat().st_size > 0
    connection = connect(workspace.database)
    create_all(connection)
    path = tmp_path / "backup.zip"
    contents = write_backup(connection, workspace, path)
    assert {name: why for name, why in contents.left_out.items() if name.startswith("logins")} == {
        "logins.db-wal": "database", "logins.db-shm": "database"}
    with zipfile.ZipFile(path) as archive:
        kept = sqlite3.connect(":memory:")
        kept.deserialize(archive.read("files/logins.db"))
    assert kept.execute("SELECT email FROM login").fetchall() == [("heron@lakeside.example",)]
    logins.close()
    connection.close()
    there = tmp_path / "elsewhere"
    restore_backup(path, there, "westlake.db")
    assert sqlite3.connect(there / "logins.db").execute("SELECT count(*) FROM login").fetchone() == (1,)
