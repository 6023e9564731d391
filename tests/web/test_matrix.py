"""Every address × every role × whose object it is: one's own office's, another programme's, another firm's.

Two programmes are worked side by side, each with a call, a chosen and a paid case, and all that hangs on them.
Whoever works for one never learns from any address that the other's objects are there at all.
"""

import re
import shutil

import pytest
from tests.desk.counter import LAKESIDE
from tests.web.conftest import Browser
from tests.web.desk_story import Story

from westlake.desk import files, people
from westlake.desk.cases import following, open_following
from westlake.desk.outbox import letters
from westlake.desk.panel import choosing, interests
from westlake.desk.panel.notices import notices
from westlake.desk.paying import bank_accounts, batches, payments
from westlake.desk.paying.payment_order import Account
from westlake.desk.people import ROLES
from westlake.web import routes
from westlake.web.models import Login

HERE, THERE = "pier_challenge", "pier_second"
STAFF = ("officer", "chair", "approver", "payer", "auditor", "economist")
OUTSIDE = ("applicant", "co_applicant", "operator", "fund_manager", "guarantor", "reviewer")
# What is the office's as a whole, for whoever may enter its room: the agency's books and bank, people, firms, jobs.
WHOLE = {"person", "grant", "view", "move", "account", "journal", "line", "digest", "round", "firm", "token", "webhook",
         "delivery", "job", "name", "act", "proposal", "value", "reviewer", "programme", "year"}
OPEN_TO_ALL = ("public.", "find.")  # what is announced is announced to everybody
POSTED = {"answers"}


def params(route):
    return set(re.findall(r"<\w+:(\w+)>", route.pattern))


BOUND = [route for route in routes.TABLE if params(route) - WHOLE and not route.name.startswith(OPEN_TO_ALL)]


class World:
    """One programme's objects by the names that addresses use."""

    def __init__(self, story, programme, code, firm):
        call = story.call(programme, code)
        case, applicant = story.submitted(call, firm)
        agreed = story.agreed(story.take(case, "admit", "officer"), applicant)
        first = following(story.desk, agreed, "milestone")[0]
        evidence = files.hand_in(story.desk, story.office.files, first, applicant, "evidence", "plan.pdf", b"%PDF-1.4 x")
        files.hand_in(story.desk, story.office.files, agreed, applicant, "attachment", "site.pdf", b"%PDF-1.4 y")
        account = bank_accounts.propose_account(story.desk, applicant, firm, firm.title(), f"62000{len(firm):07d}", "Lake",
                                                "102331000001", "CN")
        bank_accounts.check_account(story.desk, account.id, story.staff["officer"], "called", 0)
        for step, who in (("hand_in", applicant), ("check", "officer"), ("approve", "approver"), ("order", "approver")):
            first = story.take(first, step, who, note="so")
        payment = payments.payments(story.desk, programme=programme)[0]
        batch = batches.make_batch(story.desk, story.staff["payer"], story.desk.today(), [payment.id],
                                   Account("Lakeside", "330100000001", "102331000002", "CNAPS"))
        claim = open_following(story.desk, story.staff["officer"], agreed, "recovery", "too much", 100)
        self.applicant, self.case, self.claim = applicant, agreed, claim
        self.ids = {"case": agreed.id, "call": call.id, "file": files.files_of(story.desk, agreed)[0].id,
                    "letter": letters(story.desk, case=agreed.id, state="released")[0].id, "payment": payment.id, "batch": batch.id,
                    "run": choosing.runs(story.desk, call)[0].id, "notice": notices(story.desk, call)[0].id,
                    "name": "withdraw", "reviewer": story.reader.id, "round": 1, "milestone": first.id,
                    "evidence": evidence.id}

    def address(self, route):
        """The address of a route for this programme's objects; a recovery's own where the room is about those."""
        ids = {**self.ids, **({"case": self.claim.id} if "recoveries" in route.pattern else {}),
               **({"name": "finish"} if route.name == "cases.sure" else {})}
        return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), route.pattern)


@pytest.fixture
def worlds(office, clock):
    """The same life in two programmes."""
    second = office.workspace.programmes / "lakeside" / THERE
    shutil.copytree(LAKESIDE / HERE, second, ignore=shutil.ignore_patterns("__pycache__"))
    story = Story(office, clock)
    story.reader = story.person("Reader", "reviewer")
    made = World(story, HERE, "PIER-26", "heron"), World(story, THERE, "POND-26", "egret")
    return story, *made


@pytest.fixture
def browser_of(office, second_factor):
    """A browser of a person of the desk, with a second factor just given."""
    def make(person):
        browser = Browser()
        browser.person = person
        Login.objects.create_user(person.email, "correct horse battery", person=person.id, language="en")
        browser.force_login(Login.objects.get(person=person.id), "allauth.account.auth_backends.AuthenticationBackend")
        second_factor(browser)
        return browser
    return make


def asked(browser, route, address):
    """The status of each method that the route takes."""
    return {method: getattr(browser, method.lower())(address).status_code for method in route.methods}


def test_what_is_bound_to_a_programme_is_not_there_for_another(worlds, browser_of):
    """Each role, held for one programme only, at every address of the other's objects: 404, or 403 for the whole room."""
    story, here, there = worlds
    seen = {}
    browsers = {role: browser_of(story.person(f"Only {role}", role, programme=HERE)) for role in STAFF}
    for role, browser in browsers.items():
        for route in BOUND:
            for method, status in asked(browser, route, there.address(route)).items():
                assert status in (403, 404), f"{role} {method} {there.address(route)}: {status}"
            if "GET" in route.methods:
                seen.setdefault(route.name, set()).add(browser.get(here.address(route)).status_code)
    for_staff = [route.name for route in BOUND if not route.name.startswith(("applications.", "reviews.case"))
                 and "GET" in route.methods and route.guard.signed_in]
    unseen = [name for name in for_staff if not seen[name] & {200, 302, 409, 422}]
    assert unseen == NOT_NOW, "an address that nobody of the programme itself gets would prove nothing"


# Right, but not to be had in this world: a reviewer's own work (told in test_reviews), a reader to withdraw who is
# not of this call, and what if a case were in that is in.
NOT_NOW = ["reviews.invitation", "reviews.submit", "reviews.abstain", "reviews.recuse", "reviews.file", "reviews.withdraw",
           "reviews.what_if"]


def test_another_firms_case_is_not_there(worlds, browser_of):
    """An applicant, a co-applicant and those who stand between, at every address of somebody else's case."""
    story, here, there = worlds
    own = browser_of(here.applicant)
    others = [browser_of(there.applicant)] + [
        browser_of(story.person(f"{role} of reed", role, "reed", HERE)) for role in ("applicant", "co_applicant")]
    routes_of_cases = [route for route in BOUND if route.name.startswith("applications.")]
    reached = set()
    for route in routes_of_cases:
        for browser in others:
            for method, status in asked(browser, route, here.address(route)).items():
                allowed = (403, 404) if route.name not in {f"applications.{name}" for name in POSTED} else (302, 403, 404, 409)
                assert status in allowed, f"{browser.person.name} {method} {here.address(route)}: {status}"
        if "GET" in route.methods and own.get(here.address(route)).status_code in (200, 302, 409, 422):
            reached.add(route.name)
    assert reached >= {"applications.show", "applications.receipt", "applications.file", "applications.letter"} & {
        route.name for route in routes_of_cases}


def test_a_reviewer_who_was_not_asked_sees_nothing(worlds, browser_of):
    story, here, _ = worlds
    browser = browser_of(story.reader)
    for route in BOUND:
        for method, status in asked(browser, route, here.address(route)).items():
            assert status in (403, 404), f"{method} {here.address(route)}: {status}"


def test_whoever_is_in_conflict_finds_no_case(worlds, browser_of):
    """An officer who declares an interest in the firm, at every address that is about its case."""
    story, here, _ = worlds
    person = story.person("Cousin", "officer", programme=HERE)
    interests.declare(story.desk, person, person.id, None, "heron", "a cousin's firm")
    browser = browser_of(person)
    for route in [one for one in BOUND if "case" in params(one) and not one.name.startswith("reviews.")]:
        for method, status in asked(browser, route, here.address(route)).items():
            assert status in (403, 404), f"{method} {here.address(route)}: {status}"


def test_an_applicant_does_not_manufacture_a_conflict_with_the_office(worlds, browser_of):
    """All that outsiders may type of themselves, at every address about the case: the office finds what it found before."""
    story, here, _ = worlds
    own = browser_of(here.applicant)
    addresses = [here.address(route) for route in BOUND if "case" in params(route) and "GET" in route.methods
                 and not route.name.startswith(("reviews.", "applications."))]
    office = {role: browser_of(story.person(f"Home {role}", role, programme=HERE)) for role in ("officer", "chair", "approver")}

    def found():
        return {(role, address): browser.get(address).status_code for role, browser in office.items() for address in addresses}

    before = found()
    assert {before[role, f"/cases/{here.case.id}/"] for role in office} == {200}
    assert own.post("/profile/", {"name": "heron", "organisation": "lakeside  OFFICE", "language": "en"}).status_code == 302
    assert own.post("/firm/invite/", {"name": "Ghost", "email": "ghost.never@lakeside.example"}).status_code == 302
    assert found() == before
    for grant in people.grants(story.office.connection, firm="heron"):
        people.end_role(story.connection, grant.id, story.staff["admin"], story.clock())
    stranger = browser_of(story.person("Stan Stranger"))  # nobody speaks for the firm any more, and somebody says they do
    people.grant_role(story.connection, stranger.person.id, "applicant", at=story.clock())
    stranger.force_login(Login.objects.get(person=stranger.person.id), "allauth.account.auth_backends.AuthenticationBackend")
    assert stranger.post("/firm/register/", {"number": "heron", "name": "Lakeside Office"}).status_code == 302
    assert found() == before
    for browser in office.values():
        assert here.case.number in browser.get("/cases/").text
    interests.declare(story.office.desk, office["chair"].person, office["chair"].person.id, None, "heron", "my brother's")
    assert (office["chair"].get(f"/cases/{here.case.id}/").status_code, here.case.number in office["chair"].get("/cases/").text
            ) == (404, False)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gives_what_its_routes_say_and_nothing_else(worlds, browser_of, role):
    """At each address without an object: in with the role, and 403 without."""
    story, *_ = worlds
    browser = browser_of(story.person(f"Just {role}", role, "wren" if role in OUTSIDE else ""))
    for route in routes.TABLE:
        if params(route) or not route.guard.signed_in or "GET" not in route.methods or not hasattr(route.guard, "names"):
            continue
        status = browser.get("/" + route.pattern).status_code
        admitted = role in route.guard.names
        assert (status != 403) == admitted, f"{route.pattern}: {status} for {role}"


def test_signed_out_people_are_sent_to_the_log_in_wherever_an_object_is_named(worlds, visitor):
    _, here, _ = worlds
    for route in BOUND:
        if route.guard.signed_in:
            for method in route.methods:
                response = getattr(visitor, method.lower())(here.address(route))
                assert response.status_code == 302 and "/account/login/" in response["Location"], route.pattern


def test_a_call_that_is_only_planned_is_not_told(worlds, visitor, clock):
    from westlake.desk.calls import plan_call
    story, *_ = worlds
    now = clock()
    call = plan_call(story.desk, story.staff["officer"], HERE, "SECRET-26", 2026, now, now + 10**12, {
        "title": {"en": "Secret", "ko": "비밀 공고", "zh": "秘密征集"}, "budget": 1_000_000})
    assert visitor.get(f"/find/{call.id}/").status_code == 404
    assert "SECRET-26" not in visitor.get("/find/").content.decode() + visitor.get("/public/").content.decode()
    assert people.find_person(story.connection, call.made_by).name not in visitor.get("/find/").content.decode()
