"""Work that nobody waits for: asked for once, told how far it is, run again where it failed or was cut off."""

import datetime as dt

import pytest
from tests.web.machine import open_piers

from westlake.desk.outbox import letters
from westlake.errors import WestlakeError
from westlake.web import work
from westlake.web.models import Job, Login


@pytest.fixture
def kinds(monkeypatch):
    """Kinds of work of the tests' own, by name."""
    made = {}
    monkeypatch.setattr(work, "KINDS", made)
    return made


def test_work_is_done_and_says_what_came_of_it(office, officer, kinds):
    seen = []

    def measure(doing):
        doing.tell(1, 4)
        seen.append(Job.objects.values_list("state", "done", "most").get())
        return {"piers": doing.given["shore"] + doing.person.name}

    kinds["measure"] = measure
    job = work.ask(office, "measure", {"shore": "north "}, officer)
    assert (job.state, job.result, job.asked_by, seen) == ("done", {"piers": "north Oda Reed"}, officer.id, [("running", 1, 4)])


def test_a_refusal_is_kept_with_its_code(office, officer):
    """The call of this number does not exist."""
    job = work.ask(office, "score_call", {"call": 7}, officer)
    assert (job.state, job.problem["code"]) == ("failed", "W920")


def test_our_own_fault_fails_the_job_and_not_the_console(office, officer, kinds):
    kinds["measure"] = lambda doing: 1 / 0
    assert work.ask(office, "measure", {}, officer).problem["code"] == "W987"


def test_the_same_work_is_not_begun_twice(office, officer, kinds):
    inner = []

    def measure(doing):
        if not inner:
            inner.append(work.ask(office, "measure", {}, officer).pk)
        return {}

    kinds["measure"] = measure
    job = work.ask(office, "measure", {}, officer)
    assert (inner, Job.objects.count()) == ([job.pk], 1)


def test_what_is_under_way_is_not_run_again_until_nothing_is_heard_of_it(office, officer, clock, kinds):
    kinds["measure"] = lambda doing: {"piers": 2}
    job = Job.objects.create(name="measure", state="running", asked_at=now(office), seen_at=now(office))
    with pytest.raises(WestlakeError) as refused:
        work.ask_again(office, job)
    assert refused.value.problems[0].code == "W1087"
    clock.wait(work.LEASE_S + 1)
    again = work.ask_again(office, job)
    assert (again.state, again.attempt, again.result) == ("done", 2, {"piers": 2})


def test_an_older_run_that_comes_back_no_longer_counts(office, officer, clock, kinds):
    """The first run sleeps through its lease; while it sleeps the work is done by a second one."""
    runs = []

    def measure(doing):
        runs.append(doing.job.attempt)
        if len(runs) == 1:
            clock.wait(work.LEASE_S + 1)
            work.ask_again(office, Job.objects.get())
            doing.tell(1, 2)
            raise AssertionError("an overtaken run goes no further")
        return {"by": doing.job.attempt}

    kinds["measure"] = measure
    job = work.ask(office, "measure", {}, officer)
    assert (runs, job.state, job.result) == ([1, 2], "done", {"by": 2})


def test_no_lock_is_held_while_it_computes(office, officer, kinds):
    """In the midst of it somebody else writes, at once."""
    from westlake.database import connect
    from westlake.record import Record

    def measure(doing):
        other = connect(office.workspace.database)
        other.execute("PRAGMA busy_timeout = 0")
        Record(other).add("person:9", "desk.note", "case:1")
        other.close()
        return {}

    for name in ("measure",):
        kinds[name] = measure
    assert work.ask(office, "measure", {}, officer).state == "done"


def test_the_page_tells_who_how_far_and_why_not(office, client_as, officer):
    work.ask(office, "score_call", {"call": 7}, officer)
    browser = client_as("officer")
    page = browser.get("/jobs/").text
    assert "Rank a call" in page and "Oda Reed" in page and "W920" in page
    job = Job.objects.get()
    assert browser.post(f"/jobs/{job.pk}/again/").status_code == 302
    assert Job.objects.get().attempt == 2
    assert client_as("auditor").post(f"/jobs/{job.pk}/again/").status_code == 404


def test_a_call_without_reviews_has_no_ranking_and_no_floor(office, officer):
    call = open_piers(office, officer)
    for name in ("score_call", "find_best_floor"):
        assert work.ask(office, name, {"call": call.id}, officer).problem["code"] == "W1044"


def test_the_rounds_run_and_ask_for_no_more_where_nothing_waits(office, officer):
    work.look_after.func()
    assert letters(office.desk) == []


def test_tokens_are_made_after_a_second_factor_and_shown_once(office, client_as, second_factor):
    browser = client_as("officer")
    asked = {"name": "the city's portal", "scopes": ["calls:read", "cases:read"], "days": "30"}
    assert browser.post("/tokens/new/", asked)["Location"] == "/second-factor/"
    second_factor(browser)
    page = browser.post("/tokens/new/", asked).text
    text = page.split('value="wl_')[1].split('"')[0]
    login = Login.objects.get(person=browser.person.id)
    assert login.tokens.get().scopes == "calls:read cases:read"
    answer = browser.get("/api/v1/me", headers={"Authorization": f"Bearer wl_{text}"})
    assert answer.json()["scopes"] == ["calls:read", "cases:read"]
    listed = browser.get("/tokens/").text
    assert f"wl_{text}" not in listed and "the city&#x27;s portal" in listed
    assert browser.post(f"/tokens/{login.tokens.get().pk}/end/").status_code == 302
    assert browser.get("/api/v1/me", headers={"Authorization": f"Bearer wl_{text}"}).status_code == 401
    acts = [act.act for act in office.record.acts(actor=browser.person.actor)]
    assert acts[-2:] == ["web.token_made", "web.token_ended"]


def test_another_persons_tokens_and_webhooks_are_not_there(client_as, second_factor):
    mine, other = client_as("officer"), client_as("officer")
    second_factor(mine)
    second_factor(other)
    mine.post("/tokens/new/", {"name": "mine", "scopes": ["public"], "days": "7"})
    number = Login.objects.get(person=mine.person.id).tokens.get().pk
    assert other.post(f"/tokens/{number}/end/").status_code == 404
    assert Login.objects.get(person=mine.person.id).tokens.get().ended_at is None


def test_an_address_inside_is_refused_at_its_field(client_as, second_factor):
    browser = client_as("officer")
    second_factor(browser)
    answer = browser.post("/webhooks/new/", {"url": "https://10.0.0.1/", "events": ["case.moved"]})
    assert (answer.status_code, "W1086" in answer.text) == (422, True)


def now(office):
    return dt.datetime.fromtimestamp(office.now() / 1_000_000, dt.UTC)
