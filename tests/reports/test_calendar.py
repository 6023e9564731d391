"""A deadline reads the same in any calendar program, whatever was typed into its title."""

import datetime as dt

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.dates import parse_day
from westlake.reports.calendar import Deadline, write_calendar

DAY, NOW = parse_day("2026-11-30"), 1_795_406_400_000_000  # 2026-11-23T04:00:00Z
CLOSES = Deadline("call-7", "call_closes", "云券, 2026; 第一期\\", instant=NOW + 3_600_000_000, url="https://lakeside.example/c/7?a=1,2")
ENDS = Deadline("case-3-objection", "objection_ends", "LS-2026-0003", due=DAY, description="Write to us:\nby post\r\nor here", changed=2)


def read(raw):
    return list(icalendar.Calendar.from_ical(raw).walk("VEVENT"))


def test_another_program_reads_what_we_wrote():
    closes, ends = read(write_calendar([ENDS, CLOSES], "Lakeside", "lakeside.example", NOW, "en"))
    assert (closes.decoded("dtstart"), ends.decoded("dtstart"), ends.decoded("dtend")) == (
        dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC), dt.date(2026, 11, 30), dt.date(2026, 12, 1))
    assert (str(closes["summary"]), str(ends["summary"])) == ("Call closes: 云券, 2026; 第一期\\", "Objection ends: LS-2026-0003")
    assert (str(ends["description"]), str(closes["url"])) == ("Write to us:\nby post\nor here", CLOSES.url)
    assert [(str(one["uid"]), one["sequence"]) for one in (closes, ends)] == [
        ("call-7@lakeside.example", 0), ("case-3-objection@lakeside.example", 2)]


def test_the_file_letter_by_letter():
    assert write_calendar([ENDS], "심사 일정", "lakeside.example", NOW, "ko").decode().split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Westlake//Westlake//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "X-WR-CALNAME:심사 일정", "BEGIN:VEVENT", "UID:case-3-objection@lakeside.example", "DTSTAMP:20261123T040000Z",
        "DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261201", "SEQUENCE:2", "SUMMARY:이의신청 마감: LS-2026-0003",
        "DESCRIPTION:Write to us:\\nby post\\nor here", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR", ""]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=300))
def test_any_title_comes_back_and_no_line_is_too_long(title):
    raw = write_calendar([Deadline("x", "milestone_due", title, due=DAY)], "Lakeside", "lakeside.example", NOW, "zh")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert all(line.decode("utf-8") is not None for line in raw.split(b"\r\n"))  # no letter torn in two
    assert str(read(raw)[0]["summary"]) == f"里程碑到期：{title}"


def test_nothing_typed_starts_a_line_of_its_own():
    evil = "x\r\nBEGIN:VALARM\nATTACH:file\x00\x0b"
    event, = read(write_calendar([Deadline("x", "milestone_due", evil, due=DAY, url="https://a\r\nX-Y:1")], evil, "h", NOW, "en"))
    assert (event.subcomponents, str(event["url"]), "X-Y" in event) == ([], "https://aX-Y:1", False)


def test_the_order_does_not_matter():
    assert write_calendar([ENDS, CLOSES], "L", "h", NOW, "ko") == write_calendar([CLOSES, ENDS], "L", "h", NOW, "ko")


@pytest.mark.parametrize("wrong", [{"due": None}, {"instant": NOW}, {"kind": "party"}])
def test_a_deadline_is_due_once(wrong):
    with pytest.raises(ValueError, match="x"):
        write_calendar([Deadline(**{"id": "x", "kind": "milestone_due", "title": "T", "due": DAY} | wrong)], "L", "h", NOW, "en")
