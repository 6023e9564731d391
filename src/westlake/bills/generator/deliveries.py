"""A city's bills as they would arrive: one file a provider and month with its manifest, and what firms send themselves.

Deliveries have the troubles of real ones: files sent twice, open months that come again when final, cut uploads,
every FOCUS version and both AWS reports. Frauds are planted with labels (`fraud.py`). Everything hangs on the
seed alone; `usage.firm_month` makes any firm's month without the others.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from westlake.bills.fx import FxRate
from westlake.bills.generator.catalogue import PROVIDERS, RELATED_SELLER, Provider
from westlake.bills.generator.firms import FirmProfile, account_spans, is_related, related_parties
from westlake.bills.generator.forms import has_invoice_ids, lines
from westlake.bills.generator.fraud import SHARE, Label, Planted, plant, sold_on
from westlake.bills.generator.usage import LINES_MEAN, Bill, firm_month
from westlake.chance import stream
from westlake.dates import add_months, iso, month_of
from westlake.money import format_money
from westlake.register.spans import AccountSpan, RelatedParty

TRADING = Provider("reedbank-cloud-trading", "Alibaba Cloud", RELATED_SELLER, "CNY", 0.0, ((1, "focus-1.2"),), ())
SENT_TWICE, OPEN_FIRST, CUT = 0.05, 0.03, 0.01
RECEIVED_AFTER_DAYS = 5


@dataclass(frozen=True)
class Sent:
    """One delivery: its file, the manifest beside it, who sent it, and when it was received."""

    file: Path
    manifest: Path
    uploader: str
    received_day: int


@dataclass
class Generated:
    """All that was made: deliveries in the order of receipt, planted frauds, and the facts the register needs."""

    sent: list[Sent] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    accounts: list[AccountSpan] = field(default_factory=list)
    related: list[RelatedParty] = field(default_factory=list)
    rates: list[FxRate] = field(default_factory=list)


def generate(folder: Path, firms: Sequence[FirmProfile], months: Sequence[int], seed: int,
             lines_mean: float = LINES_MEAN, fraud_share: float = SHARE) -> Generated:
    """Write the bills of some firms for some months (day numbers of their first days) into a folder.

    Files lie in a folder named after who sent them: a provider's feed, or a firm. lines_mean: rows a firm and
    month on average. fraud_share: how many of all bills are tampered with.
    """
    made = Generated(accounts=account_spans(firms, seed), related=related_parties(firms, seed))
    if months:
        made.rates = fx_rates(seed, add_months(min(months), -4), add_months(max(months), 2))
    for month in months:
        bills: dict[str, list[Bill]] = defaultdict(list)
        own: list[Planted] = []
        for place, one in enumerate(firms):
            dice, related = stream(seed, "fraud", one.id, month), is_related(one, seed)
            for number, bill in enumerate(firm_month(one, month, seed, lines_mean)):
                if related and not number:
                    sold, label = sold_on(bill)
                    bills[TRADING.id].append(sold)
                    made.labels.append(label)
                    continue
                has_ids = has_invoice_ids(bill.provider.format(month_of(month)))
                planted = plant(dice, one, bill, firms[(place + 7) % len(firms)], has_ids, fraud_share)
                if planted:
                    own.append(planted)
                if not (planted and planted.instead):
                    bills[bill.provider.id].append(bill)
        for provider in (*PROVIDERS, TRADING):
            if bills[provider.id]:
                _feed(made, folder, provider, month, bills[provider.id], seed)
        for planted in own:
            _own(made, folder, planted)
    made.sent.sort(key=lambda sent: (sent.received_day, str(sent.file)))
    return made


def _feed(made: Generated, folder: Path, provider: Provider, month: int, bills: list[Bill], seed: int) -> None:
    """A provider's file of the month; now and then sent twice, or open first, or cut and sent again."""
    odds = stream(seed, "feed", provider.id, month).random(3)
    form, day = provider.format(month_of(month)), add_months(month, 1) + RECEIVED_AFTER_DAYS
    stem = f"{iso(month)[:7]}"
    text = "".join(lines(bills, form))
    if odds[0] < OPEN_FIRST:
        early = "".join(lines([_open(bill) for bill in bills], form))
        _deliver(made, folder / provider.id / f"{stem}.1-open.csv", early, [], provider, form, day - 10, provider.id,
                 final=False)
    if odds[1] < CUT:
        _deliver(made, folder / provider.id / f"{stem}.2-cut.csv", text[:len(text) * 2 // 3], bills, provider, form,
                 day - 1, provider.id)
    _deliver(made, folder / provider.id / f"{stem}.3.csv", text, bills, provider, form, day, provider.id)
    if odds[2] < SENT_TWICE:
        _deliver(made, folder / provider.id / f"{stem}.4-again.csv", text, bills, provider, form, day + 2, provider.id,
                 named=f"{stem}.3.csv")


def _open(bill: Bill) -> Bill:
    """The bill as it stood ten days earlier: two thirds of its rows, and no invoice yet."""
    return Bill(bill.firm, bill.account, bill.provider, bill.issuer, bill.month, "",
                bill.charges[:max(1, len(bill.charges) * 2 // 3)])


def _own(made: Generated, folder: Path, planted: Planted) -> None:
    """A bill that a firm sends itself, always in a format that carries invoice ids."""
    bill = planted.bill
    form = "focus-1.2"
    day = add_months(bill.month, 1) + RECEIVED_AFTER_DAYS + 3
    path = folder / planted.sender / f"{iso(bill.month)[:7]}-{bill.invoice}.csv"
    _deliver(made, path, "".join(lines([bill], form)), [bill], bill.provider, form, day, planted.sender,
             told={bill.invoice: planted.told}, paid=bill.paid)
    made.labels.append(planted.label)


def _deliver(made: Generated, path: Path, text: str, bills: Iterable[Bill], provider: Provider, form: str, day: int,
             sender: str, *, final: bool = True, paid: bool = True, told: dict[str, int] | None = None,
             named: str = "") -> None:
    """Write a file, its manifest and the list of its invoices."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    manifest = path.with_name(f"{path.name}.manifest.yaml")
    said = [f"format: {form}", f"final: {'yes' if final else 'no'}", f"paid: {'yes' if paid else 'no'}"]
    if not has_invoice_ids(form):
        said.append("invoice_by: [issuer, account, billing_period]")
    if provider.taxed == "inside":
        said.append("vat: {prices: inside, rate: 6%}")
    listed = [(_name(bill, form), (told or {}).get(bill.invoice, bill.total), bill.provider.currency) for bill in bills]
    if listed:
        list_name = f"{named or path.name}.invoices.list"
        said.append(f"invoice_list: {list_name}")
        _write_list(path.with_name(list_name), listed, "issued" if form == "focus-1.4" else "")
    manifest.write_text("\n".join(said) + "\n", "utf-8")
    made.sent.append(Sent(path, manifest, sender, day))


def _name(bill: Bill, form: str) -> str:
    """The invoice's id as the file gives it, or as the manifest's rule makes it."""
    return bill.invoice if has_invoice_ids(form) else f"{bill.issuer}/{bill.account}/{iso(bill.month)[:7]}"


def _write_list(path: Path, listed: Iterable[tuple[str, int, str]], status: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["id", "total", "currency", "status"])
        for name, total, currency in listed:
            rows.writerow([name, format_money(total, currency).replace(",", ""), currency, status])


def fx_rates(seed: int, first: int, last: int) -> list[FxRate]:
    """Invented middle rates of USD and EUR on weekdays, four decimals, as a central bank would publish them."""
    dice = stream(seed, "rates", first)
    rates, worth = [], {"USD": 71_500, "EUR": 78_000}
    for day in range(first, last):
        for currency in worth:
            worth[currency] += int(dice.integers(-60, 61))
            if (day + 3) % 7 < 5:  # day 0 was a Thursday
                rates.append(FxRate(currency, day, f"{worth[currency] // 10_000}.{worth[currency] % 10_000:04d}",
                                    "invented middle rate"))
    return rates
