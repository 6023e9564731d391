"""The invoices that wait for an officer, as a card of the report: whose they are, from where, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from westlake.reports.page import Cell, card, table
from westlake.words import say


def card_of(suspended: Sequence[Mapping[str, Any]], names: Mapping[str, str], lang: str, most: int) -> str:
    """The first `most` of them and how many more there are; empty when nothing waits.

    suspended: {ruling, code, firms, issuer, invoice, file, values} each; names: firm → name.
    """
    if not suspended:
        return ""
    rows = [_row(one, names, lang) for one in suspended[:most]]
    header: list[Cell] = [_say("firm", lang), _say("ruling", lang), _say("invoice", lang), _say("issuer", lang)]
    parts = [table(header, rows)]
    if len(suspended) > most:
        parts.append(f'<p class="hint">{_say("more", lang, number=f"{len(suspended) - most:,}")}</p>')
    return card(_say("waiting", lang, number=f"{len(suspended):,}"), *parts, hint=_say("waiting_hint", lang))


def _row(one: Mapping[str, Any], names: Mapping[str, str], lang: str) -> list[Cell]:
    firms = ", ".join(f"{names[firm]} ({firm})" if firm in names else firm for firm in one["firms"])
    return [firms or "–", (say(f"bills.rulings.{one['ruling']}", lang), "warn"), one["invoice"] or "–",
            one["issuer"] or one["file"] or "–"]


def _say(message: str, lang: str, **values: object) -> str:
    return say(f"reports.year.{message}", lang, **values)
