"""Effects: what a step does besides moving the case. All of it commits with the step, or none of it does.

Those of reviewing and of money live in their own files; EFFECTS joins all. `follow` opens a case that follows
from this one; `on_parent` takes a step of the application that the system may take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from westlake.desk import cases
from westlake.desk.applying.deciding import asked_amount, decide_case
from westlake.desk.cases import submit_answers
from westlake.desk.files import listed
from westlake.desk.guards import appealable_until
from westlake.desk.moment import Moment
from westlake.desk.outbox import write_letter
from westlake.desk.panel import review_steps
from westlake.desk.paying import money_steps, recovering
from westlake.desk.seals import seal_decision
from westlake.errors import Place, WestlakeError

Effect = Callable[..., None]


def submit(moment: Moment) -> None:
    """Fix the answers under a receipt; the instant counts, to the second."""
    written = cases.answers(moment.desk, moment.case)
    number, digest = submit_answers(moment.desk, moment.case, moment.person, listed(moment.desk, moment.case))
    asked = asked_amount(moment.offered, written)
    moment.changes |= {"submitted_at": moment.at, "asked": asked, "title": written.get(cases.TITLE, moment.case.title)}
    moment.told |= {"submission": number, "digest": digest, "asked": asked}


def decide(moment: Moment) -> None:
    """Let the rules say what they say of what is known today."""
    stored = decide_case(moment.desk, moment.case, moment.today)
    moment.told |= {"decision": stored.id, "sealed": seal_decision(moment.desk.connection, stored.id),
                    "eligible": stored.eligible, "claim": stored.claim,
                    "entitlement": stored.entitlement}


def find(moment: Moment, name: str, value: str) -> None:
    """A fact is found to be so: `{find: [attained, "true"]}`, or as was said: `[audited_spend, said.amount]`."""
    if value.startswith("said."):
        said = moment.said.get(value.removeprefix("said."))
        value = moment.offered.programme.write(name, said) if isinstance(said, int) else str(said)
    moment.desk.connection.execute(
        "INSERT INTO desk_fact (case_id, name, value, assurance, source, person, at) VALUES (?,?,?,?,?,?,?)",
        (moment.case.id, name, value, "verified", "office", moment.person.id, moment.at))
    moment.told |= {f"found_{name}": value}


def letter(moment: Moment, kind: str) -> None:
    """Write a letter to the applicant, which waits as a draft until somebody lets it go."""
    _write(moment, kind, released=False)


def send(moment: Moment, kind: str) -> None:
    """Write a letter to the applicant that goes at once: a receipt, a request."""
    _write(moment, kind, released=True)


def _write(moment: Moment, kind: str, released: bool) -> None:
    """The letter tells what this step has made of the case, and until when it may be appealed against."""
    amount = moment.changes.get("amount", moment.case.amount)
    assert isinstance(amount, int), "an amount is whole minor units"
    case = replace(moment.case, amount=amount, state=moment.step.target(moment.case.state))
    told = {"day": moment.changes.get("due") or moment.told.get("repay_by") or moment.told.get("last_day"),
            "appeal_until": appealable_until(moment)}
    if "due" in moment.changes and not told["day"]:
        case = replace(case, due=None)
    moment.told |= {"letter": write_letter(moment.desk, case, kind, {**moment.told, **told, **moment.said}, released)}


def follow(moment: Moment, kind: str) -> None:
    """Open a case that follows from this one; W1022 where it would ask back more than can be asked back."""
    books = any(use.name == "book_recovery" for step in moment.workflow.kinds[kind].steps for use in step.effects)
    given = moment.amount or recovering.RULE not in moment.offered.programme.graph.rules  # 0 leaves it to the rule
    if books and given and "amount" in moment.said:
        recovering.check_askable(moment.desk, moment.case, moment.amount)
    opened = cases.open_following(moment.desk, moment.person, moment.case, kind, str(moment.said.get("note", "")),
                                  moment.amount if "amount" in moment.said else 0)
    moment.told |= {"opened": opened.id}


def on_parent(moment: Moment, name: str) -> None:
    """Take a step of the case that this one follows from, as its table allows the system to."""
    from westlake.desk.steps import take_by_system  # noqa: PLC0415 - a step may take another: the two know each other
    assert moment.case.parent is not None, "only a case that follows from another has a parent"
    moment.told |= {"parent_step": take_by_system(moment, cases.find_case(moment.desk, moment.case.parent), name)}


def set_due(moment: Moment) -> None:
    """The day that was said becomes the day on which the case is due; W969 for none, and for one that has passed."""
    day = moment.said.get("day")
    if not isinstance(day, int) or day < moment.today:
        raise WestlakeError.one("W969", Place(field="day"), name="day")
    moment.changes["due"] = day


def due_in(moment: Moment, term: str) -> None:
    """The case is due so many days from today as a term says."""
    moment.changes["due"] = moment.today + cases.term_of(moment.desk, moment.case, term)


def end_due(moment: Moment) -> None:
    """What the case had to do by its day is done, or nobody waits for it any more."""
    moment.changes["due"] = None


def debar(moment: Moment) -> None:
    """The firm may not apply for as many days as was said, from today."""
    days = moment.said.get("days")
    if not isinstance(days, int) or days < 1:
        raise WestlakeError.one("W969", Place(field="days"), name="days")
    moment.told["last_day"] = moment.today + days - 1
    moment.desk.connection.execute(
        "INSERT INTO desk_debarment (firm, programme, first_day, last_day, case_id, reason, person, at)"
        " VALUES (?,?,?,?,?,?,?,?)", (moment.case.firm, moment.case.programme, moment.today, moment.told["last_day"],
                                      moment.case.id, str(moment.said.get("note", "")), moment.person.id, moment.at))


def lift_debarment(moment: Moment) -> None:
    """Every debarment that this case brought ends today."""
    rows = moment.desk.connection.execute(
        "SELECT id FROM desk_debarment d WHERE case_id = ? AND NOT EXISTS (SELECT 1 FROM desk_debarment_end e"
        " WHERE e.debarment = d.id)", (moment.case.id,)).fetchall()
    for number, in rows:
        moment.desk.connection.execute("INSERT INTO desk_debarment_end VALUES (?,?,?,?,?)", (
            number, moment.case.id, str(moment.said.get("note", "")), moment.person.id, moment.at))


EFFECTS: dict[str, Effect] = {effect.__name__: effect for effect in (
    submit, decide, find, letter, send, follow, on_parent, set_due, due_in, end_due, debar, lift_debarment)}
EFFECTS |= review_steps.EFFECTS
EFFECTS |= money_steps.EFFECTS
