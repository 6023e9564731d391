"""Where things lie: the workspace around the working folder, its programmes, its database."""

from __future__ import annotations

from pathlib import Path

import westlake.programmes
from westlake.database import Connection, connect
from westlake.dates import local_day, now_us
from westlake.errors import WestlakeError, nearest
from westlake.workspace import Settings, Workspace

PACKAGED = Path(westlake.programmes.__file__).parent


def here() -> Workspace:
    """The workspace at or above the working folder; W702 if there is none."""
    return Workspace.find(Path.cwd())


def today(workspace: Workspace | None = None) -> int:
    """The day that it is in the workspace's city."""
    return local_day(now_us(), (workspace or here()).settings.zone)


def find_programme(name: str, workspace: Workspace | None = None) -> Path:
    """The folder of a programme: a path, one of the workspace's, or one that comes with Westlake. W802 if none."""
    if (Path(name) / "rules.py").is_file():
        return Path(name)
    shelf = workspace.programmes if workspace else _shelf()
    found = programmes(shelf)
    if name not in found:
        raise WestlakeError.one("W802", suggestion=nearest(name, found), name=name, folder=str(shelf))
    return found[name]


def programmes(shelf: Path | None = None) -> dict[str, Path]:
    """Name → folder of the workspace's programmes, or outside one, of those that come with Westlake."""
    return {path.parent.name: path.parent for path in sorted((shelf or _shelf()).glob("*/*/rules.py"))}


def open_database(workspace: Workspace) -> Connection:
    """The workspace's database with every room's tables in place."""
    # duckdb and numpy come with the rooms: only commands that need the books pay for them
    from westlake.rooms import create_all  # noqa: PLC0415

    connection = connect(workspace.database)
    create_all(connection)
    return connection


def regime_here() -> str:
    """The regime of the workspace around the working folder, or the official one outside any."""
    workspace = _around()
    return workspace.settings.regime if workspace else Settings.regime


def _shelf() -> Path:
    workspace = _around()
    return workspace.programmes if workspace else PACKAGED


def _around() -> Workspace | None:
    """The workspace around the working folder, if any; its own mistakes are not passed over."""
    try:
        return here()
    except WestlakeError as error:
        if error.problems[0].code != "W702":
            raise
        return None
