"""A provider's columns under the names of FOCUS 1.4: one mapping file a format, no code.

A mapping file says how a file is recognised by its headings and where each canonical column comes from:

    BilledCost: BilledCost                                   the heading itself
    ServiceProviderName: {first: [PublisherName, ProviderName]}      the first that is not empty
    ChargeCategory: {from: LineItemType, values: {Fee: Purchase}}    translated; other words stay as they are,
                                                                     or become what `otherwise` says
    InvoiceIssuerName: {constant: Heron Cloud}
    BilledCost: {when: {LineItemType: [DiscountedUsage]}, then: {constant: "0"}, otherwise: UnblendedCost}
    BilledCost: {back: PaymentAmount}                        money back, whichever sign the provider prints
    ChargePeriodStart: {day: UsageStartTime}                 the day as printed, whatever the hour

`paid` names what a row was paid with, where a provider says it: what is payable, the cash, the rest, what is owed.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from westlake.bills.engine import quoted
from westlake.errors import Findings, Place, WestlakeError, nearest
from westlake.rules.tree import Node, Sheet
from westlake.words import Text

FOLDER = Path(__file__).with_name("mappings")

CANONICAL = (
    "InvoiceId", "BillingAccountId", "SubAccountId", "BillingCurrency", "InvoiceIssuerName",
    "BillingPeriodStart", "ChargePeriodStart", "ChargePeriodEnd", "BilledCost", "EffectiveCost",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ServiceCategory", "ServiceSubcategory",
    "ServiceName", "ServiceProviderName", "HostProviderName", "RegionId", "CommitmentDiscountId",
    "CommitmentDiscountStatus", "AllocatedMethodId", "ResourceId", "SkuId", "SkuPriceId", "Tags")
KEYS = ("title", "like", "tested", "trim", "headings", "has", "lacks", "paid", "columns")
NEEDED = ("BillingAccountId", "BillingCurrency", "InvoiceIssuerName", "BillingPeriodStart", "ChargePeriodStart",
          "BilledCost", "ChargeCategory")


@dataclass(frozen=True)
class Format:
    """One format: its name and title, how it is recognised, and each canonical column's source.

    tested: was it tried on a real file? trim: are blanks and tabs around a text nothing? headings: heading → the name
    that `has` and `columns` use. paid: what is payable, its cash, other and owed parts, by name; empty when unknown.
    """

    format: str
    title: Text
    tested: bool
    trim: bool
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    headings: str | Mapping[str, str]
    paid: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, object]

    def fits(self, headings: Collection[str]) -> bool:
        """Do these headings look like this format?"""
        return bool(self.has) and set(self.has) <= set(headings) and not set(self.lacks) & set(headings)

    def spelled(self, headings: Collection[str]) -> dict[str, str]:
        """The name a mapping uses → the heading as the file spells it."""
        if isinstance(self.headings, Mapping):
            return {self.headings[heading]: heading for heading in headings if heading in self.headings}
        return {snake(heading) if self.headings == "snake" else heading: heading for heading in headings}

    def texts(self, columns: Mapping[str, str]) -> dict[str, str]:
        """The names that a mapping uses, each with the SQL of its text."""
        return {name: f"nullif(trim({column}, ' ' || chr(9)), '')" if self.trim else column
                for name, column in columns.items()}

    def named(self, columns: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """The SELECT list of the canonical columns over the columns of `raw`, and which ones the file lacks."""
        texts, lacking = [], []
        known = self.texts(columns)
        for name in CANONICAL:
            text = expression(self.columns.get(name), known)
            if text is None:
                lacking.append(name)
            texts.append(f"{text or 'CAST(NULL AS VARCHAR)'} AS {name}")
        return ",\n            ".join(texts), tuple(lacking)


def snake(heading: str) -> str:
    """AWS's own rule for old headings: lineItem/UnblendedCost is line_item_unblended_cost."""
    spaced = "".join(f"_{char.lower()}" if char.isupper() else char for char in heading)
    return spaced.replace("/", "_").replace(":", "_").replace("__", "_").strip("_")


def expression(source: object, columns: Mapping[str, str]) -> str | None:
    """The SQL of one canonical column, or None when the file has none of what it is made from."""
    match source:
        case None:
            return None
        case str():
            return columns.get(source)
        case {"constant": str(text)}:
            return quoted(text)
        case {"first": list(sources)}:
            found = [text for text in (expression(item, columns) for item in sources) if text]
            return f"coalesce({', '.join(found)})" if len(found) > 1 else (found[0] if found else None)
        case {"from": str(heading), "values": dict(values), **rest}:
            if heading not in columns:
                return None
            cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(new)}" for old, new in values.items())
            other = quoted(str(rest["otherwise"])) if "otherwise" in rest else columns[heading]
            return f"CASE {columns[heading]} {cases} ELSE {other} END"
        case {"back": str(heading)}:
            amount = columns.get(heading)
            return amount and f"CASE WHEN {amount} LIKE '-%' THEN {amount} ELSE '-' || {amount} END"
        case {"day": str(heading)}:
            return f"left({columns[heading]}, 10)" if heading in columns else None
        case {"when": dict(tests), "then": then, **rest}:
            return _choice(tests, expression(then, columns), expression(rest.get("otherwise"), columns), columns)
    raise AssertionError(f"a mapping says {source!r}")


def _choice(tests: Mapping[str, object], then: str | None, otherwise: str | None,
            columns: Mapping[str, str]) -> str | None:
    """All tests hold: one of the texts listed, or, for `present`, anything at all."""
    known = {heading: wanted for heading, wanted in tests.items() if heading in columns}
    if len(known) < len(tests):
        return otherwise
    holds = " AND ".join(
        f"{columns[heading]} IS NOT NULL" if wanted == "present"
        else f"{columns[heading]} IN ({', '.join(quoted(str(text)) for text in list(wanted))})"  # type: ignore[call-overload]
        for heading, wanted in known.items())
    return f"CASE WHEN {holds} THEN {then or 'NULL'} ELSE {otherwise or 'NULL'} END"


@functools.cache
def mappings(folder: Path = FOLDER) -> Mapping[str, Format]:
    """All mapping files of a folder by format; W350 for what one says wrongly."""
    findings = Findings()
    written = {path.stem: _read(path, findings) for path in sorted(folder.glob("*.yaml"))}
    findings.stop()
    return {name: _whole(name, written) for name in written}


def _whole(name: str, written: Mapping[str, tuple[Format, str]]) -> Format:
    """A mapping over the one it is `like`."""
    mapping, like = written[name]
    if not like:
        return mapping
    under = _whole(like, written)
    columns = {key: value for key, value in {**under.columns, **mapping.columns}.items() if value != ""}
    return replace(mapping, columns=columns, headings=mapping.headings or under.headings,
                   trim=mapping.trim or under.trim, paid=mapping.paid or under.paid)


def _read(path: Path, findings: Findings) -> tuple[Format, str]:
    sheet = Sheet(path, path.name, findings)
    top = sheet.mapping(sheet.root, KEYS, ("title", "has"))
    plain = {name: _plain(node) for name, (_, node) in top.items()}
    columns, headings, paid = plain.get("columns", {}), plain.get("headings", ""), plain.get("paid", {})
    entries = sheet.mapping(top["columns"][1], CANONICAL, code="W350") if "columns" in top else {}
    for key, _ in entries.values():
        assert isinstance(key, yaml.ScalarNode)
    mapping = Format(path.stem, _texts(plain.get("title")), plain.get("tested") != "no", plain.get("trim") == "yes",
                     _tuple(plain.get("has")), _tuple(plain.get("lacks")),
                     headings if isinstance(headings, dict) else str(headings),
                     {part: _tuple(names) or (str(names),) for part, names in paid.items()}
                     if isinstance(paid, dict) else {}, columns if isinstance(columns, dict) else {})
    return mapping, str(plain.get("like", ""))


def _plain(node: Node) -> object:
    """A YAML node as texts, lists and mappings."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return str(node.value)


def _texts(value: object) -> Text:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, dict) else {"en": str(value)}


def _tuple(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def mapping_for(headings: Collection[str], wanted: str, file: str) -> Format:
    """The format a manifest names, or the one that the headings tell; W305 if neither is known."""
    known = mappings()
    if wanted and wanted not in known:
        raise WestlakeError.one("W305", Place(file), nearest(wanted, known), format=wanted, known=", ".join(known))
    if wanted:
        return known[wanted]
    fitting = [mapping for mapping in known.values() if mapping.fits(mapping.spelled(headings))]
    if not fitting:
        raise WestlakeError.one("W305", Place(file), format="?", known=", ".join(known))
    return max(fitting, key=lambda mapping: (len(mapping.has) + len(mapping.lacks), mapping.format))
