"""The page of a reform: who wins and who loses under other values, by how much, when the budget would end, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from westlake.dates import iso
from westlake.money import MINOR_DIGITS, format_money, format_rate
from westlake.reports import charts
from westlake.reports.page import Cell, card, facts, figure, lead, note, num, page, pair, regime_words, table
from westlake.rules import Programme
from westlake.settlement.exhaustion import Exhaustion
from westlake.settlement.reform import CUTS, GroupChange, LineChange, Reform
from westlake.words import say

WIDE = 380  # pixels of a chart: it shrinks to a telephone's page and stays readable
HEADS = ("firms", "better", "worse", "unchanged", "newly", "no_longer")


@dataclass(frozen=True)
class Origin:
    """Who the page is for and how it was made. names: firm → name."""

    agency: str
    names: Mapping[str, str]
    made: Sequence[tuple[str, str]]


def write_reform(reform: Reform, origin: Origin, lang: str) -> str:
    """The page as one self-contained HTML text."""
    title = reform.law.words.title[lang]
    body = _Page(reform, origin, lang).body()
    return page(f"{title} {reform.year} · {reform.name}", origin.agency, body, origin.made, lang)


def above_whole(reform: Reform, lang: str) -> str:
    """That a rate of the reform pays more than there was."""
    return rates_above_whole(reform.law, reform.above_whole, lang)


def rates_above_whole(law: Programme, names: Iterable[str], lang: str) -> str:
    """The same of rates that are only proposed."""
    return say("reports.reform.above_whole", lang,
               names=say("rules.list_comma", lang).join(law.in_words(name, lang) for name in names))


def group_words(reform: Reform, cut: str, value: str, lang: str) -> str:
    """What a group is called: a choice in its words, a text as it is, the unknown said so."""
    if not value:
        return say("reports.reform.unknown", lang)
    known = reform.law.inputs.get(cut)
    return reform.law.choice_in_words(cut, value, lang) if known and value in known.choices else value


def runs_out(reform: Reform, one: Exhaustion, lang: str) -> str:
    """When the budget ends, and what share each keeps, in a sentence."""
    currency = reform.law.currency
    values = {"budget": format_money(one.budget, currency, sign=True),
              "entitled": format_money(one.entitled, currency, sign=True),
              "share": format_rate(one.share_ppm), "firm": one.firm, "day": "" if one.day is None else iso(one.day)}
    how = "never" if one.day is None else "all_alike" if reform.way == "pro_rata" else "in_turn"
    return say(f"reports.reform.runs_out.{how}", lang, **values)


class _Page:
    """Builds the page's parts in one language."""

    def __init__(self, reform: Reform, origin: Origin, lang: str) -> None:
        self.reform, self.origin, self.lang = reform, origin, lang

    def say(self, message: str, **values: object) -> str:
        return say(f"reports.reform.{message}", self.lang, **values)

    def money(self, amount: int, plus: bool = False) -> str:
        text = format_money(amount, self.reform.law.currency, sign=True)
        return f"+{text}" if plus and amount > 0 else text

    def body(self) -> list[str]:
        parts = [self._lead(), note(self.say("fixed")), self._facts()]
        if self.reform.within_month:
            parts.append(note(self.say("within_month", days=", ".join(iso(day) for day in self.reform.within_month))))
        if self.reform.above_whole:
            parts.append(note(above_whole(self.reform, self.lang)))
        parts.append(pair(self._values(), self._exhausted()))
        parts += [self._cut(cut) for cut in CUTS]
        return [*parts, self._largest()]

    def _lead(self) -> str:
        reform = self.reform
        last = reform.rounds[-1]
        tags = [(self.say("nothing_kept"), "good"), (self.say("law", regime=regime_words(last.regime, self.lang)), ""),
                (say(f"settlement.way.{reform.way}", self.lang), "")]
        if any(one.state == "decided" for one in reform.rounds):
            tags.append((say("settlement.state.decided", self.lang), "warn"))
        tried = self.say("title", name=regime_words(reform.name, self.lang), year=reform.year)
        return lead(f"{reform.law.words.title[self.lang]} · {tried}",
                    self.say("summary", year=reform.year, rounds=len(reform.rounds)), tags)

    def _facts(self) -> str:
        total, counts = self.reform.total, self.reform.total.counts
        return facts([
            (self.say("money"), self.money(total.after), self.say("was_money", amount=self.money(total.before))),
            (self.say("change"), self.money(total.change, plus=True),
             self.say("of_firms", number=f"{counts['firms']:,}")),
            (self.say("better"), f"{counts['better']:,}", self.say("same", number=f"{counts['unchanged']:,}")),
            (self.say("worse"), f"{counts['worse']:,}", ""),
            (self.say("newly"), f"{counts['newly']:,}", self.say("lost", number=f"{counts['no_longer']:,}"))])

    def _values(self) -> str:
        law = self.reform.law
        rows: list[list[Cell]] = [[law.in_words(one.name, self.lang), self._numbers(one.name, one.before),
                                   self._numbers(one.name, one.after), num(iso(one.day))] for one in self.reform.values]
        header: list[Cell] = [self.say("value"), self.say("before"), self.say("after"), num(self.say("from"))]
        return card(self.say("values"), table(header, rows))

    def _numbers(self, name: str, numbers: Sequence[int]) -> str:
        law, value = self.reform.law, self.reform.law.values[name]
        shown = [law.show(name, number, self.lang) for number in numbers]
        if not value.choices:
            return shown[0] if shown else "–"
        names = [law.choice_in_words(value.by, choice, self.lang) for choice in value.choices]
        return say("rules.list_comma", self.lang).join(
            f"{name} {text}" for name, text in zip(names, shown, strict=False))

    def _exhausted(self) -> str:
        before, after = self.reform.exhausted
        rows: list[list[Cell]] = [[self.say(name), *(num(text) for text in pair_of)] for name, pair_of in (
            ("budget", (self.money(before.budget), self.money(after.budget))),
            ("full_rate", (self.money(before.entitled), self.money(after.entitled))),
            ("given", (self.money(before.given), self.money(after.given))),
            ("share", (format_rate(before.share_ppm), format_rate(after.share_ppm))),
            ("end_day", tuple(self.say("no_end") if one.day is None else iso(one.day) for one in (before, after))))]
        words = [f"<p>{escape(self.say(message, words=runs_out(self.reform, one, self.lang)))}</p>"
                 for message, one in (("was", before), ("would_be", after))]
        return card(self.say("exhausted"), table(["", num(self.say("before")), num(self.say("after"))], rows), *words)

    def _cut(self, cut: str) -> str:
        rows = self.reform.groups[cut]
        title = self.say("by", cut=self.say(f"cut.{cut}").lower())
        if all(not row.value for row in rows):
            firms = f"{self.reform.total.counts['firms']:,}"
            return card(title, f"<p>{escape(self.say('none_known', firms=firms))}</p>")
        named = [(group_words(self.reform, cut, row.value, self.lang), row) for row in rows]
        header: list[Cell] = [self.say(f"cut.{cut}"), *(num(self.say(name)) for name in ("before", "after", "change"))]
        money = table(header, [[self._group(name, row), num(self.money(row.before)), num(self.money(row.after)),
                                num(self.money(row.change, plus=True))] for name, row in named])
        spec = charts.pairs([(name, self._main_unit(row.before), self._main_unit(row.after)) for name, row in named],
                            (self.say("before"), self.say("after")), self.reform.law.currency, WIDE)
        heads: list[Cell] = [self.say(f"cut.{cut}"), *(num(self.say(name)) for name in HEADS), num(self.say("change"))]
        firms = table(heads, [[self._group(name, row), *(num(f"{row.counts[head]:,}") for head in HEADS),
                               num(self.money(row.change, plus=True))] for name, row in named])
        moved = self.reform.moved[cut]
        hint = self.say("moved", number=f"{moved:,}") if moved else ""
        return pair(card(title, figure(spec, title, money, self.lang)),
                    card(self.say("firms_by", cut=self.say(f"cut.{cut}").lower()), firms, hint=hint))

    def _group(self, name: str, row: GroupChange) -> Cell:
        return name if row.value else (name, "warn")

    def _largest(self) -> str:
        if not self.reform.largest:
            return card(self.say("largest"), f"<p>{escape(self.say('no_change'))}</p>")
        parts = [self._trace(change, at == 0) for at, change in enumerate(self.reform.largest)]
        return card(self.say("largest"), *parts, hint=self.say("largest_hint"))

    def _trace(self, change: LineChange, opened: bool) -> str:
        firm = change.firm
        name = self.origin.names.get(firm.firm)
        shown = f"{name} ({firm.firm})" if name else firm.firm
        kind, moved = "good" if firm.change > 0 else "bad", escape(self.money(firm.change, plus=True))
        summary = (f"<b>{escape(shown)}</b> {escape(self.money(firm.before))} → {escape(self.money(firm.after))} "
                   f'<span class="tag {kind}">{moved}</span>')
        where = self.say("line", line=change.line.replace("|", " · "), round=change.round)
        line = f'<p class="hint">{escape(where)}</p>'
        return (f"<details{' open' if opened else ''}><summary>{summary}</summary>{line}"
                f"{table([self.say('clause'), self.say('before'), self.say('after')], self._steps(change))}</details>")

    def _steps(self, change: LineChange) -> list[list[Cell]]:
        """Values that differ, then every clause of both decisions, then what the budget left of the line."""
        before, after = change.difference.before, change.difference.after
        rows: list[list[Cell]] = [[after.programme.in_words(one.name, self.lang), self._numbers(one.name, one.before),
                                   (self._numbers(one.name, one.after), "warn")] for one in change.difference.values]
        told = [{step.name: (step.label, step.shown(self.lang), step.sentence(self.lang)) for step in decision.steps}
                for decision in (before, after)]
        for name in dict.fromkeys([*told[0], *told[1]]):
            was, now = told[0].get(name), told[1].get(name)
            label = (now or was or ({"en": name}, "", ""))[0]
            texts = [one[2] or one[1] if one else "–" for one in (was, now)]
            rows.append([label.get(self.lang) or label["en"], texts[0], texts[1] if texts[0] == texts[1] else (
                texts[1], "warn")])
        given = [self.money(change.before), self.money(change.after)]
        rows.append([self.say("line_given"), given[0], (given[1], "good" if change.after > change.before else "bad")])
        return rows

    def _main_unit(self, amount: int) -> float:
        """For a chart's axis only: whole main units; no sum is ever made of these."""
        return float(amount) / 10.0 ** MINOR_DIGITS[self.reform.law.currency]
