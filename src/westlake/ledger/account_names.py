"""Gives every account, and each of its four sums, one name that other bookkeeping programs take and that reads back.

`budget:cloud_voucher` under rule credit is `Liabilities:Budget:Cloud--voucher`; debit accounts are Assets,
free ones Equity:Free, and what is held stands under Equity:Held. Below an account stand its two sides,
Debits and Credits, so each of the four sums is an account of its own there, and can be asserted.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from westlake.ledger.balances import Balance

ROOTS = {"debit": "Assets", "credit": "Liabilities", "free": "Equity:Free"}
HELD = "Equity:Held"
SIDES = {"debit": "Debits", "credit": "Credits"}
SUM_OF = {(False, "debit"): "debits", (False, "credit"): "credits",
          (True, "debit"): "held_debits", (True, "credit"): "held_credits"}


class Leaf(NamedTuple):
    """One of the four sums of an account: posted or held, on its debit or its credit side."""

    code: str
    held: bool
    side: str

    def amount(self, kept: Balance) -> int:
        """This sum in a balance as the other program shows it, minor units: credits are negative."""
        total: int = getattr(kept, SUM_OF[self.held, self.side])
        return total if self.side == "debit" else -total


def leaf_name(leaf: Leaf, rule: str) -> str:
    """The name of one sum of an account."""
    return f"{held_name(leaf.code) if leaf.held else account_name(leaf.code, rule)}:{SIDES[leaf.side]}"


def account_name(code: str, rule: str) -> str:
    """The name above the two sides of what is posted on an account."""
    return ":".join([ROOTS[rule], *(_component(part) for part in code.split(":"))])


def held_name(code: str) -> str:
    """The name above the two sides of what is held on an account."""
    return ":".join([HELD, *(_component(part) for part in code.split(":"))])


def account_code(name: str) -> str:
    """The code of the account that a name stands for, with or without its side."""
    root = next(root for root in (*ROOTS.values(), HELD) if name.startswith(f"{root}:"))
    parts = name.removeprefix(f"{root}:").split(":")
    return ":".join(_plain(part) for part in (parts[:-1] if parts[-1] in SIDES.values() else parts))


def link_name(idem: str) -> str:
    """A journal's key as a link: a colon is written as a slash, what a link cannot hold as its number."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: "/" if found[0] == ":" else f".{ord(found[0]):x}.", idem)


def _component(text: str) -> str:
    """A part of a code as a part of a name: its first letter raised, what a name cannot hold as its number.

    `-` opens and closes a number in hexadecimal, `--` is the underscore; one more `-` at the end says that
    the first letter was a capital already. A part that cannot begin a name, begins with z, or would be
    taken for a side, stands after Z.
    """
    first = text[:1]
    rest = "".join(char if char.isascii() and char.isalnum() else _number(char) for char in text[1:])
    if "a" <= first < "z" and first.upper() + rest not in SIDES.values():
        return first.upper() + rest
    if "A" <= first < "Z":
        return f"{first}{rest}-"
    return (first if "0" <= first <= "9" else "Z" + _number(first)) + rest


def _number(char: str) -> str:
    return "--" if char == "_" else f"-{ord(char):x}-" if char else ""


def _plain(component: str) -> str:
    first, *rest = component.split("-")  # plain, number, plain, number, … plain
    if len(rest) % 2 == 0:
        first = "" if first == "Z" else first[:1].lower() + first[1:]
    return first + "".join(part if place % 2 else chr(int(part, 16)) if part else "_"
                           for place, part in enumerate(rest[:len(rest) // 2 * 2]))
