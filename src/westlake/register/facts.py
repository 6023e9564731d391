"""What the office may know of a firm or a person, how each fact is written, and how sure it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from westlake import dates, money
from westlake.errors import Place, Problem, WestlakeError
from westlake.words import catalogue, fill

TEXT_MAX, KEY_MAX = 1_000, 200  # characters; of a key, as many as every database's index holds
_UNKEPT = re.compile("[\\0\ud800-\udfff]")  # NUL, and halves of a pair
_KEYS = frozenset(("subject", "fact", "id", "issuer", "account", "firm", "party"))
ASSURANCES = ("declared", "verified", "audited")


@dataclass(frozen=True)
class FactKind:
    """One kind of fact: how it is written, and whether money waits until it is more than declared."""

    name: str
    subject: str  # firm or person
    type: str  # text, choice, bool, money, count, day
    choices: tuple[str, ...] = ()
    key: bool = False

    def parse(self, text: str, currency: str) -> str:
        """The canonical text of a value; `ValueError` when it is not one."""
        plain = text.strip()
        match self.type:
            case "choice":
                if plain not in self.choices:
                    raise ValueError(", ".join(self.choices))
            case "bool":
                plain = _TRUTH[plain.lower()] if plain.lower() in _TRUTH else _refuse("yes, no")
            case "money":
                plain = _amount(plain, currency)
            case "count":
                plain = plain if re.fullmatch(r"\d{1,9}", plain) else _refuse("0, 1, 2 …")
            case "day":
                plain = dates.iso(dates.parse_day(plain))
        return plain if plain else _refuse("…")


@dataclass(frozen=True)
class Fact:
    """What was known of a subject over a span of days (both included)."""

    subject: str
    name: str
    value: str
    first: int
    last: int
    assurance: str
    source: str
    learnt: int

    @property
    def only_declared(self) -> bool:
        return self.assurance == "declared"

    def number(self) -> int:
        """The value as a rule takes it: flag, amount, count, day number or place among the choices."""
        kind = FACTS[self.name]
        match kind.type:
            case "choice":
                return kind.choices.index(self.value)
            case "day":
                return dates.parse_day(self.value)
            case "text":
                raise TypeError(f"{self.name} is a text, not a number")
        return int(self.value)


def text_words(value: str, lang: str) -> str:
    """A district or a sector as people call it; a name that the city has no words for stays as the register has it."""
    known = catalogue().get(f"register.value.{value}")
    return fill(known, lang) if known else value


def unfit(field: str, text: str, place: Place | None = None) -> Problem | None:
    """What keeps a text out of the register, W211: what one database would take and another refuse."""
    most = KEY_MAX if field in _KEYS else TEXT_MAX
    kept = len(text) <= most and not _UNKEPT.search(text)
    return None if kept else Problem("W211", place or Place(field=field), {"most": f"{most:,}"})


def check_texts(**texts: str) -> None:
    """Every text by its field; W211 for all that cannot be kept."""
    if found := [problem for field, text in texts.items() if (problem := unfit(field, text))]:
        raise WestlakeError(found)


def _amount(text: str, currency: str) -> str:
    try:
        amount = money.parse_money(text, currency)
    except ValueError:
        amount = -1
    return str(amount) if amount >= 0 else _refuse("1234.50")


def _refuse(wanted: str) -> str:
    raise ValueError(wanted)


_TRUTH = {"yes": "1", "true": "1", "1": "1", "y": "1", "是": "1", "예": "1",
          "no": "0", "false": "0", "0": "0", "n": "0", "否": "0", "아니오": "0"}

FACTS = {kind.name: kind for kind in (
    FactKind("name", "firm", "text"),
    FactKind("size", "firm", "choice", ("micro", "small", "medium", "large"), key=True),
    FactKind("group", "firm", "text"),
    FactKind("resident", "firm", "bool", key=True),
    FactKind("district", "firm", "text"),
    FactKind("sector", "firm", "text"),
    FactKind("saas", "firm", "bool", key=True),
    FactKind("bank_account", "firm", "text", key=True),
    FactKind("contracts_year", "firm", "money", key=True),
    FactKind("staff", "firm", "count"),
    FactKind("founded", "firm", "day"),
    FactKind("high_tech", "firm", "bool", key=True),
    FactKind("connected", "firm", "bool", key=True),
    FactKind("person_name", "person", "text"),
    FactKind("person_resident", "person", "bool", key=True),
    FactKind("degree", "person", "choice", ("none", "bachelor", "master", "doctor"), key=True),
    FactKind("graduated", "person", "day"),
    FactKind("employer", "person", "text"),
    FactKind("origin", "person", "choice", ("local_graduate", "outsider", "overseas_chinese", "foreigner")),
    FactKind("founder", "person", "bool", key=True),
    FactKind("largest_holder", "person", "bool", key=True),
)}
