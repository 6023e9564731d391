"""A PostgreSQL server of the tests' own: started from nothing, on a socket only, gone at the end.

`python -m tests.postgresql` writes the lists of guards (schema/postgresql.guards) anew after a schema
has changed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

MISSING = "PostgreSQL's server is not here: apt install postgresql"
_NUMBERS = count(1)
ROOM = 8 << 30  # bytes; half of it for each of two at once
OWNER, APP, SUPERUSER = "westlake_owner", "desk", "postgres"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).parent if named else None


class Server:
    """A running server. Every database on it belongs to OWNER; APP may do what an office's people may."""

    def __init__(self, socket: Path, start: Callable[[], object]) -> None:
        self.socket, self.start = socket, start

    def crash(self) -> None:
        """Kill the server and every process of it at once, as a power cut would; `start` brings it back."""
        first = int((self.socket / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)  # it must not tidy up
        family = [first, *(int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _parent(stat) == first)]
        for process in reversed(family):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_parent(Path(f"/proc/{process}/stat")) for process in family):
            time.sleep(0.02)
        for lock in ((self.socket / "data" / "postmaster.pid"), *self.socket.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)  # a dead process that nobody has buried yet would pass for a running server

    def address(self, database: str, role: str = OWNER) -> str:
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def new(self) -> str:
        """The name of a new empty database."""
        import psycopg

        name = f"office_{os.getpid()}_{next(_NUMBERS)}"
        with psycopg.connect(self.address("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0")
        return name


def _parent(stat: Path) -> int:
    """The parent of a process that still runs, or 0."""
    try:
        state, parent = stat.read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(parent)


def _memory() -> Path | None:
    """The folder that is kept in memory, where it holds the databases of all tests, which are not taken away one by one."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


@contextmanager
def running():
    """A server with its two roles; it refuses to run as root, so then it runs as nobody in particular."""
    bin_folder = programs()
    with tempfile.TemporaryDirectory(prefix="westlake-pg-", dir=_memory()) as work:
        data, log = Path(work) / "data", Path(work) / "log"
        user = {}
        if os.getuid() == 0:
            shutil.chown(work, "postgres", "postgres")
            user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": work, **user}
        subprocess.run([bin_folder / "initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], **quiet)
        options = f"-c listen_addresses= -c unix_socket_directories={work} -c max_connections=100"
        starting = [bin_folder / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"]
        subprocess.run(starting, **quiet)
        try:
            subprocess.run(["psql", "-q", "-h", work, "-U", SUPERUSER, "-c",
                            f"CREATE ROLE {OWNER} LOGIN CREATEROLE; CREATE ROLE westlake_app NOLOGIN;"
                            f" CREATE ROLE {APP} LOGIN IN ROLE westlake_app"],
                           env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}, **quiet)
            yield Server(Path(work), lambda: subprocess.run(starting, **quiet))
        finally:
            subprocess.run([bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)


def write_guards() -> None:
    """Install every room's schema in a new database and keep what the server then says of it."""
    from westlake.database import connect
    from westlake.rooms import SCHEMAS

    with running() as server:
        connection = connect(server.address(server.new()))
        for schema in SCHEMAS:
            schema.create(connection)
            lines = connection.guards(schema.script("postgresql"))
            (schema.folder / "postgresql.guards").write_text("".join(f"{line}\n" for line in lines), "utf-8")
            print(schema.folder, len(lines))
        connection.close()


if __name__ == "__main__":
    sys.exit(write_guards())
