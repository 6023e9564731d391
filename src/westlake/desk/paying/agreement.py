"""What an applicant signs: the parts of an award with their amounts and days, and the terms that the table sets.

The text is made from the programme's own data, the same for who reads it and for who signs it; its digest stands in the
step by which it was signed, and the text itself in the letter that goes to the applicant then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from westlake.dates import iso
from westlake.desk.applying.deciding import decide, known_of
from westlake.desk.cases import Case, steps_of, term_of
from westlake.desk.desk import Desk, Offered
from westlake.desk.paying.budgets import MILESTONE, funds
from westlake.desk.workflow import APPLICATION, Workflow
from westlake.digest import fingerprint
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.words import LANGUAGES, fill, say

DAYS = "part_days"  # the term by which a part is due whose days the table does not say
_TERMS = ("evidence", "amount", "bank", "extension", "amendment", "ending", "appeal", "recovery")


@dataclass(frozen=True)
class Part:
    """A part of an award. choice: of the input that parts it, empty for the whole; amount: minor units; due: a day."""

    choice: str
    amount: int
    due: int


@dataclass(frozen=True)
class Agreement:
    """What is signed, in each language. digest: of the text in all of them."""

    parts: tuple[Part, ...]
    text: Mapping[str, str]
    digest: str


def agreement_of(desk: Desk, root: Case) -> Agreement:
    """The agreement as it would be signed now; W1028 where nothing is promised."""
    parts = parts_of_award(desk, root)
    text = {lang: "\n".join(_lines(desk, root, parts, lang)) for lang in LANGUAGES}
    return Agreement(tuple(parts), text, fingerprint(text))


def parts_of_award(desk: Desk, root: Case) -> list[Part]:
    """Each part of an award that is not nothing, or the whole as one; they make what is promised exactly.

    Each is due so many days after the award as the table says of it, else as the terms do (`part_days`). Where the
    award is not what the rules part, it is parted in proportion. W1028 where nothing is promised, W1004 where there is
    no part.
    """
    award, declared = funds(desk, root).held, desk.offered(root.programme).workflow.milestones
    if award <= 0:
        raise WestlakeError.one("W1028", number=root.number)
    first = awarded_on(desk, root)
    amounts = _amounts(desk, root, award) if declared.input else [("", award)]
    return [Part(choice, amount, first + declared.days.get(choice, term_of(desk, root, DAYS)))
            for choice, amount in amounts]


def awarded_on(desk: Desk, root: Case) -> int:
    """The day on which an application came to where it stands; today for one that has not moved."""
    came = [one.at for one in steps_of(desk, root) if one.came_from != one.went_to]
    return desk.day_of(came[-1]) if came else desk.today()


def _amounts(desk: Desk, root: Case, award: int) -> list[tuple[str, int]]:
    offered, today = desk.offered(root.programme), desk.today()
    declared, weights = offered.workflow.milestones, {}
    for choice in offered.programme.inputs[declared.input].choices:
        known = known_of(desk, root, today, found={declared.input: choice})
        weights[choice] = max(decide(desk, offered, known, today).values[declared.part], 0)
    named = [(choice, weight) for choice, weight in weights.items() if weight]
    if not named:
        raise WestlakeError.one("W1004", number=root.number)
    whole = sum(weight for _, weight in named)
    shares = [(choice, award * weight // whole) for choice, weight in named]
    last = award - sum(amount for _, amount in shares[:-1])
    return [(choice, amount) for choice, amount in [*shares[:-1], (shares[-1][0], last)] if amount]


def named(offered: Offered, root: Case, part: Part, lang: str) -> str:
    """What people call a part: the whole goes by the application's title."""
    declared = offered.workflow.milestones
    return offered.programme.choice_in_words(declared.input, part.choice, lang) if part.choice else root.title


def _lines(desk: Desk, root: Case, parts: list[Part], lang: str) -> Iterator[str]:
    """The agreement line by line: what is promised, each part, and the terms that the table has."""
    offered = desk.offered(root.programme)

    def money(amount: int) -> str:
        return format_money(amount, root.currency, sign=True)

    yield say("desk.agreement.promise", lang, number=root.number, title=root.title, firm=root.firm, year=root.year,
              programme=fill(offered.programme.words.title, lang), amount=money(sum(part.amount for part in parts)))
    for place, part in enumerate(parts, start=1):
        yield say("desk.agreement.part", lang, place=place, name=named(offered, root, part, lang),
                  amount=money(part.amount), day=iso(part.due))
    values = {name: term_of(desk, root, name) for name in ("cool_off_days", "repay_days", "appeal_days")}
    for name in _TERMS:
        if _has(offered.workflow, name):
            yield say(f"desk.agreement.{name}", lang, **values)
    yield say("desk.agreement.version", lang, digest=offered.programme.digest[:12])


def _has(workflow: Workflow, term: str) -> bool:
    """Whether the table gives ground for a term."""
    kinds, milestone = workflow.kinds, workflow.kinds.get(MILESTONE)
    parts = {use.name for step in milestone.steps for use in (*step.guards, *step.effects)} if milestone else set()
    ways = {(step.name, state) for step in kinds[APPLICATION].steps for state in step.came_from}
    return {"evidence": "has_file" in parts, "amount": "tranche" in parts, "bank": "account_usable" in parts,
            "extension": "extension" in kinds, "amendment": "amendment" in kinds,
            "ending": any(name == "terminate" for name, _ in ways), "appeal": ("appeal", "terminated") in ways,
            "recovery": "recovery" in kinds}[term]
