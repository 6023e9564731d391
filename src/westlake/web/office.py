"""The office that the console serves: its workspace, its database, its programmes and its clock."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from westlake.database import Connection, connect
from westlake.dates import local_day, now_us
from westlake.desk.desk import Desk, Offered
from westlake.desk.looking import looking
from westlake.desk.steps import read_table
from westlake.desk.workflow import has_workflow
from westlake.errors import WestlakeError
from westlake.record import Record
from westlake.rooms import create_all
from westlake.rules import Programme, load_programme
from westlake.settlement.terms import read_terms
from westlake.workspace import Workspace

_READ_ONLY = {"sqlite": "PRAGMA query_only = {}", "postgresql": "SET default_transaction_read_only = {}"}


class _Mine(threading.local):
    """What one thread holds: its connection, whether it may only read, and the programmes while a page is made."""

    connection: Connection | None = None
    reads_only = False
    switched = False
    seen: Mapping[str, Programme | WestlakeError] | None = None
    looks = False
    glance: Desk | None = None


class Office:
    """One workspace as pages see it. now: the clock, in microseconds UTC; tests give their own."""

    def __init__(self, workspace: Workspace, now: Callable[[], int] = now_us) -> None:
        self.workspace, self.settings, self.now = workspace, workspace.settings, now
        self._mine = _Mine()
        self._lock = threading.Lock()
        self._made = False
        self._loaded: dict[Path, tuple[object, Programme | WestlakeError]] = {}
        self._offers: dict[str, Offered] = {}

    @property
    def connection(self) -> Connection:
        """This thread's connection; while a page is only looked at, it only reads, and each question once."""
        return self.desk.connection if self._mine.looks else self._opened()

    def read_only(self, wanted: bool) -> None:
        """Whether this thread's connection refuses to write from here on.

        Meanwhile the programmes' files are looked at once, and the database is asked once for what a page needs in
        several places (who is here, with which roles, the calls): a page shows one moment.
        """
        self._mine.reads_only = self._mine.looks = wanted
        self._mine.seen = self._mine.glance = None

    def _opened(self) -> Connection:
        mine = self._mine
        if mine.connection is None or getattr(getattr(mine.connection, "raw", None), "closed", False):
            mine.connection, mine.switched = connect(self.workspace.database), False
            with self._lock:
                if not self._made:
                    create_all(mine.connection)
                    self._made = True
        if mine.switched != mine.reads_only:
            mine.connection.execute(_READ_ONLY[mine.connection.engine].format("on" if mine.reads_only else "off"))
            mine.switched = mine.reads_only
        return mine.connection

    def settle_down(self) -> None:
        """After a request: nothing half done stays open."""
        connection = self._mine.connection
        if connection is not None and connection.in_transaction:
            connection.execute("ROLLBACK")

    def close(self) -> None:
        """End this thread's connection."""
        if self._mine.connection is not None:
            self._mine.connection.close()
            self._mine.connection = None

    @property
    def desk(self) -> Desk:
        """The desk on this thread's connection; one and the same while a page is only looked at."""
        mine = self._mine
        if mine.glance is not None:
            return mine.glance
        found = Desk(self._opened(), self._offer, self.settings.zone, self.now)
        if mine.looks:
            found = mine.glance = looking(found)
        return found

    @property
    def files(self) -> Path:
        """Where files that people hand in lie, each under its hash."""
        return self.workspace.files

    @property
    def offered(self) -> list[Offered]:
        """The programmes whose cases are worked here, by name."""
        return [self._offer(name) for name, one in sorted(self.programmes.items()) if has_workflow(one.folder)]

    def _offer(self, name: str) -> Offered:
        """A programme with its table and its accounts, as their files stand now; W914 for one that is not there."""
        programme = self._named(name)
        if not isinstance(programme, Programme):
            raise programme or WestlakeError.one("W914", name=name)
        known = self._offers.get(name)
        if known is None or known.programme is not programme:
            known = self._offers[name] = Offered(programme, read_table(programme), read_terms(programme))
        return known

    @property
    def record(self) -> Record:
        return Record(self.connection, self.now)

    @property
    def today(self) -> int:
        """The day number that it is in the workspace's city."""
        return local_day(self.now(), self.settings.zone)

    @property
    def utc_now(self) -> dt.datetime:
        """Now, as log-ins, tokens and jobs keep their moments."""
        return dt.datetime.fromtimestamp(self.now() / 1_000_000, dt.UTC)

    @property
    def programmes(self) -> Mapping[str, Programme]:
        """The workspace's programmes by name, as their files stand now; a broken one is in `broken`."""
        return MappingProxyType({name: one for name, one in self._all().items() if isinstance(one, Programme)})

    @property
    def broken(self) -> Mapping[str, WestlakeError]:
        """The programmes that cannot be read, with what is wrong."""
        return MappingProxyType({name: one for name, one in self._all().items() if isinstance(one, WestlakeError)})

    def _all(self) -> Mapping[str, Programme | WestlakeError]:
        mine = self._mine
        if mine.seen is not None:
            return mine.seen
        folders = sorted(path.parent for path in self.workspace.programmes.glob("*/*/rules.py"))
        found = {folder.name: self._programme(folder) for folder in folders}
        if mine.looks:
            mine.seen = found
        return found

    def _named(self, name: str) -> Programme | WestlakeError | None:
        """One programme, without a look at the others' files."""
        if self._mine.looks:
            return self._all().get(name)
        folders = [path.parent for path in sorted(self.workspace.programmes.glob("*/*/rules.py"))
                   if path.parent.name == name]
        return self._programme(folders[-1]) if folders else None

    def _programme(self, folder: Path) -> Programme | WestlakeError:
        """Read anew only when one of its files, or what it shares with its neighbours, has changed."""
        state = sorted((entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
                       for place in (folder, folder.parent, folder.parent / "regimes") if place.is_dir()
                       for entry in os.scandir(place) if entry.is_file())
        with self._lock:
            known = self._loaded.get(folder)
            if known and known[0] == state:
                return known[1]
            try:
                found: Programme | WestlakeError = load_programme(folder, regime=self.settings.regime)
            except WestlakeError as error:
                found = error
            self._loaded[folder] = state, found
            return found


_offices: list[Office] = []


def here() -> Office:
    """The office that this process serves."""
    if not _offices:
        from django.conf import settings  # noqa: PLC0415 - the office itself needs no Django

        _offices.append(Office(settings.WORKSPACE))
    return _offices[-1]


def move_to(office: Office) -> None:
    """Serve another office from now on: tests do, each with a workspace of its own."""
    _offices[:] = [office]
