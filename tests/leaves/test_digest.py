"""No two different things share canonical bytes; no float slips in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake import digest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def shape(value):
    """A plainly typed twin, in which True is not 1 and [] is not {}."""
    if isinstance(value, list):
        return ("list", tuple(shape(item) for item in value))
    if isinstance(value, dict):
        return ("dict", tuple(sorted((key, shape(item)) for key, item in value.items())))
    return (type(value).__name__, value)


@given(VALUES, VALUES)
def test_equal_bytes_mean_equal_things(one, other):
    assert (digest.canonical(one) == digest.canonical(other)) == (shape(one) == shape(other))


def test_the_form_is_written_down():
    assert digest.canonical({"b": [1, True], "a": "湖"}) == b"m2:s1:as3:\xe6\xb9\x96s1:bl2:i1;t;"


def test_order_of_keys_does_not_matter():
    assert digest.fingerprint({"a": 1, "b": 2}) == digest.fingerprint({"b": 2, "a": 1})


def test_floats_have_no_canonical_form():
    with pytest.raises(TypeError, match="float"):
        digest.canonical([1.0])


def test_a_link_depends_on_all_before_it():
    first = digest.link(digest.GENESIS, b"one")
    assert digest.link(first, b"two") != digest.link(digest.GENESIS, b"two")


def test_file_digest(tmp_path):
    (tmp_path / "bill.csv").write_bytes(b"")
    assert digest.file_sha256(tmp_path / "bill.csv").startswith("e3b0c44298fc1c14")


def chain(*payloads):
    links, before = [], digest.GENESIS
    for number, payload in enumerate(payloads, 1):
        links.append(digest.Link(number, before, digest.link(before, payload), payload))
        before = links[-1].hash
    return links


def test_the_first_break_of_a_chain_is_named():
    one, two, three = chain(b"one", b"two", b"three")
    assert digest.first_break([]) is None
    assert digest.first_break([one, two, three]) is None
    assert digest.first_break([two, three]) == (1, "number")
    assert digest.first_break([one, three]) == (2, "number")
    assert digest.first_break([one, one]) == (2, "number")
    assert digest.first_break([one, two._replace(previous=digest.GENESIS), three]) == (2, "previous")
    assert digest.first_break([one, two._replace(payload=b"too"), three._replace(payload=b"x")]) == (2, "hash")
    assert digest.first_break([one, two._replace(hash=digest.GENESIS), three]) == (2, "hash")
    assert digest.first_break([one, *chain(b"one", b"x")[1:], three]) == (3, "previous")
