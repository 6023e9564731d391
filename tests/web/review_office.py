"""A panel in Lakeside's served office: the counter of tests/desk as pages see it, with browsers for its people."""

import shutil

from tests.desk.counter import LAKESIDE, STAFF
from tests.desk.review_counter import ReviewCounter

from westlake.desk import people
from westlake.web.models import Login

LONG = 2**60


def hides(*what):
    """A phase without end that hides so much."""
    return {"phases": [{"first": 0, "last": LONG, "hides": list(what)}]}


class Panel(ReviewCounter):
    """The review counter of the desk's tests, on the office's own database, its clock and its programmes."""

    def __init__(self, office, clock, browser):
        self.office, self.clock, self.browser = office, clock, browser
        for name in ("pier_challenge", "dock_challenge"):
            shutil.copytree(LAKESIDE / "pier_challenge", office.workspace.programmes / "lakeside" / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
        self.staff = {role: self.person(name, role) for role, name in STAFF.items()}

    connection = property(lambda self: self.office.connection)  # asked anew: a page that was looked at made it read only
    desk = property(lambda self: self.office.desk)

    def at(self, person):
        """A browser in which somebody has logged in; a role's name stands for who holds it."""
        person = self.staff[person] if isinstance(person, str) else person
        login = Login.objects.filter(person=person.id).first() or Login.objects.create_user(
            person.email, "correct horse battery", person=person.id, language="en")
        made = self.browser()
        made.force_login(login, "allauth.account.auth_backends.AuthenticationBackend")
        return made

    def also(self, person, role, programme="*"):
        """Somebody gets one more role."""
        people.grant_role(self.connection, person.id, role, programme, at=self.clock())
        return person
