"""Invented programmes mean in all three runs what the Python they are written in means, and none of them overflows."""

import random

import numpy as np
import pytest

from westlake.dates import day_number
from westlake.errors import WestlakeError
from westlake.rules.plain import run_plain

from . import invention
from .toy import load

PROOFS = {"W018", "W019", "W020"}  # an invented rule may well be one that could overflow: it is then refused
CHOICES = ("red", "blue", "grey")
FIRST, LAST = day_number(2025, 1, 1), day_number(2026, 1, 31)


def made(folder, text):
    """The programme, or nothing when it is one of those that could overflow."""
    try:
        return load(folder, text, invention.INPUTS, invention.VALUES)
    except WestlakeError as error:
        assert {problem.code for problem in error.problems} <= PROOFS, text
        return None


def row_of(chance, programme):
    """A row with every input in its range, its edges included."""
    row = {
        name: chance.choice([item.low, item.high, max(item.low, 0), chance.randint(item.low, item.high)])
        for name, item in programme.inputs.items()
    }
    return row | {"firm": chance.randint(0, 2), "f": chance.random() < 0.5, "d": chance.randint(FIRST - 9000, LAST)}


def values_of(programme):
    """day → name → number, or a dictionary by choice."""

    def on(day):
        entries = {name: programme.value_on(name, day) for name in programme.values}
        return {name: entry.by_choice if entry.choices else entry.number for name, entry in entries.items()}

    return on


def agree(folder, text, chance, count, runs):
    """Are all runs and the oracle at one on random rows? False when the programme was refused."""
    programme = made(folder, text)
    if programme is None:
        return False
    rows, days = (
        [row_of(chance, programme) for _ in range(count)],
        [chance.randint(FIRST, LAST) for _ in range(count)],
    )
    told = invention.decide(text, [row | {"k": CHOICES[row["k"]]} for row in rows], days, values_of(programme))
    names = programme.graph.order
    wanted = {name: [int(state[name]) for state in told] for name in names}
    traced = programme.decide_rows(rows, days)
    assert {name: [int(decision.values[name]) for decision in traced] for name in names} == wanted, text
    columns = {name: np.array([int(row[name]) for row in rows]) for name in rows[0]}
    for run in runs:
        found = run(programme, columns, np.array(days), names)
        assert {name: [int(number) for number in column] for name, column in found.items()} == wanted, text
    return True


@pytest.mark.slow
def test_traced_and_plain_mean_what_the_text_says(tmp_path):
    chance = random.Random(11)
    held = sum(agree(tmp_path, invention.programme(chance), chance, 40, [run_plain]) for _ in range(400))
    assert held >= 200


@pytest.mark.slow
def test_compiled_means_what_the_text_says(tmp_path, monkeypatch):
    monkeypatch.setenv("WESTLAKE_CACHE", str(tmp_path / "cache"))
    chance = random.Random(12)
    held = 0
    while held < 8:
        held += agree(
            tmp_path, invention.programme(chance), chance, 400, [lambda programme, *given: programme.run(*given)]
        )
