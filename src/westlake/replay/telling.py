"""Tells a replay: the count, a sentence for each kind of disagreement, and what was set apart."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from westlake.dates import iso
from westlake.money import format_money
from westlake.replay.causes import Cause, causes, lines_to_add
from westlake.replay.cells import constant
from westlake.replay.compare import Disagreement, Group
from westlake.replay.findings import Replay
from westlake.replay.reasons import Hypothesis
from westlake.rules import Citation, Kind
from westlake.words import say

SHOWN = 3  # cases named under a sentence
UNREAD_SHOWN = 20
SHOWN_ROWS = 8


class Telling:
    """One replay in one language."""

    def __init__(self, replay: Replay, lang: str = "en") -> None:
        self.replay, self.lang = replay, lang
        self.comparison, self.programme = replay.comparison, replay.programme

    def say(self, message: str, **values: object) -> str:
        return say(f"replay.{message}", self.lang, **values)

    def money(self, amount: int | None) -> str:
        """An amount with its currency's sign; a dash where none is known."""
        return "–" if amount is None else format_money(amount, self.programme.currency, sign=True)

    def label(self, name: str) -> str:
        return self.programme.in_words(name, self.lang)

    # the whole -----------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Everything in words, a line a thought."""
        lines = [self.head(), self.count()]
        lines += [self.sums()] if self.has_money else []
        lines += self.money_notes()
        for number, group in enumerate(self.comparison.groups, 1):
            lines += ["", f"[{number}] {self.sentence(group)}"]
            lines += [f"    {line}" for line in (*self.under(group), *self.examples(group))]
        remarks = [*self.unread_lines(), *self.remarks()]
        return [*lines, "", *remarks] if remarks else lines

    @property
    def has_money(self) -> bool:
        """Does the sheet have old amounts?"""
        return bool(self.comparison.measure.amount)

    def head(self) -> str:
        programme = self.programme
        title = programme.words.title.get(self.lang) or programme.words.title["en"]
        return self.say("head", file=self.replay.table.name, title=title, name=programme.name, regime=programme.regime,
                        digest=programme.digest[:12])

    def count(self) -> str:
        found = self.comparison
        return self.say("count", decided=f"{found.decided:,}", agreeing=f"{found.agreeing:,}",
                        differing=f"{found.decided - found.agreeing:,}", unread=f"{len(found.unread):,}")

    def sums(self) -> str:
        found = self.comparison
        return self.say("sums", old=self.money(found.old_total), new=self.money(found.new_total),
                        over=self.money(found.over), under=self.money(found.under))

    def money_notes(self) -> list[str]:
        """What must be known of the money: its currency, what was not counted, and the sheet's own total."""
        found, taken = self.comparison, self.replay.columns.taken
        lines = [self.say("taken", found=taken, ours=self.programme.currency)] if taken else []
        if not self.has_money:
            return lines
        if found.unread:
            lines.append(self.say("uncounted", amount=self.money(found.undecided_old), number=f"{len(found.unread):,}"))
        if found.undecided_unknown:
            lines.append(self.say("unknown", number=f"{found.undecided_unknown:,}"))
        if found.stated:
            row, stated = found.stated
            summed = found.old_total + found.undecided_old
            lines.append(self.say("stated_same" if stated == summed else "stated", row=row, stated=self.money(stated),
                                  summed=self.money(summed), apart=self.money(abs(stated - summed))))
        return lines

    # one kind ------------------------------------------------------------------------------------

    def sentence(self, group: Group) -> str:
        """`3 cases were paid though the rule refuses them: Not registered in the city. Paid too much ¥1,200.00.`"""
        value = self.value(group)
        said = self.say(f"kind.{group.kind}", number=f"{len(group.cases):,}", clause=self.clause(group),
                        value=value)
        money = [self.say(name, amount=self.money(amount))
                 for name, amount in (("over", group.over), ("under", group.under)) if amount]
        return self.say("joined", first=said, then=self.say("and").join(money)) if money else said

    def clause(self, group: Group) -> str:
        """What a person calls the clause: a failed test's own words where they speak of no single case."""
        if group.kind == "refused":
            words = self.programme.words.rules[group.rule]
            text = (words.no or {}).get(self.lang, "")
            if text and "{" not in text:
                return text.rstrip(".。")
        return self.label(group.rule)

    def value(self, group: Group) -> str:
        """The value that binds, with its number where all cases have the same."""
        if not group.value:
            return ""
        entry = group.cases[0].decision.plan.values[group.value]
        label = self.label(group.value)
        return label if entry.choices else f"{label} {self.programme.show(group.value, entry.numbers[0], self.lang)}"

    def under(self, group: Group) -> Iterator[str]:
        """The clause and its citation, the value's, what it read, and what would explain the old decisions."""
        yield self.say("clause", rule=self.label(group.rule), name=group.rule,
                       citation=self.rule_citation(group).sentence(self.lang))
        citation = self.value_citation(group)
        if citation:
            since = group.cases[0].since
            yield self.say("value", value=self.value(group), day=iso(since) if since is not None else "–",
                           citation=citation.sentence(self.lang))
        if group.cases[0].read:
            yield self.say("read", names=say("rules.list_comma", self.lang).join(map(self.label, group.cases[0].read)))
        share = group.share()
        if share:
            yield self.say("share", share=_percent(share[1]), label=self.label(share[0]),
                           number=f"{len(group.cases):,}")
        for hypothesis, count in group.explained():
            if share and hypothesis.tier == 3:
                continue
            change = self.change(hypothesis, alone=len(group.cases) == 1)
            yield self.say("hypothesis", number=f"{count:,}", change=change)

    def rule_citation(self, group: Group) -> Citation:
        """What the clause rests on."""
        return self.comparison.measure.rests(group.cases[0].decision.plan, group.rule)

    def value_citation(self, group: Group) -> Citation | None:
        """What the value rests on."""
        return group.cases[0].decision.plan.values[group.value].citation if group.value else None

    def change(self, hypothesis: Hypothesis, alone: bool = True) -> str:
        """`Size of the firm: small`; for many cases whose amounts would differ, only whose."""
        said = self._change(hypothesis, alone)
        return self.say("but_for_rounding", change=said) if hypothesis.rounded else said

    def _change(self, hypothesis: Hypothesis, alone: bool) -> str:
        label = self.label(hypothesis.name)
        if hypothesis.since is not None:
            return self.say("as_of", label=label, day=iso(hypothesis.since))
        if hypothesis.tier == 3 and not alone:
            return self.say("another", label=label)
        return self.say("were", label=label, after=self.programme.show(hypothesis.name, hypothesis.after, self.lang))

    # one case ------------------------------------------------------------------------------------

    def examples(self, group: Group) -> Iterator[str]:
        largest = sorted(group.cases, key=lambda case: (-abs(case.difference), case.row))
        for case in largest[:SHOWN]:
            yield self.say("case", row=case.row, name=case.name, old=self.old(case), new=self.new(case))
        if len(largest) > SHOWN:
            yield self.say("more", number=f"{len(largest) - SHOWN:,}")

    def old(self, case: Disagreement) -> str:
        """The old decision: its money, or its yes or no."""
        return self._decided(case.old, case.old_verdict, case.kind)

    def new(self, case: Disagreement) -> str:
        """The rule's decision."""
        return self._decided(case.new, case.new_verdict, case.kind)

    def _decided(self, amount: int | None, verdict: bool | None, kind: str) -> str:
        if amount is not None and kind != "verdict":
            return self.money(amount)
        return say("rules.yes" if verdict else "rules.no", self.lang)

    def read(self, case: Disagreement) -> str:
        """What the clause read in this case, each with its number."""
        shown = (self.say("fact", label=self.label(name), value=case.decision.shown(name, self.lang) if name != "day"
                          else iso(case.day)) for name in case.read)
        return say("rules.list_comma", self.lang).join(shown)

    def hypotheses(self, case: Disagreement) -> str:
        """What alone would give the old decision, said as what it is."""
        return self.say("or").join(self.change(hypothesis) for hypothesis in case.hypotheses)

    # what was set apart --------------------------------------------------------------------------

    def unread_lines(self) -> Iterator[str]:
        """What could not be decided, by cause and word, the most rows first; the way out, and lines to add."""
        unread = self.comparison.unread
        if not unread:
            return
        yield self.say("unread", number=f"{len(unread):,}")
        found = causes(unread)
        for cause in found[:UNREAD_SHOWN]:
            yield "  " + self.cause(cause)
        if len(found) > UNREAD_SHOWN:
            yield "  " + self.say("more", number=f"{sum(len(cause.rows) for cause in found[UNREAD_SHOWN:]):,}")
        for code, problem in {cause.problem.code: cause.problem for cause in reversed(found)}.items():
            yield f"  {code}: {problem.way_out(self.lang)}"
        for line in lines_to_add(self.replay.table, self.replay.columns, self.programme, found):
            yield "  " + self.say("add", line=line)

    def cause(self, cause: Cause) -> str:
        """`3 × B 规模 W135 "超大" cannot be read as … (rows 5, 9, 12)`"""
        rows = ", ".join(map(str, cause.rows[:SHOWN_ROWS])) + (" …" if len(cause.rows) > SHOWN_ROWS else "")
        what = f"{cause.problem.place.field} {cause.problem.code} {cause.problem.sentence(self.lang)}"
        return self.say("cause", number=f"{len(cause.rows):,}", what=what, rows=rows)

    def remarks(self) -> Iterator[str]:
        """What else must be known to take the findings for what they are."""
        found, comma = self.comparison, say("rules.list_comma", self.lang)
        unread = self.replay.table.unread
        if unread:
            yield self.say("sheets", sheets=comma.join(
                self.say("sheet", name=name, rows=f"{rows:,}") for name, rows in unread.items()))
        if found.shadowed:
            yield self.say("shadowed", number=f"{found.shadowed:,}")
        passed = self.replay.table.passed
        if passed:
            rows = comma.join(f"{row} ({self.say(f'passed_over.{why}')})" for row, why in sorted(passed.items())[:10])
            yield self.say("passed", rows=rows + (" …" if len(passed) > 10 else ""))
        if self.replay.given:
            yield self.say("given", facts=comma.join(
                self.say("fact", label=self.role(name), value=self._constant(name, text))
                for name, text in self.replay.given.items()))
        used = found.values_used()
        doubtful = [name for name, citation in used.items() if citation.doubtful]
        if doubtful:
            inferred = sum(used[name].cls in ("I", "K") for name in doubtful)
            yield self.say("doubtful", number=len(doubtful), values=len(used), inferred=inferred,
                           mirrors=sum(used[name].source.kind == "mirror" for name in doubtful),
                           names=comma.join(map(self.label, doubtful)))
        if any(plan.groups for plan in found.plans):
            yield self.say("grouped")

    def role(self, name: str) -> str:
        """What a column is for: an input's label, or the part that a decision's own column plays."""
        return self.label(name) if name in self.programme.inputs else self.say(f"role.{name}")

    def _constant(self, name: str, text: str) -> str:
        item = self.programme.inputs.get(name)
        if item is None or item.kind is Kind.ID:
            return text
        number = constant(item, self.replay.columns.columns()[name], self.programme.currency)
        return self.programme.show(name, number, self.lang)


def _percent(share: Fraction) -> str:
    """`12.5%` of 1/8; shares are thousandths."""
    whole, tenth = divmod(int(share * 1000), 10)
    return f"{whole}.{tenth}%" if tenth else f"{whole}%"
