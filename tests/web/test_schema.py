"""The interface's description is true: whatever it allows is answered as it says, and nothing that is sent breaks it."""

import jsonschema
import pytest
from tests.web.exploring import explore, furnish

from westlake.web import api


@pytest.mark.slow
@pytest.mark.parametrize("role", ["applicant", "officer", "payer", "auditor"])
def test_every_operation_answers_as_described(office, person_with, role):
    answered = explore(furnish(office, person_with, role), 4)
    assert answered[200] and answered[422]
    assert set(answered) <= {200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 422}


def test_the_description_is_open_api_with_a_guard_for_each_operation(visitor):
    told = visitor.get("/api/v1/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    operations = [(path, method, one) for path, methods in told["paths"].items() for method, one in methods.items()]
    assert all(path.startswith("/api/v1/") for path, _, _ in operations)
    open_to_all = sorted(path for path, _, one in operations if not one["security"])
    assert open_to_all == [f"/api/v1/public/{name}" for name in ("awards", "calls", "grants.json", "heads", "notices")]
    keyed = {path for path, method, one in operations
             if any(part["name"] == "Idempotency-Key" for part in one["parameters"])}
    assert keyed == {path for path, method, one in operations if method != "get" and not path.endswith(("/check", "/preview"))}
    for schema in told["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_people_read_it_without_anything_from_elsewhere(visitor):
    page = visitor.get("/api/").text
    assert all(path in page for path in api.description()["paths"])
    assert "://" not in page.split("<main")[1]
