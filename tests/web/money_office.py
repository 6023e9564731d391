"""An office of Lakeside whose money has begun to move: its people at the desk, with log-ins to the console."""

from __future__ import annotations

import shutil

from tests.desk.money_counter import Till, money_shelf, written

from westlake.desk import people
from westlake.web.models import Login

AUTUMN = 1_795_140_000_000_000  # 2026-11-20T02:00Z


class Desk(Till):
    """The till of the desk's tests, on the office's own database, its clock and its programmes."""

    def __init__(self, office, clock, tmp_path):
        clock.stand(AUTUMN)
        shelf = money_shelf(tmp_path / "spare")
        folder = office.workspace.folder / "programmes" / "lakeside"
        for name in ("pier_challenge", "quay_challenge"):
            shutil.copytree(shelf / "pier_challenge", folder / name, dirs_exist_ok=True)
        self.office, self.clock, self.shelf = office, clock, folder
        self.staff = {role: self.person(name, role) for role, name in (
            ("officer", "Oda Reed"), ("approver", "Ferry Finn"), ("payer", "Park Dal"), ("auditor", "Ada Audit"))}
        self.second_payer = self.person("Pia Third", "payer")

    connection = property(lambda self: self.office.connection)  # asked anew: a page that was looked at made it read only
    desk = property(lambda self: self.office.desk)

    def person(self, name, role="", firm="", programme="*"):
        made = super().person(name, role, firm, programme)
        Login.objects.create_user(made.email, "correct horse battery", person=made.id, language="en")
        return made

    def offer(self, name):
        return self.office.desk.offered(name)

    def batch_of(self, *firms):
        """Two milestones' worth of payments, ordered by the approver and put in a batch by the payer."""
        for firm in firms or ("heron",):
            self.account(firm)
            _, parts = self.agreed(firm)
            self.ordered(parts[0])
        return self.batched()


def browser_of(browser, person):
    """A browser in which a person of the desk has logged in."""
    browser.person = person
    browser.force_login(Login.objects.get(person=person.id), "allauth.account.auth_backends.AuthenticationBackend")
    return browser


def role(desk, person, name, programme="*"):
    people.grant_role(desk.connection, person.id, name, programme, at=desk.clock())


__all__ = ["Desk", "browser_of", "role", "written"]
