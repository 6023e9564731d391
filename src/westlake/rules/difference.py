"""What a reform changes for a case: the values that differ, and the answers that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from westlake.rules.decision import Decision
from westlake.rules.sources import Citation
from westlake.words import say


@dataclass(frozen=True)
class ValueChange:
    """A value before and after, one number or one for each choice, with what each rests on."""

    name: str
    choices: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    before_rests: Citation | None
    after_rests: Citation | None


@dataclass(frozen=True)
class AnswerChange:
    """A rule's or group's answer before and after; None where it is not in force."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Difference:
    """Two decisions of the same case, under two laws."""

    before: Decision
    after: Decision
    values: tuple[ValueChange, ...]
    answers: tuple[AnswerChange, ...]

    def lines(self, lang: str = "en") -> list[str]:
        """One line for each value and answer that changes."""
        show, words = self.after.programme.show, self.after.programme.in_words
        lines = [say("rules.difference.line", lang, label=words(change.name, lang),
                     before=self._several(change, change.before, lang), after=self._several(change, change.after, lang))
                 for change in self.values]
        lines += [say("rules.difference.line", lang, label=words(change.name, lang),
                      before="–" if change.before is None else show(change.name, change.before, lang),
                      after="–" if change.after is None else show(change.name, change.after, lang))
                  for change in self.answers]
        return lines or [say("rules.difference.none", lang)]

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON's view."""
        return {
            "before": {"regime": self.before.regime, "digest": self.before.digest},
            "after": {"regime": self.after.regime, "digest": self.after.digest},
            "values": [{"name": change.name, "before": self._texts(change, change.before),
                        "after": self._texts(change, change.after),
                        "rests_on": change.after_rests.as_dict(lang) if change.after_rests else None}
                       for change in self.values],
            "answers": [{"name": change.name, "before": self._text(change.name, change.before),
                         "after": self._text(change.name, change.after)} for change in self.answers],
        }

    def _several(self, change: ValueChange, numbers: Iterable[int], lang: str) -> str:
        programme = self.after.programme
        shown = [programme.show(change.name, number, lang) for number in numbers]
        if not change.choices:
            return shown[0] if shown else "–"
        by = programme.values[change.name].by
        names = [programme.choice_in_words(by, choice, lang) for choice in change.choices]
        return say("rules.list_comma", lang).join(f"{name} {text}" for name, text in zip(names, shown, strict=False))

    def _texts(self, change: ValueChange, numbers: tuple[int, ...]) -> object:
        texts = [self.after.programme.write(change.name, number) for number in numbers]
        return dict(zip(change.choices, texts, strict=False)) if change.choices else next(iter(texts), None)

    def _text(self, name: str, number: int | None) -> str | None:
        return None if number is None else self.after.programme.write(name, number)


def compare(before: Decision, after: Decision) -> Difference:
    """What differs between two decisions of one case: the values they rested on and their answers."""
    values: list[ValueChange] = []
    olds, news = before.plan.values, after.plan.values
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        then, now = (old.numbers if old else ()), (new.numbers if new else ())
        if then != now:
            choices = after.programme.values[name].choices
            values.append(ValueChange(name, choices, then, now, old.citation if old else None,
                                      new.citation if new else None))
    answers = [AnswerChange(name, before.values.get(name), after.values.get(name))
               for name in dict.fromkeys([*before.values, *after.values])
               if before.values.get(name) != after.values.get(name)]
    return Difference(before, after, tuple(values), tuple(answers))
