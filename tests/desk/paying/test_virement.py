"""Money moved between two programmes' budgets: two persons, one journal, and never more than is free."""

import shutil

import pytest
from tests.desk.money_counter import Till

from westlake.desk import people
from westlake.desk.paying import virement
from westlake.desk.people import Held
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.record import Record
from westlake.rooms import verify_all

PIER, QUAY = ("pier_challenge", 2026), ("quay_challenge", 2026)


@pytest.fixture
def till(tmp_path):
    made = Till(tmp_path / "westlake.db", tmp_path)
    shutil.copytree(made.shelf / "pier_challenge", made.shelf / "quay_challenge")
    yield made
    assert made.sound()
    assert verify_all(made.connection).all_problems == []
    made.close()


def roles(till, person):
    return people.roles_of(till.connection, person.id, till.clock())


def propose(till, amount=3_000_000, who="officer", source=PIER, target=QUAY, reason="piers wait", key="k1"):
    person = till.staff[who]
    return virement.propose(till.desk, person, roles(till, person), source, target, amount, reason, key)


def approve(till, number, who="approver"):
    person = till.staff[who] if isinstance(who, str) else who
    return virement.approve(till.desk, number, person, roles(till, person))


def code(error):
    return [problem.code for problem in error.value.problems]


def free(till):
    return [virement.free_of(till.desk, one) for one in (PIER, QUAY)]


def test_one_proposes_another_approves_and_one_journal_moves_it(till):
    made = propose(till)
    assert (made.id, made.state, made.amount, free(till)) == (1, "proposed", 3_000_000, [10_000_000, 10_000_000])
    done = approve(till, 1)
    assert (done.state, done.ended_by) == ("approved", till.staff["approver"].id)
    assert free(till) == [7_000_000, 13_000_000]
    assert [(one.idem, one.kind) for one in till.journals()] == [
        ("budget:pier_challenge:2026:0", "appropriation"), ("budget:quay_challenge:2026:0", "appropriation"),
        ("virement:1", "virement")]
    assert [act.act for act in Record(till.connection).acts("virement:1")] == [virement.PROPOSED, virement.APPROVED]


def test_asking_and_approving_twice_changes_nothing(till):
    assert propose(till) == propose(till)
    assert [one.id for one in virement.virements(till.desk)] == [1]
    assert approve(till, 1) == approve(till, 1)
    assert len(till.journals()) == 3
    assert propose(till, key="k2").id == 2


def test_nobody_approves_what_they_proposed(till):
    propose(till, who="approver")
    with pytest.raises(WestlakeError) as error:
        approve(till, 1)
    assert code(error) == ["W1101"]
    assert till.journals() == []


def test_who_stands_in_for_the_proposer_cannot_approve(till):
    propose(till, who="approver")
    other = till.person("Sub Stand")
    held = [Held("approver", "*", standing_in_for=till.staff["approver"].id)]
    with pytest.raises(WestlakeError) as error:
        virement.approve(till.desk, 1, other, held)
    assert code(error) == ["W1101"]


def test_both_programmes_must_be_ones_own(till):
    half = till.person("Half Way", "approver", programme="pier_challenge")
    propose(till)
    with pytest.raises(WestlakeError) as error:
        approve(till, 1, half)
    assert code(error) == ["W1102"]
    with pytest.raises(WestlakeError) as error:
        propose(till, who="payer", key="k2")
    assert code(error) == ["W1102"]


def test_only_what_is_free_moves(till):
    till.awarded()  # holds 10,000.00 of the 100,000.00
    with pytest.raises(WestlakeError) as error:
        propose(till, 9_000_001)
    assert code(error) == ["W1100"]
    propose(till, 9_000_000)
    till.awarded("lotus")  # takes what was to be moved, while the proposal waits
    with pytest.raises(WestlakeError) as error:
        approve(till, 1)
    assert code(error) == ["W1100"]
    assert free(till) == [8_000_000, 10_000_000]


@pytest.mark.parametrize("more, wanted", [({"target": PIER}, "W1104"), ({"amount": 0}, "W1106"),
                                          ({"reason": " "}, "W1012")])
def test_what_makes_no_proposal(till, more, wanted):
    with pytest.raises(WestlakeError) as error:
        propose(till, **more)
    assert code(error) == [wanted]
    assert virement.virements(till.desk) == []


def test_a_proposal_is_turned_down_with_a_reason_and_stays_so(till):
    propose(till)
    person = till.staff["approver"]
    with pytest.raises(WestlakeError) as error:
        virement.refuse(till.desk, 1, person, roles(till, person), "")
    assert code(error) == ["W1012"]
    done = virement.refuse(till.desk, 1, person, roles(till, person), "not now")
    assert (done.state, done.why, done.journal) == ("refused", "not now", None)
    assert virement.refuse(till.desk, 1, person, roles(till, person), "again") == done
    with pytest.raises(WestlakeError) as error:
        approve(till, 1)
    assert code(error) == ["W1103"]
    assert Books(till.connection).head().number == 0


def test_an_approved_move_is_not_refused(till):
    propose(till)
    approve(till, 1)
    person = till.staff["officer"]
    with pytest.raises(WestlakeError) as error:
        virement.refuse(till.desk, 1, person, roles(till, person), "too late")
    assert code(error) == ["W1103"]


def test_a_move_that_is_not_there(till):
    with pytest.raises(WestlakeError) as error:
        virement.find_virement(till.desk, 9)
    assert code(error) == ["W920"]
