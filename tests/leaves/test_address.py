"""An address of a server is shown, kept and refused without its password ever being said."""

from pathlib import Path

import pytest

from westlake.database import connect, has_password, place_of, without_password
from westlake.errors import WestlakeError
from westlake.workspace import Settings, Workspace, address_to_write, read_settings

HIDDEN = "postgresql://…"


@pytest.mark.parametrize(("address", "place", "without"), [
    ("postgresql://desk@dbhost/westlake", "postgresql://dbhost/westlake", None),
    ("postgres://desk@dbhost:5433/westlake?sslmode=require", "postgresql://dbhost:5433/westlake", None),
    ("postgresql:///westlake?host=/run/postgresql", "postgresql:///westlake", None),
    ("postgresql://desk:hush@dbhost:5433/lake", "postgresql://dbhost:5433/lake", "postgresql://desk@dbhost:5433/lake"),
    ("postgresql://desk:hu?sh@dbhost/lake", "postgresql://dbhost/lake", "postgresql://desk@dbhost/lake"),
    ("postgresql://desk:hu%40sh@dbhost/lake?sslmode=require", "postgresql://dbhost/lake",
     "postgresql://desk@dbhost/lake?sslmode=require"),
    ("postgresql://dbhost/lake?user=a%40b&pass%77ord=hush", "postgresql://dbhost/lake", "postgresql://a%40b@dbhost/lake"),
    ("postgresql://desk:hush@/lake?host=/run/pg&sslpassword=hush", "postgresql:///lake",
     "postgresql://desk@/lake?host=/run/pg"),
    ("postgresql://desk:hush@one:1,two:2/lake", "postgresql:///lake", "postgresql://desk@/lake?host=one,two&port=1,2")])
def test_shown_and_written_without_the_password(address, place, without):
    pytest.importorskip("psycopg")
    assert (place_of(address), has_password(address)) == (place, without is not None)
    assert without_password(address) == (without or address)


@pytest.mark.parametrize("address", [
    "postgresql://desk:top@hush@127.0.0.1:1/db", "postgresql://desk:hu@sh:9x@127.0.0.1:1/db",
    "postgresql://desk:hush%zz@127.0.0.1:1/db", "postgresql://desk:hu sh@127.0.0.1:1/db",
    "postgresql://desk:hu/sh@127.0.0.1:1/db", "postgresql://127.0.0.1:1/db?passwd=hush"])
def test_one_that_cannot_be_read_is_not_repeated(address):
    pytest.importorskip("psycopg")
    with pytest.raises(WestlakeError) as refused:
        connect(address)
    (problem,) = refused.value.problems
    assert (problem.code, str(problem.place), problem.values) == ("W725", HIDDEN, {})
    assert has_password(address)


def test_a_password_never_reaches_a_file(tmp_path, monkeypatch):
    pytest.importorskip("psycopg")
    address = "postgresql://desk:hush@dbhost/lake"
    settings = tmp_path / "westlake.toml"
    settings.write_text(f'database = "{address}"\n', "utf-8")
    for call in (lambda: read_settings(settings), lambda: address_to_write(address)):
        with pytest.raises(WestlakeError) as refused:
            call()
        assert [problem.code for problem in refused.value.problems] == ["W709"]
    settings.write_text('database = "westlake.db"\n', "utf-8")
    monkeypatch.setenv("WESTLAKE_DATABASE", address)
    assert read_settings(settings).database == address
    assert address_to_write(address) == "postgresql://desk@dbhost/lake"


@pytest.mark.parametrize("address", ["mysql://desk:hush@dbhost", "postgresq://desk:hush@dbhost/lake"])
def test_another_server_s_password_neither(address):
    with pytest.raises(WestlakeError) as refused:
        connect(Workspace(Path("lake"), Settings(database=address)).database)
    (problem,) = refused.value.problems
    assert (problem.code, str(problem.place), problem.values) == ("W719", "…", {})
    assert (place_of(address), has_password(address)) == ("…", True)
    assert (place_of("books.db"), has_password("books.db"), has_password("mysql://desk@dbhost/lake")) == ("books.db", False, False)
