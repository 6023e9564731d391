"""A code's name in other programs: what those programs take, different for every code, and read back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.ledger.account_names import Leaf, account_code, account_name, held_name, leaf_name, link_name

CODES = (st.text(min_size=1, max_size=12) | st.text("abz09AZ_-:.杭가", min_size=1, max_size=8)
         | st.lists(st.sampled_from(["debits", "Debits", "credits", "Credits", "debit", ""]), min_size=1).map(":".join))


@pytest.mark.parametrize(("code", "name"), [
    ("budget:cloud_voucher:2025", "Budget:Cloud--voucher:2025"), ("payable:F00005", "Payable:F00005-"),
    ("payable:91330100MA27", "Payable:91330100MA27"), ("payable:f-5", "Payable:F-2d-5"), ("F_5", "F--5-"),
    ("zoo", "Z-7a-oo"), ("_a", "Z--a"), ("a::b", "A:Z:B"), ("budget:debits", "Budget:Z-64-ebits")])
def test_names_as_they_are_written(code, name):
    assert (account_name(code, "credit"), held_name(code)) == (f"Liabilities:{name}", f"Equity:Held:{name}")
    assert leaf_name(Leaf(code, False, "debit"), "credit") == f"Liabilities:{name}:Debits"
    assert leaf_name(Leaf(code, True, "credit"), "credit") == f"Equity:Held:{name}:Credits"


@given(CODES, st.sampled_from(["free", "credit", "debit"]), st.booleans(), st.sampled_from(["debit", "credit"]))
def test_a_name_is_read_back(code, rule, held, side):
    name = leaf_name(Leaf(code, held, side), rule)
    assert re.fullmatch(r"[A-Z][a-z]+(:[A-Z0-9][A-Za-z0-9-]*)+", name)
    assert account_code(name) == code
    assert (account_code(account_name(code, rule)), account_code(held_name(code))) == (code, code)


@given(CODES, CODES)
def test_no_sum_of_one_account_is_an_account_above_or_beside_another(one, other):
    """Else a balance asserted of the one would count the other's money."""
    names = {(code, held, side): leaf_name(Leaf(code, held, side), "free")
             for code in {one, other} for held in (False, True) for side in ("debit", "credit")}
    assert len(set(names.values())) == len(names)
    assert not [(a, b) for a in names.values() for b in names.values() if b.startswith(f"{a}:")]


@given(st.lists(CODES.filter(bool), unique=True, min_size=2, max_size=6))
def test_no_two_keys_share_a_link(keys):
    links = [link_name(key) for key in keys]
    assert all(re.fullmatch(r"[A-Za-z0-9\-_/.]+", link) for link in links)
    assert len(set(links)) == len(keys)
