"""What is known of a firm is taken as the rules take it, or the office is told which fact of which firm does not fit."""

from dataclasses import replace

import pytest

from westlake.errors import WestlakeError
from westlake.settlement.claims import names_of

from .conftest import line


def refused(call):
    with pytest.raises(WestlakeError) as caught:
        call()
    (problem,) = caught.value.problems
    return problem.code, problem.place.file, dict(problem.values)


@pytest.mark.parametrize(("name", "value"), [
    ("size", "huge"), ("saas", "perhaps"), ("saas", "2"), ("contracts_year", "many"), ("contracts_year", "-1")])
def test_a_fact_that_does_not_fit_its_input_is_told_with_its_firm(office, name, value):
    office.know("reed", first="2025-02-01", **{name: value})
    assert refused(lambda: office.settle(line("reed", 100))) == (
        "W406", "form.yaml", {"firm": "reed", "name": name, "value": value})
    assert office.settle(line("reed", 100, day="2025-01-01")) is not None  # the day before, all was well


def test_an_input_that_no_room_gives_is_told_with_where_it_should_come_from(office):
    whole = line("reed", 100)
    without = replace(whole, given={name: given for name, given in whole.given.items() if name != "spend_class"})
    assert refused(lambda: office.settle(without)) == (
        "W405", "form.yaml", {"name": "spend_class", "origin": "bill", "source": "bills"})


def test_the_names_under_which_a_line_waits():
    plain = line("reed", 100)
    assert names_of(plain) == {"i1", "reed||2025-03"}
    assert names_of(replace(plain, evidence={"month": "2025-03-01", "currency": "USD"})) == {"i1", "reed|USD|2025-03"}
    assert names_of(replace(plain, evidence={})) == {"i1", "reed||"}
