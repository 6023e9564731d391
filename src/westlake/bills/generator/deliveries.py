"""A city's bills as they would arrive: one file a provider and month with its manifest, and what firms send themselves.

Deliveries have the troubles of real ones: files sent twice, open months that come again when final, cut uploads,
every FOCUS version and both AWS reports. Frauds (`fraud.py`) and honest things that look like them (`innocent.py`)
are planted with labels. Everything hangs on the seed alone, and what a firm does in a month on nothing but seed, firm
and month: any slice of a city can be made without the rest.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from westlake.bills.fx import FxRate
from westlake.bills.generator import innocent
from westlake.bills.generator.acts import Act, Label, Sending
from westlake.bills.generator.catalogue import PROVIDERS, RELATED_SELLER, Provider
from westlake.bills.generator.firms import FirmProfile, account_spans, related_parties, trade_of
from westlake.bills.generator.forms import has_invoice_ids, lines
from westlake.bills.generator.fraud import SHARE, defraud, sold_on
from westlake.bills.generator.usage import LINES_MEAN, Bill, firm_month
from westlake.chance import stream
from westlake.dates import add_months, iso, month_of
from westlake.money import format_money
from westlake.register.spans import AccountSpan, RelatedParty

TRADING = Provider("reedbank-cloud-trading", "Alibaba Cloud", RELATED_SELLER, "CNY", 0.0, ((1, "focus-1.2"),), ())
SENT_TWICE, OPEN_FIRST, CUT = 0.05, 0.03, 0.01
RECEIVED_AFTER_DAYS = 5
WORTH_MIN = 10_000  # minor units: nobody bothers about less


@dataclass(frozen=True)
class Sent:
    """One delivery: its file, the manifest beside it, who sent it, and when it was received."""

    file: Path
    manifest: Path
    uploader: str
    received_day: int


@dataclass
class Generated:
    """All that was made: deliveries in the order of receipt, what was planted, and the facts the register needs."""

    sent: list[Sent] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    accounts: list[AccountSpan] = field(default_factory=list)
    related: list[RelatedParty] = field(default_factory=list)
    rates: list[FxRate] = field(default_factory=list)


def generate(folder: Path, firms: Sequence[FirmProfile], months: Sequence[int], seed: int,
             lines_mean: float = LINES_MEAN, fraud_share: float = SHARE,
             innocent_share: float = innocent.SHARE) -> Generated:
    """Write the bills of some firms for some months (day numbers of their first days) into a folder.

    Files lie in a folder named after who sent them: a provider's feed, or a firm. lines_mean: rows a firm and
    month on average. fraud_share, innocent_share: in how many of the firms' months one bill is tampered with, or is
    odd for an honest reason.
    """
    made = Generated(accounts=account_spans(firms, seed), related=related_parties(firms, seed))
    if months:
        made.rates = fx_rates(seed, add_months(min(months), -4), add_months(max(months), 2))
    for month in months:
        bills: dict[str, list[Bill]] = defaultdict(list)
        own: list[Sending] = []
        for one in firms:
            feed, sendings, labels = _firm_month(one, month, seed, lines_mean, (fraud_share, innocent_share))
            for bill in feed:
                bills[TRADING.id if bill.issuer == RELATED_SELLER else bill.provider.id].append(bill)
            own += sendings
            made.labels += labels
        for provider in (*PROVIDERS, TRADING):
            if bills[provider.id]:
                _feed(made, folder, provider, month, bills[provider.id], seed)
        for sending in own:
            _own(made, folder, sending)
    made.sent.sort(key=lambda sent: (sent.received_day, str(sent.file)))
    return made


def _firm_month(one: FirmProfile, month: int, seed: int, lines_mean: float,
                shares: tuple[float, float]) -> tuple[list[Bill], list[Sending], list[Label]]:
    """What the feeds have of a firm's month, what it sends itself, and the labels of what is odd about it."""
    feed = firm_month(one, month, seed, lines_mean)
    trade, labels = trade_of(one, seed), []
    if trade and feed and feed[0].total > 0:
        feed[0], told = sold_on(feed[0], trade)
        labels.append(told)
    dice = stream(seed, "acts", one.id, month)
    odds, choice = float(dice.random()), float(dice.random())
    worth = [place for place, bill in enumerate(feed) if bill.total >= WORTH_MIN and bill.issuer != RELATED_SELLER]
    if not worth:
        return feed, [], labels
    place = worth[int(choice * len(worth))]
    act = _act(dice, odds, one, feed[place], seed, shares)
    if act is None:
        return feed, [], labels
    kept = [bill for at, bill in enumerate(feed) if at != place or not act.withheld]
    return kept, list(act.sendings), labels + list(act.labels)


def _act(dice: np.random.Generator, odds: float, one: FirmProfile, bill: Bill, seed: int,
         shares: tuple[float, float]) -> Act | None:
    has_numbers = has_invoice_ids(bill.provider.format(month_of(bill.month)))
    if odds < shares[0]:
        return defraud(dice, one, bill, seed, has_numbers)
    if odds < sum(shares):
        return innocent.resemble(dice, one, bill, seed)
    return innocent.send_itself(one, bill) if odds < sum(shares) + innocent.OWN_UPLOAD else None


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


def _own(made: Generated, folder: Path, sending: Sending) -> None:
    """A bill that a firm sends itself, always in a format that carries invoice ids."""
    bill = sending.bill
    form = "focus-1.2"
    day = add_months(bill.month, 1) + RECEIVED_AFTER_DAYS + 3 + sending.days
    path = folder / sending.sender / f"{iso(bill.month)[:7]}-{bill.invoice}-{sending.days}.csv"
    _deliver(made, path, "".join(lines([bill], form)), [bill], bill.provider, form, day, sending.sender,
             paid=sending.paid, sending=sending)


def _deliver(made: Generated, path: Path, text: str, bills: Iterable[Bill], provider: Provider, form: str, day: int,
             sender: str, *, final: bool = True, paid: bool = True, sending: Sending | None = None,
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
    status = sending.status if sending else "issued" if form == "focus-1.4" else ""
    proof = sending.proof_named if sending else ""
    listed = [[_name(bill, form), bill.total if sending is None or sending.told is None else sending.told,
               bill.provider.currency, status, proof] for bill in bills]
    if listed:
        list_name = f"{named or path.name}.invoices.list"
        said.append(f"invoice_list: {list_name}")
        _write_list(path.with_name(list_name), listed)
    manifest.write_text("\n".join(said) + "\n", "utf-8")
    made.sent.append(Sent(path, manifest, sender, day))


def _name(bill: Bill, form: str) -> str:
    """The invoice's id as the file gives it, or as the manifest's rule makes it."""
    return bill.invoice if has_invoice_ids(form) else f"{bill.issuer}/{bill.account}/{iso(bill.month)[:7]}"


def _write_list(path: Path, listed: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["id", "total", "currency", "status", "proof"])
        for name, total, currency, *rest in listed:
            rows.writerow([name, format_money(total, currency).replace(",", ""), currency, *rest])


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
