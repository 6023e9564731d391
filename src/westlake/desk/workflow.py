"""workflow.yaml: the life of a programme's cases as one literal table — from, to, who, guards, effects.

No transition is hidden and none happens by itself: what is not a row of the table cannot be done. A row whose
`to` is `=` leaves the case where it is. `who` names roles; `system` stands for what a case that follows from
this one does to it (an appeal that is upheld), as an effect of its own table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from westlake.desk.asking import Route, Section, read_routes, read_sections
from westlake.desk.people import ROLES
from westlake.errors import Findings, Place, WestlakeError
from westlake.rules import Programme
from westlake.rules.tree import Node, Sheet
from westlake.words import Text, catalogue, fill

FILE = "workflow.yaml"
APPLICATION = "application"
APPLICANTS = ("firm", "person")
STAYS, SYSTEM = "=", "system"
ASKS = ("note", "amount", "day", "days", "evidence", "reason")
_TOP = ("kinds", "applicant", "facts", "asked_when", "proposal", "award", "milestones", "review", "choice", "terms",
        "words")
_KIND = ("start", "ends", "steps")
_ROW = ("do", "from", "to", "who", "guards", "effects", "asks")


@dataclass(frozen=True)
class Use:
    """A guard or an effect as a row names it, with what it is given."""

    name: str
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One row of the table. asks: what whoever takes the step must say."""

    name: str
    came_from: tuple[str, ...]
    went_to: str
    who: tuple[str, ...]
    guards: tuple[Use, ...]
    effects: tuple[Use, ...]
    asks: tuple[str, ...]
    place: Place

    def target(self, state: str) -> str:
        """The state that a case in this state goes to."""
        return state if self.went_to == STAYS else self.went_to


@dataclass(frozen=True)
class Kind:
    """One kind of case: where it starts, where it ends, and every step between."""

    name: str
    start: str
    ends: frozenset[str]
    steps: tuple[Step, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order in which the table first speaks of it."""
        found = dict.fromkeys([self.start])
        for step in self.steps:
            found |= dict.fromkeys((*step.came_from, *(() if step.went_to == STAYS else (step.went_to,))))
        return tuple(found)

    def step(self, name: str, state: str) -> Step | None:
        """The row by which a case in a state takes a step."""
        return next((step for step in self.steps if step.name == name and state in step.came_from), None)

    def from_state(self, state: str) -> Iterator[Step]:
        """Every row that leads on from a state."""
        return (step for step in self.steps if state in step.came_from)


@dataclass(frozen=True)
class Origin:
    """Where an input comes from that is neither asked, nor on a bill, nor in the register.

    source: `office` (somebody of the office finds it out), `ranking` (the call's scores), or `sum`, `most`,
    `count` of earlier cases. of: asked, awarded or paid; by: answers that must be the same. before: what is
    taken while nothing is known yet, so that a case can be looked at beforehand.
    """

    source: str
    of: str = ""
    by: tuple[str, ...] = ()
    before: str | None = None


@dataclass(frozen=True)
class Milestones:
    """What an award is paid in: one part, or one for each choice of an input, as large as a rule says.

    days: by choice, within how many days of the award a part's evidence is due; by "" for one part.
    """

    input: str = ""
    part: str = ""
    days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Criterion:
    """What reviewers look at. most: points; weight: parts per million of the whole."""

    name: str
    most: int
    weight: int
    words: Text


@dataclass(frozen=True)
class Workflow:
    """All of a programme's workflow.yaml. award: the role of accounts.yaml whose amount is promised.

    proposal: what is written in sentences, for reviewers; asked_when: the inputs that only some routes ask;
    applicant: `person` where somebody may apply without a firm.
    """

    programme: str
    kinds: Mapping[str, Kind]
    facts: Mapping[str, Origin]
    award: str
    milestones: Milestones
    criteria: tuple[Criterion, ...]
    choice: Mapping[str, object]
    terms: Mapping[str, int]
    words: Mapping[str, Text] = field(default_factory=dict)
    proposal: tuple[Section, ...] = ()
    asked_when: Mapping[str, Route] = field(default_factory=dict)
    applicant: str = "firm"

    def word(self, sort: str, name: str, lang: str) -> str:
        """What people call a state, a step or a kind: the programme's own word, or everybody's."""
        return fill(self.text(sort, name), lang)

    def text(self, sort: str, name: str) -> Text:
        """The same in all languages, for a problem that does not know yet who will read it."""
        return self.words.get(f"{sort}.{name}") or catalogue().get(f"desk.{sort}.{name}") or {"en": name}


TERMS = {  # what a call may set for itself, and what it is where neither call nor programme says
    "objection_days": 5, "appeal_days": 30, "correction_hours": 24, "cool_off_days": 7, "reviews_per_case": 3,
    "reviewer_load": 12, "review_days": 21, "history_years": 3, "reserve_places": 0, "factor_minutes": 5,
    "repay_days": 30,  # from the day on which money is asked back
    "agree_days": 30,  # within which an award is to be signed
    "part_days": 365,  # from the award, within which a part's evidence is due, where `milestones` does not say
    "decision_days": 0,  # within which the office says it decides, from hand-in; 0: it says nothing
}
CHOICE = ("mode", "objective", "threshold", "score", "one_per", "edge", "lottery", "quotas")


def has_workflow(folder: Path) -> bool:
    """Whether a programme's cases are worked at the desk at all."""
    return (folder / FILE).is_file()


def read_workflow(programme: Programme, guards: frozenset[str], effects: frozenset[str]) -> Workflow:
    """The table of a programme; W907 when it has none, W908 and the W1 codes, all together, for what is wrong.

    guards, effects: the names that rows may use.
    """
    findings = Findings()
    path = Path(programme.folder) / FILE
    if not path.is_file():
        raise WestlakeError.one("W907", name=programme.name)
    sheet = Sheet(path, FILE, findings)
    top = sheet.mapping(sheet.root, _TOP, ("kinds",))
    findings.stop()
    reader = _Reader(sheet, programme, guards, effects)
    kinds = {name: reader.kind(name, node) for name, (_, node) in sheet.mapping(top["kinds"][1]).items()}
    if APPLICATION not in kinds:
        sheet.fault("W104", top["kinds"][0], name=APPLICATION)
    facts = reader.facts(top["facts"][1]) if "facts" in top else {}
    award = sheet.one_of(top["award"][1], ("claim", "entitlement"), "W908", "award") if "award" in top else None
    milestones = reader.milestones(top["milestones"][1]) if "milestones" in top else Milestones()
    criteria = reader.criteria(top["review"][1]) if "review" in top else ()
    choice = reader.choice(top["choice"][1]) if "choice" in top else {}
    terms = reader.terms(top["terms"][1]) if "terms" in top else {}
    words = reader.words(top["words"][1]) if "words" in top else {}
    proposal = read_sections(sheet, top["proposal"][1], programme) if "proposal" in top else ()
    routes = read_routes(sheet, top["asked_when"][1], programme) if "asked_when" in top else {}
    applicant = sheet.one_of(top["applicant"][1], APPLICANTS, "W908", "applicant") if "applicant" in top else None
    reader.check_words(kinds, words)
    findings.stop()
    return Workflow(programme.name, kinds, facts, award or "entitlement", milestones, criteria, choice,
                    {**TERMS, **terms}, words, proposal, routes, applicant or "firm")


class _Reader:
    """Reads the parts of one sheet; every fault is noted at its place."""

    def __init__(self, sheet: Sheet, programme: Programme, guards: frozenset[str], effects: frozenset[str]) -> None:
        self.sheet, self.programme, self.guards, self.effects = sheet, programme, guards, effects

    def kind(self, name: str, node: Node) -> Kind:
        """One kind of case, its table checked whole: every state is reached, and none but an end is a dead end."""
        sheet = self.sheet
        top = sheet.mapping(node, _KIND, _KIND)
        if not top.keys() >= set(_KIND):
            return Kind(name, "", frozenset(), ())
        start = sheet.scalar(top["start"][1]) or ""
        ends = frozenset(self._texts(top["ends"][1]))
        steps = tuple(self._step(row) for row in sheet.sequence(top["steps"][1]))
        kind = Kind(name, start, ends, steps)
        reached = {start} | {step.went_to for step in steps if step.went_to != STAYS}
        left = {state for step in steps for state in step.came_from}
        for state in sorted(left - reached):
            sheet.fault("W909", top["steps"][0], kind=name, state=state)
        for state in sorted(reached - left - ends):
            sheet.fault("W910", top["steps"][0], kind=name, state=state)
        for state in sorted(ends - reached):
            sheet.fault("W909", top["ends"][0], kind=name, state=state)
        self._check_twice(kind)
        return kind

    def _check_twice(self, kind: Kind) -> None:
        seen: set[tuple[str, str]] = set()
        for step in kind.steps:
            for state in step.came_from:
                if (step.name, state) in seen:
                    self.sheet.findings.add("W911", step.place, step=step.name, state=state)
                seen.add((step.name, state))

    def _step(self, node: Node) -> Step:
        sheet = self.sheet
        row = sheet.mapping(node, _ROW, ("do", "from", "to", "who"))

        def texts(name: str) -> tuple[str, ...]:
            return self._texts(row[name][1]) if name in row else ()

        for name in texts("who"):
            if name not in (*ROLES, SYSTEM):
                sheet.fault("W908", row["who"][1], name=name, what="who", known=", ".join((*ROLES, SYSTEM)))
        for name in texts("asks"):
            if name not in ASKS:
                sheet.fault("W908", row["asks"][1], name=name, what="asks", known=", ".join(ASKS))
        return Step(
            (sheet.scalar(row["do"][1]) or "") if "do" in row else "", texts("from"),
            (sheet.scalar(row["to"][1]) or "") if "to" in row else "", texts("who"),
            self._uses(row["guards"][1], self.guards, "guards") if "guards" in row else (),
            self._uses(row["effects"][1], self.effects, "effects") if "effects" in row else (),
            texts("asks"), sheet.place(node))

    def _texts(self, node: Node) -> tuple[str, ...]:
        """A text or a list of texts."""
        if hasattr(node, "value") and isinstance(node.value, str):
            return (node.value,)
        return tuple(text for item in self.sheet.sequence(node) if (text := self.sheet.scalar(item)) is not None)

    def _uses(self, node: Node, known: frozenset[str], what: str) -> tuple[Use, ...]:
        """`[complete, {other_than: check}, {within_days: [awarded, appeal_days]}]`."""
        uses = []
        for item in self.sheet.sequence(node):
            if isinstance(item.value, str):
                use = Use(item.value)
            else:
                pairs = [(name, value) for name, (_, value) in self.sheet.mapping(item).items()]
                use = Use(pairs[0][0], self._texts(pairs[0][1])) if len(pairs) == 1 else Use("")
            if use.name not in known:
                self.sheet.fault("W908", item, name=use.name, what=what, known=", ".join(sorted(known)))
            uses.append(use)
        return tuple(uses)

    def facts(self, node: Node) -> dict[str, Origin]:
        """`score: {from: ranking, before: "1000000"}`; `project_before: {sum: awarded, by: [project]}`."""
        sheet, found = self.sheet, {}
        for name, (key, entry) in sheet.mapping(node).items():
            if name not in self.programme.inputs:
                sheet.fault("W908", key, name=name, what="facts", known=", ".join(self.programme.inputs))
            parts = sheet.mapping(entry, ("from", "before", "by", "sum", "most", "count"))
            source, of = "office", ""
            if "from" in parts:
                source = sheet.one_of(parts["from"][1], ("ranking", "office"), "W908", "from") or ""
            for counted in ("sum", "most", "count"):
                if counted in parts:
                    source = counted
                    of = sheet.one_of(parts[counted][1], ("asked", "awarded", "paid"), "W908", counted) or ""
            by = self._texts(parts["by"][1]) if "by" in parts else ()
            before = sheet.scalar(parts["before"][1]) if "before" in parts else None
            found[name] = Origin(source, of, by, before)
        return found

    def milestones(self, node: Node) -> Milestones:
        """`{input: milestone, part: part, days: {first: "180", last: "540"}}`, or `{days: "180"}` for one part."""
        parts = self.sheet.mapping(node, ("input", "part", "days"))
        names = {name: self.sheet.scalar(value) or "" for name, (_, value) in parts.items() if name != "days"}
        for name, known in (("input", self.programme.inputs), ("part", self.programme.graph.rules)):
            if names and names.get(name) not in known:
                self.sheet.fault("W908", node, name=names.get(name, ""), what=name, known=", ".join(known))
        item = self.programme.inputs.get(names.get("input", ""))
        readable = "days" in parts and (item is not None or "input" not in names)
        days = self._days(parts["days"][1], item.choices if item else ()) if readable else {}
        return Milestones(names.get("input", ""), names.get("part", ""), days)

    def _days(self, node: Node, choices: tuple[str, ...]) -> dict[str, int]:
        """Days by choice, or one number where nothing is chosen."""
        sheet, found = self.sheet, {}
        named = sheet.mapping(node).items() if choices else [("", (node, node))]
        for name, (key, value) in named:
            text = sheet.scalar(value) or ""
            if choices and name not in choices:
                sheet.fault("W908", key, name=name, what="days", known=", ".join(choices))
            elif text.isdecimal():
                found[name] = int(text)
            else:
                sheet.fault("W105", value, wanted="1, 2, 3 …")
        return found

    def criteria(self, node: Node) -> tuple[Criterion, ...]:
        """`merit: {most: 10, weight: 50%, words: {…}}`; the weights make a whole."""
        sheet, found = self.sheet, []
        for name, (_, entry) in sheet.mapping(node).items():
            parts = sheet.mapping(entry, ("most", "weight", "words"), ("most", "weight", "words"))
            if not parts.keys() >= {"most", "weight", "words"}:
                continue
            most, weight = sheet.scalar(parts["most"][1]) or "", sheet.scalar(parts["weight"][1]) or ""
            if not most.isdecimal() or not weight.removesuffix("%").isdecimal():
                sheet.fault("W105", entry, wanted='most: "10", weight: 50%')
                continue
            found.append(Criterion(name, int(most), int(weight.removesuffix("%")) * 10_000,
                                   sheet.words(parts["words"][1])))
        if found and sum(one.weight for one in found) != 1_000_000:
            sheet.fault("W912", node, total=f"{sum(one.weight for one in found) / 10_000:g}%")
        return tuple(found)

    def choice(self, node: Node) -> dict[str, object]:
        """How cases are chosen: plain texts, and quotas as a list of mappings of texts."""
        found: dict[str, object] = {}
        for name, (_, value) in self.sheet.mapping(node, CHOICE).items():
            if name == "quotas":
                found[name] = [{key: self.sheet.scalar(text) for key, (_, text) in self.sheet.mapping(item).items()}
                               for item in self.sheet.sequence(value)]
            else:
                found[name] = self.sheet.scalar(value)
        return found

    def terms(self, node: Node) -> dict[str, int]:
        """Whole numbers by name; see TERMS."""
        found = {}
        for name, (_, value) in self.sheet.mapping(node, TERMS).items():
            text = self.sheet.scalar(value) or ""
            if text.isdecimal():
                found[name] = int(text)
            else:
                self.sheet.fault("W105", value, wanted="0, 1, 2 …")
        return found

    def words(self, node: Node) -> dict[str, Text]:
        """`states: {piloted: {en: …}}`: the programme's own words for states, steps and kinds."""
        return {f"{sort}.{name}": self.sheet.words(text)
                for sort, (_, part) in self.sheet.mapping(node, ("state", "step", "kind")).items()
                for name, (_, text) in self.sheet.mapping(part).items()}

    def check_words(self, kinds: Mapping[str, Kind], words: Mapping[str, Text]) -> None:
        """Everything that people see has a name: the programme's or everybody's."""
        known = catalogue()
        for kind in kinds.values():
            named = [("kind", kind.name), *(("state", state) for state in kind.states),
                     *(("step", step.name) for step in kind.steps)]
            for sort, name in dict.fromkeys(named):
                if name and f"{sort}.{name}" not in words and f"desk.{sort}.{name}" not in known:
                    self.sheet.fault("W913", self.sheet.root, sort=sort, name=name)
