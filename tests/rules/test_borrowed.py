"""What a kernel borrows from money.py and dates.py answers as they do, to the last unit, edges included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.money import MONEY_MAX, PPM, RATE_MAX
from westlake.rules.borrowed import SHORT, borrow
from westlake.rules.functions import FUNCTIONS
from westlake.rules.kinds import INT_MAX
from westlake.rules.ranges import LIKELY_RATE

NAMED = {name: function for name, function in FUNCTIONS.items() if function}
SHARES = [name for name, function in NAMED.items() if function.scale]


def borrowed(name):
    space = {"njit": lambda function: function}
    exec("\n\n".join(borrow([name])), space)
    return space[name]


def near(low, high):
    edges = [
        n for edge in (low, high, 0, PPM, 10**10, MONEY_MAX) for n in (edge - 1, edge, edge + 1) if low <= n <= high
    ]
    return st.sampled_from(edges) | st.integers(low, high)


@pytest.mark.parametrize("name", NAMED)
@given(data=st.data())
def test_a_borrowed_function_answers_as_its_owner(name, data):
    function = NAMED[name]
    given_ = [data.draw(near(*limits)) for _, limits in function.takes]
    assert borrowed(name)(*given_) == function.body(*given_)


@pytest.mark.parametrize("name", SHARES)
@given(data=st.data())
def test_a_short_share_answers_as_the_long_one_wherever_it_may_be_used(name, data):
    function = NAMED[name]
    largest = min((INT_MAX - function.scale) // LIKELY_RATE, function.takes[0][1][1])
    amount, rate = data.draw(near(-largest, largest)), data.draw(near(0, LIKELY_RATE))
    assert borrowed(SHORT + name)(amount, rate) == function.body(amount, rate)


@pytest.mark.parametrize("name", SHARES)
@given(data=st.data())
def test_no_number_inside_a_share_leaves_an_int64(name, data):
    """The proof's promise about money.py itself: run with numbers that refuse to grow beyond int64."""
    function = NAMED[name]
    amount, rate = (data.draw(near(*limits)) for _, limits in function.takes)
    assert borrowed(name)(Watched(amount), Watched(rate)) == function.body(amount, rate)
    assert rate <= RATE_MAX


class Watched(int):
    """A whole number that fails the moment it would not fit an int64."""

    def __new__(cls, number):
        assert -INT_MAX - 1 <= number <= INT_MAX, number
        return super().__new__(cls, number)


for operation in (
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "floordiv",
    "rfloordiv",
    "mod",
    "rmod",
    "neg",
    "abs",
    "and",
    "rand",
):

    def watched(self, *other, name=f"__{operation}__"):
        return Watched(getattr(int, name)(self, *other))

    setattr(Watched, f"__{operation}__", watched)
