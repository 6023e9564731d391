"""Lakeside's desk inside a served office: the stories of tests/desk told through pages."""

import shutil

from tests.desk.counter import LAKESIDE, STAFF, Counter

from westlake.desk import people
from westlake.register import Register


class Story(Counter):
    """The counter of tests/desk on an office's own connection, clock and programmes."""

    def __init__(self, office, clock, programmes=("pier_challenge",)):
        for name in programmes:
            place = office.workspace.programmes / "lakeside" / name
            if not place.exists():
                shutil.copytree(LAKESIDE / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        self.office, self.clock, self.connection, self.desk = office, clock, office.connection, office.desk
        self.staff = {role: people.person_by_email(self.connection, f"{name.lower().replace(' ', '.')}@lakeside.example")
                      or self.person(name, role) for role, name in STAFF.items()}

    def know(self, firm, assurance="verified", **facts):
        from westlake.dates import day_number
        for name, value in facts.items():
            Register(self.connection).enter(firm, name, value, day_number(2020, 1, 1), day_number(2099, 1, 1), assurance,
                                            "registry", day_number(2020, 1, 1))

    def lake(self, count=8):
        """A call with some firms' piers at several states."""
        call = self.call(days=20, budget=30_000_000, expected={"applicants": 60, "places": 25})
        firms = ["heron", "egret", "teal", "grebe", "loon", "osprey", "bittern", "crane", "swan", "coot", "rail", "dipper"]
        cases = []
        for place in range(count):
            firm = firms[place % len(firms)] + ("" if place < len(firms) else str(place))
            resident = "0" if place % 5 == 3 else "1"
            applicant = self.applicant(firm, resident=resident, name=f"{firm.title()} Robotics",
                                       district="North Shore" if place % 2 else "South Shore")
            case = self.take(self.draft(call, applicant, cost=f"{20_000 + 7_500 * place}.00"), "submit", applicant)
            if place % 5 == 1:
                case = self.take(case, "admit", "officer")
            elif place % 5 == 3:
                case = self.take(case, "refuse", "officer")
            elif place % 5 == 4:
                case = self.take(case, "ask_supplement", "officer", note="The site plan is missing.",
                                 day=self.desk.today() + 9)
            cases.append(case)
            self.clock.wait(seconds=3600 * 30)
        return call, cases
