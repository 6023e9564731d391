"""What bench/api_schema.py runs for every role; not a part of the tests, for it takes minutes."""

from tests.web.exploring import explore, furnish


def test_every_operation_answers_as_described(office, person_with, role, examples):
    print(role, explore(furnish(office, person_with, role), examples))
