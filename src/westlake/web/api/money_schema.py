"""What the interface tells of firms, money, and what is public. Amounts are minor units, days and instants ISO 8601."""

from __future__ import annotations

from typing import Literal

from ninja import Schema

from westlake.web.api.schema import FactOut


class FirmOut(Schema):
    """What the register knows of a firm on a day."""

    firm: str
    day: str
    facts: list[FactOut]


class PaymentOut(Schema):
    """An attempt to pay. amount: minor units; reference: what the bank gives back with it."""

    id: int
    reference: str
    case: int
    number: str
    programme: str
    attempt: int
    firm: str
    amount: int
    currency: str
    state: Literal["waiting", "batched", "sent", "paid", "returned", "void"]
    batch: int | None
    at: str


class PaymentPage(Schema):
    """Payments, newest first."""

    items: list[PaymentOut]
    next: str | None


class BatchOut(Schema):
    """Payments that went to the bank together. total: minor units; digest: of the file."""

    id: int
    day: str
    currency: str
    total: int
    payments: int
    digest: str
    released_at: str | None
    at: str


class BatchPage(Schema):
    """Batches in the order of their ids."""

    items: list[BatchOut]
    next: str | None


class HeadOut(Schema):
    """The last entry of a chain; whoever keeps it can prove later that nothing before it was changed."""

    chain: Literal["ledger", "record"]
    number: int
    hash: str


class HeadList(Schema):
    """The heads of both chains."""

    items: list[HeadOut]


class BalanceOut(Schema):
    """An account. All in minor units; held: promised and not yet moved."""

    account: str
    currency: str
    net: int
    available: int


class BalancePage(Schema):
    """Accounts in the order of their codes."""

    items: list[BalanceOut]
    next: str | None


class AwardOut(Schema):
    """An award to a firm that stands. id: the number of its case; amount: minor units."""

    id: str
    call: str
    programme: str
    firm: str
    firm_name: str
    amount: int
    currency: str
    day: str


class AwardPage(Schema):
    """Awards in the order of their numbers."""

    items: list[AwardOut]
    next: str | None


class NoticeOut(Schema):
    """What was made known, and until which day one may object."""

    id: int
    call: str
    first_day: str
    last_day: str
    cases: list[str]


class NoticePage(Schema):
    """Notices in the order of their ids."""

    items: list[NoticeOut]
    next: str | None
