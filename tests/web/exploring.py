"""Asks every operation of the interface what its description allows and forbids: each answer is as described, none our fault."""

from __future__ import annotations

import uuid

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.web.machine import Machine, know, open_piers, speaker, submit_pier, token_of

CHECKS = [not_a_server_error, content_type_conformance, response_headers_conformance, response_schema_conformance,
          status_code_conformance]


def furnish(office, person_with, role):
    """A call with an application handed in and a draft; the token of somebody with a role."""
    officer = person_with("officer", name="Oda Reed")
    call = open_piers(office, officer)
    know(office, "heron")
    machine = Machine(token_of(speaker(office, person_with, "heron")))
    submit_pier(machine, call)
    machine.post(f"/calls/{call.id}/applications")
    if role == "applicant":
        return machine.token
    return token_of(officer if role == "officer" else person_with(role, name=f"{role.title()} Reed"))


def explore(token, examples):
    """Ask so many times, of each operation, what is described and what is not; how many answers were well, by status."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    answered: dict[int, int] = {}

    def ask(case):
        sent = {name: text for name, text in (case.headers or {}).items() if name.lower() != "authorization"}
        if "Idempotency-Key" in sent:
            sent["Idempotency-Key"] = uuid.uuid4().hex
        case.headers = {**sent, "Authorization": f"Bearer {token}"}
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        answered[answer.status_code] = answered.get(answer.status_code, 0) + 1

    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not any(operation.iter_parameters()) and not operation.body:
                continue  # nothing can be wrong where nothing is asked
            settings(max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
                     suppress_health_check=list(HealthCheck))(given(case=operation.as_strategy(mode))(ask))()
    return answered
