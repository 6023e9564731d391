"""Opens books, record and register on a PostgreSQL server, and speaks of its refusals as SQLite does.

Everything lies in the schema `westlake`. The role that made it owns it and may change it; people work
under the role `westlake_app`, which may read and add, and nothing else: the sums of the accounts are
kept by functions of the owner.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, Literal

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus

from westlake.database.address import place_of
from westlake.database.connection import Cursor, Values, transaction
from westlake.errors import Place, WestlakeError

OLDEST = 140000  # CREATE OR REPLACE TRIGGER
_SAFETY = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_write", "remote_apply"},
           "server_encoding": {"UTF8"}}
_SETTINGS = ("SET search_path = westlake, pg_temp; SET TIME ZONE 'UTC'; SET lock_timeout = '30s';"
             " SET client_min_messages = warning; SET synchronous_commit = on")
_ONE_WRITER = 0x7765_7374_6C61_6B65  # "westlake" in bytes: the lock that every writing transaction takes
_MARKS = re.compile(r"'(?:[^']|'')*'|(?<!:):[a-z]\w*|[?%]")
_AT_ONCE = 5_000  # rows of a stream in memory


class _Whole(Loader):
    """A sum of bigints is numeric to PostgreSQL; whole numbers are all that these tables hold."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


class ServerConnection:
    """A PostgreSQL connection that answers to the words of westlake.database.connection."""

    engine: Literal["postgresql"] = "postgresql"

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self._streams = count(1)

    @property
    def in_transaction(self) -> bool:
        """Not so on a connection that was lost: the server has undone what was open."""
        return self.raw.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        with _spoken():
            return self.raw.execute(_marked(sql) if values else sql, values or None)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> object:
        with _spoken(), self.raw.cursor() as cursor:
            cursor.executemany(_marked(sql), rows)
        return None

    def stream(self, sql: str, values: Values = (), /) -> Iterator[Any]:
        """Outside a transaction the server keeps the rows until they are read, so that others may go on."""
        name, hold = f"stream{next(self._streams)}", "" if self.in_transaction else " WITH HOLD"
        with _spoken():
            psycopg.ClientCursor(self.raw).execute(f"DECLARE {name} NO SCROLL CURSOR{hold} FOR "
                                                   f"{_marked(sql) if values else sql}", values or None)
            try:
                while rows := self.raw.execute(f"FETCH {_AT_ONCE} FROM {name}").fetchall():
                    yield from rows
            finally:
                self._let_go(name)

    def _let_go(self, name: str) -> None:
        """A step that was undone took its cursors along: to close one that is gone would undo the rest as well."""
        if self.raw.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
            return
        if self.raw.execute("SELECT 1 FROM pg_cursors WHERE name = %s", (name,)).fetchone():
            self.raw.execute(f"CLOSE {name}")

    def begin(self) -> None:
        try:
            # whoever waited sees what was written meanwhile, however the server's own isolation is set
            self.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({_ONE_WRITER})")
        except BaseException:
            if self.in_transaction:
                self.execute("ROLLBACK")
            raise

    def commit(self) -> None:
        """A server would answer COMMIT with no error when it had undone all because of one refused statement."""
        if self.raw.info.transaction_status == TransactionStatus.INERROR:
            raise sqlite3.OperationalError("a refused statement was passed over: nothing of its transaction stands")
        self.execute("COMMIT")

    def begin_reading(self) -> None:
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def columns(self, table: str) -> list[str]:
        return [name for name, in self.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('westlake.' || ?) AND attnum > 0"
            " AND NOT attisdropped ORDER BY attnum", (table,))]

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        with _spoken(), self.raw.cursor() as cursor, \
                cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def sweep(self) -> None:
        """Nothing to do here: the server overwrites what was deleted when it next vacuums the table."""

    def damage(self, tables: Iterable[str]) -> Iterator[str]:
        """Rows whose reference leads nowhere: only somebody who switched the guards off can have left them."""
        found = self.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text,"
            " (SELECT string_agg('child.' || quote_ident(a.attname) || ' = parent.' || quote_ident(b.attname), ' AND ')"
            "  FROM unnest(conkey, confkey) AS pair(here, there)"
            "  JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = here"
            "  JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = there),"
            " (SELECT string_agg('child.' || quote_ident(attname) || ' IS NOT NULL', ' AND ')"
            "  FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))"
            " FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY (?) ORDER BY 1, 2",
            (list(tables),)).fetchall()
        for child, parent, same, given in found:
            if self.execute(f"SELECT 1 FROM {child} AS child WHERE {given}"
                            f" AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE {same}) LIMIT 1").fetchone():
                yield f"{child} → {parent}"

    def close(self) -> None:
        self.raw.close()

    @contextmanager
    def installing(self) -> Iterator[None]:
        """The owner's work, with the roles it grants to."""
        try:
            with transaction(self):
                self.run_script(_ROLES)
                yield
        except psycopg.errors.InsufficientPrivilege as error:
            raise WestlakeError.one("W708", Place(self.raw.info.dbname), role=self.raw.info.user,
                                    what=_said(error)) from error

    def run_script(self, script: str) -> None:
        try:
            self.raw.execute(script)
        except psycopg.OperationalError as error:  # a right that is lacking is told by whoever installs
            raise sqlite3.OperationalError(_said(error)) from error

    def guards(self, script: str) -> list[str]:
        """One line for each table, column rule, index, trigger, function and right that a script's names have."""
        tables = re.findall(r"^CREATE (?:TABLE IF NOT EXISTS|OR REPLACE VIEW) (\w+)", script, re.MULTILINE)
        functions = re.findall(r"^CREATE OR REPLACE FUNCTION (\w+)", _ROLES + script, re.MULTILINE)
        rows = self.execute(_GUARDS, {"tables": tables, "functions": functions})
        return sorted(_plain(line) for line, in rows)


def open_server(address: str) -> ServerConnection:
    """A connection in explicit-transaction mode, its safety switches read back.

    Raises W707 when the server does not answer or lets nobody in, W701 when it is older than 14 or
    runs without fsync, full_page_writes, synchronous_commit or UTF-8.
    """
    place = Place(place_of(address))
    try:
        raw = psycopg.connect(address, autocommit=True, application_name="westlake", connect_timeout=10)
    except (psycopg.OperationalError, psycopg.ProgrammingError, UnicodeError) as error:
        raise WestlakeError.one("W707", place, what=str(error).strip().splitlines()[-1]) from error
    raw.adapters.register_loader("numeric", _Whole)
    with _spoken():
        raw.execute(_SETTINGS)
        switches = {name: raw.execute(f"SHOW {name}").fetchone()[0] for name in _SAFETY}  # type: ignore[index]
    if raw.info.server_version < OLDEST:
        raise WestlakeError.one("W701", place, what=f"PostgreSQL {raw.info.server_version // 10000} < 14")
    for name, wanted in _SAFETY.items():
        found = switches[name]
        if found not in wanted:
            raise WestlakeError.one("W701", place, what=f"{name} = {found}")
    return ServerConnection(raw)


def append_only(table: str) -> str:
    """Triggers that refuse to change, delete or empty a table. A known key is refused by its index."""
    return (f"CREATE OR REPLACE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION append_only();\n"
            f"CREATE OR REPLACE TRIGGER {table}_stays_whole BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION append_only();\n"
            f"GRANT SELECT, INSERT ON {table} TO westlake_app;\n")


_ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'westlake_app') THEN CREATE ROLE westlake_app NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
CREATE SCHEMA IF NOT EXISTS westlake;
GRANT USAGE ON SCHEMA westlake TO westlake_app;
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE OR REPLACE FUNCTION next_id(table_name text) RETURNS bigint LANGUAGE plpgsql
SET search_path = westlake, pg_temp AS $$
DECLARE last bigint;
BEGIN EXECUTE format('SELECT max(id) FROM %I', table_name) INTO last; RETURN coalesce(last, 0) + 1; END $$;
"""

# Whoever may execute a trigger's function may hang it on a table of their own: nobody but the owner may.
RIGHTS = """
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA westlake FROM PUBLIC;
GRANT EXECUTE ON FUNCTION next_id(text) TO westlake_app;
"""

_GUARDS = """
WITH ours AS (SELECT * FROM pg_class WHERE relnamespace = 'westlake'::regnamespace AND relname = ANY (:tables))
SELECT format('table %s %s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
              coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''))
FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relkind <> 'v'
UNION ALL
SELECT format('table %s kept %s%s%s%s', c.relname, c.relpersistence, CASE WHEN c.relrowsecurity THEN ' rows hidden' END,
              CASE WHEN c.relkind NOT IN ('r', 'v') THEN ' of kind ' || c.relkind::text END,
              CASE WHEN c.relowner <> n.nspowner THEN ' of another owner' END)
FROM ours c JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT format('view %s %s', c.relname, pg_get_viewdef(c.oid)) FROM ours c WHERE c.relkind = 'v'
UNION ALL
SELECT format('rewritten %s %s', c.relname, r.rulename) FROM ours c JOIN pg_rewrite r ON r.ev_class = c.oid
WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT format('policy %s %s', c.relname, p.polname) FROM ours c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT format('rule %s %s %s%s', c.relname, k.conname, pg_get_constraintdef(k.oid),
              CASE WHEN k.convalidated THEN '' ELSE ' not valid' END)
FROM ours c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype <> 'n'
UNION ALL
SELECT format('index %s %s', c.relname, pg_get_indexdef(i.indexrelid))
FROM ours c JOIN pg_index i ON i.indrelid = c.oid AND i.indisvalid
UNION ALL
SELECT format('trigger %s %s%s', t.tgname, pg_get_triggerdef(t.oid),
              CASE t.tgenabled WHEN 'O' THEN '' ELSE ' switched ' || t.tgenabled::text END)
FROM ours c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
UNION ALL
SELECT format('checked %s %s', c.relname, t.tgenabled) FROM ours c JOIN pg_trigger t ON t.tgrelid = c.oid
WHERE t.tgisinternal AND t.tgenabled <> 'O'
UNION ALL
SELECT format('function %s %s %s %s', p.proname, CASE WHEN p.prosecdef THEN 'owner' ELSE 'caller' END,
              array_to_string(p.proconfig, ' '), md5(p.prosrc))
FROM pg_proc p WHERE p.pronamespace = 'westlake'::regnamespace AND p.proname = ANY (:functions)
UNION ALL
SELECT format('right %s %s %s', c.relname, a.privilege_type, coalesce(r.rolname, 'public'))
FROM ours c CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'
UNION ALL
SELECT format('right %s %s of %s %s', c.relname, x.privilege_type, a.attname, coalesce(r.rolname, 'public'))
FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN LATERAL aclexplode(a.attacl) x
LEFT JOIN pg_roles r ON r.oid = x.grantee WHERE x.grantee <> c.relowner AND x.privilege_type <> 'SELECT'
UNION ALL
SELECT format('right %s %s %s', p.proname, a.privilege_type, coalesce(r.rolname, 'public'))
FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE p.pronamespace = 'westlake'::regnamespace AND p.proname = ANY (:functions) AND a.grantee <> p.proowner
UNION ALL
SELECT format('right %s %s %s', n.nspname, a.privilege_type, coalesce(r.rolname, 'public'))
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'westlake' AND a.grantee <> n.nspowner AND a.privilege_type <> 'USAGE'
"""


def _plain(line: str) -> str:
    """A line on one line; a view's definition without what releases of the server write differently."""
    if line.startswith("view "):
        _, name, text = line.split(maxsplit=2)
        return " ".join(("view", name, *re.sub(r"\b[a-z_]+[.]|[();]", " ", text).split()))
    return " ".join(line.split())


@lru_cache(maxsize=1024)
def _marked(sql: str) -> str:
    """`?` and `:name` as this driver writes them; what stands in quotes stays, but for its percent signs."""
    def mark(found: re.Match[str]) -> str:
        text = found[0]
        return "%s" if text == "?" else f"%({text[1:]})s" if text[0] == ":" else text.replace("%", "%%")
    return _MARKS.sub(mark, sql)


@contextmanager
def _spoken() -> Iterator[None]:
    """What the server says, as the rooms know it: its rules' own words, else that something is damaged."""
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.InsufficientPrivilege) as error:
        raise sqlite3.IntegrityError(_said(error)) from error
    except psycopg.Error as error:
        raise sqlite3.OperationalError(_said(error)) from error


def _said(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.CheckViolation):
        return f"CHECK constraint failed: {error.diag.constraint_name}"
    return error.diag.message_primary or str(error)
