"""A machine that speaks to the console: with a token of somebody's, a key for each thing to be done, and piers to apply for."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

from django.test import Client

from westlake.dates import MICROS_PER_DAY, day_number
from westlake.desk import people
from westlake.desk.calls import change_call, plan_call
from westlake.register import Register
from westlake.web import office
from westlake.web.api import tokens
from westlake.web.models import Login

LAKESIDE = Path(__file__).parents[1] / "lakeside" / "programmes"
PIER = {"title": "A pier for heron", "district": "north", "cost": "20000.00", "summary": "A pier of oak for the ferry.",
        "work": "Piles in spring, deck in summer."}
EVERYTHING = list(tokens.SCOPES)


class Machine:
    """Sends JSON with a bearer token; every answer is kept as `last`."""

    def __init__(self, token: str = ""):
        self.client, self.token = Client(), token

    def ask(self, method, path, body=None, key=None, **headers):
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", headers=headers, **data)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, key="", **headers):
        return self.ask("POST", path, body if body is not None else {}, key or uuid.uuid4().hex, **headers)

    def patch(self, path, body, key=""):
        return self.ask("PATCH", path, body, key or uuid.uuid4().hex)

    def delete(self, path, key=""):
        return self.ask("DELETE", path, None, key or uuid.uuid4().hex)

    def upload(self, path, key="", **form):
        return self.client.post(f"/api/v1{path}", form, headers={
            "Authorization": f"Bearer {self.token}", "Idempotency-Key": key or uuid.uuid4().hex})


def token_of(person, scopes=None, days=30):
    """A token of a person, with all scopes unless some are named."""
    _, text = tokens.make(Login.objects.get(person=person.id), "test", EVERYTHING if scopes is None else scopes, days,
                          office.here().utc_now)
    return text


def open_piers(office, officer, days=30):
    """Put Lakeside's piers on the office's shelf, and open a call for them."""
    shelf = office.workspace.programmes / "lakeside"
    shutil.copytree(LAKESIDE / "pier_challenge", shelf / "pier_challenge", ignore=shutil.ignore_patterns("__pycache__"))
    now = office.now()
    call = plan_call(office.desk, officer, "pier_challenge", "PIER-26", 2026, now, now + days * MICROS_PER_DAY, {
        "title": {"en": "Piers 2026", "ko": "선착장 2026", "zh": "码头2026"}, "budget": 10_000_000})
    return change_call(office.desk, call, officer, "announced", announced=True)


def know(office, firm, assurance="verified", **facts):
    """Enter facts of a firm in the register, from the start of 2020."""
    first = day_number(2020, 1, 1)
    for name, value in {"resident": "1", "name": firm.title(), **facts}.items():
        Register(office.connection).enter(firm, name, value, first, day_number(2099, 1, 1), assurance, "registry", first)


def speaker(office, person_with, firm, role="applicant"):
    """Somebody who speaks for a firm, of its own house: with the office's own they would be in conflict."""
    person = person_with(role, firm=firm, email=f"{role}@{firm}.example", name=f"{firm.title()} Speaker")
    return people.change_person(office.connection, person, person, organisation=firm.title())


def submit_pier(machine, call):
    """Apply for a call and hand it in; the case's id."""
    case = machine.post(f"/calls/{call.id}/applications").json()["id"]
    machine.patch(f"/cases/{case}/answers", {"answers": PIER})
    assert machine.post(f"/cases/{case}/steps", {"step": "submit", "seq": 0}).status_code == 200
    return case
