"""One firm's bills of one month, made alone: usage, bursts of GPUs, credits, refunds, taxes, commitments.

Chance draws sizes; from then on an amount is a whole number of 1e-10 units, and every bill's declared total
is the sum of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from westlake.bills.generator.catalogue import BY_ID, GPU, MARKETPLACE, MARKETPLACE_SELLER, SERVICES, SUPPORT, Provider
from westlake.bills.generator.firms import Account, FirmProfile, growth
from westlake.chance import stream
from westlake.dates import add_months, day_number, days_in_month, month_of, year_of

UNIT = 10**10
LINES_MEAN = 25
YUAN_PER = {"CNY": 1.0, "USD": 7.15, "EUR": 7.80}
TAX_PPM = 60_000
ORIGIN_YEAR = 2024
DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600
_WEIGHTS = {ai: np.array([service.ai_weight if ai else service.weight for service in SERVICES]) for ai in (False, True)}


class Charge(NamedTuple):
    """One row of a bill. start, end: seconds since 1970 in UTC; amounts in 1e-10 units of the bill's currency."""

    start: int
    end: int
    category: str
    correction: bool
    service: int  # place in ALL_SERVICES; -1 for none
    region: str
    resource: str
    billed: int
    effective: int
    text: str
    commitment: str = ""
    status: str = ""
    seller: str = ""
    sub: str = ""  # the account that used it, where another one pays


@dataclass
class Bill:
    """One account's invoice for one month. issuer: who sends it; paid, final: what its manifest says."""

    firm: str
    account: str
    provider: Provider
    issuer: str
    month: int
    invoice: str
    charges: list[Charge] = field(default_factory=list)
    paid: bool = True

    @property
    def total(self) -> int:
        """What the invoice says, in minor units: the sum of its rows to the cent."""
        size = (2 * abs(sum(charge.billed for charge in self.charges)) + UNIT // 100) // (2 * UNIT // 100)
        return size if sum(charge.billed for charge in self.charges) >= 0 else -size


ALL_SERVICES = (*SERVICES, GPU, SUPPORT, MARKETPLACE)


def month_number(month: int) -> int:
    """Months since January 2024 of a month's first day."""
    return (year_of(month) - ORIGIN_YEAR) * 12 + month_of(month) - 1


def firm_month(one: FirmProfile, month: int, seed: int, lines: float = LINES_MEAN) -> list[Bill]:
    """The bills of a firm for a month (the day number of its first day), each account's invoice by itself."""
    path = growth(one, seed, month_number(month) + 1)
    spend = path[-1]
    if spend <= 0:
        return []
    dice = stream(seed, "usage", one.id, month)
    wanted = max(2.0, lines / 580 * spend**0.6)  # 580 is about the mean of spend^0.6 over all sizes
    return [_bill(dice, one, account, month, path * account.share, wanted * account.share) for account in one.accounts]


def _bill(dice: np.random.Generator, one: FirmProfile, account: Account, month: int,
          spent: np.ndarray[Any, np.dtype[np.float64]], wanted: float) -> Bill:
    """spent: what the account spent in each month up to this one, in yuan."""
    provider = BY_ID[account.provider]
    bill = Bill(one.id, account.id, provider, provider.issuer, month,
                f"{provider.id[:3].upper()}{year_of(month) % 100}{month_of(month):02d}-{account.id}")
    past = spent / YUAN_PER[provider.currency]
    money = float(past[-1])
    _usage(dice, bill, one, money, wanted)
    _bursts(dice, bill, one, money)
    odds = dice.random(8)
    if odds[0] < 0.10 and one.size != "micro":
        _commitment(dice, bill, money)
    if odds[1] < 0.08:
        _credit(dice, bill, money)
    if odds[2] < 0.02:
        bill.charges.append(whole_month(bill, "Usage", len(SERVICES) + 1, _units(money * 0.08), "Support plan"))
    if odds[3] < 0.03:
        bill.charges.append(whole_month(bill, "Usage", len(SERVICES) + 2, _units(money * 0.05),
                                         "Marketplace software")._replace(seller=MARKETPLACE_SELLER))
    if odds[4] < 0.03:
        _look_back(dice, bill, past, refund=True)
    if odds[5] < 0.05:
        _look_back(dice, bill, past, refund=False)
    if provider.taxed == "rows":
        _tax(bill)
    if odds[6] < 0.30:
        _round_off(bill)
    return bill


def _units(money: float | np.ndarray[Any, Any]) -> Any:
    """Whole 1e-10 units of a drawn size, at the eight decimals that providers print."""
    return np.rint(np.asarray(money) * (UNIT // 100)).astype(np.int64) * 100


def _usage(dice: np.random.Generator, bill: Bill, one: FirmProfile, money: float, wanted: float) -> None:
    """Rows of use: services by weight, resources by Zipf, mostly hours, a fifth of them worth exactly nothing."""
    count = 1 + int(dice.negative_binomial(3, 3 / (3 + max(wanted - 1, 0.1))))
    odds = _WEIGHTS[one.ai]
    services = dice.choice(len(SERVICES), size=count, p=odds / odds.sum())
    size = np.exp(dice.normal(0, 2.2, count)) * (dice.random(count) > 0.2)
    size = size / size.sum() * money if size.any() else size
    amounts = _units(size)
    resources = np.minimum(dice.zipf(2.1, count), 40)
    days = dice.integers(0, days_in_month(year_of(bill.month), month_of(bill.month)), count)
    hours = np.where(dice.random(count) < 0.95, dice.integers(0, 24, count), -1)
    late = dice.random(count) < 0.01
    regions = dice.integers(0, len(bill.provider.regions), count)
    for service, amount, resource, day, hour, is_late, region in zip(
            services.tolist(), amounts.tolist(), resources.tolist(), days.tolist(), hours.tolist(), late.tolist(),
            regions.tolist(), strict=True):
        # days and hours are the city's, eight hours ahead of UTC: so the year's first hours lie in the old year
        start = (bill.month + day - (30 if is_late else 0)) * DAY_SECONDS + (hour - 8) * HOUR_SECONDS
        end = start + HOUR_SECONDS
        if hour < 0:
            start, end = start + 9 * HOUR_SECONDS, start + 9 * HOUR_SECONDS + DAY_SECONDS
        bill.charges.append(Charge(start, end, "Usage", False, service, bill.provider.regions[region],
                                   f"r-{bill.account}-{service}-{resource}", amount, amount, "On demand"))


def _bursts(dice: np.random.Generator, bill: Bill, one: FirmProfile, money: float) -> None:
    """Training runs of firms that do AI: days of many GPUs at an hourly price, a third of them on spot."""
    if not one.ai:
        return
    for _ in range(int(dice.poisson(0.6 / len(one.accounts)))):
        length, first = int(dice.integers(3, 15)), int(dice.integers(0, 20))
        price = 14.0 / YUAN_PER[bill.provider.currency] * (0.4 if dice.random() < 0.3 else 1.0)
        gpus = int(min(256, max(1, 2 ** int(np.log2(max(money / (price * 24 * length), 1))))))
        for day in range(first, first + length):
            start = (bill.month + day) * DAY_SECONDS - 8 * HOUR_SECONDS
            amount = int(_units(gpus * 24 * price))
            bill.charges.append(Charge(start, start + DAY_SECONDS, "Usage", False, len(SERVICES),
                                       bill.provider.regions[0], f"gpu-{bill.account}-{gpus}", amount, amount,
                                       f"{gpus} GPU x 24 h"))


def whole_month(bill: Bill, category: str, service: int, amount: int, text: str) -> Charge:
    """A row for the month as a whole."""
    start = bill.month * DAY_SECONDS
    return Charge(start, add_months(bill.month, 1) * DAY_SECONDS, category, False, service, "", "", int(amount),
                  int(amount), text)


def _commitment(dice: np.random.Generator, bill: Bill, money: float) -> None:
    """A monthly commitment: the purchase is billed, covered use is not, and 5 to 30 % of it stays unused."""
    price, unused = int(_units(money * 0.3)), float(dice.uniform(0.05, 0.30))
    name = f"ri-{bill.account}"
    bill.charges.append(whole_month(bill, "Purchase", 0, price, "Reserved capacity")._replace(
        effective=0, commitment=name))
    wasted = int(price * unused)
    used = whole_month(bill, "Usage", 0, 0, "Covered by reserved capacity")
    bill.charges.append(used._replace(effective=price - wasted, commitment=name, status="Used"))
    bill.charges.append(used._replace(effective=wasted, commitment=name, status="Unused", text="Reserved, not used"))


def _credit(dice: np.random.Generator, bill: Bill, money: float) -> None:
    """A promotional credit of 10 to 100 % of the month; half of them name no service."""
    amount = -int(_units(money * float(dice.uniform(0.1, 1.0))))
    bill.charges.append(whole_month(bill, "Credit", 0 if dice.random() < 0.5 else -1, amount, "Promotional credit"))


def _look_back(dice: np.random.Generator, bill: Bill, past: np.ndarray[Any, np.dtype[np.float64]],
               refund: bool) -> None:
    """Money back for a charge one to three months ago: a refund, or a correction of what was billed then.

    Nobody gives back more than was charged: at most a quarter of that month, by what the account spent in each.
    """
    largest = max(bill.charges, key=lambda charge: charge.billed)
    back = int(dice.integers(1, 4))
    shift = (add_months(bill.month, -back) - bill.month) * DAY_SECONDS
    most = int(_units(past[-1 - back] * 0.25)) if len(past) > back else 0
    amount = -min(int(largest.billed * float(dice.uniform(0.05, 0.4))), most) // 100 * 100
    bill.charges.append(largest._replace(start=largest.start + shift, end=largest.end + shift, billed=amount,
                                         effective=amount, correction=not refund,
                                         text="Refund" if refund else "Correction of an earlier invoice"))


def retaxed(bill: Bill, charges: Sequence[Charge], tax_ppm: int = TAX_PPM, *, always: bool = False) -> Bill:
    """A bill of other charges with the tax they bear; tax rows among them are replaced.

    always: also where the provider's prices hold the tax, since somebody else bills for it.
    """
    made = replace(bill, charges=[charge for charge in charges if charge.category != "Tax"])
    if always or bill.provider.taxed == "rows":
        _tax(made, tax_ppm)
    return made


def _tax(bill: Bill, tax_ppm: int = TAX_PPM) -> None:
    """One row of value-added tax at 6 % on what is billed."""
    net = sum(charge.billed for charge in bill.charges)
    amount = (net * tax_ppm // 1_000_000) // (UNIT // 100) * (UNIT // 100)
    if amount > 0:
        bill.charges.append(whole_month(bill, "Tax", -1, amount, f"VAT {tax_ppm // 10_000}%"))


def _round_off(bill: Bill) -> None:
    """A rounding adjustment that brings the invoice to whole cents."""
    rest = sum(charge.billed for charge in bill.charges) - bill.total * (UNIT // 100)
    if rest:
        bill.charges.append(whole_month(bill, "Adjustment", -1, -rest, "Invoice rounding adjustment"))


def month_of_year(year: int, month: int) -> int:
    """The day number that names a month here."""
    return day_number(year, month, 1)
