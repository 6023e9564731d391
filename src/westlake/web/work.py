"""Work that somebody asked for and does not wait for: who asked, how far it is, what came of it; run again if cut off.

Each kind of work may be run again without harm. It computes first and writes afterwards, so that nobody waits for
its locks; and once it has been asked for anew, what an older run still says no longer counts.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django_tasks import default_task_backend, task

from westlake.database import Damaged, why_stopped
from westlake.dates import micros_of
from westlake.desk.calls import find_call
from westlake.desk.panel import assigning, choosing
from westlake.desk.panel.assignment import AFFINITY_MAX
from westlake.desk.panel.runs import runs
from westlake.desk.people import Person, find_person
from westlake.errors import Problem, WestlakeError
from westlake.web import jobs, webhooks
from westlake.web import office as offices
from westlake.web.models import Job, Webhook
from westlake.web.office import Office
from westlake.web.reform_trial import reform_effect
from westlake.web.verifying import verify_rooms

LOG = logging.getLogger("westlake.web")
LEASE_S = 900  # work of which nothing was heard for so long is taken to be cut off
ROUND_S = 15  # how often letters and webhooks are looked after
FLOOR_STEP = 10  # points of affinity between which a floor is not looked for any more
KEPT_DAYS = 90
GOING = ("waiting", "running")


class Doing:
    """What a piece of work is given: the office, what was asked, and where to tell how far it is."""

    def __init__(self, office: Office, job: Job) -> None:
        self.office, self.job, self.given = office, job, job.given

    @property
    def person(self) -> Person:
        """Who asked."""
        found = find_person(self.office.connection, self.job.asked_by or 0)
        assert found is not None, "whoever asks is a person of the desk"
        return found

    def tell(self, done: int, most: int) -> None:
        """How far it is; and that it is still at work. Stops at once when it has been asked for anew."""
        if not _mine(self.job).update(done=done, most=most, seen_at=self.office.utc_now):
            raise Overtaken


class Overtaken(Exception):
    """A newer run does this work."""


def find_best_floor(doing: Doing) -> dict[str, object]:
    """The highest floor of affinity under every case of a call, to within FLOOR_STEP; only the figure is kept."""
    desk = doing.office.desk
    call, seed = find_call(desk, doing.given["call"]), doing.given["call"]
    best = assigning.preview(desk, call, seed)
    low, high = best["least"], call.number("reviews_per_case") * AFFINITY_MAX
    whole = max(high - low, 1)
    while high - low >= FLOOR_STEP:
        doing.tell(whole - (high - low), whole)
        middle = (low + high + 1) // 2
        try:
            best = assigning.preview(desk, call, seed, middle)
        except WestlakeError as error:
            if error.problems[0].code not in ("W933", "W934"):
                raise
            high = middle - 1
        else:
            low = best["least"]
    return {"floor": low, "total": best["total"], "call": call.code}


def score_call(doing: Doing) -> dict[str, object]:
    """Rank a call's cases by the reviews that are in. Run again, it finds the ranking that it made before."""
    desk = doing.office.desk
    call, asked = find_call(desk, doing.given["call"]), micros_of(doing.job.asked_at)
    made = next((one for one in runs(desk, call, "ranking") if one.seed == doing.job.pk and one.at >= asked), None)
    made = made or choosing.rank(desk, call, doing.person, doing.job.pk)
    return {"run": made.id, "call": call.code}


def deliver_webhooks(doing: Doing) -> dict[str, object]:
    """Read the record for each address, and make every try that is due."""
    return {"found": webhooks.collect(doing.office), "arrived": webhooks.deliver(doing.office)}


def send_letters(doing: Doing) -> dict[str, object]:
    """Send every letter that was let go."""
    return {"sent": jobs.send_letters.func()}


KINDS: Mapping[str, Callable[[Doing], dict[str, object]]] = {one.__name__: one for one in (
    find_best_floor, score_call, reform_effect, deliver_webhooks, send_letters,
    verify_rooms)}


def ask(office: Office, name: str, given: Mapping[str, Any], person: Person | None) -> Job:
    """Ask for work; what was asked for already, and is under way, is not begun twice."""
    assert name in KINDS, f"known: {', '.join(KINDS)}"
    now = office.utc_now
    with transaction.atomic():
        known = Job.objects.filter(name=name, given=dict(given), state__in=GOING,
                                   seen_at__gt=now - dt.timedelta(seconds=LEASE_S)).first()
        if known is not None:
            return known
        job = Job.objects.create(name=name, given=dict(given), asked_by=person.id if person else None, asked_at=now,
                                 seen_at=now)
    run.enqueue(job.pk, job.attempt)
    job.refresh_from_db()
    return job


def ask_again(office: Office, job: Job) -> Job:
    """Run it once more from the start; W1087 while it is under way and was heard of lately."""
    if job.state in GOING and not is_stuck(office, job):
        raise WestlakeError.one("W1087", name=job.name, state=job.state)
    now = office.utc_now
    if Job.objects.filter(pk=job.pk, attempt=job.attempt).update(
            attempt=job.attempt + 1, state="waiting", done=0, most=0, problem=None, result=None, started_at=None,
            ended_at=None, seen_at=now):
        run.enqueue(job.pk, job.attempt + 1)
    job.refresh_from_db()
    return job


def is_stuck(office: Office, job: Job) -> bool:
    """Whether it should be under way and nothing was heard of it for LEASE_S."""
    return job.state in GOING and job.seen_at < office.utc_now - dt.timedelta(seconds=LEASE_S)


@task()
def run(number: int, attempt: int) -> None:
    """Do a piece of work, unless it was asked for anew since."""
    office = offices.here()
    job = Job.objects.get(pk=number)
    now = office.utc_now
    if not Job.objects.filter(pk=number, attempt=attempt, state="waiting").update(
            state="running", started_at=now, seen_at=now):
        return
    job.refresh_from_db()
    try:
        result = KINDS[job.name](Doing(office, job))
    except Overtaken:
        return
    except WestlakeError as error:
        _end(office, job, problem=error.problems[0])
    except Damaged as error:
        _end(office, job, problem=why_stopped(error))
    except Exception:
        LOG.exception("job %s (%s)", job.pk, job.name)
        _end(office, job, problem=Problem("W987"))
    else:
        _end(office, job, result=result)
    finally:
        office.settle_down()


@task()
def look_after() -> None:
    """Letters, reminders and webhooks, again and again: each round asks for the next one."""
    office = offices.here()
    try:
        jobs.rounds.func()
        if Webhook.objects.filter(active=True).exists():
            webhooks.collect(office)
            webhooks.deliver(office)
        Job.objects.filter(ended_at__lt=office.utc_now - dt.timedelta(days=KEPT_DAYS)).delete()
    finally:
        office.settle_down()
        _next_round()


def keep_looking() -> None:
    """Begin the rounds where none is to come: when the console starts, and when an address is added."""
    # the tables of jobs are the library's, and stand once Django has been set up
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415

    waiting = DBTaskResult.objects.filter(task_path=look_after.module_path, status="READY")
    if default_task_backend.supports_defer and not waiting.exists():
        look_after.enqueue()


def _next_round() -> None:
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415 - as above

    if not default_task_backend.supports_defer:  # what runs at once, as in tests, has no later
        return
    rounds = DBTaskResult.objects.filter(task_path=look_after.module_path)
    with transaction.atomic():
        rounds.filter(status__in=("SUCCESSFUL", "FAILED")).delete()
        if not rounds.filter(status="READY").exists():
            look_after.using(run_after=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ROUND_S)).enqueue()


def _end(office: Office, job: Job, result: dict[str, object] | None = None, problem: Problem | None = None) -> None:
    now = office.utc_now
    told = problem and {"code": problem.code, "values": {name: str(value) for name, value in problem.values.items()}}
    _mine(job).update(state="failed" if problem else "done", result=result, problem=told, ended_at=now, seen_at=now)


def _mine(job: Job) -> Any:
    """The row, as long as no newer run has it."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state="running")
