"""The same office on PostgreSQL: a whole call is played there, and every page of every room answers."""

import re
import shutil
from pathlib import Path

import pytest
from tests.web.conftest import Browser

import westlake.programmes
from westlake.bills.generator import Generated, generate_firms
from westlake.cli import stages
from westlake.cli.demo import write_register
from westlake.cli.inbox import read_register
from westlake.desk.cases import following
from westlake.rooms import verify_all
from westlake.web import office as offices
from westlake.web import routes
from westlake.web.models import Login
from westlake.workspace import Workspace

SHELF = Path(westlake.programmes.__file__).parent / "hangzhou"
NOT_PAGES = ("home.stop", "account.")


@pytest.fixture
def played(database, tmp_path, db, monkeypatch):
    """An office with its call paid, on a file and again on a server."""
    monkeypatch.setattr(stages, "APPLICANTS", 14)
    monkeypatch.setattr(stages, "REVIEWERS", 9)
    monkeypatch.setattr(stages, "TALENTS", 4)
    folder = tmp_path / "office"
    shutil.copytree(SHELF, folder / "programmes" / "hangzhou", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "westlake.toml").write_text(f'database = "{database}"\n', "utf-8")
    workspace = Workspace.find(folder)
    for place in workspace.folders:
        place.mkdir(exist_ok=True)
    write_register(workspace, generate_firms(14, 7), Generated(), 7, "en")
    office = offices.Office(workspace)
    offices.move_to(office)
    play = stages.Play(workspace, office.connection, "paid", 7)
    read_register(office.connection, workspace, play.desk.today(), "registry", play.clock)
    play.play()
    yield office, play
    office.close()


def browser_of(person):
    Login.objects.create_user(person.email, "correct horse battery", person=person.id, language="ko")
    browser = Browser()
    browser.force_login(Login.objects.get(person=person.id), "allauth.account.auth_backends.AuthenticationBackend")
    return browser


def test_a_call_is_played_and_every_page_answers(played):
    office, play = played
    assert verify_all(office.connection).all_problems == []
    first = next(case for case in play._in_state(play_call(office), "agreed"))
    ids = {"case": first.id, "call": first.call, "programme": "challenge", "firm": first.firm, "value": "budget_year",
           "run": 1, "notice": 1, "payment": 1, "batch": 1, "account": 1, "journal": 1, "person": 1, "act": 1,
           "milestone": following(office.desk, first, "milestone")[0].id}
    broken = []
    for person in (*play.staff.values(), play.reviewers[0], play.applicants[first.firm]):
        browser = browser_of(person)
        for route in routes.TABLE:
            names = set(re.findall(r"<\w+:(\w+)>", route.pattern))
            if "GET" in route.methods and names <= ids.keys() and not route.name.startswith(NOT_PAGES):
                address = "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), route.pattern)
                status = browser.get(address).status_code
                if status not in (200, 302, 403, 404, 409, 422):
                    broken.append((person.email, address, status))
    assert broken == []


def test_who_is_turned_down_appeals_and_another_decides(played):
    office, _ = played
    rows = office.connection.execute(
        "SELECT a.state, ended.person, before.person FROM desk_case a"
        " JOIN desk_step before ON before.case_id = a.parent AND before.step IN ('refuse', 'reject')"
        " LEFT JOIN desk_step ended ON ended.case_id = a.id AND ended.step IN ('dismiss', 'uphold')"
        " WHERE a.kind = 'appeal'").fetchall()
    assert {row[0] for row in rows} <= {"dismissed", "upheld", "filed"} and rows
    assert all(judge is None or judge != decided for _, judge, decided in rows)
    assert any(judge for _, judge, _ in rows)


def play_call(office):
    """The challenge list's call: the first."""
    from westlake.desk.calls import find_call
    return find_call(office.desk, 1)
