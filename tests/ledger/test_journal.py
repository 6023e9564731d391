"""The bytes that seal a journal are written down, and no two different journals share them."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from westlake.digest import GENESIS, canonical
from westlake.ledger import Journal, Transfer
from westlake.ledger.journal import account_bytes, fingerprint_of, mirror, request_bytes, sealed_bytes

NATURE = {code: [code, currency, rule] for code, currency, rule in (
    ("treasury", "CNY", "free"), ("예산:云", "CNY", "credit"), ("usd", "USD", "free"))}
SEALED = {code: account_bytes(*nature) for code, nature in NATURE.items()}
CODES = st.sampled_from(list(NATURE))
TRANSFERS = st.builds(Transfer, CODES, CODES, st.integers(1, 10**15), st.sampled_from(["post", "hold", "release"]))
NUMBERS = st.none() | st.integers(1, 2**62)
JOURNALS = st.builds(Journal, st.text(), st.integers(-10**6, 10**6), st.text(), st.text(),
                     st.lists(TRANSFERS, max_size=4).map(tuple), NUMBERS, NUMBERS)


def plain(journal):
    """The shape that the module's docstring gives, for westlake.digest.canonical."""
    legs = [[NATURE[leg.debit], NATURE[leg.credit], leg.amount, leg.phase] for leg in journal.transfers]
    return [journal.day, journal.kind, journal.memo, journal.reverses, journal.relates_to, legs]


@given(JOURNALS, st.integers(1, 10**9), st.integers(0, 2**62))
def test_the_quick_bytes_are_the_canonical_bytes(journal, number, at):
    request = request_bytes(journal, SEALED)
    assert request == canonical(plain(journal))
    assert sealed_bytes(number, journal.idem, at, request) == canonical([number, journal.idem, at]) + request


@given(JOURNALS, JOURNALS)
def test_equal_fingerprints_mean_equal_requests(one, other):
    prints = [fingerprint_of(request_bytes(journal, SEALED)) for journal in (one, other)]
    assert (prints[0] == prints[1]) == (plain(one) == plain(other))


def test_the_first_journal_of_lakeside_by_hand(books):
    """What an auditor with the printed journal and nothing of ours would compute."""
    request = (b"l6:i20089;s13:appropriations17:Cloud budget 2025n;n;"
               b"l1:l4:l3:s8:treasurys3:CNYs4:freel3:s12:budget:clouds3:CNYs6:crediti100000;s4:post")
    sealed = b"l3:i1;s13:appropriationi1735689600000000;" + request
    entry = books.journal(1)
    assert entry.fingerprint == hashlib.sha256(request).hexdigest()
    assert entry.hash == hashlib.sha256(bytes(32) + sealed).hexdigest()
    assert (entry.previous, books.head()) == (GENESIS, (1, entry.hash))


@given(st.lists(TRANSFERS, max_size=4))
def test_a_mirror_mirrored_is_the_journal(transfers):
    journal = Journal("k", 0, "x", "", tuple(transfers))
    back = Journal("k", 0, "x", "", mirror(journal))
    assert mirror(back) == journal.transfers
    signs = {"post": (1, 0), "hold": (0, 1), "release": (0, -1)}
    for kind in (0, 1):
        moved = {code: sum(leg.amount * signs[leg.phase][kind] * ((leg.debit == code) - (leg.credit == code))
                           for leg in (*journal.transfers, *back.transfers)) for code in NATURE}
        assert moved == dict.fromkeys(NATURE, 0)
