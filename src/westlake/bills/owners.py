"""Whose billing account it was on a day: the register's spans, under the names that bills use for an issuer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from westlake.bills.entities import Entities
from westlake.dates import iso
from westlake.errors import Findings, Place
from westlake.register.spans import AccountSpan


class Owners:
    """Account spans by issuer's house and account; W352 for every account with two owners on one day."""

    def __init__(self, accounts: Iterable[AccountSpan], entities: Entities) -> None:
        houses: dict[str, str] = {}
        self.spans: dict[tuple[str, str], list[AccountSpan]] = defaultdict(list)
        for span in accounts:
            house = houses.get(span.issuer) or houses.setdefault(span.issuer, entities.of(span.issuer))
            self.spans[house, span.account].append(span)
        findings = Findings()
        for (_, account), listed in self.spans.items():
            listed.sort(key=lambda span: span.first)
            for earlier, later in pairwise(listed):
                if later.first <= earlier.last:
                    findings.add("W352", Place(field=account), account=account, first=earlier.firm, second=later.firm,
                                 day=iso(later.first))
        findings.stop()

    def firms(self, house: str, account: str, first: int, last: int) -> set[str]:
        """The firms that own an account on any day of a span."""
        return {span.firm for span in self.spans.get((house, account), ()) if span.first <= last and span.last >= first}

    def known(self) -> frozenset[str]:
        """All firms that ever owned an account."""
        return frozenset(span.firm for listed in self.spans.values() for span in listed)

    def change_days(self) -> set[int]:
        """The days on which an account comes to a firm, or leaves it."""
        return {day for listed in self.spans.values() for span in listed for day in (span.first, span.last + 1)}

    def rows(self) -> list[tuple[str, str, str, int, int]]:
        """(house, account, firm, first day, last day), one row a span."""
        return [(*key, span.firm, span.first, span.last) for key, listed in self.spans.items() for span in listed]

