"""Letters of the desk on the office's paper: what was written to somebody, as a PDF of its kind in their language.

A paper is made of what is written down and kept nowhere, so that what is erased there is erased here: the same letter
has the same bytes whenever it is asked for. A receipt tells what was handed in; every other letter its own words, as
they were let go, with what its step made of the case.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from westlake.desk.cases import Case, find_case
from westlake.desk.desk import Desk
from westlake.desk.outbox import Letter, speaks_for_firm
from westlake.desk.people import Person, find_person
from westlake.reports import letter as paper
from westlake.web.office import Office
from westlake.web.pages.cases.case_parts import spend_label
from westlake.words import fill, say

LET_GO = ("released", "sent")
RECEIPT, PLAIN = "receipt", "notice"
SET_AS = {"admitted": "decision", "refused": "decision", "award": "award", "supplement": "supplement",
          "paid": "payment", "demand": "recovery"}  # the kinds that a programme may lay out in its letters/<kind>.typ
_SUBMISSIONS = "SELECT number, at, digest FROM desk_submission WHERE case_id = ? ORDER BY number DESC"
_STEPS = "SELECT act, data FROM desk_step WHERE case_id = ? ORDER BY seq DESC"
_HASH = "SELECT hash FROM act WHERE id = ?"
_HASH_THEN = "SELECT hash FROM act WHERE at <= ? ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class Handed:
    """A submission. at: microseconds UTC; stamp: to the second, in the office's zone."""

    number: int
    at: int
    digest: str
    stamp: str


def handed_in(desk: Desk, case: Case) -> list[Handed]:
    """Every submission of a case, the latest first."""
    rows = desk.connection.execute(_SUBMISSIONS, (case.id,))
    return [Handed(number, at, digest, stamp(at, desk.zone)) for number, at, digest in rows]


def pdf_of(office: Office, letter: Letter) -> bytes:
    """A letter that was let go, as PDF; W955 to W957 where this machine cannot set it."""
    desk = office.desk
    case = find_case(desk, letter.case) if letter.case is not None else None
    reader = find_person(desk.connection, letter.person) if letter.person is not None else None
    assert reader is not None, "a letter is to somebody"
    if letter.kind == RECEIPT and case is not None:
        upto = [one for one in handed_in(desk, case) if one.at <= letter.at]
        if upto:
            return receipt_pdf(office, case, reader, letter.language, upto)
    folder = desk.offered(case.programme).programme.folder if case else None
    return paper.write_letter(_worded(office, letter, case, reader), folder)


def pdf_answer(office: Office, letter: Letter) -> HttpResponse:
    """The same as a file to be kept."""
    return HttpResponse(pdf_of(office, letter), "application/pdf", headers={
        "Content-Disposition": f'attachment; filename="letter-{letter.id}.pdf"'})


def receipt_pdf(office: Office, case: Case, reader: Person, lang: str, found: list[Handed]) -> bytes:
    """The receipt of the first of these submissions; of a corrected one, with the digest whose place it takes."""
    desk, last, earlier = office.desk, found[0], found[1] if len(found) > 1 else None
    offered = desk.offered(case.programme)
    act, _ = _step(desk, case, "submission", last.number)
    return paper.write_letter(paper.Letter(
        RECEIPT, lang, paper.Agency(office.settings.agency), f"{case.number}-{last.number}", case.number,
        fill(offered.programme.words.title, lang), reader.organisation or reader.name, desk.day_of(last.at),
        _head(desk, act, last.at), submitted=desk.day_of(last.at), version=last.number,
        before=desk.day_of(earlier.at) if earlier else None, amount=case.asked or None, currency=case.currency,
        asked_label=spend_label(offered, lang), to_firm=speaks_for_firm(reader, case),
        facts=((say("web.apply.submitted_at", lang), last.stamp), (say("web.apply.digest", lang), last.digest),
               *([(say("web.apply.digest_of", lang, number=earlier.number), earlier.digest)] if earlier else []))),
        offered.programme.folder)


def _worded(office: Office, letter: Letter, case: Case | None, reader: Person) -> paper.Letter:
    desk, lang, kind = office.desk, letter.language, SET_AS.get(letter.kind, PLAIN)
    greeting = say("desk.letter_greeting", lang, name=reader.name)
    body = [line.strip() for line in letter.body.removeprefix(greeting).split("\n") if line.strip()]
    act, changes = _step(desk, case, "letter", letter.id) if case else (0, {})
    title = letter.subject.removeprefix(case.number).lstrip(":： ") if case else letter.subject
    return paper.Letter(
        kind, lang, paper.Agency(office.settings.agency), f"{case.number}-L{letter.id}" if case else f"L{letter.id}",
        case.number if case else "", fill(desk.offered(case.programme).programme.words.title, lang) if case else "",
        reader.organisation or reader.name, desk.day_of(letter.at), _head(desk, act, letter.at),
        amount=changes.get("amount") if kind in ("award", "recovery") else None,
        currency=case.currency if case else office.settings.currency,
        deadline=changes.get("due") if kind in ("supplement", "recovery") else None,
        granted=letter.kind != "refused", title=title[:1].upper() + title[1:], body=tuple(body) or (title,))


def _step(desk: Desk, case: Case, name: str, number: int) -> tuple[int, Mapping[str, Any]]:
    """The act of the step that wrote a letter or took a submission, and what it made of the case; 0 where none did."""
    for act, text in desk.connection.execute(_STEPS, (case.id,)):
        data = json.loads(text)
        if data.get(name) == number:
            return act, dict(data.get("changes", {}))
    return 0, {}


def _head(desk: Desk, act: int, at: int) -> str:
    """The hash of an act, or of the record's last as it stood then."""
    asked = (_HASH, (act,)) if act else (_HASH_THEN, (at,))
    row = desk.connection.execute(*asked).fetchone()
    return str(row[0]) if row else ""


def stamp(at: int, zone: str) -> str:
    """An instant to the second in a time zone, with the zone's own distance from UTC: 2026-05-29 04:26:40 +08:00."""
    local = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:]} ({zone})"
