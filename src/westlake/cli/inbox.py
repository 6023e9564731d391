"""Takes in what lies in the workspace's folders: tables for the register, bills with their manifests, rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from westlake import bills
from westlake.bills import Delivery, FxTable, Manifest, Parcel
from westlake.bills.rates import read_rates
from westlake.database import Connection, transaction
from westlake.dates import now_us
from westlake.digest import file_sha256
from westlake.record import Record
from westlake.register import take_in
from westlake.register.seals import TAKEN, seal_table
from westlake.workspace import Workspace

TABLES = (".csv", ".xlsx", ".ods")
BILLS = (".csv", ".gz", ".parquet")
OF_MANIFESTS = ".list"  # the invoices of a manifest, kept beside it


@dataclass
class Inbox:
    """What was new: register rows, bill files taken in, files refused, and files that are neither table nor bill."""

    rows: int = 0
    taken: list[Delivery] = field(default_factory=list)
    refused: list[Delivery] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read_inbox(connection: Connection, workspace: Workspace, day: int, actor: str) -> Inbox:
    """Take in every file that is new; a file seen before changes nothing.

    A table with a wrong row stops here with every row named; a bill that is refused is reported and the
    others go on.
    """
    inbox = Inbox(read_register(connection, workspace, day, actor))
    found = list(_deliveries(workspace.bills))
    parcels = [Parcel(files, manifest, day, files[0].parent.name) for files, manifest in found]
    inbox.skipped = _skipped(workspace, {proof for _, manifest in found for proof in manifest.proofs})
    for delivery in bills.intake_all(connection, workspace.charges, parcels):
        if delivery.state == "refused":
            inbox.refused.append(delivery)
        elif not delivery.again:
            inbox.taken.append(delivery)
    return inbox


def read_register(connection: Connection, workspace: Workspace, day: int, actor: str,
                  now: Callable[[], int] = now_us) -> int:
    """Take in the register's new tables; how many rows were new. now: the recording clock, microseconds UTC."""
    paths = [path for path in sorted(workspace.register.rglob("*")) if path.suffix.lower() in TABLES]
    return sum(_take_table(connection, path, day, actor, workspace.settings.currency, now) for path in paths)


def _take_table(connection: Connection, path: Path, day: int, actor: str, currency: str,
                now: Callable[[], int]) -> int:
    """Take in one table, and seal what it brought in the record; how many rows were new."""
    with transaction(connection):
        intake = take_in(connection, path, learnt=day, actor=actor, currency=currency)
        if intake.again:
            return 0
        sha = file_sha256(path)
        Record(connection, now).add(actor, TAKEN, f"table:{path.name}", {
            "sha256": sha, "rows": intake.rows, "learnt": day, "sealed": seal_table(connection, sha, day)}, day=day)
    return intake.rows


def _skipped(workspace: Workspace, proofs: set[str]) -> list[str]:
    """Files in bills/ and register/ that are neither bill nor table, nor a manifest or what one names."""
    return [str(path.relative_to(workspace.folder))
            for folder, endings in ((workspace.register, TABLES), (workspace.bills, BILLS))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix.lower() not in endings and path.name not in proofs
            and not path.name.startswith(".") and not path.name.endswith(OF_MANIFESTS) and "manifest" not in path.name]


def rates(workspace: Workspace) -> FxTable:
    """The workspace's exchange rates."""
    return read_rates(workspace.rates)


def _deliveries(folder: Path) -> Iterator[tuple[list[Path], Manifest]]:
    """Bill files together with their manifest; files that share a folder's manifest are one delivery."""
    together: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in BILLS or ".manifest" in path.name or not path.is_file():
            continue
        if any(path.with_name(f"{path.name}.manifest{suffix}").is_file() for suffix in (".yaml", ".xlsx")):
            yield [path], bills.manifest_beside(path) or Manifest()
        else:
            together.setdefault(path.parent, []).append(path)
    for files in together.values():
        yield files, bills.manifest_beside(files[0]) or Manifest()
