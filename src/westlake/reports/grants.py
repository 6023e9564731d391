"""Publishes awards as 360Giving data, so that anyone's tools for grants can read the city's.

A recovery is a disbursement below nothing and lowers what was disbursed; a grant itself is never below nothing.
Source: 360Giving Data Standard 1.4, 360-giving-schema.json and 360-giving-package-schema.json (CC BY 4.0).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from westlake.dates import iso
from westlake.errors import Findings, Place
from westlake.money import MINOR_DIGITS, MONEY_MAX
from westlake.reports.open_data import exact, json_text

VERSION = "1.4"
TITLE_MAX = 140  # the standard's "should be under 140 characters long"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*")
_ORGANISATION = re.compile(r"[A-Z0-9]{2,}(-[A-Za-z0-9._]+)+")  # org-id.guide: CN-USCI-…, KR-…


@dataclass(frozen=True)
class Organisation:
    """id: of a public list, such as CN-USCI-91330100MA2H00000X (org-id.guide)."""

    id: str
    name: str


@dataclass(frozen=True)
class Disbursement:
    """Money that moved. day: day number; amount: minor units, below nothing where it came back."""

    id: str
    day: int
    amount: int
    description: str = ""


@dataclass(frozen=True)
class Grant:
    """An award to an organisation. Amounts: minor units; day, starts, ends: day numbers."""

    id: str
    title: str
    description: str
    currency: str
    awarded: int
    day: int
    recipient: Organisation
    funder: Organisation
    programme: str
    programme_title: str
    applied: int | None = None
    starts: int | None = None
    ends: int | None = None
    disbursements: tuple[Disbursement, ...] = ()

    @property
    def disbursed(self) -> int:
        """Paid out less what came back."""
        return sum(one.amount for one in self.disbursements)


def write_grants(grants: Sequence[Grant], publisher: Organisation, issued: int) -> bytes:
    """The package as JSON, grants in the order of their ids. issued: day number. W958 names all that cannot stand."""
    check_grants(grants)
    package = {
        "version": VERSION, "title": f"{publisher.name} {iso(issued)}", "issued": iso(issued),
        "publisher": {"identifier": publisher.id, "name": publisher.name},
        "grants": [_grant(grant) for grant in sorted(grants, key=lambda grant: grant.id)]}
    return (json_text(package) + "\n").encode()


def check_grants(grants: Sequence[Grant]) -> None:
    """Stricter than the standard's schema, which lets a negative grant and unknown fields pass. W958."""
    findings = Findings()
    if not grants:
        findings.add("W958", Place(field="grants"), name="–", field="grants", value="–")
    ids = Counter(grant.id for grant in grants)
    for row, grant in enumerate(grants, 1):
        for field, value in (*_wrong(grant), *([("id", f"{grant.id} × {ids[grant.id]}")] if ids[grant.id] > 1 else [])):
            findings.add("W958", Place(row=row, field=field), name=grant.id, field=field, value=value)
    findings.stop()


def _wrong(grant: Grant) -> Iterator[tuple[str, object]]:
    """Each field that cannot be published, with what stands in it."""
    if not _ID.fullmatch(grant.id):
        yield "id", grant.id
    if not grant.title.strip() or len(grant.title) > TITLE_MAX:
        yield "title", grant.title[:TITLE_MAX] or "–"
    if not grant.description.strip():
        yield "description", "–"
    if grant.currency not in MINOR_DIGITS:
        yield "currency", grant.currency
    amounts = [("amountAwarded", grant.awarded), ("amountAppliedFor", grant.applied or 0)]
    yield from ((field, amount) for field, amount in amounts if not 0 <= amount <= MONEY_MAX)
    if not 0 <= grant.disbursed <= max(grant.awarded, 0):
        yield "amountDisbursed", grant.disbursed
    for side, organisation in (("recipientOrganization", grant.recipient), ("fundingOrganization", grant.funder)):
        if not _ORGANISATION.fullmatch(organisation.id):
            yield f"{side}.id", organisation.id
        if not organisation.name.strip():
            yield f"{side}.name", "–"
    if grant.starts is not None and grant.ends is not None and grant.ends < grant.starts:
        yield "plannedDates", f"{iso(grant.starts)}…{iso(grant.ends)}"
    ids = Counter(one.id for one in grant.disbursements)
    for one in grant.disbursements:
        if not _ID.fullmatch(one.id) or ids[one.id] > 1:
            yield "disbursementTransaction.id", one.id
        if one.amount == 0 or one.day < grant.day:
            yield f"disbursementTransaction {one.id}", f"{iso(one.day)} {one.amount}"


def _grant(grant: Grant) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": grant.id, "title": grant.title, "description": grant.description, "currency": grant.currency}
    if grant.applied is not None:
        told["amountAppliedFor"] = exact(grant.applied, grant.currency)
    told |= {"amountAwarded": exact(grant.awarded, grant.currency),
             "amountDisbursed": exact(grant.disbursed, grant.currency), "awardDate": iso(grant.day)}
    days = (("startDate", grant.starts), ("endDate", grant.ends))
    planned = {name: iso(day) for name, day in days if day is not None}
    if planned:
        told["plannedDates"] = [planned]
    return told | {
        "recipientOrganization": [{"id": grant.recipient.id, "name": grant.recipient.name}],
        "fundingOrganization": [{"id": grant.funder.id, "name": grant.funder.name}],
        "grantProgramme": [{"code": grant.programme, "title": grant.programme_title}],
        "disbursementTransaction": [_disbursement(one, grant.currency) for one in grant.disbursements]}


def _disbursement(one: Disbursement, currency: str) -> dict[str, Any]:
    told = {"id": one.id, "transactionDate": iso(one.day), "currency": currency, "value": exact(one.amount, currency)}
    return told | ({"description": one.description} if one.description else {})
