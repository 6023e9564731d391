"""Tokens and webhooks of one's own: made and ended after a second factor; what was delivered, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from westlake.dates import micros_of
from westlake.errors import WestlakeError
from westlake.web import api, forms, webhooks, work
from westlake.web.api import tokens as keys
from westlake.web.guards import Anyone, SignedIn, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.models import ApiToken, Delivery, Webhook
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.words import say

PERSON, FRESH = SignedIn(), SignedIn(fresh=True)
DAYS = [("7", "web.tokens.days.7"), ("30", "web.tokens.days.30"), ("90", "web.tokens.days.90"),
        ("365", "web.tokens.days.365")]

TAGS = {"valid": "valid", "over": "closed", "ended": "withdrawn"}


class NewToken(forms.Form):
    """A token to be made."""

    name = fields.CharField(label="web.tokens.name", help_text="web.tokens.name_hint", max_length=100)
    scopes = fields.MultipleChoiceField(label="web.tokens.scopes", help_text="web.tokens.scopes_hint",
                                        widget=fields.CheckboxSelectMultiple,
                                        choices=[(one, f"web.tokens.scope.{one.replace(':', '_')}")
                                                 for one in keys.SCOPES])
    days = fields.ChoiceField(label="web.tokens.ends", choices=DAYS, initial="90")


class NewWebhook(forms.Form):
    """An address to be told."""

    url = fields.URLField(label="web.webhooks.url", help_text="web.webhooks.url_hint", max_length=500,
                          assume_scheme="https")
    events = fields.MultipleChoiceField(label="web.webhooks.events", widget=fields.CheckboxSelectMultiple,
                                        choices=[(one, f"web.webhooks.event.{one.replace('.', '_')}")
                                                 for one in webhooks.EVENTS])


def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens and the addresses that are told, each with what can be done with it."""
    own, now = ApiToken.objects.filter(login=request.user).order_by("-made_at"), request.office.utc_now
    columns = [Column(_say(request, f"tokens.{name}"))
               for name in ("name", "start", "scopes", "used", "ends", "state", "do")]
    rows = [[one.name, f"{one.start}…", one.scopes.replace(" ", ", "), _at(one.used_at) or "–", _at(one.ends_at),
             Cell(_say(request, f"tokens.{state}"), tag=TAGS[state]),
             Cell(_say(request, "tokens.end"), f"/tokens/{one.pk}/end/") if state == "valid" else ""]
            for one in own for state in [_state(one, now)]]
    hooks = Webhook.objects.filter(login=request.user).order_by("-made_at")
    return render(request, "tokens/all.html", {
        "tokens": table(_say(request, "tokens.tokens"), columns, rows), "webhooks": _listed(request, hooks)})


def make(request: HttpRequest) -> HttpResponse:
    """Make a token; its text is shown on the answer, and never again."""
    form = NewToken(request.POST or None, lang=request.lang)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made, text = keys.make(request.user, given["name"], given["scopes"], int(given["days"]), request.office.utc_now)
        request.office.record.add(request.person.actor, "web.token_made", f"token:{made.pk}",
                                  {"scopes": given["scopes"], "days": int(given["days"])})
        return render(request, "tokens/secret.html", {
            "heading": _say(request, "tokens.made"), "says": _say(request, "tokens.made_says"), "secret": text,
            "back": "/tokens/"})
    return render(request, "tokens/form.html", {
        "form": form, "heading": _say(request, "tokens.new"), "says": _say(request, "tokens.new_says")},
        status=422 if form.errors else 200)


def end(request: HttpRequest, token: ApiToken) -> HttpResponse:
    """Ask, then end a token at once."""
    if request.method == "POST":
        ApiToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=request.office.utc_now)
        request.office.record.add(request.person.actor, "web.token_ended", f"token:{token.pk}")
        messages.success(request, _say(request, "tokens.ended_now"))
        return redirect("tokens")
    return render(request, "parts/confirm_page.html", {
        "heading": _say(request, "tokens.end"), "says": _say(request, "tokens.end_says"), "facts": [
            (_say(request, "tokens.name"), token.name), (_say(request, "tokens.start"), f"{token.start}…")],
        "button": _say(request, "tokens.end"), "back": "/tokens/", "danger": True})


def add_webhook(request: HttpRequest) -> HttpResponse:
    """Add an address; its secret is shown on the answer, and never again."""
    form = NewWebhook(request.POST or None, lang=request.lang)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made, secret = webhooks.add(request.office, request.user, given["url"], given["events"])
        except WestlakeError as error:
            form.take(error)
        else:
            request.office.record.add(request.person.actor, "web.webhook_added", f"webhook:{made.pk}",
                                      {"events": given["events"]})
            work.keep_looking()
            return _secret(request, made, secret)
    return render(request, "tokens/form.html", {
        "form": form, "heading": _say(request, "webhooks.new"), "says": _say(request, "webhooks.new_says")},
        status=422 if form.errors else 200)


def show_webhook(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    """One address: what it is told of, how it fares, every delivery."""
    found = webhook.deliveries.order_by("-made_at", "-pk")
    page = page_of(request, found.count())
    columns = [Column(_say(request, f"webhooks.{name}"), num=name == "tries")
               for name in ("event_name", "made", "state", "tries", "answer", "next", "do")]
    rows = [[Cell(one.event, hint=one.message), _at(one.made_at), _delivery_state(request, one), one.tries,
             Cell(one.status or "–", hint=one.answer[:120]), _at(one.next_at) if not one.done_at else "–",
             Cell(_say(request, "webhooks.again"), f"/webhooks/deliveries/{one.pk}/again/")]
            for one in found[page.offset:page.offset + page.size]]
    return render(request, "tokens/webhook.html", {
        "webhook": webhook, "events": webhook.events.split(), "rotating": " " in webhook.secret, "page": page,
        "failing": _at(webhook.failing_since),
        "table": table(_say(request, "webhooks.deliveries"), columns, rows)})


def act_on_webhook(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    """A new secret, an end of the old one, a trial message, waking it up, or removing it."""
    name = request.POST.get("do", "")
    if name == "rotate":
        return _secret(request, webhook, webhooks.rotate(webhook))
    if name == "drop_old":
        webhooks.drop_old(webhook)
    elif name == "ping":
        webhooks.attempt(request.office, webhooks.ping(request.office, webhook))
    elif name == "wake":
        webhooks.wake(webhook)
    elif name == "remove":
        webhook.delete()
        return redirect("tokens")
    else:
        raise Http404
    messages.success(request, _say(request, f"webhooks.done.{name}"))
    return redirect("tokens.webhook", webhook.pk)


def again(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    """Ask, then send a message once more."""
    if request.method == "POST":
        webhooks.send_again(request.office, delivery)
        work.keep_looking()
        messages.success(request, _say(request, "webhooks.done.again"))
        return redirect("tokens.webhook", delivery.webhook_id)
    return render(request, "parts/confirm_page.html", {
        "heading": _say(request, "webhooks.again"), "says": _say(request, "webhooks.again_says"), "facts": [
            (_say(request, "webhooks.event_name"), delivery.event), ("webhook-id", delivery.message)],
        "button": _say(request, "webhooks.again"), "back": f"/webhooks/{delivery.webhook_id}/"})


def show_interface(request: HttpRequest) -> HttpResponse:
    """Every operation of the interface, from its own description."""
    paths = api.description()["paths"]
    columns = [Column(_say(request, f"interface.{name}")) for name in ("operation", "what", "scope")]
    rows = [[Cell(f"{method.upper()} {path}"),
             Cell(one["summary"], hint=one.get("description", "").partition(".")[2].strip()),
             ", ".join(scope for need in one["security"] for scopes in need.values() for scope in scopes) or "–"]
            for path, methods in paths.items() for method, one in methods.items()]
    return render(request, "tokens/interface.html", {"table": table(_say(request, "interface.title"), columns, rows)})


def own_token(request: HttpRequest, token: int) -> ApiToken:
    """A token of one's own that has not ended, or 404."""
    found = ApiToken.objects.filter(pk=token, login=request.user, ended_at=None).first()
    if found is None:
        raise Http404
    return found


def own_webhook(request: HttpRequest, webhook: int) -> Webhook:
    """A webhook of one's own, or 404."""
    found = Webhook.objects.filter(pk=webhook, login=request.user).first()
    if found is None:
        raise Http404
    return found


def own_delivery(request: HttpRequest, delivery: int) -> Delivery:
    """A delivery to an address of one's own, or 404."""
    found = Delivery.objects.filter(pk=delivery, webhook__login=request.user).first()
    if found is None:
        raise Http404
    return found


def _secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    return render(request, "tokens/secret.html", {
        "heading": _say(request, "webhooks.secret"), "says": _say(request, "webhooks.secret_says"), "secret": secret,
        "back": f"/webhooks/{webhook.pk}/"})


def _listed(request: HttpRequest, found: Iterable[Webhook]) -> Table:
    columns = [Column(_say(request, f"webhooks.{name}")) for name in ("url", "events", "state", "failing")]
    rows = [[Cell(one.url, f"/webhooks/{one.pk}/"), one.events.replace(" ", ", "),
             Cell(_say(request, f"webhooks.{'active' if one.active else 'stopped'}"),
                  tag="active" if one.active else "broken"),
             _at(one.failing_since) or "–"] for one in found]
    return table(_say(request, "webhooks.title"), columns, rows)


def _delivery_state(request: HttpRequest, one: Delivery) -> Cell:
    arrived = one.done_at is not None and 200 <= one.status < 300
    name = "arrived" if arrived else "given_up" if one.done_at else "trying" if one.tries else "new"
    return Cell(_say(request, f"webhooks.state_{name}"),
                tag={"arrived": "done", "given_up": "failed", "trying": "pending", "new": "waiting"}[name])


def _state(one: ApiToken, now: dt.datetime) -> str:
    return "ended" if one.ended_at else "over" if one.ends_at and one.ends_at <= now else "valid"


def _at(at: dt.datetime | None) -> str:
    return instant(micros_of(at)) if at else ""


def _say(request: HttpRequest, name: str) -> str:
    return say(f"web.{name}", request.lang)


ROUTES = (
    route("tokens/", tokens, PERSON, name="tokens"),
    route("tokens/new/", make, FRESH, name="tokens.make", methods=("GET", "POST")),
    route("tokens/<int:token>/end/", end, FRESH, name="tokens.end", methods=("GET", "POST"), object=own_token),
    route("webhooks/new/", add_webhook, FRESH, name="tokens.add_webhook", methods=("GET", "POST")),
    route("webhooks/<int:webhook>/", show_webhook, PERSON, name="tokens.webhook", object=own_webhook),
    route("webhooks/<int:webhook>/do/", act_on_webhook, FRESH, name="tokens.webhook_do", methods=("POST",),
          object=own_webhook),
    route("webhooks/deliveries/<int:delivery>/again/", again, PERSON, name="tokens.again", methods=("GET", "POST"),
          object=own_delivery),
    route("api/", show_interface, Anyone(), name="api"),
)
