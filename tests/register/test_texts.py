"""A text that one database takes and another refuses is refused before either is asked, by one code."""

import random

import pytest

from westlake.database import connect
from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.register import Register, take_in

SPRING = parse_day("2025-04-01")
FIELDS = {"subject": "subject", "name": "fact", "value": "value", "source": "source", "file": "file"}


@pytest.fixture
def register(database):
    return Register.create(connect(database))


def long(length):
    """Letters that no packing makes shorter."""
    return "".join(map(chr, random.Random(7).choices(range(0x4E00, 0x9FA0), k=length)))


def enter(register, **texts):
    told = {"subject": "reed", "name": "name", "value": "Reed", "source": "form", "file": ""} | texts
    register.enter(told["subject"], told["name"], told["value"], SPRING, SPRING, "verified", told["source"], SPRING,
                   told["file"])


def refused(call):
    with pytest.raises(WestlakeError) as caught:
        call()
    return [(problem.code, problem.place.row, problem.place.field) for problem in caught.value.problems]


@pytest.mark.parametrize(("name", "field"), FIELDS.items())
def test_no_text_that_only_one_engine_takes(register, name, field):
    for text in ("Re\0ed", "Re\ud800ed", long(9_000), long(1_001)):
        assert refused(lambda spoilt=text: enter(register, **{name: spoilt})) == [("W211", 0, field)]
    assert register.history("reed") == []


@pytest.mark.parametrize(("name", "most"), [("subject", 200), ("name", 200), ("value", 1_000), ("source", 1_000)])
def test_the_longest_text_is_taken_and_one_letter_more_is_not(register, name, most):
    enter(register, **{name: long(most)})
    assert refused(lambda: enter(register, **{name: long(most + 1)})) == [("W211", 0, FIELDS[name])]


def test_a_table_with_such_cells_is_refused_by_its_rows_and_nothing_is_entered(register, tmp_path):
    facts, accounts = tmp_path / "facts.csv", tmp_path / "accounts.csv"
    facts.write_text(f"id,name,source\nheron,Heron,form\n{long(201)},Reed,form\nlotus,{long(1_001)},{long(1_001)}\n", "utf-8")
    accounts.write_text(f"issuer,account,firm\n{long(200)},{long(200)},reed\nAster,{long(201)},reed\n", "utf-8")

    def take(path, actor="officer"):
        return take_in(register.connection, path, learnt=SPRING, actor=actor)
    assert refused(lambda: take(facts)) == [("W211", 3, "id"), ("W211", 4, "name"), ("W211", 4, "source")]
    assert refused(lambda: take(accounts)) == [("W211", 3, "account")]
    accounts.write_text(f"issuer,account,firm\n{long(200)},{long(200)},reed\n", "utf-8")
    assert refused(lambda: take(accounts, "a\0b")) == [("W211", 0, "actor")]
    assert (register.on(SPRING), register.accounts()) == ({}, [])
    assert take(accounts).rows == 1
