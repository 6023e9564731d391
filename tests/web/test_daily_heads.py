"""The seals of the days: by the office's own calendar, right whatever the days hold, and found without reading it all."""

import datetime as dt
import random

import pytest

from westlake.dates import iso
from westlake.web.pages.public.daily_heads import first_link, links_before

DAY_S = 86_400


@pytest.fixture
def written(office, clock, person_with):
    """A record of a hundred days, some busy, some silent."""
    person = person_with("officer")
    luck = random.Random(7)
    for _ in range(100):
        for _ in range(luck.choice((0, 0, 1, 5, 12))):
            clock.wait(seconds=luck.random() * 6_000)
            office.record.add(person.actor, "desk.note", "case:1")
        clock.wait(seconds=luck.random() * 20_000 + 20_000)
    return list(office.record.acts())


def shown(visitor, page=1):
    """Day → the record's seal, as the page has it."""
    text = visitor.get(f"/public/heads/?page={page}").text
    rows = text.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    cells = [[cell.split("</td>")[0] for cell in row.split("<td")[1:]] for row in rows]
    return {row[0].split(">", 1)[1].strip(): row[2] for row in cells}  # the day as it is written, the seal's cell


def test_a_days_seal_is_the_last_of_the_offices_own_day(office, clock, visitor, person_with):
    """It begins past four in the morning of 29 May in the office, when it is still 28 May by Greenwich."""
    person = person_with("officer")
    early = office.record.add(person.actor, "desk.note", "case:1")
    clock.wait(seconds=19 * 3600)
    late = office.record.add(person.actor, "desk.note", "case:1")  # half an hour before midnight in the office
    clock.wait(seconds=3600)
    morrow = office.record.add(person.actor, "desk.note", "case:1")  # after it; by Greenwich still the same day
    page = visitor.get("/public/heads/").text
    assert (early.hash in page, late.hash in page, morrow.hash in page) == (False, True, True)
    assert office.today == office.desk.day_of(morrow.at) == office.desk.day_of(late.at) + 1


def test_every_day_of_every_page_has_the_last_seal_before_its_end(office, visitor, written):
    today, first = office.today, office.desk.day_of(written[0].at)
    found = {}
    for page in range(1, (today - first) // 20 + 2):
        found |= shown(visitor, page)
    assert len(found) == today - first + 1
    for number in range(first, today + 1):
        last = [one for one in written if office.desk.day_of(one.at) <= number][-1]
        date = dt.date.fromisoformat(iso(number))
        assert last.hash in found[f"{date.day} {date:%B %Y}"], iso(number)


@pytest.mark.parametrize("places", [[0], [0, 1], [3, 50, 51, 99], [99]])
def test_links_before_some_instants(office, written, places):
    at = [written[len(written) * place // 100].at for place in places]
    for shift in (0, 1):  # at the very instant a link is not yet before it
        found = links_before(office.connection, "record", [one + shift for one in at])
        brute = [next((act for act in reversed(written) if act.at < one + shift), None) for one in at]
        assert [one and one.hash for one in found] == [one and one.hash for one in brute]
    assert first_link(office.connection, "record").hash == written[0].hash


def test_only_the_days_of_the_page_are_gone_through(office, written, visitor):
    """However long the record, the page asks for single links, and for what lies between its own days."""
    asked = []

    class Listening:
        def execute(self, sql, given=()):
            asked.append((sql, given))
            return office.connection.execute(sql, given)

    links_before(Listening(), "record", [written[-6].at, written[-1].at])
    spans = [given for sql, given in asked if "GROUP BY" in sql]
    assert spans == [(written[-7].id, written[-2].id)]
    assert [given for sql, given in asked if "WHERE id IN" in sql] == [(written[-2].id,)]
    assert all("LIMIT 1" in sql for sql, _ in asked if "GROUP BY" not in sql and "WHERE id IN" not in sql)
    assert len(asked) == 4


def test_an_office_without_a_past_says_so(office, visitor):
    assert visitor.get("/public/heads/").status_code == 200
    assert first_link(office.connection, "ledger") is None
    assert links_before(office.connection, "ledger", [1, 2]) == [None, None]
