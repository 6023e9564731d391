"""Who owned a billing account, and who was related to whom, from which day to which."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.dates import DAY_MAX


@dataclass(frozen=True)
class AccountSpan:
    """A billing account at an issuer belongs to a firm from `first` to `last`, both days included."""

    issuer: str
    account: str
    firm: str
    first: int
    last: int = DAY_MAX


@dataclass(frozen=True)
class RelatedParty:
    """A seller or other party that is not at arm's length from a firm, both days included."""

    firm: str
    party: str
    first: int
    last: int = DAY_MAX
