"""Reads the office's tables of firms, people, accounts and related parties, from CSV or Excel.

A table is known by its header: `issuer, account, firm …` lists billing accounts, `firm, party …` related
parties, `id` with any known facts lists firms or people. Optional columns: from, to, assurance, source.
A file is taken in whole or not at all; every wrong row is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from westlake import dates
from westlake.database import Connection, Refused, transaction
from westlake.digest import file_sha256
from westlake.errors import Findings, Place, WestlakeError, nearest
from westlake.register.facts import ASSURANCES, FACTS, check_texts, unfit
from westlake.spreadsheet import Unreadable, in_error, read_sheets, said

SHAPES = {"accounts": ("issuer", "account", "firm"), "related": ("firm", "party"), "facts": ("id",)}
TERMS = ("from", "to", "assurance", "source")
ROWS_MAX = 2_000_000


@dataclass(frozen=True)
class Intake:
    """What came of taking in one file."""

    file: str
    rows: int
    again: bool


@dataclass(frozen=True)
class _Row:
    sheet: str
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class _Terms:
    first: int
    last: int
    assurance: str
    source: str


def take_in(connection: Connection, path: Path, *, learnt: int, actor: str,
            currency: str = "CNY") -> Intake:
    """Enter a file's rows; the same file again changes nothing. W201 to W211 for what is wrong,
    W727 for rows within an open quote.

    learnt: the day number on which the office received the file.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise WestlakeError.one("W201", Place(path.name))
    check_texts(file=path.name, actor=actor)
    sha = file_sha256(path)
    with transaction(connection):
        known = connection.execute("SELECT sha256, rows FROM register_file WHERE name = ? ORDER BY id DESC LIMIT 1",
                                   (path.name,)).fetchone()
        if known and known[0] == sha:  # a table put back to an earlier text is news
            return Intake(path.name, known[1], again=True)
        findings = Findings()
        entry = _Entry(connection, findings, learnt, sha, currency, path.name)
        count = 0
        for row in _rows(path, findings):
            entry.enter(row)
            count += 1
        findings.stop()
        connection.execute("INSERT INTO register_file(sha256, name, rows, actor, learnt) VALUES (?, ?, ?, ?, ?)",
                           (sha, path.name, count, actor, learnt))
    return Intake(path.name, count, again=False)


class _Entry:
    """Enters rows one by one and collects what is wrong with them."""

    def __init__(self, connection: Connection, findings: Findings, learnt: int, sha: str,
                 currency: str, file: str) -> None:
        self.connection, self.findings, self.learnt = connection, findings, learnt
        self.sha, self.currency, self.file = sha, currency, file

    def enter(self, row: _Row) -> None:
        bad = [problem for name, text in row.cells.items() if (problem := unfit(name, text, self._place(row, name)))]
        failed = [name for name, text in row.cells.items() if in_error(text)]
        for name in failed:
            self._fault("W204", row, name, value=row.cells[name], wanted="…")
        if bad or failed:
            self.findings.extend(bad)
            return
        terms = self._terms(row)
        if terms is None:
            return
        if "account" in row.cells:
            self._insert(row, "account", ("issuer", "account", "firm"), terms)
        elif "party" in row.cells:
            self._insert(row, "related", ("firm", "party"), terms)
        else:
            self._facts(row, terms)

    def _insert(self, row: _Row, table: str, names: tuple[str, ...], terms: _Terms) -> None:
        keys = [self._needed(row, name) for name in names]
        if not all(keys):
            return
        marks = ", ".join("?" * (len(keys) + 6))
        columns = ", ".join((*names, "first", "last", "assurance", "source", "learnt", "file"))
        try:
            with transaction(self.connection):
                self.connection.execute(
                    f"INSERT INTO register_{table}({columns}) VALUES ({marks})",
                    (*keys, terms.first, terms.last, terms.assurance, terms.source, self.learnt, self.sha))
        except Refused as error:
            if "owner" not in str(error):
                raise
            owner = self.connection.execute(
                "SELECT firm FROM register_account WHERE issuer = ? AND account = ? AND firm <> ? ORDER BY id DESC",
                keys).fetchone()[0]
            self._fault("W206", row, "account", account=keys[1], owner=owner, firm=keys[2])

    def _facts(self, row: _Row, terms: _Terms) -> None:
        subject = self._needed(row, "id")
        for name, text in row.cells.items():
            if name in ("id", *TERMS) or not text.strip():
                continue
            try:
                value = FACTS[name].parse(text, self.currency)
            except ValueError as error:
                self._fault("W204", row, name, value=text, wanted=str(error))
                continue
            self.connection.execute(
                "INSERT INTO register_fact(subject, name, value, first, last, assurance, source, learnt, file)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (subject, name, value, terms.first, terms.last, terms.assurance, terms.source, self.learnt, self.sha))

    def _terms(self, row: _Row) -> _Terms | None:
        first = self._day(row, "from", dates.DAY_MIN)
        last = self._day(row, "to", dates.DAY_MAX)
        assurance = row.cells.get("assurance", "").strip() or "declared"
        if assurance not in ASSURANCES:
            self._fault("W204", row, "assurance", nearest(assurance, ASSURANCES), value=assurance,
                        wanted=", ".join(ASSURANCES))
            return None
        if first is None or last is None:
            return None
        if last < first:
            self._fault("W205", row, "to", first=dates.iso(first), last=dates.iso(last))
            return None
        return _Terms(first, last, assurance, row.cells.get("source", "").strip() or self.file)

    def _day(self, row: _Row, name: str, otherwise: int) -> int | None:
        text = row.cells.get(name, "").strip()
        try:
            return dates.parse_day(text[:10]) if text else otherwise
        except ValueError:
            self._fault("W204", row, name, value=text, wanted="2025-01-31")
            return None

    def _needed(self, row: _Row, name: str) -> str:
        text = row.cells.get(name, "").strip()
        if not text:
            self._fault("W203", row, name)
        return text

    def _fault(self, code: str, row: _Row, name: str, suggestion: str = "", **values: object) -> None:
        self.findings.add(code, self._place(row, name), suggestion, "", **values)

    def _place(self, row: _Row, name: str) -> Place:
        return Place(f"{self.file} [{row.sheet}]" if row.sheet else self.file, row=row.number, field=name)


def _rows(path: Path, findings: Findings) -> Iterator[_Row]:
    for sheet, lines in _sheets(path):
        numbered = enumerate(lines, 1)
        at, cells = next(((number, cells) for number, cells in numbered if any(cells)), (1, []))
        header = [cell.lower() for cell in cells]
        place = Place(f"{path.name} [{sheet}]" if sheet else path.name, row=at)
        if not _header_holds([name for name in header if name], place, findings):
            continue
        for number, cells in numbered:
            if any(cells):
                if number > ROWS_MAX:
                    raise WestlakeError.one("W208", place, limit=ROWS_MAX)
                if any(cells[len(header):]):  # a stray comma moves every cell after it
                    findings.add("W210", replace(place, row=number), headings=len(header), cells=len(cells))
                    continue
                named = zip_longest(header, cells, fillvalue="")
                yield _Row(sheet, number, {name: cell for name, cell in named if name})


def _header_holds(header: list[str], place: Place, findings: Findings) -> bool:
    shape = next((needed for needed in SHAPES.values() if set(needed) <= set(header)), None)
    if shape is None:
        findings.add("W202", place, header=", ".join(header) or "—")
        return False
    known = (*shape, *TERMS, *(FACTS if shape == SHAPES["facts"] else ()))
    before = len(findings)
    for name in header:
        if name not in known:
            findings.add("W207", place, nearest(name, known), name=name)
        if header.count(name) > 1:
            findings.add("W209", place, name=name)
    return len(findings) == before


def _sheets(path: Path) -> Iterator[tuple[str, Iterator[list[str]]]]:
    try:
        for sheet, rows in read_sheets(path):
            yield sheet, ([said(cell) for cell in row] for row in rows)
    except Unreadable as error:
        raise WestlakeError.one("W201", Place(path.name)) from error
