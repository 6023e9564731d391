"""A desk of Lakeside for tests: a database, its programmes by folder, its people, and a clock that is moved by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

from westlake.database import connect
from westlake.dates import MICROS_PER_DAY, day_number
from westlake.desk import people, steps
from westlake.desk.applying.drafting import save_answers
from westlake.desk.calls import change_call, find_call, plan_call
from westlake.desk.cases import find_case, open_application
from westlake.desk.desk import Desk, Offered
from westlake.desk.panel import choosing, notices, reviewing
from westlake.desk.panel.assigning import assign_one
from westlake.desk.people import Held
from westlake.errors import WestlakeError
from westlake.register import Register
from westlake.rooms import create_all
from westlake.rules import load_programme
from westlake.settlement.terms import read_terms

LAKESIDE = Path(__file__).parents[1] / "lakeside" / "programmes"
NEW_YEAR = day_number(2026, 1, 1)
PROPOSAL = {"summary": "A pier of oak for the ferry and for everybody who fishes.",
            "work": "Piles in spring, deck in summer. Ice may come early."}
STAFF = {"officer": "Oda Reed", "chair": "Chen Mei", "approver": "Ferry Finn", "payer": "Park Dal", "auditor": "Ada Audit",
         "admin": "Min Admin"}


class Clock:
    """Each look at it is a microsecond later than the last."""

    def __init__(self, at=NEW_YEAR * MICROS_PER_DAY + 3_600_000_000):
        self.at = at

    def __call__(self):
        self.at += 1
        return self.at

    def wait(self, days=0, seconds=0):
        self.at += days * MICROS_PER_DAY + int(seconds * 1_000_000)


class Counter:
    """Where Lakeside's people meet its officers."""

    def __init__(self, database, shelf=LAKESIDE, programmes=("pier_challenge",)):
        self.clock = Clock()
        self.connection = connect(database)
        create_all(self.connection)
        self.loaded = {}
        self.shelf = Path(shelf)
        self.desk = Desk(self.connection, self.offer, "Asia/Shanghai", self.clock)
        self.programmes = programmes
        self.staff = {role: self.person(name, role) for role, name in STAFF.items()}

    def offer(self, name):
        if name not in self.loaded:
            folder = self.shelf / name
            if not folder.is_dir():
                raise WestlakeError.one("W914", name=name)
            programme = load_programme(folder)
            self.loaded[name] = Offered(programme, steps.read_table(programme), read_terms(programme))
        return self.loaded[name]

    def person(self, name, role="", firm="", programme="*"):
        made = people.add_person(self.connection, name, f"{name.lower().replace(' ', '.')}@{firm or 'lakeside'}.example",
                                 firm if firm else "Lakeside Office", "en", firm, self.clock())
        if role:
            people.grant_role(self.connection, made.id, role, programme, at=self.clock(), firm=firm)
        return made

    def know(self, firm, assurance="verified", **facts):
        """Enter facts of a firm in the register, from the start of 2020."""
        for name, value in facts.items():
            Register(self.connection).enter(firm, name, value, day_number(2020, 1, 1), day_number(2099, 1, 1), assurance,
                                            "registry", day_number(2020, 1, 1))

    def call(self, programme="pier_challenge", code="PIER-26", days=30, **terms):
        now = self.clock()
        call = plan_call(self.desk, self.staff["officer"], programme, code, 2026, now, now + days * MICROS_PER_DAY, {
            "title": {"en": "Piers 2026", "ko": "선착장 2026", "zh": "码头2026"}, "budget": 10_000_000, **terms})
        return change_call(self.desk, call, self.staff["officer"], "announced", announced=True)

    def applicant(self, firm, **facts):
        self.know(firm, **{"resident": "1", "name": firm.title(), **facts})
        return self.person(f"{firm} speaker", "applicant", firm)

    def draft(self, call, applicant, **answers):
        case = open_application(self.desk, applicant, call, applicant.firm)
        asked = {one.name for one in self.desk.offered(call.programme).workflow.proposal}
        save_answers(self.desk, case, applicant, Held("applicant", "*", applicant.firm), {
            "title": f"A pier for {applicant.firm}", "district": "north", "cost": "20000.00",
            **{name: text for name, text in PROPOSAL.items() if name in asked}, **answers})
        return find_case(self.desk, case.id)

    def take(self, case, step, who, factor_at=0, **said):
        """Take a step as the case now stands; `who` is a role of the staff, or a person."""
        person = self.staff[who] if isinstance(who, str) else who
        roles = people.roles_of(self.connection, person.id, self.clock())
        return steps.take(self.desk, find_case(self.desk, case.id), step, person, roles, said, factor_at).case

    def submitted(self, call, firm="heron", **answers):
        applicant = self.applicant(firm)
        return self.take(self.draft(call, applicant, **answers), "submit", applicant), applicant

    def reviewed(self, call, cases, points=8):
        """Two readers without conflicts review the cases, as many points for each criterion."""
        officer = self.staff["officer"]
        readers = [self.person(f"Reader {call.code} {number}", "reviewer") for number in range(2)]
        reviewing.invite(self.desk, call, officer, [reader.id for reader in readers])
        for reader in readers:
            reviewing.answer_invitation(self.desk, call, reader, True)
            roles = people.roles_of(self.connection, reader.id, self.clock())
            for case in cases:
                assign_one(self.desk, case, officer, reader.id)
                reviewing.submit_review(self.desk, case, reader, roles, dict.fromkeys(("merit", "team", "use"), points), 4,
                                        "read")

    def closed(self, call):
        """The call takes neither applications nor corrections any more."""
        self.clock.at = max(self.clock.at, find_call(self.desk, call.id).corrects_until)

    def selected(self, call, cases):
        """Before the panel, chosen under the budget, and made known until the days for objections are over."""
        self.closed(call)
        cases = [self.take(case, "to_panel", "chair") for case in cases]
        run = choosing.select(self.desk, call, self.staff["chair"], 1)
        cases = [self.take(case, "select", "chair") for case in cases]
        notices.publish(self.desk, call, self.staff["chair"], run)
        self.clock.wait(days=call.number("objection_days") + 2)
        return cases

    def agreed(self, case, applicant):
        """From eligible to an agreement in force."""
        call = find_call(self.desk, case.call)
        self.reviewed(call, [case])
        self.selected(call, [case])
        self.take(case, "award", "approver")
        return self.take(case, "agree", applicant)

    def close(self):
        self.connection.close()


def shelf_with(tmp_path, name, **changes):
    """Lakeside's shelf with one programme copied and its workflow.yaml changed: {old text: new text}."""
    shelf = tmp_path / "shelf"
    shutil.copytree(LAKESIDE, shelf, ignore=shutil.ignore_patterns("__pycache__"))
    path = shelf / name / "workflow.yaml"
    text = path.read_text("utf-8")
    for old, new in changes.get("swap", {}).items():
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return shelf
