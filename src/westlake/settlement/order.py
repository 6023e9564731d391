"""Who comes first: received days for a queue, points for a ranking, from a small table of the office."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from westlake.dates import parse_day
from westlake.errors import Findings, Place, WestlakeError


@dataclass(frozen=True)
class Order:
    """By firm: the day number on which its application was received; its points (whole, higher is better)."""

    received: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, int] = field(default_factory=dict)


def read_order(path: Path) -> Order:
    """The order of a CSV table `firm, received, score` (either may be left out); W416 names every wrong row."""
    if not path.is_file():
        raise WestlakeError.one("W416", Place(path.name))
    findings, received, scores = Findings(), {}, {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                firm = row["firm"].strip()
                if row.get("received"):
                    received[firm] = parse_day(row["received"])
                if row.get("score"):
                    scores[firm] = int(row["score"])
            except (KeyError, ValueError, AttributeError):
                findings.add("W416", Place(path.name, row=number))
    findings.stop()
    return Order(received, scores)


def check_order(way: str, firms: list[str], order: Order, seed: str) -> None:
    """A way that ranks is not left to the alphabet: W417 when the order of a firm, or the seed, is not known."""
    known: Mapping[str, Mapping[str, int]] = {"queue": order.received, "score": order.scores}
    if way in known:
        lacking = [firm for firm in firms if firm not in known[way]]
        if lacking:
            raise WestlakeError.one("W417", way=way, number=len(lacking), firms=", ".join(lacking[:3]))
    if way == "lottery" and not seed:
        raise WestlakeError.one("W418")
