"""Guards: what must hold before a step is taken. Each answers nothing, or the problem with its way out.

A row of workflow.yaml names them, with what they are given: `{other_than: check}`, `{within_days:
[appeal_days, refuse]}`. Those of reviewing and of money live in their own files; GUARDS joins all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from westlake.dates import iso
from westlake.desk.acting import silence_on
from westlake.desk.applying.deciding import Stored, asked_inputs, known_of, last_decision
from westlake.desk.applying.drafting import called, resting
from westlake.desk.applying.named_person import PERSON, UNBOUND
from westlake.desk.applying.speaking import UNCONFIRMED
from westlake.desk.cases import TITLE, StepTaken, answers, call_of, find_case, following, root_of, steps_of, term_of
from westlake.desk.files import files_of
from westlake.desk.moment import Moment
from westlake.desk.panel import review_steps
from westlake.desk.paying import money_steps
from westlake.desk.people import OUTSIDE
from westlake.desk.workflow import Step
from westlake.errors import Place, Problem
from westlake.register.facts import FACTS
from westlake.words import LANGUAGES, Text, fill, say

Guard = Callable[..., Problem | None]
_KNOWN = ("verified", "audited")  # more than declared
APPEAL = "appeal"
UPHELD = "upheld"  # the end of an objection that was right
_DECIDING = {"decide", "tranche"}  # effects by which a step rests on a decision of its own


def call_open(moment: Moment) -> Problem | None:
    """The call that the case answers is open at this instant."""
    call = call_of(moment.desk, moment.case)
    if call is not None and call.state(moment.at) == "open":
        return None
    return Problem("W921", values={"code": call.code if call else "–"})


def in_correction(moment: Moment) -> Problem | None:
    """The call is open, or its correction window still is."""
    call = call_of(moment.desk, moment.case)
    if call is not None and call.opens_at <= moment.at < call.corrects_until:
        return None
    return Problem("W921", values={"code": call.code if call else "–"})


def complete(moment: Moment) -> Problem | None:
    """Everything that is asked has an answer; the register's own facts need none."""
    known, written = known_of(moment.desk, moment.case, moment.today), answers(moment.desk, moment.case)
    long = next((problem for one in moment.workflow.proposal if (problem := one.problem(written.get(one.name, "")))),
                None)
    if long is not None:
        return long
    missing = [item.name for item in asked_inputs(moment.offered) if item.name not in known]
    missing += [one.name for one in moment.workflow.proposal if not written.get(one.name, "").strip()]
    if not moment.case.title.strip() and not written.get(TITLE, "").strip():
        missing.insert(0, TITLE)
    if not missing:
        return None
    return Problem("W923", Place(field=missing[0]), {
        "number": len(missing), "names": _named(moment, missing[:3])})


def eligible(moment: Moment) -> Problem | None:
    """The last decision on the application found it eligible, and more is not known since."""
    found = last_decision(moment.desk, root_of(moment.desk, moment.case))
    problem = Problem("W924") if found is None else _outdated(moment, found)
    if problem is not None or found is None or found.eligible:
        return problem
    return Problem("W925", values={"reason": moment.offered.programme.label(found.reason)})


def ineligible(moment: Moment) -> Problem | None:
    """The last decision found the application not eligible, and more is not known since."""
    found = last_decision(moment.desk, root_of(moment.desk, moment.case))
    problem = Problem("W924") if found is None else _outdated(moment, found)
    if problem is not None or found is None:
        return problem
    return Problem("W926") if found.eligible else None


def speaker_confirmed(moment: Moment) -> Problem | None:
    """The office still knows that the applicant speaks for the firm."""
    return silence_on(moment.desk, root_of(moment.desk, moment.case))


def facts_verified(moment: Moment) -> Problem | None:
    """The office knows who speaks for the firm, no key fact is only declared, and the decision rests on none that was:
    money waits until somebody has verified it and the rules have looked again. A step that decides does so itself."""
    root = root_of(moment.desk, moment.case)
    unconfirmed = speaker_confirmed(moment)
    if unconfirmed is not None:
        return unconfirmed
    known = known_of(moment.desk, root, moment.today)
    loose = [name for name, one in known.items()
             if one.assurance == "declared" and name in FACTS and FACTS[name].key]
    if any(known[name].source == UNBOUND for name in loose):
        person = answers(moment.desk, root).get(PERSON, "").strip()
        return Problem("W1120", Place(field=PERSON), {"person": person, "firm": root.firm})
    if loose:
        return Problem("W927", values={"names": _named(moment, loose)})
    found = None if _DECIDING & {use.name for use in moment.step.effects} else last_decision(moment.desk, root)
    return None if found is None else _outdated(moment, found)


def not_debarred(moment: Moment) -> Problem | None:
    """The firm is not debarred from the programme today."""
    row = moment.desk.connection.execute(
        "SELECT last_day FROM desk_debarment d WHERE firm = ? AND programme IN ('*', ?) AND first_day <= ?"
        " AND last_day >= ? AND NOT EXISTS (SELECT 1 FROM desk_debarment_end e WHERE e.debarment = d.id)"
        " ORDER BY last_day DESC",
        (moment.case.firm, moment.case.programme, moment.today, moment.today)).fetchone()
    return Problem("W928", values={"firm": moment.case.firm, "last": iso(row[0])}) if row else None


def other_than(moment: Moment, *steps: str) -> Problem | None:
    """Somebody else took these steps last, in person and on whose behalf."""
    selves = {moment.person.id, moment.held.standing_in_for or moment.person.id}
    for name in steps:
        taken = _last(moment, name)
        if taken is not None and ({taken.person, taken.data.get("standing_in_for")} & selves):
            return Problem("W929", values={"step": moment.workflow.text("step", name)})
    return None


def within_days(moment: Moment, term: str, *steps: str) -> Problem | None:
    """No more days have passed since the last of these steps (of the case or its application) than a term allows."""
    since, most = _days_since(moment, steps), term_of(moment.desk, moment.case, term)
    if since is not None and since <= most:
        return None
    return Problem("W960", values={"days": most})


def last_day(moment: Moment) -> int | None:
    """The last day on which the step can be taken, where its row says within how many days of another."""
    for use in moment.step.guards:
        since = _days_since(moment, use.given[1:]) if use.name == within_days.__name__ else None
        if since is not None:
            return moment.today - since + term_of(moment.desk, moment.case, use.given[0])
    return None


def appealable_until(moment: Moment) -> int | None:
    """The last day on which what a step decides today may be appealed against, where a row of its case says so and
    takes its application as it stands."""
    went_to = moment.step.target(moment.case.state)
    for row in moment.workflow.kinds[moment.case.kind].from_state(went_to):
        if any(use.name == parent_in.__name__ and parent_in(moment, *use.given) for use in row.guards):
            continue
        for use in row.guards if _appeals(row) else ():
            if use.name == within_days.__name__ and moment.step.name in use.given[1:]:
                return moment.today + term_of(moment.desk, moment.case, use.given[0])
    return None


def after_days(moment: Moment, term: str, *steps: str) -> Problem | None:
    """More days have passed since the last of these steps than a term says."""
    since, least = _days_since(moment, steps), term_of(moment.desk, moment.case, term)
    if since is not None and since > least:
        return None
    return Problem("W961", values={"days": least})


def in_time(moment: Moment) -> Problem | None:
    """The case's day has not passed: it lasts until 23:59 by the office's clock."""
    due = moment.case.due
    if due is None or moment.today <= due:
        return None
    return Problem("W1187", values={"day": iso(due), "number": moment.case.number})


def overdue(moment: Moment, term: str = "", *steps: str) -> Problem | None:
    """The case's day has passed; one that was given none has as many days as a term says, since one of the steps."""
    due, since = moment.case.due, _days_since(moment, steps)
    if due is None and since is not None:
        due = moment.today - since + term_of(moment.desk, moment.case, term)
    if due is None or due < moment.today:
        return None
    return Problem("W961", values={"days": due - moment.today + 1})


def amount_stands(moment: Moment) -> Problem | None:
    """What is written anew (`said`, answer by answer) leaves every answer as it is on which the amount rests."""
    kept = resting(moment.offered, answers(moment.desk, moment.case))
    name = next((name for name, text in kept.items() if str(moment.said.get(name, text)).strip() != text.strip()), None)
    return None if name is None else Problem("W1188", Place(field=name), {"name": called(moment.offered, name)})


def notice_over(moment: Moment) -> Problem | None:
    """The case has been made known, and the days for objections are over."""
    root = root_of(moment.desk, moment.case)
    row = moment.desk.connection.execute(
        "SELECT max(last_day) FROM desk_notice WHERE call = ? AND cases LIKE ?",
        (root.call, f"%,{root.id},%")).fetchone()
    if row[0] is None:
        return Problem("W962")
    return None if row[0] < moment.today else Problem("W963", values={"last": iso(row[0])})


def none_open(moment: Moment, *kinds: str) -> Problem | None:
    """No case of these kinds that follows from this one is still under way."""
    for kind in kinds:
        ends = moment.workflow.kinds[kind].ends if kind in moment.workflow.kinds else frozenset()
        for case in following(moment.desk, moment.case, kind):
            if case.state not in ends:
                return Problem("W964", values={"number": case.number})
    return None


def none_upheld(moment: Moment, *kinds: str) -> Problem | None:
    """No case of these kinds that follows from the application was upheld, or it came to where it stands after that
    and that was made known: what was upheld is answered by deciding and publishing anew, and by nothing else."""
    root = root_of(moment.desk, moment.case)
    came = max((one.at for one in steps_of(moment.desk, root) if one.came_from != one.went_to), default=0)
    made_known = moment.desk.connection.execute(
        "SELECT max(at) FROM desk_notice WHERE call = ? AND cases LIKE ?", (root.call, f"%,{root.id},%")).fetchone()[0]
    for case in (one for kind in kinds for one in following(moment.desk, root, kind) if one.state == UPHELD):
        if not case.moved_at < came < (made_known or 0):
            return Problem("W1189", values={"number": case.number, "day": iso(moment.desk.day_of(case.moved_at))})
    return None


def unanswered(moment: Moment, kind: str, *steps: str) -> Problem | None:
    """The office has answered no case of this kind since the last of these steps; one withdrawn has no answer."""
    ends = moment.workflow.kinds[kind].ends if kind in moment.workflow.kinds else frozenset()
    since = max((one.at for name in steps if (one := _last(moment, name))), default=0)
    for case in following(moment.desk, moment.case, kind):
        last = steps_of(moment.desk, case)[-1:] if case.state in ends and case.opened_at >= since else []
        if last and last[0].role not in OUTSIDE:
            return Problem("W1183", values={"number": case.number, "day": iso(moment.desk.day_of(last[0].at))})
    return None


def all_in(moment: Moment, kind: str, *states: str) -> Problem | None:
    """There are cases of a kind that follow from this one, and all are in these states."""
    found = following(moment.desk, moment.case, kind)
    late = next((case for case in found if case.state not in states), None)
    if found and late is None:
        return None
    return Problem("W965", values={"number": late.number if late else moment.case.number})


def appeals_over(moment: Moment, kind: str) -> Problem | None:
    """No case of a kind that follows from this one is appealed against, or still may be, as its own row says."""
    for case in following(moment.desk, moment.case, kind):
        rows = [row for row in moment.workflow.kinds[kind].from_state(case.state) if _appeals(row)]
        for there in (replace(moment, case=case, step=row) for row in rows):
            problem, until = none_open(there, APPEAL), last_day(there)
            if problem is not None:
                return problem
            if until is not None and all(GUARDS[use.name](there, *use.given) is None for use in there.step.guards):
                return Problem("W961", values={"days": until - moment.today + 1})
    return None


def parent_in(moment: Moment, *states: str) -> Problem | None:
    """The application that the case follows from is in one of these states."""
    root = root_of(moment.desk, moment.case)
    if root.state in states:
        return None
    return Problem("W966", values={"number": root.number,
                                   "state": moment.workflow.text("state", root.state)})


def has_file(moment: Moment, field: str = "evidence") -> Problem | None:
    """A file was handed in under this heading."""
    given = any(one.field == field for one in files_of(moment.desk, moment.case))
    return None if given else Problem("W967", Place(field=field))


def fresh_factor(moment: Moment) -> Problem | None:
    """The person gave a second factor within the last minutes."""
    least = moment.at - moment.workflow.terms["factor_minutes"] * 60_000_000
    return None if moment.factor_at >= least else Problem("W968")


def _appeals(row: Step) -> bool:
    return any(use.given == (APPEAL,) for use in row.effects)


def _named(moment: Moment, names: Iterable[str]) -> Text:
    """Questions by what they are called, one after the other, in all languages."""
    texts = [called(moment.offered, name) for name in names]
    return {lang: say("rules.list_comma", lang).join(fill(text, lang) for text in texts) for lang in LANGUAGES}


def _outdated(moment: Moment, found: Stored) -> Problem | None:
    """W1163 while a decision rests on what was only said, though more than that is known of it now."""
    root = root_of(moment.desk, moment.case)
    loose = [name for name, one in found.origins.items() if one["source"] in (UNCONFIRMED, UNBOUND) or (
        one["assurance"] == "declared" and name in FACTS and FACTS[name].key)]
    known = known_of(moment.desk, root, moment.today) if loose else {}
    names = [name for name in loose if name in known and known[name].assurance in _KNOWN]
    if not names:
        return None
    again = next((step.name for step in moment.workflow.kinds[root.kind].from_state(root.state)
                  if any(use.name == "decide" for use in step.effects) and set(step.who) - set(OUTSIDE)), "look_again")
    return Problem("W1163", values={"number": root.number, "names": _named(moment, names),
                                    "step": moment.workflow.text("step", again)})


def _last(moment: Moment, name: str) -> StepTaken | None:
    """The last time that a step was taken: on this case, or else on the nearest that it follows from."""
    case = moment.case
    while True:
        found = [step for step in steps_of(moment.desk, case) if step.name == name]
        if found or case.parent is None:
            return found[-1] if found else None
        case = find_case(moment.desk, case.parent)


def _days_since(moment: Moment, steps: tuple[str, ...]) -> int | None:
    taken = max((one.at for name in steps if (one := _last(moment, name))), default=None)
    return moment.today - moment.desk.day_of(taken) if taken is not None else None


GUARDS: dict[str, Guard] = {guard.__name__: guard for guard in (
    call_open, in_correction, complete, eligible, ineligible, speaker_confirmed, facts_verified, not_debarred,
    other_than, within_days, after_days, in_time, overdue, amount_stands, notice_over, none_open, none_upheld,
    unanswered, all_in, appeals_over, parent_in, has_file, fresh_factor)}
GUARDS |= review_steps.GUARDS
GUARDS |= money_steps.GUARDS
