"""Tells other machines what happened: each act of the record becomes events, and each event is sent until it arrives.

Source of the form: Standard Webhooks 1.0.0. Each address reads the record from where it last stood, so that no
event is lost, whatever breaks in between; an event may arrive twice, under the same webhook-id.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import logging
import secrets as chance
from collections.abc import Iterator, Mapping
from itertools import islice

from django.db import transaction

from westlake.dates import instant_iso
from westlake.desk import people, seeing
from westlake.desk.calls import find_call
from westlake.desk.cases import find_case
from westlake.desk.people import Held, Person
from westlake.desk.seeing import OFFICE
from westlake.errors import WestlakeError
from westlake.record import Act
from westlake.web import sending
from westlake.web.models import Delivery, Login, Webhook
from westlake.web.office import Office

LOG = logging.getLogger("westlake.web")
EVENTS = ("case.opened", "case.moved", "call.changed", "notice.published", "payment.paid", "payment.returned")
PING = "ping"
PREFIX = "whsec_"
SECRET_BYTES = 24
WAITS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)  # after each try; then it is given up
LEASE_S = 60  # how long a try may take before another worker may make it
GIVE_UP_S = 5 * 86_400  # an address that fails for so long is told nothing more
ACTS_AT_ONCE = 1_000
_PLAIN = {"desk.case_opened": "case.opened", "desk.call_set": "call.changed",
          "desk.notice_published": "notice.published", "desk.payment_paid": "payment.paid",
          "desk.payment_returned": "payment.returned"}


def add(office: Office, login: Login, url: str, events: list[str]) -> tuple[Webhook, str]:
    """Tell an address of events from now on; with its secret. W1086 for an address that nothing is sent to."""
    sending.check_address(url)
    secret = new_secret()
    return Webhook.objects.create(login=login, url=url, secret=secret, events=" ".join(events),
                                  read_to=office.record.head().number), secret


def new_secret() -> str:
    """A secret as the standard writes it."""
    return PREFIX + base64.b64encode(chance.token_bytes(SECRET_BYTES)).decode()


def rotate(webhook: Webhook) -> str:
    """A new secret. Until `drop_old`, messages are signed with both, so that no receiver is caught between them."""
    secret = new_secret()
    webhook.secret = f"{secret} {webhook.secret.split()[0]}"
    webhook.save(update_fields=["secret"])
    return secret


def drop_old(webhook: Webhook) -> None:
    """From now on only the newest secret signs."""
    webhook.secret = webhook.secret.split()[0]
    webhook.save(update_fields=["secret"])


def signature(secrets: str, message: str, at_s: int, body: str) -> str:
    """The header webhook-signature: one `v1,…` for each secret, over `id.timestamp.body`, HMAC-SHA256, base64."""
    signed = f"{message}.{at_s}.{body}".encode()
    keys = [base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets.split()]
    return " ".join("v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)


# What happened --------------------------------------------------------------------------------------------


def collect(office: Office) -> int:
    """Turn what the record holds since each address last looked into deliveries; how many were added."""
    return sum(_collect(office, webhook) for webhook in Webhook.objects.filter(active=True).select_related("login"))


def _collect(office: Office, webhook: Webhook) -> int:
    """The reading mark moves together with the deliveries that it stands for, or neither does."""
    acts = list(islice(office.record.acts(after=webhook.read_to), ACTS_AT_ONCE))
    person = people.find_person(office.connection, webhook.login.person or 0)
    if not acts or person is None or office.broken:  # what a programme at fault would tell is not passed over
        return 0
    roles = people.roles_of(office.connection, person.id, office.now())
    wanted, now = webhook.events.split(), office.utc_now
    found = [Delivery(webhook=webhook, message=f"msg_{webhook.pk}_{act.id}_{event.replace('.', '_')}", event=event,
                      body=body_of(event, act.at, data), next_at=now)
             for act in acts for event, data in events_of(office, act, person, roles) if event in wanted]
    with transaction.atomic():
        moved = Webhook.objects.filter(pk=webhook.pk, read_to=webhook.read_to).update(read_to=acts[-1].id)
        if not moved:  # another worker was here
            return 0
        Delivery.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


def events_of(office: Office, act: Act, person: Person,
              roles: frozenset[Held]) -> Iterator[tuple[str, dict[str, object]]]:
    """What an act tells somebody: event and data. Nothing about what they may not see; no names, no texts."""
    sort, _, number = act.subject.partition(":")
    event = _PLAIN.get(act.act)
    try:
        if sort == "case" and number.isdecimal() and (event == "case.opened" or _is_step(act.details)):
            case = find_case(office.desk, int(number))
            opened = act.details.get("opened")  # a step that opens what they may not see is not told either
            if seeing.may_see(office.desk, case, person, roles) and (not isinstance(opened, int) or seeing.may_see(
                    office.desk, find_case(office.desk, opened), person, roles)):
                yield event or "case.moved", {
                    "case": case.id, "number": case.number, "kind": case.kind, "programme": case.programme,
                    "call": case.call, **({} if event else {
                        "step": act.act.removeprefix("desk."), "from": act.details["from"], "to": act.details["to"],
                        "seq": act.details["seq"]})}
        elif event in ("payment.paid", "payment.returned"):
            case = find_case(office.desk, int(str(act.details["case"])))
            if seeing.view_of(office.desk, case, person, roles).money_shown:
                yield event, {"payment": int(number), "case": case.id, "number": case.number,
                              "amount": act.details["amount"], "currency": case.currency}
        elif event in ("call.changed", "notice.published"):
            call = find_call(office.desk, int(number))
            inside = any(one.role in (*OFFICE, "auditor") and one.programme in (people.EVERY, call.programme)
                         for one in roles)
            if call.announced or inside:
                yield event, {"call": call.id, "code": call.code, "programme": call.programme, "seq": call.seq}
    except WestlakeError:  # a programme whose files are at fault tells nothing until they are mended
        LOG.warning("act %s told nobody", act.id, exc_info=True)


def body_of(event: str, at: int, data: Mapping[str, object]) -> str:
    """The message as it is signed and sent."""
    return json.dumps({"type": event, "timestamp": instant_iso(at), "data": data}, ensure_ascii=False)


def _is_step(details: Mapping[str, object]) -> bool:
    return {"from", "to", "seq", "number"} <= details.keys()


# Sending ----------------------------------------------------------------------------------------------------


def deliver(office: Office, most: int = 200) -> int:
    """Make every try that is due; how many arrived. Nothing is locked while another machine is waited for."""
    arrived = 0
    due = Delivery.objects.filter(done_at=None, next_at__lte=office.utc_now, webhook__active=True)
    for delivery in due.select_related("webhook").order_by("next_at", "pk")[:most]:
        lease = office.utc_now + dt.timedelta(seconds=LEASE_S)
        if Delivery.objects.filter(pk=delivery.pk, next_at=delivery.next_at, done_at=None).update(next_at=lease):
            arrived += attempt(office, delivery)
    return arrived


def attempt(office: Office, delivery: Delivery) -> bool:
    """One try; whether it arrived."""
    webhook, at_s = delivery.webhook, office.now() // 1_000_000
    headers = {"Content-Type": "application/json", "User-Agent": "Westlake", "webhook-id": delivery.message,
               "webhook-timestamp": str(at_s),
               "webhook-signature": signature(webhook.secret, delivery.message, at_s, delivery.body)}
    try:
        status, answer = sending.post(webhook.url, delivery.body.encode(), headers)
    except (OSError, WestlakeError) as error:
        status, answer = 0, str(error)
    now, arrived = office.utc_now, 200 <= status < 300
    tries = delivery.tries + 1
    wait = WAITS_S[tries - 1] if tries <= len(WAITS_S) else None
    Delivery.objects.filter(pk=delivery.pk).update(
        tries=tries, status=status, answer=answer[:500],
        done_at=now if arrived or wait is None else None,
        next_at=None if arrived or wait is None else now + dt.timedelta(seconds=wait))
    _note(webhook, arrived, status, now)
    return arrived


def send_again(office: Office, delivery: Delivery) -> None:
    """Let a message be tried again from the start, by hand."""
    Delivery.objects.filter(pk=delivery.pk).update(tries=0, done_at=None, next_at=office.utc_now)


def ping(office: Office, webhook: Webhook) -> Delivery:
    """A message that only shows whether messages arrive."""
    at = office.now()
    return Delivery.objects.create(webhook=webhook, message=f"msg_{webhook.pk}_{at}_ping", event=PING,
                                   body=body_of(PING, at, {}), next_at=office.utc_now)


def wake(webhook: Webhook) -> None:
    """Tell an address again that had been given up; it reads on from where it stood."""
    Webhook.objects.filter(pk=webhook.pk).update(active=True, failing_since=None)


def _note(webhook: Webhook, arrived: bool, status: int, now: dt.datetime) -> None:
    """How long an address has been failing. 410 Gone is its own word that it wants nothing more."""
    row = Webhook.objects.filter(pk=webhook.pk)
    if arrived:
        row.update(failing_since=None)
        return
    row.filter(failing_since=None).update(failing_since=now)
    since = row.values_list("failing_since", flat=True).first()
    if status == 410 or (since and (now - since).total_seconds() > GIVE_UP_S):
        row.update(active=False)
