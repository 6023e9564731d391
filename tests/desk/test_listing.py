"""The list of cases in the database: filters, counts that agree with rows, few questions, views of one's own."""

import pytest

from westlake.desk import listing, people
from westlake.desk.listing import WAITS, Wanted
from westlake.desk.looking import Remembering, looking
from westlake.errors import WestlakeError


def seen(counter, who="officer"):
    person = counter.staff[who]
    return listing.sight(counter.desk, person, people.roles_of(counter.connection, person.id, counter.clock()))


def rows(counter, **wanted):
    own = seen(counter)
    found = listing.condition(counter.desk, Wanted(**wanted), own, places(counter))
    return [row.case.number for row in listing.find_rows(counter.desk, found, own)]


def places(counter, role="officer"):
    roles = people.roles_of(counter.connection, counter.staff[role].id, counter.clock())
    return listing.waiting_places([counter.desk.offered("pier_challenge")], roles)


def test_a_draft_is_nobodys_business_before_it_is_submitted(counter):
    call = counter.call()
    counter.draft(call, counter.applicant("heron"))
    counter.submitted(call, "teal")
    assert rows(counter) == ["PIER-26-0002"]


def test_counts_are_the_lengths_of_the_lists_they_head(counter):
    call = counter.call()
    for firm in ("heron", "teal", "coot"):
        counter.submitted(call, firm)
    case, _ = counter.submitted(call, "rail")
    counter.take(case, "admit", "officer")
    counted = listing.count_states(counter.desk, listing.condition(counter.desk, Wanted(), seen(counter)))
    assert counted == {("pier_challenge", "application", "submitted"): 3,
                       ("pier_challenge", "application", "eligible"): 1}
    assert [len(rows(counter, state=state)) for state in ("submitted", "eligible", "")] == [3, 1, 4]


@pytest.mark.parametrize("role, waiting", [("officer", True), ("approver", False), ("auditor", False)])
def test_a_submitted_case_waits_for_the_officer_alone(counter, role, waiting):
    assert ("pier_challenge/application/submitted" in places(counter, role)) is waiting


def test_what_waits_is_found_by_the_table(counter):
    call = counter.call()
    case, _ = counter.submitted(call, "heron")
    counter.submitted(call, "teal")
    counter.take(case, "ask_supplement", "officer", note="The plan", day=counter.desk.today() + 5)
    assert rows(counter, state=WAITS) == ["PIER-26-0002"]


@pytest.mark.parametrize("text", ["%", "_", "!", "'", "heron' OR 1=1 --"])
def test_signs_of_the_database_are_only_letters(counter, text):
    counter.submitted(counter.call(), "heron")
    assert rows(counter, q=text) == []


def test_what_an_address_asks_is_read_with_care():
    assert Wanted.read({"call": "1; DROP", "days": "-3", "sort": "id", "officer": "9" * 12, "q": "x\0y"}) == Wanted()
    assert Wanted.read({"q": " teal ", "days": "3"}) == Wanted(q="teal", days="3")


def test_a_page_of_the_list_is_four_questions_however_long(counter):
    call = counter.call()

    def asked():
        desk = looking(counter.desk)
        own = seen(counter)
        found = listing.condition(desk, Wanted(), own)
        listing.count_states(desk, found)
        listing.find_rows(desk, found, own)
        listing.choices(desk, counter.staff["officer"], own)
        assert isinstance(desk.connection, Remembering)
        return desk.connection.asked
    counter.submitted(call, "heron")
    assert asked() == 4
    for firm in ("teal", "coot", "rail", "swan"):
        counter.submitted(call, firm)
    assert asked() == 4


def test_a_view_takes_the_place_of_an_older_one_of_its_name(counter):
    officer, chair = counter.staff["officer"], counter.staff["chair"]
    listing.keep_view(counter.desk, officer, "cases", "Mine", "state=waits")
    listing.keep_view(counter.desk, officer, "cases", " Mine ", "q=teal")
    kept = listing.views(counter.desk, officer, "cases")
    assert [(one.name, one.query) for one in kept] == [("Mine", "q=teal")]
    listing.drop_view(counter.desk, chair, kept[0].id)
    assert listing.views(counter.desk, officer, "cases") == kept
    with pytest.raises(WestlakeError, match="W1070"):
        listing.keep_view(counter.desk, officer, "cases", "  ", "q=teal")


def test_a_desk_that_is_looked_at_knows_nothing_any_more_once_something_was_written(counter):
    desk, officer = looking(counter.desk), counter.staff["officer"]
    assert listing.views(desk, officer, "cases") == []
    listing.keep_view(desk, officer, "cases", "Mine", "q=teal")
    assert [one.name for one in listing.views(desk, officer, "cases")] == ["Mine"]
    assert looking(desk) is desk


def test_what_waits_for_whoever_looks_stands_before_what_is_at_an_end(counter):
    call = counter.call()
    (ended, applicant), (waiting, _) = counter.submitted(call, "heron"), counter.submitted(call, "teal")
    counter.take(ended, "withdraw", applicant)
    own = seen(counter)
    found = listing.condition(counter.desk, Wanted(), own)
    for rows_of in (listing.find_rows, listing.stream_rows):
        assert [row.case.id for row in rows_of(counter.desk, found, own, places=places(counter))] == [
            waiting.id, ended.id]
        assert [row.case.id for row in rows_of(counter.desk, found, own, "number", places=places(counter))] == [
            ended.id, waiting.id]
