"""The eligible base of all firms, line by line, with what was ruled, what ties out and what must wait."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from westlake.bills.engine import quoted, statement
from westlake.bills.policy import SpendPolicy
from westlake.bills.standing import Flag, Standing, difference
from westlake.bills.tables import Delivery
from westlake.errors import Problem

TEXTS = ("firm", "issuer", "invoice", "spend_class", "currency")
_NAMED = {"firm": ("firm", "name"), "spend_class": ("class", "name"), "currency": ("currency", "code")}
PAGE = 50_000
NO_AMOUNT = -1  # the outcome of a row that lacks the amount which the basis asks for
_LINES = """
    SELECT number, firm.name, document.issuer, document.invoice, class.name, line.month, piece, currency.code, rows,
           base18, base10, local6, rate.rate, rate.day, rate.source, digest
    FROM line
    JOIN rate ON rate.currency = line.currency AND rate.month = line.month
    JOIN firm ON firm.firm = line.firm
    JOIN document ON document.document = line.document
    JOIN class ON class.class = line.class
    JOIN currency ON currency.currency = line.currency"""
_TIES = """
    SELECT version.issuer, version.account, version.invoice, version.currency, is_declared, declared, total, is_off,
           proof
    FROM version JOIN invoice ON invoice.key = version.key WHERE NOT is_odd"""
NUMBERS = {"month": np.int32, "segment_day": np.int32, "rows": np.int64, "local6": np.int64}


class BaseLine(NamedTuple):
    """What one firm's invoice counts in one class and one month (or part of it), in one currency.

    month, segment_day: day numbers of the first day of the month, and of the part of it that one set of rules
    governs. base18: as billed, 1e-18 units; base10: without VAT inside the price, 1e-10 units; local6: FineMoney of
    the local currency. fx_rate: 1e-8 units. digest: the sum of the marks of its `rows` rows.
    """

    number: int
    firm: str
    issuer: str
    invoice: str
    spend_class: str
    month: int
    segment_day: int
    currency: str
    rows: int
    base18: int
    base10: int
    local6: int
    fx_rate: int
    fx_day: int
    fx_source: str
    digest: int


@dataclass(frozen=True)
class RulingSum:
    """How many rows a ruling has, and their sum by currency in 1e-18 units of the basis."""

    rows: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Tie:
    """An invoice's declared total beside its sum, in one currency, in 1e-18 units.

    tied: None if nothing is declared. proof: the documents that its payment is proved by, as declared.
    """

    issuer: str
    account: str
    invoice: str
    currency: str
    declared: int | None
    summed: int
    tied: bool | None
    proof: str


@dataclass(frozen=True)
class Suspension:
    """What waits for an officer or for a missing rate: the ruling, its problem, whose it is and how much."""

    ruling: str
    problem: Problem
    firms: tuple[str, ...]
    issuer: str
    account: str
    invoice: str
    amounts: Mapping[str, int]


@dataclass(frozen=True)
class Evidence:
    """Where the charges lie and what was asked of them.

    readings: the name of each reading and its rows. step_us: the step of time of the table `step`, microseconds.
    """

    folder: Path
    deliveries: tuple[Delivery, ...]
    readings: Mapping[str, int]
    policy: SpendPolicy
    step_us: int

    @property
    def amount_column(self) -> str:
        """The column of a charge that the programme counts."""
        return "BilledCost" if self.policy.basis == "billed" else "EffectiveCost"

    def places(self) -> dict[str, str]:
        """What the SQL over single rows asks for: the amount, the step of time, the outcome of a row."""
        outcome = "kind.outcome" if self.policy.basis == "billed" else (
            f"CASE WHEN charge.EffectiveCost IS NULL THEN {NO_AMOUNT} ELSE kind.outcome END")
        return {"amount": self.amount_column, "step": str(self.step_us), "outcome": outcome}


class BaseLines:
    """The lines, as rows or as numpy columns; keeps its tables until closed."""

    def __init__(self, sql: duckdb.DuckDBPyConnection, work: tempfile.TemporaryDirectory[str], local_currency: str,
                 evidence: Evidence, listed: Sequence[Standing], flags: Sequence[Flag],
                 suspensions: Sequence[Suspension]) -> None:
        self.sql, self.work = sql, work
        self.local_currency, self.evidence = local_currency, evidence
        self._standings, self._flags, self._suspensions = listed, tuple(flags), tuple(suspensions)

    def close(self) -> None:
        """Let go of the tables and their space."""
        self.sql.close()
        self.work.cleanup()

    def __enter__(self) -> BaseLines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return int(self.sql.execute("SELECT count(*) FROM line").fetchall()[0][0])

    def __iter__(self) -> Iterator[BaseLine]:
        """The lines, by month, part of the month, invoice, issuer, class, currency and firm."""
        for first in range(1, len(self) + 1, PAGE):
            yield from map(BaseLine._make, self.sql.execute(
                f"{_LINES} WHERE number >= {first} AND number < {first + PAGE} ORDER BY number").fetchall())

    def rows(self) -> list[BaseLine]:
        """All lines as plain rows."""
        return list(self)

    def columns(self, wanted: Collection[str] = (*TEXTS, *NUMBERS),
                ) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, tuple[str, ...]]]:
        """(columns, names): numpy columns in the order of the lines; texts as codes into their sorted names.

        month, segment_day: int32; rows, local6: int64; firm, issuer, invoice, spend_class, currency: int32 codes.
        Names may hold more than the lines do. wanted: only these columns.
        """
        found = self.sql.execute(
            "SELECT firm, document, class AS spend_class, currency, month, piece AS segment_day, rows, local6 FROM line"
            " ORDER BY number").fetchnumpy()
        names: dict[str, tuple[str, ...]] = {}
        for text, (table, column) in _NAMED.items():
            if text in wanted:
                names[text] = tuple(row[0] for row in self.sql.execute(
                    f"SELECT {column} FROM {table} ORDER BY 1").fetchall())
        for text in {"issuer", "invoice"} & set(wanted):
            each = self.sql.execute(f"SELECT dense_rank() OVER (ORDER BY {text}) - 1 AS code, {text} FROM document"
                                    " ORDER BY document").fetchall()
            names[text] = tuple(sorted({name for _, name in each}))
            found[text] = np.array([code for code, _ in each], dtype=np.int32)[found["document"]] if each else []
        kinds = {**dict.fromkeys(TEXTS, np.int32), **NUMBERS}
        return {name: np.asarray(found[name], dtype=kinds[name]) for name in kinds if name in wanted}, names

    def rulings(self) -> dict[str, RulingSum]:
        """Ruling → rows and sums. Every row of every bill has exactly one ruling, so these add up to the bills."""
        found: dict[str, RulingSum] = {}
        for ruling, currency, rows, amount in self.sql.execute(
                "SELECT ruling, currency, rows, units FROM ruling_sum ORDER BY ruling, currency").fetchall():
            so_far = found.get(ruling, RulingSum())
            found[ruling] = RulingSum(so_far.rows + rows, {**so_far.amounts, currency: int(amount)})
        return found

    def ties(self) -> list[Tie]:
        """Each standing invoice's declared total beside what its rows add up to."""
        plain = [Tie(issuer, account, invoice, currency, int(declared) if is_declared else None, int(total),
                     not is_off if is_declared else None, proof)
                 for issuer, account, invoice, currency, is_declared, declared, total, is_off, proof
                 in self.sql.execute(_TIES).fetchall()]
        odd = [Tie(entry.issuer, entry.account, entry.invoice, entry.currency, entry.declared, entry.total,
                   None if entry.declared is None else difference(entry) == 0, entry.proof)
               for one in self._standings if one.key[2] for version in one.versions for entry in version.entries]
        return sorted(plain + odd, key=lambda tie: (tie.issuer, tie.account, tie.invoice, tie.currency))

    def write_rulings(self, folder: Path) -> list[Path]:
        """Every row of every bill with its ruling, as Parquet: one file a bill, named by its fingerprint."""
        folder.mkdir(parents=True, exist_ok=True)
        sent = {one.reading: one for one in reversed(self.evidence.deliveries) if one.state == "taken"}
        written = []
        for reading, one in sent.items():
            written.append(folder / f"{reading}.rulings.parquet")
            self.sql.execute(statement(
                "rulings", files=quoted(self.evidence.folder / reading / "charges.parquet"), file=quoted(one.name),
                sha=quoted(one.file_sha), policy=quoted(self.evidence.policy.digest()), target=quoted(written[-1]),
                **self.evidence.places()))
        return written

    def flags(self) -> tuple[Flag, ...]:
        """What an officer should see, whether or not it holds an invoice back."""
        return self._flags

    def suspensions(self) -> tuple[Suspension, ...]:
        """What does not count yet, and why: invoices that wait for an officer, months that wait for a rate."""
        return self._suspensions
