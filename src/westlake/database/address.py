"""Where a workspace's database is: the path of a file, or the address of a server."""

from __future__ import annotations

from pathlib import Path

from westlake.database.connection import Connection
from westlake.database.sqlite import open_file
from westlake.errors import Place, WestlakeError


def connect(where: Path | str) -> Connection:
    """Open a file by its path, or a PostgreSQL database by its address (postgresql://…).

    Raises W701 when the engine is too old or a safety switch does not take, W706 when PostgreSQL's
    driver is not installed, W707 when the server does not answer.
    """
    if not is_address(where):
        return open_file(where)
    try:
        # psycopg is an extra: only an agency that keeps its books on a server has it
        from westlake.database.postgresql import open_server  # noqa: PLC0415
    except ImportError as error:
        raise WestlakeError.one("W706", Place(place_of(where))) from error
    return open_server(str(where))


def is_address(where: Path | str) -> bool:
    """Whether this is the address of a server, not the path of a file."""
    return str(where).startswith(("postgresql://", "postgres://"))


def is_there(where: Path | str) -> bool:
    """Whether there is something to open; connecting to a file that is not there would make an empty one."""
    return is_address(where) or Path(where).exists()


def place_of(where: Path | str) -> str:
    """The database's name for people: never with a password in it."""
    if not is_address(where):
        return Path(where).name
    scheme, _, rest = str(where).partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"
