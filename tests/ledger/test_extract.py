"""The books in two other programs' eyes: both add up what we add up, and neither lets a change through."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from westlake.database import connect
from westlake.dates import Period
from westlake.errors import WestlakeError
from westlake.ledger import Books, Journal, Transfer

from .conftest import NEXT, YEAR
from .readers import Beancount, Hledger, saved, sums_of

CODES = ("budget", "budget:cloud", "budget:debits", "payable:杭州_R-1", 'payable:"a;b|c', "보조금: 리드", "zoo")
CURRENCIES = ("CNY", "CNY", "CNY", "KRW", "JPY")


@pytest.fixture(params=[Beancount, Hledger], ids=lambda tool: tool.name)
def tool(request):
    return request.param()


def test_the_whole_life_and_each_year_alone_hold(year, tool, tmp_path):
    for days in ((), vars(YEAR).values(), vars(NEXT).values(), vars(Period.month(2025, 5)).values()):
        assert tool.complaints(saved(tmp_path, tool.write(year, *days))) == []


def test_its_sums_and_its_journals_are_ours(year, tool, tmp_path):
    path = saved(tmp_path, tool.write(year))
    assert tool.sums(path) == sums_of(year)
    assert tool.journals(path) == year.head().number


def test_a_period_ends_as_the_whole_life_stood_then(year, tool, tmp_path):
    """The second year alone, with what the first brought forward, adds up to the same sums."""
    path = saved(tmp_path, tool.write(year, NEXT.first, NEXT.last))
    assert tool.sums(path) == sums_of(year)
    assert tool.journals(path) == 1


def test_empty_books_are_written_too(tool, tmp_path):
    empty = Books.create(connect(tmp_path / "empty.db"))
    assert tool.complaints(saved(tmp_path, tool.write(empty))) == []
    empty.open_account("treasury", "KRW", "free")
    assert tool.complaints(saved(tmp_path, tool.write(empty, *vars(Period.month(2025, 1)).values()))) == []


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.sampled_from(
    ["", '"quoted"', "a; b", "a|b", "two\nlines", "\\n", "[2020-01-01]", "가나; 中文, date:2020"])
LEG = st.tuples(st.sampled_from(range(len(CODES) * 2)), st.sampled_from(range(len(CODES) * 2)),
                st.integers(1, 999) | st.integers(1, 10**15), st.sampled_from(["post", "post", "hold", "release"]))
JOURNAL = st.tuples(st.integers(YEAR.first, NEXT.last), TEXTS, st.lists(LEG, min_size=1, max_size=4))


def random_books(path, journals):
    """Whatever of the journals the books take; each code in two currencies."""
    books = Books.create(connect(path))
    for days in (YEAR, NEXT):
        books.open_period(days.first, days.last)
    codes = []
    for number, code in enumerate(CODES):
        for currency in ("CNY", CURRENCIES[number % len(CURRENCIES)]):
            codes.append(f"{code}:{currency}{len(codes)}")
            books.open_account(codes[-1], currency, "free")
    for number, (day, memo, legs) in enumerate(journals):
        transfers = [Transfer(codes[debit], codes[credit], amount, phase) for debit, credit, amount, phase in legs]
        for tried in (transfers, [Transfer(leg.debit, leg.credit, leg.amount, "hold") for leg in transfers]):
            try:  # a release of what was never held is held instead; what is still refused is left out
                books.post(Journal(f"k;{number}", day, f"k;{number} (x)", memo, tried))
                break
            except WestlakeError:
                continue
    return books


@pytest.mark.slow
@settings(max_examples=20)
@given(st.lists(JOURNAL, max_size=12))
def test_random_books_are_read_back_to_the_last_unit(journals):
    with tempfile.TemporaryDirectory() as folder:
        books = random_books(Path(folder) / "books.db", journals)
        for tool in (Beancount(), Hledger()):
            path = saved(Path(folder), tool.write(books), tool.name)
            assert tool.complaints(path) == []
            assert tool.sums(path) == sums_of(books)
            assert tool.journals(path) == books.head().number


def lively(tmp_path, dice, journals=40):
    """Books in which budgets are opened, held, released and paid, at random."""
    books = Books.create(connect(tmp_path / "lively.db"))
    books.open_period(YEAR.first, YEAR.last)
    books.open_account("treasury", "CNY", "free")
    for code in ("budget:cloud", "payable:reed", "payable:苇"):
        books.open_account(code, "CNY", "credit")
    books.post(Journal("open", YEAR.first, "appropriation", "", [Transfer("treasury", "budget:cloud", 10**9)]))
    held = []
    for number in range(journals):
        way, amount = ("budget:cloud", dice.choice(["payable:reed", "payable:苇"])), dice.randrange(2, 10**6)
        legs = [Transfer(*way, amount, dice.choice(["hold", "post"]))]
        if held and dice.random() < 0.4:
            back = held.pop(dice.randrange(len(held)))
            legs = [Transfer(back.debit, back.credit, back.amount, "release"),
                    *([Transfer(back.debit, back.credit, back.amount)] if dice.random() < 0.5 else [])]
        held += [leg for leg in legs if leg.phase == "hold"]
        books.post(Journal(f"j{number}", YEAR.first + number, "award", "", legs))
    return books


def bent(part, dice):
    """A transaction with one amount changed by a fen, and its other leg with it, so that it still balances."""
    lines = part.splitlines()
    legs = [place for place, line in enumerate(lines) if line.endswith(" CNY")]
    first = dice.choice(legs[::2])
    for place in (first, first + 1):
        name, number, currency = lines[place].split()
        fen = int(number.replace(".", "")) + (1 if not number.startswith("-") else -1)
        lines[place] = f"  {name}  {'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02} {currency}"
    return "\n".join(lines)


def one_leg_bent(part, dice):
    """A transaction with one amount changed by a fen."""
    lines = part.splitlines()
    place = dice.choice([place for place, line in enumerate(lines) if line.endswith(" CNY")])
    name, number, currency = lines[place].split()
    lines[place] = f"  {name}  {number[:-1]}{(int(number[-1]) + 1) % 10} {currency}"
    return "\n".join(lines)


CHANGES = {"a leg changed by a fen": lambda part, dice: [one_leg_bent(part, dice)],
           "both legs changed by a fen": lambda part, dice: [bent(part, dice)],
           "a transaction dropped": lambda part, dice: [],
           "a transaction doubled": lambda part, dice: [part, part]}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_anywhere_is_caught(tool, tmp_path, change):
    """At random places, holds and payments alike; a file that nobody touched passes."""
    dice = random.Random(f"{tool.name} {change}")
    written = tool.write(lively(tmp_path, dice))
    assert tool.complaints(saved(tmp_path, written)) == []
    parts = written.split("\n\n")
    journals = [place for place, part in enumerate(parts) if "journal:" in part]
    holding = [place for place in journals if " ! " in parts[place].splitlines()[0]]
    assert len(journals) == 41 and len(holding) > 8
    for place in dice.sample(journals, 18) + dice.sample(holding, 6):
        changed = parts[:place] + CHANGES[change](parts[place], dice) + parts[place + 1:]
        assert changed != parts
        assert tool.complaints(saved(tmp_path, "\n\n".join(changed))) != [], parts[place]
