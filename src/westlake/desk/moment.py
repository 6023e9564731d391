"""The moment of a step: the case, who takes it and as what, what was said; and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from westlake.desk.cases import Case
from westlake.desk.desk import Desk, Offered
from westlake.desk.people import Held, Person
from westlake.desk.workflow import Step, Workflow


@dataclass
class Moment:
    """Handed to each guard and each effect of a step, in the transaction in which it is taken.

    said: note, amount (minor units), day (number), reason …, as the row asks. Effects put what becomes of the
    case into `changes` (amount, due, asked, title, submitted_at) and what the act is to tell into `told`.
    factor_at: when the person last gave a second factor, microseconds UTC.
    """

    desk: Desk
    case: Case
    step: Step
    person: Person
    held: Held
    said: Mapping[str, object]
    factor_at: int = 0
    changes: dict[str, object] = field(default_factory=dict)
    told: dict[str, object] = field(default_factory=dict)

    @property
    def offered(self) -> Offered:
        return self.desk.offered(self.case.programme)

    @property
    def workflow(self) -> Workflow:
        return self.offered.workflow

    @property
    def at(self) -> int:
        return self.desk.now()

    @property
    def today(self) -> int:
        return self.desk.today()

    @property
    def amount(self) -> int:
        """What was said, or what the case is about, in minor units."""
        said = self.said.get("amount")
        return said if isinstance(said, int) else self.case.amount
