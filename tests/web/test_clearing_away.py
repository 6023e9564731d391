"""What is kept no longer goes by itself: answers to machines that never come again, and sessions that have ended."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from westlake.web.jobs import clear_away, rounds
from westlake.web.models import IdempotencyKey, Login

HOUR_S = 3600


@pytest.fixture
def answers(office, person_with):
    """Two machines sent something once, and one of them again a day later; neither comes back."""
    def made(name, hours_ago):
        login = Login.objects.get_or_create(email=f"{name}@lakeside.example")[0]
        kept = IdempotencyKey.objects.create(login=login, key=f"1:{name}-{hours_ago}", request="r", status=201, body="{}")
        IdempotencyKey.objects.filter(pk=kept.pk).update(made_at=office.utc_now - dt.timedelta(hours=hours_ago))
    for name, hours_ago in (("ada", 25), ("bo", 30), ("bo", 23)):
        made(name, hours_ago)


def left():
    return sorted(IdempotencyKey.objects.values_list("key", flat=True))


def test_old_answers_go_whoever_they_were_for(answers):
    assert clear_away.func() == 2
    assert left() == ["1:bo-23"]
    assert clear_away.func() == 0


def test_the_rounds_see_to_it(answers, clock):
    rounds.func()
    assert left() == ["1:bo-23"]
    clock.wait(seconds=2 * HOUR_S)
    rounds.func()
    assert left() == []


def test_ended_sessions_go_and_running_ones_stay(office):
    now = timezone.now()
    for key, hours in (("ended", -1), ("running", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + dt.timedelta(hours=hours))
    rounds.func()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["running"]


def test_mails_that_nobody_fetched_go_after_thirty_days(settings, tmp_path, office):
    settings.WORKSPACE = type(settings.WORKSPACE)(tmp_path, settings.WORKSPACE.settings)
    folder, now = tmp_path / "mails", dt.datetime.now(dt.UTC)
    folder.mkdir()
    for name in (f"{now - dt.timedelta(days=31):%Y%m%dT%H%M%S.%f}.eml", f"{now - dt.timedelta(days=29):%Y%m%dT%H%M%S.%f}.eml",
                 "20200101T000000.000000.txt"):
        (folder / name).write_text("AB12-CD34", "utf-8")
    clear_away.func()
    assert sorted(one.name[:8] for one in folder.iterdir()) == ["20200101", f"{now - dt.timedelta(days=29):%Y%m%d}"]
