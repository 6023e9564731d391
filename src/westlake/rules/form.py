"""form.yaml: every input of a programme, its kind, its largest value, where it comes from, its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from westlake.errors import Place
from westlake.money import MINOR_DIGITS
from westlake.rules.kinds import WIDEST, Kind, read, write
from westlake.rules.tree import Node, Sheet
from westlake.words import Text

ORIGINS = ("form", "bill", "register", "ledger", "review", "acceptance", "capital")
_KEYS = ("type", "choices", "from", "min", "max", "decimals", "words", "choice_words")
DECIMALS = ("1", "2", "3", "4", "5", "6")
_NO_WORDS: Text = {"en": ""}
NOWHERE = Place()


@dataclass(frozen=True)
class Input:
    """One declared input. `low` and `high` are the least and largest number it may be, both included.

    decimals: of a count that is told in parts, as a score in thousandths of a point is.
    """

    name: str
    kind: Kind
    low: int
    high: int
    choices: tuple[str, ...] = ()
    origin: str = "form"
    words: Text = field(default_factory=lambda: _NO_WORDS)
    choice_words: Mapping[str, Text] = field(default_factory=dict)
    place: Place = NOWHERE
    decimals: int = 0

    def read(self, text: str, currency: str) -> int:
        """The number of a text; `ValueError` if it is no such number."""
        return read(self.kind, text, currency, self.choices, self.decimals)

    def write(self, number: int, currency: str) -> str:
        """The text of a number: what `read` takes back."""
        return write(self.kind, number, currency, self.choices, self.decimals)


@dataclass(frozen=True)
class Form:
    """All inputs in the order written, and the currency that the programme's money is in."""

    inputs: Mapping[str, Input]
    currency: str = "CNY"
    broken: frozenset[str] = frozenset()  # declared, but at fault


DAY = Input("day", Kind.DAY, *WIDEST[Kind.DAY], origin="day")  # the day decided for; every rule may ask for it


def read_form(sheet: Sheet) -> Form:
    """The form of a form.yaml; faults are noted in the sheet's findings."""
    top = sheet.mapping(sheet.root, ("currency", "inputs"), ("inputs",))
    currency = "CNY"
    if "currency" in top:
        currency = sheet.one_of(top["currency"][1], sorted(MINOR_DIGITS), "W117", "currency") or "CNY"
    inputs: dict[str, Input] = {}
    broken: set[str] = set()
    entries = sheet.mapping(top["inputs"][1]) if "inputs" in top else {}
    for name, (key, node) in entries.items():
        _check_name(sheet, name, key)
        before = len(sheet.findings)
        found = _input(sheet, name, key, node, currency)
        if found:
            inputs[name] = found
        if sheet.broken_since(before):
            broken.add(name)
    return Form(inputs, currency, frozenset(broken))


def _check_name(sheet: Sheet, name: str, key: Node) -> None:
    if not name.isidentifier() or name.startswith("_") or name == DAY.name:
        sheet.fault("W120", key, name=name)


def _input(sheet: Sheet, name: str, key: Node, node: Node, currency: str) -> Input | None:
    entries = sheet.mapping(node, _KEYS, ("type", "from", "words"))
    if "type" not in entries:
        return None
    word = sheet.one_of(entries["type"][1], [kind.value for kind in Kind], "W117", "type")
    if word is None:
        return None
    kind = Kind(word)
    choices, choice_words = _choices(sheet, entries, node) if kind is Kind.CHOICE else ((), {})
    origin = sheet.one_of(entries["from"][1], ORIGINS, "W117", "from") if "from" in entries else "form"
    decimals = _decimals(sheet, kind, entries)
    low, high = _bounds(sheet, kind, entries, choices, currency, decimals)
    words = sheet.words(entries["words"][1]) if "words" in entries else _NO_WORDS
    return Input(name, kind, low, high, choices, origin or "form", words, choice_words, sheet.place(key), decimals)


def _decimals(sheet: Sheet, kind: Kind, entries: Mapping[str, tuple[Node, Node]]) -> int:
    if "decimals" not in entries:
        return 0
    if kind is not Kind.COUNT:
        sheet.fault("W103", entries["decimals"][0], name="decimals", known="type, from, min, max, words")
        return 0
    return int(sheet.one_of(entries["decimals"][1], DECIMALS, "W117", "decimals") or 0)


def _choices(sheet: Sheet, entries: Mapping[str, tuple[Node, Node]],
             node: Node) -> tuple[tuple[str, ...], Mapping[str, Text]]:
    for wanted in ("choices", "choice_words"):
        if wanted not in entries:
            sheet.fault("W104", node, name=wanted)
            return (), {}
    choices: list[str] = []
    for item in sheet.sequence(entries["choices"][1]):
        text = sheet.scalar(item)
        if text in choices:
            sheet.fault("W102", item, name=text, line=sheet.place(entries["choices"][0]).line)
        elif text is not None:
            choices.append(text)
    _, words_node = entries["choice_words"]
    words = sheet.mapping(words_node, choices, choices)
    return tuple(choices), {name: sheet.words(value) for name, (_, value) in words.items()}


def _bounds(sheet: Sheet, kind: Kind, entries: Mapping[str, tuple[Node, Node]],
            choices: tuple[str, ...], currency: str, decimals: int = 0) -> tuple[int, int]:
    """The declared range. Left out: money as much below zero as above, counts from 0, else the widest."""
    low, high = WIDEST[kind]
    if kind in (Kind.CHOICE, Kind.BOOL, Kind.ID):
        for name in {"min", "max"}.intersection(entries):
            sheet.fault("W103", entries[name][0], name=name, known="type, choices, from, words")
        return (0, max(0, len(choices) - 1)) if kind is Kind.CHOICE else (low, high)
    high = _bound(sheet, kind, entries, "max", high, currency, decimals)
    least = {Kind.MONEY: -abs(high), Kind.FINE: -abs(high), Kind.COUNT: min(0, high)}.get(kind, low)
    low = _bound(sheet, kind, entries, "min", least, currency, decimals)
    if low > high:
        sheet.fault("W118", entries["max" if "max" in entries else "min"][1])
        return WIDEST[kind]
    return low, high


def _bound(sheet: Sheet, kind: Kind, entries: Mapping[str, tuple[Node, Node]], name: str, otherwise: int,
           currency: str, decimals: int) -> int:
    number = number_at(sheet, entries[name][1], kind, currency, decimals) if name in entries else None
    return otherwise if number is None else number


def number_at(sheet: Sheet, node: Node, kind: Kind, currency: str, decimals: int = 0) -> int | None:
    """The number of a plain value, checked for its kind's widest range; W106 or W116 otherwise."""
    text = sheet.scalar(node)
    if text is None:
        return None
    try:
        number = read(kind, text, currency, (), decimals)
    except ValueError:
        sheet.fault("W106", node, text=text, kind=kind.value)
        return None
    low, high = WIDEST[kind]
    if not low <= number <= high:
        sheet.fault("W116", node, text=text, kind=kind.value)
        return None
    return number
