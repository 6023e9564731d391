"""Who may log in, with which tokens, and whom Westlake tells of what happens: all that Django keeps.

Persons, roles, cases and money are the desk's, in the workspace's own database.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Logins(BaseUserManager["Login"]):
    """How log-ins are made."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> Login:
        login = self.model(email=email.strip().lower(), **more)
        login.set_password(password)
        login.save()
        return login


class Login(AbstractBaseUser):
    """One who logs in by e-mail address; `person` is the number of the desk's person, once known."""

    email = models.EmailField(unique=True)
    person = models.BigIntegerField(null=True, unique=True)
    language = models.CharField(max_length=2, blank=True)
    is_active = models.BooleanField(default=True)
    calendar_turn = models.PositiveIntegerField(default=0)  # how often the link of their calendar was renewed
    made_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Logins] = Logins()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.email


class ApiToken(models.Model):
    """A key for a machine: only its digest is kept. scopes: words with spaces between."""

    login = models.ForeignKey(Login, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)


class Webhook(models.Model):
    """An address that is told of events. events: words with spaces between; secret signs what is sent."""

    login = models.ForeignKey(Login, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)
    events = models.TextField()
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    read_to = models.BigIntegerField(default=0)  # the last act of the record that was read for it
    failing_since = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One event on its way to one address, with every try."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=80, unique=True)
    event = models.CharField(max_length=80)
    body = models.TextField()
    tries = models.PositiveIntegerField(default=0)
    status = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    next_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)


class Job(models.Model):
    """Work that somebody asked for and does not wait for. attempt: only the latest one may still write here."""

    name = models.CharField(max_length=40)
    given = models.JSONField(default=dict)
    asked_by = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="waiting")
    attempt = models.PositiveIntegerField(default=1)
    done = models.BigIntegerField(default=0)
    most = models.BigIntegerField(default=0)
    result = models.JSONField(null=True)
    problem = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class IdempotencyKey(models.Model):
    """A request that must count once: the same key with the same request gets the first answer again."""

    login = models.ForeignKey(Login, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    status = models.PositiveIntegerField(default=0)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["login", "key"], name="one_answer_a_key")]
