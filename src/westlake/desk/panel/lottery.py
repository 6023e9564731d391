"""A declared lottery: where scores cannot tell cases apart, a seed published beforehand decides, and anyone can check.

The formula: each case's lot is the SHA-256, in hex, of one text made of the seed and the case's id
(`hashed_text` prints it; `printf TEXT | sha256sum` on any machine gives the lot). The smallest lots win.
Nobody's lot depends on who else takes part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from westlake.digest import canonical
from westlake.errors import Place, WestlakeError
from westlake.settlement.allotment import draw


class Lot(NamedTuple):
    """One case's lot."""

    case: str
    lot: str  # 64 hex digits
    turn: int  # 1 is first
    drawn: bool  # it has a place


@dataclass(frozen=True)
class Drawing:
    """A whole draw, as it is recorded and published."""

    seed: str
    places: int
    lots: tuple[Lot, ...]  # in the order drawn

    @property
    def drawn(self) -> tuple[str, ...]:
        """The winners, in the order drawn."""
        return tuple(lot.case for lot in self.lots if lot.drawn)


def draw_lots(seed: str, cases: Iterable[str], places: int) -> Drawing:
    """Draw `places` of the cases. W940 without a seed, W941 if a case stands twice or places are negative."""
    if not seed:
        raise WestlakeError.one("W940", Place(field="seed"))
    names = sorted(cases)
    if len(set(names)) < len(names) or places < 0:
        raise WestlakeError.one("W941", Place(field="places"), places=places, cases=len(names))
    turns = sorted((draw(seed, case), case) for case in names)
    return Drawing(seed, places, tuple(Lot(case, lot, turn, turn <= places)
                                       for turn, (lot, case) in enumerate(turns, 1)))


def hashed_text(seed: str, case: str) -> str:
    """The exact text whose SHA-256 is the case's lot: `l2:s8:lakesides5:reed1` for seed lakeside, case reed1.

    The figures before the colons are lengths in bytes (UTF-8), so that no two pairs share a text.
    """
    return canonical([seed, case]).decode()


def same_draw(drawing: Drawing) -> bool:
    """Whether a recorded draw's lots and turns are what its seed and cases give today.

    Who was drawn is not compared: where quotas stand beside the lottery, a turn within the places may be passed over.
    """
    again = draw_lots(drawing.seed, (lot.case for lot in drawing.lots), 0)
    return [lot[:3] for lot in drawing.lots] == [lot[:3] for lot in again.lots]
