"""Who did what stays; a person's own data can go, and the chain still holds."""

import itertools
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.database import connect, transaction
from westlake.dates import parse_day
from westlake.digest import GENESIS, canonical, fingerprint, link
from westlake.errors import WestlakeError
from westlake.record import Act, Record

NOON = 1_750_000_000_000_000  # 2025-06-15, in microseconds UTC
PLAIN = st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                     max_leaves=5)
DETAILS = st.dictionaries(st.text(), PLAIN, max_size=3)


@pytest.fixture
def record(tmp_path):
    ticks = itertools.count(NOON, 1_000_000)
    return Record.create(connect(tmp_path / "westlake.db"), lambda: next(ticks))


def refused(act, *arguments, **named):
    with pytest.raises(WestlakeError) as caught:
        act(*arguments, **named)
    (problem,) = caught.value.problems
    assert problem.sentence("ko") and problem.sentence("zh")
    return problem


def test_an_act_says_who_did_what_when_on_which_version(record):
    act = record.add("kim", "case.opened", "case:1", {"programme": "cloud_voucher", "amount": 130_026}, "sha-of-rules")
    assert act == Act(1, NOON, parse_day("2025-06-15"), "kim", "case.opened", "case:1", "sha-of-rules",
                      {"programme": "cloud_voucher", "amount": 130_026}, {}, act.hash)
    assert list(record.acts()) == [act]
    assert record.head() == (1, act.hash)


def test_what_the_chain_seals_by_hand(record):
    record.add("kim", "case.opened", "case:1", {"b": 1, "a": None}, personal={"name": "Mr Reed"}, day=7)
    act = record.add("lee", "case.closed", "case:1", {"paid": True}, "v2", day=8)
    salt = record.connection.execute("SELECT salt FROM act_personal").fetchone()[0]
    digest = fingerprint([salt, '"Mr Reed"'])
    first = link(GENESIS, canonical([1, NOON, 7, "kim", "case.opened", "case:1", "", '{"a":null,"b":1}',
                                     f'{{"name":"{digest}"}}']))
    assert act.hash == link(first, canonical([2, NOON + 1_000_000, 8, "lee", "case.closed", "case:1", "v2",
                                              '{"paid":true}', "{}"]))


SUBJECTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(st.tuples(SUBJECTS, DETAILS, DETAILS), max_size=4))
def test_whatever_is_plain_is_kept_exactly(entries):
    record = Record.create(connect(":memory:"))
    written = [record.add("kim", "note", subject, details, personal=personal) for subject, details, personal in entries]
    assert list(record.acts()) == written
    assert record.verify() == []


@pytest.mark.parametrize(("details", "path", "kind"), [
    ({"rate": 0.3}, "details.rate", "float"), ({"list": [1, {"deep": b"x"}]}, "details.list[2].deep", "bytes"),
    ({"by": {1: "x"}}, "details.by", "int"), ({"when": parse_day}, "details.when", "function")])
def test_what_cannot_be_kept_exactly_is_refused(record, details, path, kind):
    problem = refused(record.add, "kim", "note", "case:1", details)
    assert (problem.code, dict(problem.values)) == ("W601", {"path": path, "kind": kind})
    assert record.head().number == 0


@pytest.mark.parametrize(("place", "name"), [(0, "actor"), (1, "act"), (2, "subject")])
@pytest.mark.parametrize("empty", ["", None, 7])
def test_an_act_without_its_actor_is_none(record, place, name, empty):
    words = ["kim", "note", "case:1"]
    words[place] = empty
    problem = refused(record.add, *words)
    assert (problem.code, dict(problem.values)) == ("W603", {"name": name})


def test_acts_are_found_by_subject_actor_and_kind(record):
    for actor, act, subject in (("kim", "opened", "case:1"), ("lee", "opened", "case:2"), ("kim", "paid", "case:2")):
        record.add(actor, act, subject)
    def numbers(**asked):
        return [act.id for act in record.acts(**asked)]
    assert numbers(subject="case:2") == [2, 3]
    assert numbers(actor="kim") == [1, 3]
    assert numbers(act="opened", actor="kim") == [1]
    assert numbers(after=2) == [3]
    assert numbers(subject="case:9") == []


def test_an_act_joins_the_caller_s_transaction(record):
    with pytest.raises(RuntimeError), transaction(record.connection):
        record.add("kim", "opened", "case:1", personal={"name": "Mr Reed"})
        raise RuntimeError
    assert record.head().number == 0
    assert record.connection.execute("SELECT count(*) FROM act_personal").fetchone() == (0,)


def test_a_clock_that_runs_back_is_held():
    times = iter([50, 40, 60])
    record = Record.create(connect(":memory:"), lambda: next(times))
    assert [record.add("kim", "note", "case:1").at for _ in range(3)] == [50, 50, 60]


def test_personal_data_is_erased_from_every_byte_and_the_chain_holds(record, tmp_path):
    for case in ("case:1", "case:2"):
        record.add("kim", "case.opened", case, {"firm": "reed"}, personal={"name": f"Ada Willow {case}", "born": 1990})
    before = record.head()
    erased = record.erase("lee", "case:1", "asked by the person")
    assert (erased.act, erased.subject, erased.actor) == ("record.erased", "case:1", "lee")
    assert erased.details == {"reason": "asked by the person", "values": [[1, "born"], [1, "name"]]}
    first, second, _ = record.acts()
    assert first.personal == {"name": None, "born": None}
    assert second.personal == {"name": "Ada Willow case:2", "born": 1990}
    assert record.verify([before.hash]) == []
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Ada Willow case:2" in kept
    assert b"Ada Willow case:1" not in kept


def test_what_was_erased_cannot_be_guessed_at(record):
    """Without its salt a digest answers no guess, not even the right one."""
    record.add("kim", "case.opened", "case:1", personal={"born": 1990})
    digest = record.connection.execute("SELECT personal FROM act").fetchone()[0]
    (salt,) = record.connection.execute("SELECT salt FROM act_personal").fetchone()
    assert fingerprint([salt, "1990"]) in digest and len(salt) == 32
    record.add("kim", "case.opened", "case:2", personal={"born": 1990})
    assert len({row[0] for row in record.connection.execute("SELECT personal FROM act")}) == 2
    record.erase("lee", "case:1", "asked")
    assert salt not in "".join(record.connection.iterdump())


def test_nothing_to_erase_is_told(record):
    record.add("kim", "case.opened", "case:1", personal={"name": "Ada Willow"})
    assert refused(record.erase, "lee", "case:9", "asked").code == "W602"
    record.erase("lee", "case:1", "asked")
    assert refused(record.erase, "lee", "case:1", "asked again").code == "W602"
    assert record.head().number == 2


def test_an_erasure_joins_the_caller_s_transaction(record):
    record.add("kim", "case.opened", "case:1", personal={"name": "Ada Willow"})
    with pytest.raises(RuntimeError), transaction(record.connection):
        record.erase("lee", "case:1", "asked")
        raise RuntimeError
    assert next(record.acts()).personal == {"name": "Ada Willow"}
    assert record.verify() == []


REFUSED = {
    "act is append-only": (
        "UPDATE act SET actor = 'x'", "DELETE FROM act", "INSERT OR REPLACE INTO act SELECT * FROM act",
        "INSERT INTO act SELECT * FROM act WHERE true ON CONFLICT (id) DO UPDATE SET actor = 'x'"),
    "the act does not follow the last one": (
        "INSERT INTO act SELECT 3, at, day, actor, act, subject, version, details, personal, hash, hash FROM act",
        "INSERT INTO act SELECT 2, at, day, actor, act, subject, version, details, personal, previous, hash FROM act",
        "INSERT INTO act SELECT 2, at - 1, day, actor, act, subject, version, details, personal, hash, hash FROM act"),
    "the act is sealed": (
        "INSERT INTO act_personal VALUES (1, 'age', 's', '35')",
        "INSERT OR REPLACE INTO act_personal VALUES (1, 'name', 's', '\"x\"')",
        "INSERT INTO act_personal VALUES (3, 'age', 's', '35')"),
    "personal data is erased, never changed": ("UPDATE act_personal SET value = '\"x\"'",),
}


@pytest.mark.parametrize("recursive", [0, 1])
@pytest.mark.parametrize(("said", "statement"), [(said, one) for said, tried in REFUSED.items() for one in tried])
def test_refused_by_the_database_itself(record, said, statement, recursive):
    record.add("kim", "case.opened", "case:1", personal={"name": "Ada Willow"})
    record.connection.execute(f"PRAGMA recursive_triggers={recursive}")
    with pytest.raises(sqlite3.IntegrityError, match=f"^{said}$"):
        record.connection.execute(statement)
    assert record.verify() == []


@pytest.mark.parametrize("text", ["", "a\0b", "half \ud800 of a pair", "x" * 1001, 7])
def test_a_text_that_no_database_holds_is_refused(record, text):
    for name in ("actor", "act", "subject"):
        with pytest.raises(WestlakeError) as refused:
            record.add(**({"actor": "kim", "act": "note", "subject": "case:1"} | {name: text}))
        assert [(problem.code, problem.values) for problem in refused.value.problems] == [("W603", {"name": name})]
    assert record.head().number == 0


def test_a_text_within_details_that_is_no_text_is_refused(record):
    with pytest.raises(WestlakeError) as refused:
        record.add("kim", "note", "case:1", {"said": ["half \ud800 of a pair"]})
    assert [problem.code for problem in refused.value.problems] == ["W601"]
    assert record.add("kim", "note", "case:1", {"said": "a\0b"}).details == {"said": "a\0b"}
