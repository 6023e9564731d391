"""Where the log-ins lie: a file beside the workspace's database, or a schema of their own on its server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from westlake.database import is_address
from westlake.workspace import Workspace

SCHEMA = "westlake_logins"


def logins_database(workspace: Workspace) -> dict[str, Any]:
    """Django's description of the log-ins' database."""
    where = workspace.database
    if not is_address(where):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(where).parent / "logins.db",
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30,
                            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}}
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - psycopg is an extra

    told = conninfo_to_dict(str(where))
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {name: value for name, value in told.items() if name not in named and name != "options"}
    options["options"] = f"{told.get('options') or ''} -c search_path={SCHEMA}".strip()
    return {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options, "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True, **{ours: told[name] for name, ours in named.items() if told.get(name)}}


def prepare(workspace: Workspace) -> None:
    """Make the log-ins' schema where it lies on a server, then bring their tables forward."""
    from django.core.management import call_command  # noqa: PLC0415 - only once settings stand

    if is_address(workspace.database):
        import psycopg  # noqa: PLC0415 - an extra

        with psycopg.connect(str(workspace.database), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    call_command("migrate", verbosity=0, interactive=False)
