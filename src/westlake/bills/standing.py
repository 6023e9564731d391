"""Which version of an invoice stands, and which invoices must wait for an officer.

S2 and S3 of the claim. An open bill, or one that could not be read or did not tie out, is replaced by what comes
after it. An issued invoice is never replaced: the same rows again are nothing new, other rows under its number are
TAMPER. An invoice belongs to one firm: two firms with one invoice are DUPLICATE_INVOICE, and neither is paid until
an officer has ruled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from westlake.bills.amounts import rounded, text_of
from westlake.bills.entities import Entities
from westlake.bills.tables import Clearance, Delivery
from westlake.errors import Place, Problem

Key = tuple[str, str, str]  # issuer's house, billing account, invoice id
CODES = {"UNREADABLE": "W320", "DUPLICATE_INVOICE": "W321", "TAMPER": "W322", "NOT_TIED": "W323", "IN_DOUBT": "W325"}


class Invoice(NamedTuple):
    """One invoice in one reading, in one currency, with what a manifest declares of it.

    mark: its own 64 bits. total, declared: 1e-18 units; `declared` None when nothing is. given: the bill itself
    carries the id. bad_rows: rows with a cost that can't be read.
    """

    mark: int
    issuer: str
    account: str
    invoice: str
    billing_day: int
    currency: str
    given: bool
    rows: int
    bad_rows: int
    copies: bool
    total: int
    digest: int
    declared: int | None
    declared_digits: int
    final: bool
    paid: bool
    voided: bool
    proof: str


@dataclass(frozen=True)
class Version:
    """An invoice as one delivery has it: an entry per currency."""

    delivery: Delivery
    entries: tuple[Invoice, ...]

    @property
    def content(self) -> tuple[tuple[str, int, int, int], ...]:
        """What the rows add up to; equal for the same rows in any order, file type or FOCUS version."""
        return tuple(sorted((one.currency, one.rows, one.total, one.digest) for one in self.entries))

    @property
    def totals(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted((one.currency, one.total) for one in self.entries))

    def is_like(self, other: Version) -> bool:
        """The same invoice again? Across provider formats only the totals can be compared."""
        family, others = self.delivery.format.split("-")[0], other.delivery.format.split("-")[0]
        return self.content == other.content if family == others else self.totals == other.totals

    def all(self, what: Callable[[Invoice], bool]) -> bool:
        return all(what(one) for one in self.entries)


@dataclass(frozen=True)
class Flag:
    """Something an officer should see. ruling: its name; holds: does the invoice wait for an officer?"""

    ruling: str
    problem: Problem
    issuer: str
    account: str
    invoice: str
    deliveries: tuple[int, ...]
    holds: bool = True


@dataclass(frozen=True)
class Standing:
    """An invoice and the versions of it that count (none of them when `ruling` is not '')."""

    key: Key
    versions: tuple[Version, ...]
    superseded: tuple[Version, ...]
    ruling: str
    flags: tuple[Flag, ...]
    issuer: str  # as the first delivery of it spells the name, so that a later spelling changes nothing


def standings(invoices: Iterable[tuple[Delivery, Invoice]], entities: Entities, clearances: Sequence[Clearance],
              claimants: Callable[[Key, Sequence[Version]], frozenset[str]], firms: Collection[str]) -> list[Standing]:
    """How these invoices stand; they come with their deliveries, in the order of receipt.

    claimants: the firms an invoice's account belongs to, by the register. firms: all firms of the register;
    an uploader that is none of them (an office, a provider's feed) claims nothing.
    """
    by_id: dict[int, Delivery] = {}
    houses: dict[str, str] = {}
    grouped: dict[Key, dict[int, list[Invoice]]] = defaultdict(lambda: defaultdict(list))
    strays: dict[int, set[str]] = defaultdict(set)
    for delivery, one in invoices:
        by_id[delivery.id] = delivery
        if not one.issuer or not one.account or (not one.invoice and one.bad_rows):
            strays[delivery.id].add(one.account if one.issuer else "")
        if one.issuer and one.account:
            house = houses.get(one.issuer) or houses.setdefault(one.issuer, entities.of(one.issuer))
            grouped[house, one.account, one.invoice][delivery.id].append(one)
    cleared = {(one.code, entities.of(one.issuer), one.account, one.invoice): one for one in clearances}
    versions = {key: [Version(by_id[delivery], tuple(entries)) for delivery, entries in sorted(found.items())]
                for key, found in grouped.items()}
    twice = _claimed_twice(versions, claimants, firms)
    named = _named_months(versions)
    return [_open(key, found, named) if not key[2] else
            _issued(key, found, cleared, strays, twice.get(key, frozenset())) for key, found in versions.items()]


def _named_months(versions: Mapping[Key, Sequence[Version]]) -> dict[tuple[str, str, int], int]:
    """The last delivery in which a month of an account came with its invoice numbers."""
    found: dict[tuple[str, str, int], int] = {}
    for (house, account, invoice), listed in versions.items():
        if invoice:
            for version in listed:
                for entry in version.entries:
                    month = (house, account, entry.billing_day)
                    found[month] = max(found.get(month, 0), version.delivery.id)
    return found


def _open(key: Key, found: Sequence[Version], named: Mapping[tuple[str, str, int], int]) -> Standing:
    """Rows that name no invoice yet: the last snapshot of each month, until its invoices come."""
    last: dict[int, int] = {}
    for version in found:
        for entry in version.entries:
            last[entry.billing_day] = version.delivery.id
    counted, superseded = [], []
    for version in found:
        stale = [entry for entry in version.entries
                 if version.delivery.id < max(last[entry.billing_day] if version.delivery.style == "snapshot" else 0,
                                              named.get((key[0], key[1], entry.billing_day), 0))]
        fresh = [entry for entry in version.entries if entry not in stale]
        superseded += [replace(version, entries=tuple(stale))] if stale else []
        counted += [replace(version, entries=tuple(fresh))] if fresh else []
    return Standing(key, tuple(counted), tuple(superseded), "NOT_FINAL", (), _issuer(found))


def _issued(key: Key, found: Sequence[Version], cleared: Mapping[tuple[str, str, str, str], Clearance],
            strays: Mapping[int, set[str]], rivals: frozenset[str]) -> Standing:
    def is_sound(version: Version) -> bool:
        return version.all(lambda one: one.final) and not _untied(key, [version], strays)

    counted, superseded, tampered = _replay(found, cleared.get(("TAMPER", *key)), is_sound)
    flags = []
    if rivals and ("DUPLICATE_INVOICE", *key) not in cleared:
        flags.append(_flag("DUPLICATE_INVOICE", key, found, firms=", ".join(sorted(rivals))))
    if tampered:
        flags.append(_flag("TAMPER", key, [*counted, *tampered], first=counted[0].delivery.name,
                           second=tampered[-1].delivery.name))
    flags += _untied(key, counted, strays)
    flags = [flag for flag in flags if flag.ruling == "TAMPER" or (flag.ruling, *key) not in cleared]
    held = [flag.ruling for flag in flags]
    ruling = next((name for name in CODES if name in held), "")
    final = all(version.all(lambda one: one.final and not one.voided) for version in counted)
    paid = all(version.all(lambda one: one.paid) for version in counted)
    ruling = "NOT_FINAL" if not final else "NOT_PAID" if not paid else ruling
    return Standing(key, tuple(counted), tuple(superseded + tampered), ruling, tuple(flags), _issuer(found))


def _issuer(found: Sequence[Version]) -> str:
    return min(entry.issuer for entry in found[0].entries)


def _replay(found: Sequence[Version], cleared: Clearance | None, is_sound: Callable[[Version], bool],
            ) -> tuple[list[Version], list[Version], list[Version]]:
    """(counted, superseded, tampered) versions of an invoice, taken in the order of receipt.

    is_sound: is this a version that nothing may replace, final, readable and tied out?
    """
    counted: list[Version] = []
    superseded: list[Version] = []
    tampered: list[Version] = []
    for version in found:
        again = next((place for place, one in enumerate(counted) if one.is_like(version)), None)
        if again is not None:
            counted[again] = _restated(counted[again], version)
        elif not counted:
            counted.append(version)
        elif not all(is_sound(one) for one in counted):
            if version.delivery.style == "snapshot":
                superseded += counted
                counted = []
            counted.append(version)
        else:
            tampered.append(version)
    if cleared:
        settled = [one for one in found if one.delivery.id == cleared.delivery]
        later = [one for one in tampered if one.delivery.received_day > cleared.day]
        superseded += [one for one in (*counted, *tampered) if one not in settled and one not in later]
        counted, tampered = settled or counted, later
    return counted, superseded, tampered


def _restated(first: Version, again: Version) -> Version:
    """The same rows with a newer statement: whether final, paid or voided, and the declared total, are the newer."""
    if len(first.entries) != len(again.entries):
        return first
    told = {entry.currency: entry for entry in again.entries}
    vat = replace(first.delivery, vat_inside_ppm=again.delivery.vat_inside_ppm)
    return replace(first, delivery=vat, entries=tuple(
        entry._replace(final=told[entry.currency].final or entry.final, paid=told[entry.currency].paid or entry.paid,
                       voided=told[entry.currency].voided, proof=told[entry.currency].proof or entry.proof,
                       declared=entry.declared if told[entry.currency].declared is None
                       else told[entry.currency].declared)
        if entry.currency in told else entry for entry in first.entries))


def difference(entry: Invoice) -> int:
    """Declared minus summed, in units of the last declared decimal; 0 when they tie or nothing is declared."""
    if entry.declared is None:
        return 0
    return rounded(entry.declared, entry.declared_digits) - rounded(entry.total, entry.declared_digits)


def _untied(key: Key, counted: Sequence[Version], strays: Mapping[int, set[str]]) -> list[Flag]:
    """Bad rows, a total that is off, or bad rows nearby that may belong to this invoice."""
    flags = []
    for version in counted:
        bad = sum(entry.bad_rows for entry in version.entries)
        off = next((entry for entry in version.entries if difference(entry)), None)
        stray = strays.get(version.delivery.id, set())
        if bad:
            flags.append(_flag("UNREADABLE", key, [version], rows=bad))
        elif off:
            digits = off.declared_digits
            flags.append(_flag("NOT_TIED", key, [version], currency=off.currency,
                               summed=text_of(rounded(off.total, digits), digits),
                               declared=text_of(rounded(off.declared or 0, digits), digits)))
        elif (key[1] in stray or "" in stray) and not version.all(lambda one: one.declared is not None):
            flags.append(_flag("IN_DOUBT", key, [version], file=version.delivery.name))
    return flags


def _flag(ruling: str, key: Key, versions: Sequence[Version], **values: object) -> Flag:
    place = Place(versions[0].delivery.name, field=key[2])
    return Flag(ruling, Problem(CODES[ruling], place, {"invoice": key[2], **values}), _issuer(versions), *key[1:],
                tuple(version.delivery.id for version in versions))


def _claimed_twice(versions: Mapping[Key, Sequence[Version]],
                   claimants: Callable[[Key, Sequence[Version]], frozenset[str]],
                   known: Collection[str]) -> dict[Key, frozenset[str]]:
    """Invoices that more than one firm brings: by uploader, or under accounts of different firms."""
    found: dict[Key, frozenset[str]] = {}
    accounts: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key, listed in versions.items():
        if key[2] and all(entry.given for version in listed for entry in version.entries):
            accounts[key[0], key[2]].append(key)
        uploaders = frozenset(version.delivery.uploader for version in listed if version.delivery.uploader in known)
        if key[2] and len(uploaders) > 1:
            found[key] = uploaders
    for keys in accounts.values():
        if len(keys) > 1:
            firms = {key: claimants(key, versions[key]) for key in keys}
            everyone = frozenset().union(*firms.values())
            if len(everyone) > 1 and len(set(firms.values())) > 1:
                found.update((key, everyone) for key in keys if firms[key])
    return found
