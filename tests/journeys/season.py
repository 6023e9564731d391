"""A small office of Hangzhou's in the middle of its year: one call paid, one under review, one that takes applications.

Played as `westlake demo` plays it, with fewer firms and reviewers and three calls instead of one.
"""

from __future__ import annotations

from types import SimpleNamespace

from westlake.bills.generator import generate_firms
from westlake.cli import stages
from westlake.cli.demo import OFFICER, write_register
from westlake.cli.inbox import read_register
from westlake.cli.new import make_workspace
from westlake.cli.place import open_database
from westlake.cli.stages import CALL_DAYS, Play
from westlake.dates import local_day
from westlake.database import transaction
from westlake.workspace import Settings

FIRMS, REVIEWERS, SEED = 40, 12, 7
PAID, REVIEWED, OPEN = slice(0, 16), slice(16, 28), slice(28, 38)  # whose firms apply to which call; two have none
OF_STAFF = ("officer", "chair", "approver", "payer", "auditor", "admin", "economist", "fund_manager", "guarantor")


class Season(Play):
    """The year's calls: CH a hundred and twenty days ago, RV that closed lately, OP still open."""

    def play(self) -> None:
        stages.APPLICANTS, stages.REVIEWERS = FIRMS, REVIEWERS
        with transaction(self.connection):
            self.cast()
            firms = list(self.applicants)
            first = self.opened("CH", firms[PAID])
            self.review(first, 1.0)
            self.choose(first)
            self.pay(first)
            self._ago(36)
            second = self.opened("RV", firms[REVIEWED])
            self.review(second, 0.5)
            self._ago(3.5)
            self.opened("OP", firms[OPEN], share=0.08)
            self.clock.at = self.clock.last

    def opened(self, code, firms, share=0.6):
        """A call that opens now, and who applies to it within a share of its days; every tenth leaves it a draft."""
        call = self.call("challenge", code)
        for place, firm in enumerate(firms):
            self.clock.wait(CALL_DAYS * share / len(firms))
            self.apply(call, firm, submit=place % 10 != 9)
        return call

    def _ago(self, days):
        at = self.clock.last - int(days * 86_400_000_000)
        assert self.clock.at <= at, "the season's calls follow one another"
        self.clock.at = at


def make(folder):
    """The workspace, played; the play, whose people can be given log-ins."""
    workspace = make_workspace(folder, Settings(agency="Hangzhou Innovation Office", lang="en"))
    made = SimpleNamespace(accounts=[], related=[], rates=[])
    write_register(workspace, generate_firms(FIRMS, SEED), made, SEED, "en")
    connection = open_database(workspace)
    played = Season(workspace, connection, "paid", SEED)
    read_register(connection, workspace, local_day(played.clock(), workspace.settings.zone), OFFICER, played.clock)
    played.play()
    connection.close()
    return workspace, played
