"""From fen to row: the rows of the bills behind a line, each with its share, adding up exactly. S11 of the claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from westlake.bills.amounts import UNIT, half_up
from westlake.bills.baselines import BaseLine, BaseLines
from westlake.bills.engine import quoted, statement
from westlake.bills.fx import RATE_UNIT
from westlake.errors import Place, WestlakeError
from westlake.money import FINE, MINOR_DIGITS, PPM, allocate

_WANTED = """
    CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT DISTINCT bill, outcome, span, standing, vat_ppm FROM ruled
    WHERE ruling = $ruling AND firm = $firm AND document = $document AND currency = $currency"""
_IN_LINE = " AND class = $class AND month = $month AND piece = $piece"
_SPREAD = f"""
    SELECT standing, CAST(counted(sum(amount)) AS VARCHAR) FROM spread
    WHERE firm = $firm AND document = $document AND currency = $currency{_IN_LINE}
    GROUP BY standing ORDER BY standing"""


@dataclass(frozen=True)
class AuditRow:
    """One row of a bill behind a line.

    file, file_sha, row: where it stands; rows are counted from 1, without the heading. start_us: when the charge
    began, microseconds since 1970 in UTC. units: what of the row counts in this line, 1e-18 units (the whole row,
    or for a credit that was spread the part that fell here). share: minor units of the local currency.
    """

    file: str
    file_sha: str
    row: int
    start_us: int
    category: str
    service: str
    resource: str
    description: str
    units: int
    vat_ppm: int
    share: int


def audit(lines: BaseLines, line: BaseLine, amount: int | None = None) -> list[AuditRow]:
    """The rows behind a line, by file and row, with shares that add up exactly.

    amount: what to share out, in minor units, such as the claim or what was paid; left out, the line's base
    rounded to the minor unit. Shares follow each row's worth by largest remainder, ties to the earlier row.
    `ValueError` for an amount over a line whose rows sum to nothing. Raises W355 when the rows found are not those
    that the line was made of.
    """
    invoice, place = _asked(lines, line)
    own = _rows(lines, _WANTED + _IN_LINE, {"ruling": "ELIGIBLE", **invoice, **place})
    if len(own) != line.rows or sum(mark for *_, mark in own) != line.digest:
        raise WestlakeError.one("W355", Place(field=line.invoice), rows=len(own), expected=line.rows)
    found = [row for row, *_ in own]
    for standing, units in lines.sql.execute(_SPREAD, {**invoice, **place}).fetchall():
        spread = _rows(lines, _WANTED, {"ruling": "SPREAD", **invoice})
        credits = [row for row, at, _ in spread if at == standing]
        parts = allocate(int(units), [abs(row.units) for row in credits])
        found += [replace(row, units=part) for row, part in zip(credits, parts, strict=True) if part]
    return _shared(lines, line, found, amount)


def _asked(lines: BaseLines, line: BaseLine) -> tuple[dict[str, object], dict[str, object]]:
    """The numbers of a line's invoice, and of its place in it."""
    [(firm, document, spend_class, currency, month, piece)] = lines.sql.execute(
        f"SELECT firm, document, class, currency, month, piece FROM line WHERE number = {line.number}").fetchall()
    return ({"firm": firm, "document": document, "currency": currency},
            {"class": spend_class, "month": month, "piece": piece})


def _rows(lines: BaseLines, wanted: str, asked: dict[str, object]) -> list[tuple[AuditRow, int, int]]:
    """(row, standing, mark) of the rows in the cells wanted."""
    evidence = lines.evidence
    lines.sql.execute(wanted, asked)
    readings = [row[0] for row in lines.sql.execute(
        "SELECT DISTINCT bill.reading FROM wanted JOIN bill ON bill.bill = wanted.bill ORDER BY 1").fetchall()]
    if not readings:
        return []
    sent = {one.reading: one for one in reversed(evidence.deliveries)}
    files = ", ".join(quoted(evidence.folder / reading / "charges.parquet") for reading in readings)
    found = lines.sql.execute(statement("audit", files=files, **evidence.places())).fetchall()
    return [(AuditRow(sent[reading].name, sent[reading].file_sha, row, start, category, service or "", resource or "",
                      description or "", int(units), vat, 0), standing, int(mark))
            for reading, row, start, category, service, resource, description, standing, vat, units, mark in found]


def _shared(lines: BaseLines, line: BaseLine, rows: Sequence[AuditRow], amount: int | None) -> list[AuditRow]:
    """The rows with their shares of an amount, or of the line's own base."""
    per_unit = Fraction(line.fx_rate * 10 ** MINOR_DIGITS[lines.local_currency], RATE_UNIT * UNIT)
    worth = [row.units * per_unit * Fraction(PPM, PPM + row.vat_ppm) for row in rows]
    total = sum(worth, Fraction(0))
    if amount is None:
        amount = half_up(line.local6, FINE)
    elif total:
        worth = [one * amount / total for one in worth]
    elif amount:
        raise ValueError("a line of nothing has no shares in an amount")
    return [replace(row, share=share) for row, share in zip(rows, largest_remainder(amount, worth), strict=True)]


def largest_remainder(total: int, quotas: Sequence[Fraction]) -> list[int]:
    """Whole parts of quotas of either sign that add up to `total`, which their sum is within a unit of.

    Every part is its quota rounded down or up; ties go to the earlier place.
    """
    parts = [quota.numerator // quota.denominator for quota in quotas]
    left = total - sum(parts)
    order = sorted(range(len(quotas)), key=lambda place: (parts[place] - quotas[place], place))
    assert 0 <= left <= len(quotas), "the quotas do not add up to the total"
    for place in order[:left]:
        parts[place] += 1
    return parts
