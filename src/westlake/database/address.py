"""Where a workspace's database is: the path of a file, or the address of a server."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlencode

from westlake.database.connection import Connection
from westlake.database.sqlite import open_file
from westlake.errors import Place, WestlakeError

UNREAD = "postgresql://…"  # an address that cannot be told apart from the password in it
_SECRETS = ("password", "sslpassword", "oauth_client_secret")


def connect(where: Path | str) -> Connection:
    """Open a file by its path, or a PostgreSQL database by its address (postgresql://…).

    Raises W701 when the engine is too old or a safety switch does not take, W706 when PostgreSQL's
    driver is not installed, W707 when the server does not answer, W725 when the address cannot be read.
    """
    if not is_address(where):
        if "://" in str(where):
            raise WestlakeError.one("W719", Place(place_of(where)))
        return open_file(where)
    try:
        # psycopg is an extra: only an agency that keeps its books on a server has it
        from westlake.database.postgresql import open_server  # noqa: PLC0415
    except ImportError as error:
        raise WestlakeError.one("W706", Place(place_of(where))) from error
    if _told(str(where)) is None:
        raise WestlakeError.one("W725", Place(UNREAD))
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
        return "…" if "://" in str(where) else Path(where).name  # of another server, or misspelt
    told = _told(str(where))
    return UNREAD if told is None else f"postgresql://{_machine(told)}/{told.get('dbname', '')}"


def has_password(where: Path | str) -> bool:
    """Whether an address carries a password; one that cannot be read does when it may."""
    if "://" not in str(where):
        return False
    told = _told(str(where)) if is_address(where) else None
    if told is None:
        return re.search(r"://.*:.*@|pass|secret", str(where), re.DOTALL | re.IGNORECASE) is not None
    return any(name in told for name in _SECRETS)


def without_password(where: str) -> str:
    """The same address, with nothing secret in it; it is returned as it was when there was nothing."""
    if not has_password(where):
        return where
    told = {name: text for name, text in (_told(where) or {}).items() if name not in _SECRETS}
    if not told:
        return UNREAD
    user, machine, name = told.pop("user", ""), _machine(told), told.pop("dbname", "")
    rest = {key: text for key, text in told.items() if not machine or key not in ("host", "port")}
    return (f"postgresql://{quote(user, safe='')}{'@' if user else ''}{machine}/{quote(name, safe='')}"
            f"{'?' if rest else ''}{urlencode(rest, quote_via=quote, safe='/,:')}")


def _machine(told: dict[str, str]) -> str:
    """`host:port`, or nothing where that is not plainly a machine's name: a socket's folder, several machines."""
    port = f":{told['port']}" if "port" in told else ""
    return f"{told['host']}{port}" if re.fullmatch(r"[\w.-]+", told.get("host", "")) else ""


def _told(address: str) -> dict[str, str] | None:
    """What PostgreSQL's own reader finds in an address; None where it finds nothing, or a password may be in it.

    A second @, or one after the machine's name, is one of a password that was not written as %40: the
    reader takes what follows the first for the name of the machine.
    """
    try:
        from psycopg import Error  # noqa: PLC0415 - as above
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
    except ImportError:
        return None
    try:
        told = {name: str(text) for name, text in conninfo_to_dict(address).items()}
    except (Error, UnicodeError):
        return None
    _, _, rest = address.partition("://")
    plain = rest.count("@") <= ("@" in rest.partition("/")[0])
    return told if plain and re.fullmatch(r"[\d,]*", told.get("port", "")) else None
