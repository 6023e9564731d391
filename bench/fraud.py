"""How much of the planted fraud is seen, and how much that is seen is fraud: precision and recall, kind by kind.

An invented city's year is taken in as an office would take it in; what waits and what is flagged is then held
against the labels, which nothing that settles has read. 95 % intervals are Wilson's. `python -m bench.fraud [FIRMS]`.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from westlake import bills, database
from westlake.bills import BaseLines, FxTable, Parcel, read_manifest
from westlake.bills.generator import FirmProfile, Generated, Label, generate, generate_firms
from westlake.dates import Period, day_number

FIRMS, YEAR, SEED = 2_000, 2025, 7
SPEND = """
classes:
  - {class: domestic, provider: [alibaba-cloud, tencent-cloud, huawei-cloud], category: [Compute, Storage, Databases]}
  - {class: other, category: [Compute, Storage, Databases]}
support: ["*Support*"]
adjustments: ["*rounding*"]
regions: ["cn-*", "ap-*", "us-*", "eu-*", "west*", "east*"]
"""
RULINGS = ("RELATED_PARTY", "NOT_PAID", "REGION")  # what rules rows out for good; the other signals are waits and flags
SEEN_BY = {  # what should show each kind
    "same_invoice": ("DUPLICATE_INVOICE", "COPIED"), "edited_amount": ("NOT_TIED", "TAMPER", "TAX_OFF"),
    "coupons_as_cash": ("NOT_TIED", "TAX_OFF"), "refund_after_claim": ("MONEY_BACK",),
    "cap_splitting": ("SHARED_PAYER",), "claim_before_payment": ("NOT_PAID", "UNPROVEN"),
    "off_region": ("REGION", "NO_REGION"), "related_seller": ("RELATED_PARTY",)}
Seen = dict[str, set[str]]  # signal → the invoices it points at


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    def interval(self, z: float = 1.959963984540054) -> tuple[float, float]:
        """The 95 % interval of a share after Wilson (1927); everything when there is nothing."""
        if not self.whole:
            return 0.0, 1.0
        n, p = self.whole, self.part / self.whole
        middle, width = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - width) / (1 + z * z / n)), min(1.0, (middle + width) / (1 + z * z / n))

    def __str__(self) -> str:
        if not self.whole:
            return "– of 0"
        low, high = self.interval()
        return f"{self.part / self.whole:.2f} ({low:.2f}–{high:.2f}), {self.part} of {self.whole}"


@dataclass(frozen=True)
class Measure:
    """Of one kind, or all: how much of what was planted is seen, and how much of what is seen was planted."""

    recall: Share
    precision: Share


def city(folder: Path, firms: Sequence[FirmProfile], months: Iterable[int], seed: int,
         **shares: float) -> tuple[Generated, BaseLines]:
    """A city's bills made and taken in, and what the bills room says of them; to be closed by the caller."""
    made = generate(folder / "bills", firms, list(months), seed, **shares)
    connection = database.connect(folder / "office.db")
    bills.create(connection)
    (folder / "spend.yaml").write_text(SPEND, "utf-8")
    bills.intake_all(connection, folder / "charges", [
        Parcel([one.file], read_manifest(one.manifest), one.received_day, one.uploader) for one in made.sent])
    found = bills.base_lines(
        connection, folder / "charges", bills.read_spend(folder / "spend.yaml"), made.accounts, made.related,
        FxTable(made.rates), Period.year(YEAR), "Asia/Shanghai", "CNY", groups={one.id: one.group for one in firms})
    return made, found


def seen(found: BaseLines) -> Seen:
    """Signal → invoices, from what an office sees: what waits, what is flagged, what is ruled out."""
    told: Seen = defaultdict(set)
    for suspension in found.suspensions():
        told[suspension.ruling].add(suspension.invoice)
    for flag in found.flags():
        told[flag.ruling].add(flag.invoice)
    for ruling, invoice in found.sql.execute(
            "SELECT DISTINCT ruling, invoice FROM ruled JOIN document ON document.document = ruled.document"
            f" WHERE ruling IN {RULINGS}").fetchall():
        told[ruling].add(invoice)
    return told


def measure(labels: Sequence[Label], told: Seen, kinds: Collection[str]) -> Measure:
    """Precision and recall for these kinds together, by invoices.

    Recall: of the labels of these kinds, those at which any of their signals points. Precision: of the invoices at
    which these signals point, those that the story of any fraud tells of.
    """
    signals = {name for kind in kinds for name in SEEN_BY[kind]}
    pointed = set().union(*(told.get(name, set()) for name in signals))
    planted = [one for one in labels if one.fraud and one.kind in kinds]
    return Measure(Share(sum(not pointed.isdisjoint(story(one)) for one in planted), len(planted)),
                   Share(len(pointed & stories(labels, fraud=True)), len(pointed)))


def story(one: Label) -> set[str]:
    """The invoices that a label tells of: its own, and those beside it such as the original of a copy."""
    return {one.invoice, *one.beside}


def stories(labels: Sequence[Label], *, fraud: bool) -> set[str]:
    """All invoices of frauds, or of look-alikes."""
    return set().union(*(story(one) for one in labels if one.fraud is fraud))


def main(firms: int = FIRMS) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as work:
        months = [day_number(YEAR, month, 1) for month in range(1, 13)]
        made, found = city(Path(work), generate_firms(firms, SEED), months, SEED)
        with found:
            told = seen(found)
            lines = len({(one.firm, one.invoice) for one in found})
    planted = [one for one in made.labels if one.fraud]
    print(f"{firms:,} firms, a year: {lines:,} claimed invoices; {len(planted):,} frauds planted"
          f" ({len(planted) / lines:.1%}), {len(made.labels) - len(planted):,} look-alikes\n")
    print("| kind | recall (95 %) | precision of its signals (95 %) |\n|---|---|---|")
    for kind in SEEN_BY:
        one = measure(made.labels, told, [kind])
        print(f"| {kind} | {one.recall} | {one.precision} |")
    every = measure(made.labels, told, SEEN_BY)
    print(f"| **all** | {every.recall} | {every.precision} |\n")
    _print_ways(planted, told)
    _print_signals(made.labels, told)


def _print_ways(planted: Sequence[Label], told: Seen) -> None:
    found = Counter((one.kind, one.way) for one in planted
                    if any(not told.get(name, set()).isdisjoint(story(one)) for name in SEEN_BY[one.kind]))
    everything = Counter((one.kind, one.way) for one in planted)
    print("Seen, by way: " + "; ".join(f"{kind}/{way} {found[kind, way]} of {count}"
                                       for (kind, way), count in sorted(everything.items())) + ".\n")


def _print_signals(labels: Sequence[Label], told: Seen) -> None:
    fraudulent, odd = (stories(labels, fraud=fraud) for fraud in (True, False))
    print("| signal | points at | of them fraud | look-alikes | neither |\n|---|---|---|---|---|")
    for name in sorted({name for names in SEEN_BY.values() for name in names}):
        at = told.get(name, set())
        print(f"| {name} | {len(at)} | {Share(len(at & fraudulent), len(at))} | {len(at & odd)} |"
              f" {len(at - fraudulent - odd)} |")


if __name__ == "__main__":
    import sys

    main(*(int(word) for word in sys.argv[1:2]))
