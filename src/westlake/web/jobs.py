"""What the console does by itself beside answering: letters go out, each once, and people are reminded in time."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.core.mail import EmailMessage, send_mail
from django.core.management import call_command
from django_tasks import task

from westlake.dates import MICROS_PER_DAY
from westlake.desk.cases import OF_C, Case, call_of
from westlake.desk.desk import Desk
from westlake.desk.listing import due
from westlake.desk.outbox import Letter, letters, move_letter, write_letter
from westlake.desk.panel.review_letters import remind_reviewers
from westlake.desk.people import find_person
from westlake.errors import WestlakeError
from westlake.reports.letter import able
from westlake.web import idempotency, letter_paper, mailer
from westlake.web import office as offices
from westlake.web.templatetags.westlake import instant
from westlake.words import say

LOG = logging.getLogger("westlake.web")
SOON_US = 3 * MICROS_PER_DAY
SOON_DAYS = 3
AT_ONCE = 500


@task()
def send_letters() -> int:
    """Send every letter that was let go; how many went.

    A letter is marked as sent before it goes, so that two workers or a crash never send it twice; when the mail
    server refuses it, it waits again.
    """
    here, sent = offices.here(), 0
    for letter in reversed(letters(here.desk, state="released", limit=AT_ONCE)):
        reader = find_person(here.connection, letter.person) if letter.person else None
        if reader is None:
            continue
        try:
            move_letter(here.desk, letter.id, None, "released", "sent")
        except WestlakeError:  # another worker has it
            continue
        try:
            mail = EmailMessage(f"[{here.settings.agency}] {letter.subject}", letter.body, None, [reader.email])
            for content in _paper(here, letter):
                mail.attach(f"letter-{letter.id}.pdf", content, "application/pdf")
            mail.send()
            sent += 1
        except OSError as error:
            LOG.warning("letter %s waits: %s", letter.id, error)
            move_letter(here.desk, letter.id, None, "sent", "released")
    return sent


def _paper(here: offices.Office, letter: Letter) -> Iterator[bytes]:
    """The letter as PDF, where this machine can set it; a mail goes without it rather than not at all."""
    if able():
        try:
            yield letter_paper.pdf_of(here, letter)
        except WestlakeError as error:
            LOG.warning("letter %s goes without its PDF: %s", letter.id, error)


@task()
def remind() -> int:
    """Write to whoever has a draft whose call closes, or something or a review due, within three days, and to whoever
    is late with a review; once for each."""
    here = offices.here()
    desk, (waits, values) = here.desk, due(here.offered)
    now, today, written = desk.now(), desk.today(), 0
    rows = desk.connection.execute(
        f"SELECT {OF_C} FROM desk_case c WHERE c.state = 'draft' OR ({waits}) ORDER BY c.id", values).fetchall()
    for case in (Case(*row) for row in rows):
        call = call_of(desk, case)
        if case.state == "draft":
            if call is not None and now < call.closes_at <= now + SOON_US:
                written += _once(desk, case, "closes_soon", {"note": instant(call.closes_at)})
        elif case.due is not None and today <= case.due <= today + SOON_DAYS:
            written += _once(desk, case, "award_due" if case.state == "awarded" else "due_soon", {"day": case.due})
    return written + remind_reviewers(desk, SOON_DAYS)


@task()
def rounds() -> None:
    """What is done again and again: reminders first, then the letters; then what is kept no longer is cleared away."""
    remind.func()
    send_letters.func()
    clear_away.func()


@task()
def clear_away() -> int:
    """Drop the interface's answers that are older than a day, sessions that have ended, and mails that were kept for a
    month; how many answers."""
    call_command("clearsessions")
    mailer.clear_old()
    return idempotency.clear_expired(offices.here())


@task()
def invite(email: str, lang: str, inviter: str, firm: str, address: str) -> None:
    """Tell somebody that they may write a firm's applications along."""
    agency = offices.here().settings.agency
    send_mail(f"[{agency}] {say('web.firm.mail_subject', lang, name=inviter)}",
              say("web.firm.mail_body", lang, name=inviter, firm=firm, address=address, agency=agency), None, [email])


@task()
def tell_confirmed(email: str, lang: str, firm: str, address: str) -> None:
    """Tell somebody that the office has confirmed them as speaking for a firm."""
    agency = offices.here().settings.agency
    send_mail(f"[{agency}] {say('web.firm.confirmed_subject', lang, firm=firm)}",
              say("web.firm.confirmed_body", lang, firm=firm, address=address, agency=agency), None, [email])


@task()
def tell_wrong_codes(email: str, lang: str, address: str) -> None:
    """Tell somebody that too many wrong codes were given for their log-in."""
    agency = offices.here().settings.agency
    send_mail(f"[{agency}] {say('web.account.wrong_codes_subject', lang)}",
              say("web.account.wrong_codes_body", lang, address=address, agency=agency), None, [email])


def _once(desk: Desk, case: Case, kind: str, said: dict[str, object]) -> int:
    known = desk.connection.execute("SELECT 1 FROM desk_message WHERE case_id = ? AND kind = ? AND at >= ?",
                                    (case.id, kind, case.moved_at)).fetchone()
    if known is None:
        write_letter(desk, case, kind, said, released=True)
    return int(known is None)
