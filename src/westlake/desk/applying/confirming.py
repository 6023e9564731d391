"""An officer confirms that a person speaks for a firm, on evidence, and can end it; the record holds both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from westlake.database import storable, transaction
from westlake.desk.applying.speaking import OnFile, known_among, on_file
from westlake.desk.cases import COLUMNS, Case
from westlake.desk.desk import Desk
from westlake.desk.panel.conflicts import email_domain, plain
from westlake.desk.panel.interests import conflicted_among, interests_of
from westlake.desk.people import Person, end_role, grant_role, roles_of
from westlake.errors import Place, Problem, WestlakeError
from westlake.record.record import plain_json

REASON_MOST = 1_000
CONFIRMED, WAITING, ENDED = "confirmed", "waiting", "ended"
_PERSON = "p.id, p.name, p.email, p.organisation, p.language, p.firm, p.made_at"
SPEAKERS = (f"SELECT {_PERSON} FROM desk_person p WHERE p.firm = ? UNION SELECT {_PERSON} FROM desk_person p JOIN"
            " desk_role r ON r.person = p.id WHERE r.firm = ?")


@dataclass(frozen=True)
class Speaker:
    """Somebody who says that they speak for a firm. since: microseconds UTC when they registered or were entered;
    invited: by a speaker, as a co-applicant; by_office: the office's own word holds, whoever invited them."""

    person: Person
    firm: str
    state: str
    since: int
    invited: bool
    by_office: bool


def speakers_of(desk: Desk, firm: str) -> list[Speaker]:
    """Everybody who names a firm as theirs or was ever given a role for it, by name."""
    return _told(desk, [(Person(*row[:6]), firm, row[6]) for row in desk.connection.execute(SPEAKERS, (firm, firm))])


def waiting_speakers(desk: Desk) -> list[Speaker]:
    """Everybody who names a firm that the register knows, and whom nobody has confirmed, by name.

    Among those who registered by themselves: whom the office entered with a firm, or gave a role for it, it need not
    confirm.
    """
    rows = desk.connection.execute(
        f"SELECT {_PERSON} FROM desk_person p WHERE p.firm <> '' AND NOT EXISTS (SELECT 1 FROM desk_role r WHERE"
        " r.person = p.id AND r.firm = p.firm) AND NOT EXISTS (SELECT 1 FROM act a WHERE a.subject ="
        " 'person:' || CAST(p.id AS TEXT) AND a.act || '' = 'desk.person_entered' AND a.details <> ?) ORDER BY p.name,"
        " p.id",
        (plain_json({"firm": ""}, "details"),)).fetchall()
    known = known_among(desk, {row[5] for row in rows})
    return [Speaker(Person(*row[:6]), row[5], WAITING, row[6], False, False) for row in rows if row[5] in known]


def find_speaker(desk: Desk, firm: str, person: int) -> Speaker:
    """One of a firm's; W920 if there is none."""
    found = next((one for one in speakers_of(desk, firm) if one.person.id == person), None)
    if found is None:
        raise WestlakeError.one("W920", what=f"person {person} of firm {firm}")
    return found


def why_not_say(desk: Desk, speaker: Speaker, officer: Person) -> Problem | None:
    """What keeps somebody from confirming a speaker, or from ending it; nothing when they may.

    W904 for oneself, W1147 without the role of an officer, W1144 with a conflict of interest with firm or person.
    """
    if officer.id == speaker.person.id:
        return Problem("W904")
    held = roles_of(desk.connection, officer.id, desk.now())
    if not any(one.role == "officer" and one.standing_in_for != speaker.person.id for one in held):
        return Problem("W1147")
    firms = {officer.firm, *(one.firm for one in held), *(one.firm for one in interests_of(desk, officer.id))}
    if speaker.firm in firms or conflicted_among(desk, officer, _handed_in(desk, speaker.firm)):
        return Problem("W1144", values={"firm": speaker.firm})
    return None


def why_not_confirm(desk: Desk, speaker: Speaker, officer: Person) -> Problem | None:
    """What keeps somebody from confirming a speaker: the same, W1144 also for a speaker of the officer's own house, and
    W1159 for whoever checked a bank account that the speaker entered for the firm, or stands in for them.

    To be of one house is no reason to let somebody stay: else whoever typed the office's name could not be ended.
    """
    if problem := why_not_say(desk, speaker, officer):
        return problem
    domain, house = email_domain(officer.email), plain(officer.organisation)
    if (domain and domain == email_domain(speaker.person.email)) or (
            house and house == plain(speaker.person.organisation)):
        return Problem("W1144", values={"firm": speaker.firm})
    checked = {row[0] for row in desk.connection.execute(
        "SELECT c.person FROM desk_bank b JOIN desk_bank_check c ON c.bank = b.id WHERE b.firm = ? AND b.person = ?",
        (speaker.firm, speaker.person.id))}
    held = roles_of(desk.connection, officer.id, desk.now())
    if officer.id in checked or (checked and all(
            one.standing_in_for in checked for one in held if one.role == "officer")):
        return Problem("W1159", values={"firm": speaker.firm})
    return None


def confirm_speaker(desk: Desk, speaker: Speaker, officer: Person, reason: str) -> None:
    """Confirm by a role for the firm: from the next decision on the register counts in their applications.

    reason: what the officer saw. W1146 without one, W1145 when the office's own word holds already, and
    `why_not_confirm`.
    """
    with transaction(desk.connection):
        now = _checked(desk, speaker, reason, why_not_confirm(desk, speaker, officer))
        if now.by_office:
            raise WestlakeError.one("W1145", firm=speaker.firm)
        grant = grant_role(desk.connection, now.person.id, "applicant", by=officer, at=desk.now(), firm=now.firm,
                           reason=reason.strip())
        desk.record.add(officer.actor, "desk.speaker_confirmed", now.person.actor, {
            "firm": now.firm, "grant": grant, "reason": reason.strip()})


def end_speaker(desk: Desk, speaker: Speaker, officer: Person, reason: str) -> None:
    """End every role that somebody holds for a firm, and with it whatever rests on them; the next decision counts
    their answers as declared. W1146, W1145 when nobody confirms them now, and `why_not_say`."""
    with transaction(desk.connection):
        now, at = _checked(desk, speaker, reason, why_not_say(desk, speaker, officer)), desk.now()
        if now.state != CONFIRMED:
            raise WestlakeError.one("W1145", firm=speaker.firm)
        held = [one.id for one in on_file(desk, [now.person.id]).granted.get((now.person.id, now.firm), ())
                if one.ended_at > at and one.last_at > at]
        if not held:  # whom the office entered with the firm holds it by that entry: a role that ends says they did
            held = [grant_role(desk.connection, now.person.id, "applicant", by=officer, at=at, first_at=at,
                               firm=now.firm, reason=reason.strip())]
        for grant in held:
            end_role(desk.connection, grant, officer, at, reason.strip())
        desk.record.add(officer.actor, "desk.speaker_ended", now.person.actor, {
            "firm": now.firm, "grants": held, "reason": reason.strip()})


def _checked(desk: Desk, speaker: Speaker, reason: str, problem: Problem | None) -> Speaker:
    """The speaker as they now stand, if the officer may and says why."""
    if not reason.strip() or not storable(reason, REASON_MOST):
        raise WestlakeError.one("W1146", Place(field="reason"))
    if problem is not None:
        raise WestlakeError([problem])
    return find_speaker(desk, speaker.firm, speaker.person.id)


def _handed_in(desk: Desk, firm: str) -> list[Case]:
    return [Case(*row) for row in desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE firm = ? AND parent IS NULL AND submitted_at IS NOT NULL ORDER BY id",
        (firm,))]


def _told(desk: Desk, rows: Iterable[tuple[Person, str, int]]) -> list[Speaker]:
    known, at = list(rows), desk.now()
    papers = on_file(desk, {person.id for person, _, _ in known})
    return sorted((_speaker(papers, person, firm, since, at) for person, firm, since in known),
                  key=lambda one: (one.person.name, one.person.id))


def _speaker(papers: OnFile, person: Person, firm: str, since: int, at: int) -> Speaker:
    given = papers.granted.get((person.id, firm), [])
    state = (CONFIRMED if papers.is_confirmed(person.id, firm, at)
             else ENDED if papers.was_confirmed(person.id, firm) else WAITING)
    return Speaker(person, firm, state, since, any(one.role == "co_applicant" and one.holds(at) for one in given),
                   papers.by_office(person.id, firm, at))
