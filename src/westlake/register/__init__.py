"""Firms and people as of a day: who they were, and how we know.

Every fact carries its assurance (declared, verified or audited), its source and the day it was learnt;
a correction is a new row, never an edit. `take_in` reads the office's tables, `Register` answers.
"""

from westlake.register.facts import ASSURANCES, FACTS, Fact, FactKind
from westlake.register.register import Register
from westlake.register.spans import AccountSpan, RelatedParty
from westlake.register.tables import Intake, take_in

__all__ = ["ASSURANCES", "FACTS", "AccountSpan", "Fact", "FactKind", "Intake", "Register", "RelatedParty", "take_in"]
