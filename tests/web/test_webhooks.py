"""Other machines hear of what happens: signed as the standard says, tried until it arrives, and never a machine inside."""

import datetime as dt
import ipaddress
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import override_settings
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from tests.web.machine import Machine, know, open_piers, speaker, submit_pier, token_of

from westlake.desk.calls import change_call, find_call
from westlake.errors import WestlakeError
from westlake.web import sending, webhooks
from westlake.web.models import Delivery, Login, Webhook

INSIDE = override_settings(WEBHOOKS_INSIDE=True)


class Receiver:
    """A machine that listens and answers what it is told to."""

    def __init__(self):
        self.heard, self.answers = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append((dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", "http://169.254.169.254/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *told):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/heard?by=test"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def told(office, officer, receiver, clock):
    """An address of the officer's, told of everything; the clock tells the true time, for signatures have a window."""
    clock.at = time.time_ns() // 1_000
    with INSIDE:
        yield webhooks.add(office, Login.objects.get(person=officer.id), receiver.url, list(webhooks.EVENTS))[0]


def submitted(office, officer, person_with, name="heron"):
    call = open_piers(office, officer)
    know(office, name)
    return submit_pier(Machine(token_of(speaker(office, person_with, name))), call)


def test_a_case_that_moves_is_told_once_and_signed(office, officer, person_with, told, receiver):
    case = submitted(office, officer, person_with)
    webhooks.collect(office)
    assert webhooks.collect(office) == 0
    assert webhooks.deliver(office) == 4
    told.refresh_from_db()
    heard = [Verifier(told.secret).verify(body, headers) for headers, body in receiver.heard]
    assert [one["type"] for one in heard] == ["call.changed", "call.changed", "case.opened", "case.moved"]
    assert heard[3]["data"] == {"case": case, "number": "PIER-26-0001", "kind": "application", "programme": "pier_challenge",
                                "call": 1, "step": "submit", "from": "draft", "to": "submitted", "seq": 1}
    assert webhooks.deliver(office) == 0


def test_what_one_may_not_see_one_is_not_told(office, officer, person_with, told):
    """Ibis hears of the call that everybody sees, and nothing of Heron's case."""
    ibis = Login.objects.get(person=speaker(office, person_with, "ibis").id)
    webhooks.add(office, ibis, told.url, list(webhooks.EVENTS))
    submitted(office, officer, person_with)
    webhooks.collect(office)
    assert sorted(Delivery.objects.filter(webhook__login=ibis).values_list("event", flat=True)) == [
        "call.changed", "call.changed"]


def test_only_events_that_are_wanted(office, officer, person_with, told):
    told.events = "case.moved"
    told.save()
    submitted(office, officer, person_with)
    webhooks.collect(office)
    assert list(Delivery.objects.values_list("event", flat=True)) == ["case.moved"]


def test_a_crash_between_reading_and_sending_loses_nothing(office, officer, person_with, told, monkeypatch):
    """The mark is moved only together with the deliveries: cut off in between, both are as before."""
    submitted(office, officer, person_with)
    before = Webhook.objects.get().read_to

    def cut_off(*given, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Delivery.objects, "bulk_create", cut_off)
        with pytest.raises(KeyboardInterrupt):
            webhooks.collect(office)
    assert (Webhook.objects.get().read_to, Delivery.objects.count()) == (before, 0)
    assert webhooks.collect(office) == 4
    assert Webhook.objects.get().read_to == office.record.head().number


def test_what_does_not_arrive_is_tried_again_later_and_later(office, told, receiver, clock):
    delivery = webhooks.ping(office, told)
    receiver.answers = [500, 302, 204]
    assert webhooks.deliver(office) == 0
    assert webhooks.deliver(office) == 0  # not due yet
    clock.wait(5)
    assert webhooks.deliver(office) == 0  # a redirection is not followed, and is no arrival
    assert [len(receiver.heard), Delivery.objects.get().status] == [2, 302]
    clock.wait(299)
    assert webhooks.deliver(office) == 0
    clock.wait(2)
    assert webhooks.deliver(office) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    delivery.refresh_from_db()
    assert (delivery.tries, delivery.status, delivery.next_at) == (3, 204, None)


def test_after_the_last_try_it_rests_until_somebody_sends_it_again(office, told, receiver, clock):
    webhooks.ping(office, told)
    receiver.answers = [500] * 10
    for wait in (*webhooks.WAITS_S, 0):
        webhooks.deliver(office)
        Webhook.objects.update(active=True)
        clock.wait(wait + 1)
    assert Delivery.objects.get().done_at is not None
    assert (Delivery.objects.get().tries, webhooks.deliver(office), len(receiver.heard)) == (10, 0, 10)
    webhooks.send_again(office, Delivery.objects.get())
    assert webhooks.deliver(office) == 1


@pytest.mark.parametrize("answers, days", [([410], 0), ([500, 500], 6)])
def test_an_address_that_is_gone_is_told_nothing_more(office, told, receiver, clock, answers, days):
    """At once when it says so itself, otherwise after five days of failing."""
    receiver.answers = list(answers)
    webhooks.ping(office, told)
    webhooks.deliver(office)
    if days:
        assert Webhook.objects.get().active
        clock.wait(days * 86_400)
        webhooks.deliver(office)
    assert not Webhook.objects.get().active
    webhooks.wake(told)
    assert (Webhook.objects.get().active, Webhook.objects.get().failing_since) == (True, None)


def test_while_secrets_change_both_sign(office, told, receiver):
    old = told.secret
    new = webhooks.rotate(told)
    webhooks.ping(office, told)
    webhooks.deliver(office)
    headers, body = receiver.heard[0]
    assert Verifier(old).verify(body, headers) == Verifier(new).verify(body, headers)
    webhooks.drop_old(told)
    webhooks.ping(office, told)
    webhooks.deliver(office)
    headers, body = receiver.heard[1]
    assert Verifier(new).verify(body, headers)["type"] == "ping"
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Verifier(old).verify(body, headers)


def test_the_signature_is_the_standards_own():
    """Secret, message and time as in the standard's package, which signs by itself."""
    secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1_614_265_330
    body = json.dumps({"test": 2432232314})
    theirs = Verifier(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", dt.datetime.fromtimestamp(at, dt.UTC), body)
    assert webhooks.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body) == theirs


@pytest.mark.parametrize("address", [
    "http://example.org/", "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://169.254.169.254/",
    "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "https://user:word@example.org/", "https:///x",
    "https://2130706433/", "ftp://example.org/", "https://[64:ff9b::a00:1]/", "https://example.org:99999/"])
def test_machines_inside_are_never_spoken_to(office, officer, address):
    with pytest.raises(WestlakeError) as refused:
        webhooks.add(office, Login.objects.get(person=officer.id), address, ["case.moved"])
    assert [one.code for one in refused.value.problems] == ["W1086"]
    assert Webhook.objects.count() == 0


@pytest.mark.parametrize("machine, outside", [
    ("8.8.8.8", True), ("2606:4700::1111", True), ("192.168.0.1", False), ("100.64.0.1", False), ("224.0.0.1", False),
    ("fd00::1", False), ("fe80::1", False), ("2002:a00:1::", False), ("::ffff:8.8.8.8", True), ("::", False)])
def test_which_machines_are_outside(machine, outside):
    assert sending.is_outside(ipaddress.ip_address(machine)) is outside


def test_a_name_that_comes_to_lead_inside_is_refused_when_it_is_sent(office, told, receiver):
    """It was outside when it was entered; at the moment of sending it is looked at again."""
    webhooks.ping(office, told)
    with override_settings(WEBHOOKS_INSIDE=False):
        assert webhooks.deliver(office) == 0
    assert receiver.heard == []
    assert "W1086" in Delivery.objects.get().answer


def test_a_call_not_announced_is_told_to_its_office_only(office, officer, person_with, told):
    reader = Login.objects.get(person=speaker(office, person_with, "ibis").id)
    webhooks.add(office, reader, told.url, ["call.changed"])
    call = open_piers(office, officer)
    Delivery.objects.all().delete()
    Webhook.objects.update(read_to=office.record.head().number)
    change_call(office.desk, find_call(office.desk, call.id), officer, "more time", closes_at=call.closes_at + 1)
    webhooks.collect(office)
    assert Delivery.objects.count() == 2
    assert json.loads(Delivery.objects.first().body)["data"] == {
        "call": call.id, "code": "PIER-26", "programme": "pier_challenge", "seq": 3}
