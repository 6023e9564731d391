"""The page of a replay: how many old decisions the rule agrees with, and each kind of disagreement with its clause."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from westlake.dates import iso
from westlake.money import MINOR_DIGITS
from westlake.replay import Telling
from westlake.replay.compare import Disagreement, Group
from westlake.reports import charts
from westlake.reports.charts import picture
from westlake.reports.decision import trace
from westlake.reports.page import Cell, card, facts, lead, note, num, page, pair, regime_words, table
from westlake.words import say

LARGEST = 15  # cases named of one kind; the export has all
UNREAD = 50
WIDE = 380  # pixels of a chart: it shrinks to a telephone's page and stays readable


def write_replay(telling: Telling, command: str) -> str:
    """The page as one self-contained HTML text. command: how it is made again."""
    return page(telling.say("page.title"), telling.replay.table.name, _Page(telling).body(), _made(telling, command),
                telling.lang)


def _made(telling: Telling, command: str) -> Sequence[tuple[str, str]]:
    replay = telling.replay
    rows = [("command", command), ("programme", replay.programme.digest)]
    return [*((say(f"reports.made.{name}", telling.lang), text) for name, text in rows),
            (telling.say("page.file"), f"{replay.table.file} {replay.sha256}")]


class _Page:
    """Builds the page's parts in one language."""

    def __init__(self, telling: Telling) -> None:
        self.telling, self.lang, self.found = telling, telling.lang, telling.comparison

    def say(self, message: str, **values: object) -> str:
        return self.telling.say(f"page.{message}", **values)

    def body(self) -> list[str]:
        parts = [self._lead(), self._facts(), *map(note, self.telling.money_notes()), note(self.say("hypotheses"))]
        groups = [self._group(number, group) for number, group in enumerate(self.found.groups, 1)]
        parts.append(self._kinds() if groups else card(self.say("kinds"), f"<p>{escape(self.say('none'))}</p>"))
        remarks = "".join(f"<li>{escape(remark)}</li>" for remark in self.telling.remarks())
        known = [card(self.say("known"), f"<ul>{remarks}</ul>")] if remarks else []
        return [*parts, *groups, *self._unread(), *known, self._columns()]

    def _lead(self) -> str:
        programme = self.telling.programme
        title = programme.words.title.get(self.lang) or programme.words.title["en"]
        tags = [(title, ""), (regime_words(programme.regime, self.lang), ""),
                (self.say("version", digest=programme.digest[:12]), "")]
        return lead(self.say("title"), self.telling.count(), tags)

    def _facts(self) -> str:
        found, money = self.found, self.telling.money
        share = f"{found.agreeing * 1000 // found.decided / 10:.1f}%"
        rows = [(self.say("agree"), f"{found.agreeing:,}", self.say("agree_small", share=share)),
                (self.say("differ"), f"{found.decided - found.agreeing:,}",
                 self.say("differ_small", kinds=len(found.groups)))]
        if self.telling.has_money:
            rows += [(self.say("over"), money(found.over), self.say("over_small")),
                     (self.say("under"), money(found.under), self.say("under_small"))]
        return facts([*rows, (self.say("undecided"), f"{len(found.unread):,}", self.say("undecided_small"))])

    def _kinds(self) -> str:
        """All kinds with their counts and money: six sentences instead of three thousand rows."""
        money, has_money = self.telling.money, self.telling.has_money
        scale = 10.0 ** MINOR_DIGITS[self.telling.programme.currency]  # for the chart's axis only
        header: list[Cell] = [self.say("kind"), num(self.say("cases")), num(self.say("over")), num(self.say("under"))]
        rows: list[list[Cell]] = []
        bars: list[tuple[str, int | float]] = []
        for number, group in enumerate(self.found.groups, 1):
            name = self._named(number, group)
            rows.append([name, num(f"{len(group.cases):,}"), num(money(group.over)), num(money(group.under))])
            length = (group.over + group.under) / scale if has_money else len(group.cases)
            bars.append((f"[{number}] {self.telling.say(f'short.{group.kind}')}", length))
        wide = 4 if has_money else 2
        data = table(header[:wide], [row[:wide] for row in rows])
        axis = self.telling.programme.currency if has_money else self.say("cases")
        title = self.say("by_money" if has_money else "by_cases")
        return pair(card(self.say("kinds"), data),
                    card(title, f"<figure>{picture(charts.bars(bars, axis, WIDE), title)}</figure>"))

    def _named(self, number: int, group: Group) -> str:
        name = self.telling.value(group) or self.telling.clause(group)
        return f"[{number}] {self.telling.say(f'short.{group.kind}')} · {name}"

    def _group(self, number: int, group: Group) -> str:
        largest = sorted(group.cases, key=lambda case: (-abs(case.difference), case.row))[:LARGEST]
        header: list[Cell] = [self.telling.say("column.case"), num(self.telling.say("column.old")),
                              num(self.telling.say("column.rule")), num(self.telling.say("column.difference")),
                              self.telling.say("column.read"), self.telling.say("column.hypothesis")]
        keep = [at for at in range(len(header)) if (at != 3 or self.telling.has_money)
                and (at != 5 or any(case.hypotheses for case in largest))]
        cells = [self._case(case) for case in largest]
        under = "".join(f"<li>{escape(line)}</li>" for line in self.telling.under(group))
        more = self._more(len(group.cases) - LARGEST)
        first = largest[0]
        steps = (f"<details><summary>{escape(self.say('whole', row=first.row, name=first.name))}</summary>"
                 f"{trace(first.decision.steps, self.lang)}</details>")
        return card(f"[{number}] {self.telling.sentence(group)}", f"<ul>{under}</ul>",
                    table([header[at] for at in keep], [[row[at] for at in keep] for row in cells]), more, steps)

    def _case(self, case: Disagreement) -> list[Cell]:
        name = self.say("row", row=case.row, name=case.name, day=iso(case.day))
        old, new, difference = self.telling.old(case), self.telling.new(case), self.telling.money(case.difference)
        return [name, num(old), num(new), num(difference), (self.telling.read(case), "long"),
                (self.telling.hypotheses(case) or "–", "long")]

    def _unread(self) -> list[str]:
        unread = self.found.unread
        if not unread:
            return []
        rows: list[list[Cell]] = [[f"{problem.place.row}", problem.place.field, problem.sentence(self.lang)]
                                  for row in unread[:UNREAD] for problem in row.problems]
        header: list[Cell] = [self.telling.say("column.row"), self.say("column"), self.say("why")]
        return [card(self.say("undecided"), table(header, rows), self._more(len(unread) - UNREAD),
                     hint=self.say("undecided_hint"))]

    def _more(self, number: int) -> str:
        """How many are not named here."""
        return f'<p class="hint">{escape(self.telling.say("more", number=f"{number:,}"))}</p>' if number > 0 else ""

    def _columns(self) -> str:
        """How the sheet was read: without it nobody can check the rest."""
        rows: list[list[Cell]] = [
            [self.telling.role(name), column.heading or "=", column.unit or column.constant or "–"]
            for name, column in self.telling.replay.columns.columns().items() if column.known]
        header: list[Cell] = [self.say("meaning"), self.say("column"), self.say("unit")]
        return card(self.say("columns"), table(header, rows))
