"""A small office of Hangzhou's in the middle of its year: calls paid, chosen from, reviewed and open.

Played as `westlake demo` plays it, with fewer firms and reviewers, and four calls of the challenge list.
"""

from __future__ import annotations

from types import SimpleNamespace

from westlake.bills.generator import generate_firms
from westlake.cli import stages
from westlake.cli.demo import OFFICER, write_register
from westlake.cli.inbox import read_register
from westlake.cli.new import make_workspace
from westlake.cli.place import open_database
from westlake.cli.stages import CALL_DAYS, DEBTOR, Play
from westlake.database import transaction
from westlake.dates import MICROS_PER_DAY, iso, local_day, year_of
from westlake.desk import calls, people
from westlake.desk.audit import auditing
from westlake.desk.cases import find_case
from westlake.desk.panel import choosing, notices
from westlake.desk.paying import bank_lines, batches, payments, virement
from westlake.desk.plan import proposing
from westlake.workspace import Settings

FIRMS, REVIEWERS, SEED, EARLIER = 40, 12, 7, 20  # so many days before the demo's, for four calls in a row
PAID, PANEL, REVIEWED, OPEN = slice(0, 16), slice(16, 28), slice(20, 30), slice(28, 38)  # who applies; two never do


class Season(Play):
    """The year's calls: CH is being paid, PN is reviewed and nobody chosen yet, RV is under review, OP is open."""

    def play(self) -> None:
        stages.APPLICANTS, stages.REVIEWERS = FIRMS, REVIEWERS
        with transaction(self.connection):
            self.cast()
            firms = list(self.applicants)
            first = self.opened("CH", firms[PAID])
            self.review(first, 1.0)
            self.choose(first)
            self.pay(first)
            self.trouble(first)
            self._ago(70)
            self.review(self.opened("PN", firms[PANEL]), 1.0)
            self._ago(36)
            self.review(self.opened("RV", firms[REVIEWED]), 0.5)
            self._ago(3.5)
            last = self.opened("OP", firms[OPEN], share=0.08)
            self.take(self._in_state(last, "submitted")[0], "ask_supplement", self.staff["officer"], note="Which card, exactly?",
                      day=self.desk.today() + 9)
            self.clock.at = self.clock.last

    def trouble(self, call):
        """What an office has on its table as well: orders, a batch that waits, money asked back, a move, a proposal."""
        officer, approver, payer = (self.staff[role] for role in ("officer", "approver", "payer"))
        ready = [find_case(self.desk, number) for number, in self.connection.execute(
            "SELECT id FROM desk_case WHERE kind = 'milestone' AND state = 'approved' ORDER BY id").fetchall()]
        for case in ready[:2]:
            self.take(case, "order", approver)
        batches.make_batch(self.desk, payer, self.desk.today(), [payments.waiting(self.desk)[0].id], DEBTOR)
        paid = {row[0] for row in self.connection.execute(
            "SELECT parent FROM desk_case WHERE kind = 'milestone' AND state = 'paid'").fetchall()}
        had = [case for case in self._in_state(call, "agreed") if case.id in paid]
        self.take(had[-1], "claim_back", officer, amount=50_000_00, note="The second card was never bought.")
        roles = people.roles_of(self.connection, officer.id, self.clock())
        virement.propose(self.desk, officer, roles, ("challenge", call.year), ("talent", call.year), 1_000_000_00,
                         "More founders than planned", "move-1")

    def further(self, office):
        """What a year's second half brings, in an office that is served: a choice made known, a value proposed, a line of
        the bank's that nobody expected, a call that is only planned, somebody new who says that they speak for a firm."""
        self.connection, self.desk, self.clock = office.connection, office.desk, office.desk.now
        officer, chair, payer = (self.staff[role] for role in ("officer", "chair", "payer"))
        call = calls.find_call(self.desk, 2)
        for case in self._in_state(call, "eligible"):
            self.take(case, "to_panel", chair)
        choosing.rank(self.desk, call, chair, SEED)
        run = choosing.select(self.desk, call, chair, SEED)
        notices.publish(self.desk, call, chair, run)
        today = self.desk.today()
        auditing.keep_sample(self.desk, self.staff["auditor"], auditing.draw_sample(self.desk, SEED, 5, today - 365, today))
        proposing.propose_value(self.desk, self.staff["economist"], self.desk.offered("challenge").programme, "match_rate",
                                proposing.Entry(today, {"": "30%"}, "P-ai25", "unknown", "P"), "As the province does")
        bank_lines.import_statement(self.desk, payer, (
            "reference,amount,day,bank_reference,credit_debit,status\n"
            f"XYZ,77.00,{iso(today)},B77,credit,booked\n").encode(), "odd.csv", currency="CNY")
        calls.plan_call(self.desk, officer, "talent", "TP-1", year_of(today), self.desk.now() + 10**12, self.desk.now() + 10**13,
                        {"title": {"en": "Talents", "ko": "인재", "zh": "人才"}})
        new = people.add_person(self.connection, "Noah Newcomb", "noah@newcomb.example", at=self.desk.now())
        people.grant_role(self.connection, new.id, "applicant", at=self.desk.now())
        people.change_person(self.connection, new, new, firm=max(self.applicants))

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
    played.clock.at -= EARLIER * MICROS_PER_DAY
    read_register(connection, workspace, local_day(played.clock(), workspace.settings.zone), OFFICER, played.clock)
    played.play()
    connection.close()
    return workspace, played
