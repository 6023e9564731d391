"""Serves a season's office in a process of its own, and does there what no browser can: a session long begun, a code.

`python -m tests.journeys.console FOLDER [--further]` plays the season into FOLDER, says where it answers, and then takes one
JSON command a line. What the console would send or show in its terminal goes to stderr, as always.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from tests.journeys import season

A_WHILE_S = 12  # that a browser may need, on a slow machine, to hand in a code


def session(email, factor_ago=None, password_ago=0):
    """A session's key for somebody, whose second factor was given so many seconds ago; None: was never asked."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from westlake.web import office, persons
    from westlake.web.models import Login

    login = Login.objects.get(email=email)
    methods = [{"method": "password", "at": time.time() - password_ago, "email": email}]
    if factor_ago is not None:
        assert Authenticator.objects.filter(user=login, type="totp").exists(), f"{email} has no second factor"
        methods.append({"method": "mfa", "type": "totp", "at": time.time() - factor_ago, "reauthenticated": True})
    made = SessionStore()
    made.update({SESSION_KEY: str(login.pk), HASH_SESSION_KEY: login.get_session_auth_hash(),
                 BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
                 persons.SINCE: office.here().now(), "account_authentication_methods_user": str(login.pk),
                 "account_authentication_methods": methods})
    made.create()
    return made.session_key


def code(email):
    """What somebody's telephone shows as the code of this half minute; of the next, when this one is about to end."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from allauth.mfa.utils import decrypt

    found = Authenticator.objects.get(user__email=email, type="totp")
    left = 30 - time.time() % 30
    if left < A_WHILE_S:
        time.sleep(left)
    return format_hotp_value(hotp_value(decrypt(found.data["secret"]), int(time.time()) // 30))


def route(address):
    """The name of the route that an address leads to, "" for none."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(address).view_name
    except Resolver404:
        return ""


def routes():
    """Every route that can be looked at, by name."""
    from westlake.web.routes import INCLUDED, TABLE

    return sorted({one.name for one in TABLE if "GET" in one.methods} | set(INCLUDED))


def looked_up(query, values=()):
    """Rows of the office's database."""
    from westlake.web import office

    return [list(row) for row in office.here().connection.execute(query, tuple(values)).fetchall()]


def called(firm):
    """A firm's name in the register."""
    from westlake.register import Register
    from westlake.web import office

    return Register(office.here().connection).of([firm], office.here().today)[firm]["name"].value


def also(email, role):
    """Give somebody one more role; the number of the grant."""
    from westlake.desk import people
    from westlake.web import office

    here = office.here()
    person = people.person_by_email(here.connection, email)
    people.grant_role(here.connection, person.id, role, at=here.now())
    return max(one.id for one in people.grants(here.connection) if one.person == person.id)


def no_more(grant):
    """End a role that was given."""
    from westlake.desk import people
    from westlake.web import office

    here = office.here()
    people.end_role(here.connection, grant, people.person_by_email(here.connection, "admin@office.example"), here.now(), "")


DOES = {one.__name__: one for one in (session, code, route, routes, looked_up, called, also, no_more)}


def main():
    folder = Path(sys.argv[1])
    workspace, played = season.make(folder)
    with (folder / "westlake.toml").open("a", encoding="utf-8") as file:
        file.write('\n[web]\ndemo = "yes"\n')
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.journeys.settings"
    from westlake.web import hosting

    hosting.make_ready(workspace.folder.resolve())
    if "--further" in sys.argv:
        from westlake.web import office

        played.further(office.here())
    from westlake.web.demo import make_logins

    make_logins([*played.staff.values(), *played.reviewers, *played.applicants.values()],
                [played.staff[role].id for role in ("payer", "approver", "admin")])
    people = {role: one.email for role, one in played.staff.items()}
    people |= {"reviewers": [one.email for one in played.reviewers],
               "applicants": {firm: one.email for firm, one in played.applicants.items()}}
    with hosting.running(folder, "127.0.0.1", 0, 4, jobs=False) as console:
        console.answer_beside()
        print(json.dumps({"base": f"http://localhost:{console.port}", "people": people}), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                answer = {"answer": DOES[asked.pop("do")](**asked)}
            except Exception as error:  # the story that asked is told; the others go on
                answer = {"problem": repr(error)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
