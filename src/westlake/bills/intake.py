"""Takes bills in: each file is read once, typed, checked against what is declared, and kept; or refused, whole.

S0 and S1 of the claim. Nothing is ever half done: charges are written to a folder of their own, the folder
is renamed into place, and the delivery counts from the moment its row stands in the database. A run that was
stopped anywhere is simply run again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from westlake.bills.amounts import rounded, text_of
from westlake.bills.engine import engine, machine_fault, quoted, statement
from westlake.bills.manifest import DeclaredFile, Manifest
from westlake.bills.mapping import NEEDED, Format, mapping_for
from westlake.bills.payments import paid_statement, remarks
from westlake.bills.reading import invoices_in, told_name, write_told
from westlake.bills.source import Source, mend, open_source, refusal, show
from westlake.bills.standing import Invoice
from westlake.bills.tables import Delivery, received, record
from westlake.database import Connection
from westlake.digest import file_sha256, fingerprint
from westlake.disk import place, sync
from westlake.errors import Place, Problem, WestlakeError
from westlake.failpoints import failpoint
from westlake.money import MINOR_DIGITS

SHOWN_PROBLEMS_MAX = 100
WORTH_ANOTHER_TRY = ("W305", "W306")  # a mapping file may have come since
ROW_FAULTS = ("W310", "W311", "W312", "W313", "W314", "W315", "W316", "W317", "W318")  # as sql/charges.sql names them


@dataclass(frozen=True)
class Reading:
    """A file's charges, written and waiting to be named: where they lie and what they hold."""

    folder: Path
    name: str
    told: Path
    rows: int
    quarantined: int
    lacking: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Parcel:
    """Files that came together under one manifest."""

    files: Sequence[Path]
    manifest: Manifest
    received_day: int
    uploader: str = ""


def intake(connection: Connection, folder: Path, files: Sequence[Path], manifest: Manifest, received_day: int,
           *, uploader: str = "", threads: int | None = None) -> list[Delivery]:
    """Take in the files of one delivery, in the order given; one `Delivery` a file.

    folder: where charges are kept. uploader: the firm that sent the files, or whoever else. A file already
    received under the same manifest from the same uploader is left as it is. A file is refused (state
    "refused", its reason in `problems`) only when it can't be read, is cut, or is off its declared rows or
    total; a row that can't be read is set apart with its reason.
    """
    return intake_all(connection, folder, [Parcel(files, manifest, received_day, uploader)], threads=threads)


def intake_all(connection: Connection, folder: Path, parcels: Iterable[Parcel], *,
               threads: int | None = None) -> list[Delivery]:
    """`intake` for many deliveries, in the order given, with one engine for all."""
    folder.mkdir(parents=True, exist_ok=True)
    sync(folder.parent)
    with tempfile.TemporaryDirectory(prefix=".intake-", dir=folder) as work:
        sql = engine(Path(work) / "spill", threads)
        try:
            return [_take(connection, sql, folder, Path(work), path, parcel)
                    for parcel in parcels for path in parcel.files]
        finally:
            sql.close()


def _take(connection: Connection, sql: duckdb.DuckDBPyConnection, folder: Path, work: Path, path: Path,
          parcel: Parcel) -> Delivery:
    manifest, uploader = parcel.manifest, parcel.uploader
    file_sha, manifest_sha = file_sha256(path), manifest.digest()
    standing = received(connection, file_sha, manifest_sha, uploader)
    if standing and not (standing.state == "refused" and standing.problems[0].code in WORTH_ANOTHER_TRY):
        return standing
    failpoint("intake.received")
    delivery = Delivery(0, file_sha, manifest_sha, uploader, path.name, path.stat().st_size, parcel.received_day,
                        manifest.format, manifest.delivery, "refused", "", 0, 0, manifest.vat_inside_ppm, (), ())
    room = Path(tempfile.mkdtemp(dir=work))
    try:
        source = open_source(path, room, manifest.encoding)
        mapping = mapping_for(source.headings, manifest.format, path.name)
        delivery = replace(delivery, format=mapping.format)
        reading = _read(sql, folder, room, source, mapping, manifest, file_sha)
    except WestlakeError as error:
        shutil.rmtree(room)
        return record(connection, delivery, error.problems)
    except duckdb.Error as error:
        if fault := machine_fault(error):
            raise fault from error
        raise
    failpoint("intake.written")
    _place(reading, folder / reading.name)
    failpoint("intake.renamed")
    delivery = replace(delivery, state="taken", reading=reading.name, rows=reading.rows,
                       quarantined=reading.quarantined, lacking=reading.lacking)
    kept = record(connection, delivery, reading.problems)
    failpoint("intake.recorded")
    shutil.rmtree(room)
    return kept


def _place(reading: Reading, final: Path) -> None:
    """Name a finished folder, for good; where its charges stand already, only what is told anew goes there.

    Another run may take in the same file just now: whoever comes first places the folder, and both have the same.
    """
    if reading.folder != final and not final.exists():
        try:
            place(reading.folder, final)
            return
        except OSError:
            if not final.exists():
                raise
    told = reading.told if reading.told.exists() else reading.folder / reading.told.name
    place(told, final / told.name)
    sync(final.parent)  # its name may be as young as the other run


def _read(sql: duckdb.DuckDBPyConnection, folder: Path, room: Path, source: Source, mapping: Format,
          manifest: Manifest, file_sha: str) -> Reading:
    """Write a source's charges, bills and kinds as Parquet and check them against what is declared."""
    name = fingerprint([file_sha, mapping.format, manifest.invoice_by])[:32]
    placed = folder / name
    written = placed if placed.exists() else room / name
    columns = source.columns()
    spelled = {name: columns[told] for name, told in mapping.spelled(source.headings).items()}
    named, lacking = mapping.named(spelled)
    if needed := [column for column in NEEDED if column in lacking]:
        raise refusal("W306", source.name, columns=", ".join(needed), format=mapping.format)
    if written != placed:
        _write(sql, written, room, source, named, manifest.invoice_by, paid_statement(mapping, spelled, written))
    sql.execute("CREATE OR REPLACE TEMP VIEW charges AS"
                f" SELECT * FROM read_parquet({quoted(written / 'charges.parquet')})")
    invoices = invoices_in(sql, written / "bills.parquet", manifest)
    told = (room if written == placed else written) / told_name(manifest.digest())
    write_told(sql, invoices, told)
    rows = sum(one.rows for one in invoices)
    quarantined, problems, unreadable = _quarantined(sql, source.name)
    declared = manifest.files.get(source.name, DeclaredFile())
    if declared.rows is not None and declared.rows != rows:
        raise refusal("W308", source.name, rows=rows, declared=declared.rows)
    if not unreadable:
        _check_totals(source, declared, invoices)
    problems += tuple(remarks(sql, mapping, written, source.name))
    return Reading(written, name, told, rows, quarantined, lacking, problems)


def _write(sql: duckdb.DuckDBPyConnection, written: Path, room: Path, source: Source, named: str,
           invoice_by: Sequence[str], paid: str) -> None:
    """Write the tables of a reading into its folder; W301 when the file has no rows. paid: SQL, or ''."""
    written.mkdir()
    targets = {table: str(written / f"{table}.parquet").replace("'", "''") for table in ("charges", "bills", "kinds")}
    charges = statement("charges", named=named, invoice=invoice_rule(invoice_by), reading=written.name,
                        currencies=", ".join(quoted(code) for code in MINOR_DIGITS), target=targets["charges"])
    if not _write_charges(sql, room, source, charges, paid):
        raise refusal("W301", source.name)
    failpoint("intake.typed")
    sql.execute("CREATE OR REPLACE TEMP VIEW charges AS"
                f" SELECT * FROM read_parquet({quoted(written / 'charges.parquet')})")
    sql.execute(statement("bills", reading=written.name, target=targets["bills"]))
    sql.execute(statement("kinds", target=targets["kinds"]))


def invoice_rule(parts: Sequence[str]) -> str:
    """The SQL of an invoice's id: as given, or made of these parts where a format has none."""
    if not parts:
        return "InvoiceId"
    texts = {"issuer": "InvoiceIssuerName", "account": "BillingAccountId",
             "billing_period": "strftime(instant(BillingPeriodStart), '%Y-%m')"}
    made = " || '/' || ".join(texts[part] for part in parts)
    return f"coalesce(InvoiceId, {made})"


def _write_charges(sql: duckdb.DuckDBPyConnection, room: Path, source: Source, charges: str, paid: str) -> int:
    """Write the charges, and what they were paid with; how many charges there are.

    A CSV that the fast reader refuses is mended row by row and read again.

    Parquet is read by an engine of its own: a file made to break its reader breaks nothing else.
    """
    if source.kind == "parquet":
        try:
            with engine(room / "spill") as reader:
                show(reader, source)
                return _written(reader, charges, paid)
        except duckdb.Error as error:
            if machine_fault(error) or isinstance(error, duckdb.InterruptException):
                raise
            raise refusal("W302", source.name, what=str(error).splitlines()[0]) from error
    show(sql, source)
    try:
        return _written(sql, charges, paid)
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        if machine_fault(error):
            raise
        mended = mend(source, room)
    show(sql, mended, mended=True)
    return _written(sql, charges, paid)


def _written(sql: duckdb.DuckDBPyConnection, charges: str, paid: str) -> int:
    rows = int(sql.execute(charges).fetchall()[0][0])
    if paid:
        sql.execute(paid)
    return rows


def _quarantined(sql: duckdb.DuckDBPyConnection, name: str) -> tuple[int, tuple[Problem, ...], int]:
    """How many rows were set apart, the first of them as problems, and how many amounts are unknown."""
    count, unreadable = sql.execute(
        "SELECT count(*), count(*) FILTER (BilledCost IS NULL) FROM charges WHERE quarantine IS NOT NULL").fetchall()[0]
    rows = sql.execute(
        "SELECT row_number, quarantine, quarantine_text FROM"
        " (SELECT row_number() OVER () AS row_number, quarantine, quarantine_text FROM charges)"
        f" WHERE quarantine IS NOT NULL ORDER BY row_number LIMIT {SHOWN_PROBLEMS_MAX}").fetchall() if count else []
    problems = []
    for row, fault, text in rows:
        code, _, field = fault.partition(" ")
        assert code in ROW_FAULTS, code
        problems.append(Problem(code, Place(name, row=row, field=field), {"text": (text or "")[:80]}))
    return count, tuple(problems), unreadable


def _check_totals(source: Source, declared: DeclaredFile, invoices: Sequence[Invoice]) -> None:
    """W307 when a file's sum in a currency is off what was declared for it, to the cent."""
    for currency, total in declared.totals.items():
        digits = MINOR_DIGITS[currency]
        summed = sum(one.total for one in invoices if one.currency == currency)
        if rounded(summed, digits) != rounded(total, digits):
            raise refusal("W307", source.name, currency=currency, summed=text_of(rounded(summed, digits), digits),
                          declared=text_of(rounded(total, digits), digits))
