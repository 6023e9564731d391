"""The report of a settled year: what went where, what counted, what was refused and why, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from westlake.dates import iso
from westlake.money import MINOR_DIGITS, format_money
from westlake.reports import charts, waiting
from westlake.reports.page import Cell, card, facts, figure, lead, note, num, page, pair, regime_words, stack, table
from westlake.settlement.summary import CaseRow, Summary
from westlake.words import say

LARGEST = 25  # cases, and invoices that wait, named one by one
WIDE = 380  # pixels of a chart: it shrinks to a telephone's page and stays readable
TONE = {"allotted": "good", "cut": "warn", "unfunded": "warn", "refused": "bad", "recovery": "bad", "unchanged": ""}


@dataclass(frozen=True)
class Stamp:
    """Who the report is for and how it was made. labels: rule → what people call it; names: firm → name."""

    agency: str
    title: str
    summary: str
    labels: Mapping[str, str]
    names: Mapping[str, str]
    cap: int | None
    doubtful: str  # the share of values that rest on inference, general knowledge or a mirror
    made: Sequence[tuple[str, str]]


def write_year(summary: Summary, stamp: Stamp, lang: str) -> str:
    """The report as one self-contained HTML text."""
    return page(f"{stamp.title} {summary.year}", stamp.agency, _Year(summary, stamp, lang).body(), stamp.made, lang)


class _Year:
    """Builds the report's parts in one language."""

    def __init__(self, summary: Summary, stamp: Stamp, lang: str) -> None:
        self.summary, self.stamp, self.lang = summary, stamp, lang
        self.evidence: Mapping[str, Any] = summary.evidence

    def say(self, message: str, **values: object) -> str:
        return say(f"reports.year.{message}", self.lang, **values)

    def money(self, amount: int) -> str:
        return format_money(amount, self.summary.currency, sign=True)

    def body(self) -> list[str]:
        parts = [self._lead(), self._facts()]
        parts += [note(self.say("doubtful", share=self.stamp.doubtful))] if self.stamp.doubtful else []
        parts.append(pair(self._flow(), stack(self._outcomes(), self._reasons())))
        if self.evidence.get("rulings"):
            parts.append(pair(self._rulings(), stack(self._months(), self._caps())))
        else:
            parts.append(self._caps())
        parts += [pair(self._ties(), self._flags()), self._waiting(), self._cases(), self._rounds()]
        return [part for part in parts if part]

    def _lead(self) -> str:
        last = self.summary.rounds[-1]
        tags = [(say(f"settlement.state.{last.state}", self.lang), "good" if last.state == "approved" else "warn"),
                (self.say("regime", regime=regime_words(last.regime, self.lang)), ""),
                (say(f"settlement.way.{last.way}", self.lang), "")]
        return lead(f"{self.stamp.title} {self.summary.year}", self.stamp.summary, tags)

    def _facts(self) -> str:
        summary = self.summary
        paid = [case for case in summary.cases if case.paid > 0]
        share = f"{summary.spent * 1000 // summary.budget / 10:.1f}%" if summary.budget else "–"
        refused = summary.by_outcome.get("refused", (0, 0, 0))[0]
        return facts([
            (self.say("budget"), self.money(summary.budget), self.say("budget_small", share=share)),
            (self.say("paid"), self.money(summary.paid), self.say("paid_small", firms=len(paid))),
            (self.say("held"), self.money(summary.held), self.say("held_small")),
            (self.say("cases"), f"{len(summary.cases):,}", self.say("cases_small", refused=refused)),
            (self.say("recovered"), self.money(summary.recovered),
             self.say("recovered_small", owed=self.money(summary.owed_back)))])

    def _flow(self) -> str:
        summary = self.summary
        claimed = sum(case.claim for case in summary.cases)
        entitled = sum(case.entitlement for case in summary.cases)
        allotted = sum(case.allotted for case in summary.cases)
        rows = [("claimed", claimed), ("entitled", entitled), ("allotted", allotted), ("paid_out", summary.paid),
                ("recovered", summary.recovered)]
        named = [(self.say(f"flow.{name}"), amount) for name, amount in rows]
        data = table([self.say("step"), num(self.say("amount"))],
                     [[name, num(self.money(amount))] for name, amount in named])
        spec = charts.bars([(name, self._main_unit(amount)) for name, amount in named], summary.currency, WIDE)
        return self._charted("flow.title", spec, data, self.say("flow.hint"))

    def _outcomes(self) -> str:
        rows = [[(say(f"settlement.outcome.{name}", self.lang), TONE[name]), num(f"{firms:,}"),
                 num(self.money(entitlement)), num(self.money(allotted))]
                for name, (firms, entitlement, allotted) in sorted(self.summary.by_outcome.items())]
        header = [self.say("outcome"), num(self.say("firms")), num(self.say("entitled")), num(self.say("allotted"))]
        return card(self.say("outcomes"), table(header, rows))

    def _reasons(self) -> str:
        reasons = [(self.stamp.labels.get(name, name), firms, lines)
                   for name, (firms, lines) in self.summary.by_reason.items()]
        lacking = self.evidence.get("lacking") or []
        if lacking:
            reasons.append((self.say("fact_lacking"), len({row["firm"] for row in lacking}), len(lacking)))
        if not reasons:
            return card(self.say("reasons"), f"<p>{self.say('no_refusal')}</p>")
        data = table([self.say("reason"), num(self.say("firms")), num(self.say("lines"))],
                     [[label, num(f"{firms:,}"), num(f"{lines:,}")] for label, firms, lines in reasons])
        spec = charts.bars([(label, firms) for label, firms, _ in reasons], self.say("firms"), WIDE, charts.BAD)
        return self._charted("reasons", spec, data, self.say("reasons_hint"))

    def _rulings(self) -> str:
        rulings = self.evidence["rulings"]
        named = [(say(f"bills.rulings.{row['ruling']}", self.lang), row["rows"]) for row in rulings]
        data = table([self.say("ruling"), num(self.say("rows"))],
                     [[name, num(f"{rows:,}")] for name, rows in named])
        spec = charts.bars(named, self.say("rows"), WIDE)
        return self._charted("rulings", spec, data, self.say("rulings_hint"))

    def _months(self) -> str:
        claim, allotted = self.say("claim"), self.say("allotted")
        rows = [(month[5:], name, self._main_unit(amount)) for month, amounts in self.summary.by_month.items()
                for name, amount in zip((claim, allotted), amounts, strict=True)]
        data = table([self.say("month"), num(claim), num(allotted)],
                     [[month, num(self.money(amounts[0])), num(self.money(amounts[1]))]
                      for month, amounts in self.summary.by_month.items()])
        spec = charts.columns(rows, self.summary.currency, {claim: charts.QUIET, allotted: charts.BRAND}, WIDE)
        return self._charted("months", spec, data)

    def _caps(self) -> str:
        if not self.stamp.cap:
            return ""
        bins = [0] * 11
        for case in self.summary.cases:
            if case.allotted > 0:
                bins[min(case.allotted * 10 // self.stamp.cap, 10)] += 1
        names = [f"{n * 10}–{n * 10 + 10}%" for n in range(10)] + [self.say("cap_reached")]
        short = [f"{n * 10}%" for n in range(11)]
        data = table([self.say("cap_share"), num(self.say("firms"))],
                     [[name, num(f"{count:,}")] for name, count in zip(names, bins, strict=True)])
        series = {self.say("firms"): charts.BRAND}
        spec = charts.columns([(name, self.say("firms"), count) for name, count in zip(short, bins, strict=True)],
                              self.say("firms"), series, WIDE)
        return self._charted("caps", spec, data, self.say("caps_hint", cap=self.money(self.stamp.cap)))

    def _ties(self) -> str:
        ties = self.evidence.get("ties") or {}
        rows: list[list[Cell]] = [[self.say(f"tie.{name}"), num(f"{count:,}")] for name, count in ties.items()]
        if not rows:
            return ""
        header = [self.say("invoices"), num(self.say("number"))]
        return card(self.say("ties"), table(header, rows), hint=self.say("ties_hint"))

    def _flags(self) -> str:
        flags = self.evidence.get("flags") or []
        if not flags:
            return card(self.say("flags"), f"<p>{self.say('no_flags')}</p>")
        rows: list[list[Cell]] = [[say(f"bills.rulings.{row['flag']}", self.lang), num(f"{row['count']:,}")]
                                  for row in flags]
        header = [self.say("flag"), num(self.say("number"))]
        return card(self.say("flags"), table(header, rows), hint=self.say("flags_hint"))

    def _waiting(self) -> str:
        return waiting.card_of(self.evidence.get("suspended") or [], self.stamp.names, self.lang, LARGEST)

    def _cases(self) -> str:
        header: list[Cell] = [self.say("firm"), num(self.say("allotted")), self.say("outcome"), num(self.say("paid")),
                              num(self.say("entitled")), num(self.say("claim"))]
        largest = sorted(self.summary.cases, key=lambda case: (-case.allotted, case.firm))[:LARGEST]
        owing = [case for case in self.summary.cases if case.outcome == "recovery" and case not in largest]
        rows = [self._case(case) for case in largest + owing[:10]]
        return card(self.say("largest", number=len(largest)), table(header, rows))

    def _case(self, case: CaseRow) -> list[Cell]:
        name = self.stamp.names.get(case.firm)
        shown = f"{name} ({case.firm})" if name else case.firm
        return [shown, num(self.money(case.allotted)), self._outcome(case), num(self.money(case.paid)),
                num(self.money(case.entitlement)), num(self.money(case.claim))]

    def _outcome(self, case: CaseRow) -> Cell:
        """How the case ended; held where something was allotted and nothing is posted yet."""
        if case.outcome in ("allotted", "cut") and case.allotted > 0 and case.paid <= 0:
            return self.say("is_held"), "warn"
        return say(f"settlement.outcome.{case.outcome}", self.lang), TONE[case.outcome]

    def _rounds(self) -> str:
        rows: list[list[Cell]] = [[
            num(str(settled.id)), iso(settled.day), settled.decided_by, settled.approved_by or "–",
            (say(f"settlement.state.{settled.state}", self.lang), "good" if settled.state == "approved" else "warn"),
            num(self.money(settled.available)), settled.digest[:12]] for settled in self.summary.rounds]
        header: list[Cell] = [num(self.say("round")), self.say("day"), self.say("decided_by"), self.say("approved_by"),
                              self.say("state"), num(self.say("available")), self.say("rules")]
        return card(self.say("rounds"), table(header, rows), hint=self.say("rounds_hint"))

    def _charted(self, title: str, spec: charts.Spec, data: str, hint: str = "") -> str:
        return card(self.say(title), figure(spec, self.say(title), data, self.lang), hint=hint)

    def _main_unit(self, amount: int) -> float:
        """For a chart's axis only: whole main units; no sum is ever made of these."""
        return float(amount) / 10.0 ** MINOR_DIGITS[self.summary.currency]
