"""What a person may see: of all cases, which; and of a case, what. Pages, lists, searches, exports and counts ask here.

The rule is one condition in the database's own language, so that a list, its length and its export hold the same
cases that can be opened one by one. Who speaks for the applicant sees their own cases, and what was handed in for a
firm for which the office knows that they apply; the office sees the cases of its programmes once they are handed in,
but never one in which somebody has a conflict of interest; auditors see all that was handed in; reviewers what they
agreed to review, and that as reviewers, whatever other office they hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from westlake.desk.applying.speaking import applies_for
from westlake.desk.calls import Call, calls, calls_among
from westlake.desk.cases import Case, StepTaken, answers, steps_of
from westlake.desk.desk import Desk
from westlake.desk.files import Upload, files_of
from westlake.desk.panel.interests import OWN_SIDE, conflicted_among, conflicted_cases
from westlake.desk.panel.standing import told_among
from westlake.desk.people import EVERY, OUTSIDE, Held, Person, people_of
from westlake.desk.workflow import APPLICATION
from westlake.register import Register
from westlake.rules import Kind

OFFICE = ("officer", "chair", "approver", "payer")
JUDGES = ("chair", "approver")  # who choose: a blind phase is blind for them as well
FEW = 200  # cases whose own papers are quicker to go through than everybody's
AT_ONCE = 5_000  # cases in one question
STRUCK = "█████"  # instead of a name that a phase hides
_LATIN, _DIGIT = "[A-Za-z\u00c0-\u024f]", "[0-9]"
Where = tuple[str, list[object]]
_NONE: Where = ("1 = 0", [])
_ALL: Where = ("1 = 1", [])
_HANDED_IN = f"(c.submitted_at IS NOT NULL OR c.kind <> '{APPLICATION}')"
_TOLD_OUTSIDE = (  # who objects to a case speaks to the office; a debarment is told once it is decided
    "(c.kind <> 'objection' AND (c.kind <> 'debarment' OR EXISTS (SELECT 1 FROM desk_debarment o WHERE"
    " o.case_id = c.id)))")
KEPT_INSIDE = f"SELECT c.id FROM desk_case c WHERE c.parent = ? AND NOT {_TOLD_OUTSIDE}"
_OBJECTS = (  # and is party to what they object: they see it, and its answer
    "c.kind = 'objection' AND EXISTS (SELECT 1 FROM desk_answer a WHERE a.case_id = c.id AND a.field = 'reason'"
    " AND a.person = ?)")
_ASSIGNED = (
    "EXISTS (SELECT 1 FROM desk_assignment a WHERE a.case_id = c.id AND a.reviewer = ? AND a.state IN ('assigned',"
    " 'started', 'submitted', 'abstained') AND NOT EXISTS (SELECT 1 FROM desk_assignment b WHERE b.case_id = a.case_id"
    " AND b.reviewer = a.reviewer AND b.seq > a.seq)) AND EXISTS (SELECT 1 FROM desk_invitation i WHERE i.call = c.call"
    " AND i.reviewer = ? AND i.state = 'accepted' AND NOT EXISTS (SELECT 1 FROM desk_invitation j WHERE j.call = i.call"
    " AND j.reviewer = i.reviewer AND j.seq > i.seq))")


@dataclass(frozen=True)
class View:
    """What of one case a person is shown. seen: at all; sides: the roles by which they see it.

    applicant_shown: name, firm, e-mail, and the names that files were given; answers_shown, files_shown: what was
    handed in; others_reviews_shown: reviews and comments that are not one's own; scores_shown: totals, places, cut-off;
    reviewers_shown: who reviews; progress_shown: how many reviews are in; history_shown: steps and letters;
    money_shown: promises and payments; a bank account bears a name, so it needs applicant_shown as well.
    """

    seen: bool = False
    sides: tuple[str, ...] = ()
    applicant_shown: bool = False
    answers_shown: bool = False
    files_shown: bool = False
    others_reviews_shown: bool = False
    scores_shown: bool = False
    reviewers_shown: bool = False
    progress_shown: bool = False
    history_shown: bool = False
    money_shown: bool = False


UNSEEN = View()


def seen_cases_sql(desk: Desk, person: Person, roles: Iterable[Held]) -> Where:
    """The cases that a person may see: a condition on desk_case under the name `c`, and its values."""
    return _seen(_sides(desk, person, roles))


def named_cases_sql(desk: Desk, person: Person, roles: Iterable[Held]) -> Where:
    """The cases of which a person may know the applicant: a search by name or firm, or an order by them, looks here."""
    return _named(desk, _sides(desk, person, roles))


def sight_sql(desk: Desk, person: Person, roles: Iterable[Held]) -> tuple[Where, Where]:
    """Both, `seen_cases_sql` and `named_cases_sql`: what they rest on is looked up once."""
    sides = _sides(desk, person, roles)
    return _seen(sides), _named(desk, sides)


def panel_sql(desk: Desk, person: Person, roles: Iterable[Held]) -> tuple[Where, Where, Where]:
    """The cases that a person may see; of these, those of which they may know how far the reviews are (View's
    progress_shown), and those of which they may know who reviews (reviewers_shown)."""
    sides, calls_known = _sides(desk, person, roles), calls(desk)
    own = _any(part for role, part in sides if role in OWN_SIDE)
    reviewed = _any(part for role, part in sides if role == "reviewer")
    done: Where = ("EXISTS (SELECT 1 FROM desk_review d WHERE d.case_id = c.id AND d.reviewer = ?)", [person.id])

    def shown(mine: str, judges: Where) -> Where:
        others = _any(_both(part, judges) if role in JUDGES else part for role, part in sides
                      if role in (*JUDGES, "auditor", "officer"))
        return _any([_both(_not(own), reviewed, done, _not_hidden(desk, mine, calls_known)),
                     _both(_not(own), _not(reviewed), others)])
    return _seen(sides), shown("other_reviews", _ALL), shown("reviewers", _not_hidden(desk, "reviewers", calls_known))


def _seen(sides: Sequence[tuple[str, Where]]) -> Where:
    return _any(part for _, part in sides)


def _named(desk: Desk, sides: Sequence[tuple[str, Where]]) -> Where:
    open_calls = _not_hidden(desk, "applicant", calls(desk))
    own = _any(part for role, part in sides if role in OWN_SIDE)
    reviewed = _any(part for role, part in sides if role == "reviewer")
    others = _any(_both(part, open_calls) if role in JUDGES else part for role, part in sides
                  if role not in (*OWN_SIDE, "reviewer", "economist"))
    return _any([own, _both(_not(own), reviewed, open_calls), _both(_not(own), _not(reviewed), others)])


def may_see(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> bool:
    """Whether a person may open a case at all."""
    return bool(_held(desk, [case], person, roles)[case.id])


def seen_among(desk: Desk, cases: Sequence[Case], person: Person, roles: Iterable[Held]) -> list[Case]:
    """Of some cases those that a person may open, in their order."""
    held = _held(desk, cases, person, roles) if cases else {}
    return [case for case in cases if held[case.id]]


def view_of(desk: Desk, case: Case, person: Person, roles: Iterable[Held]) -> View:
    """What of a case a person is shown; UNSEEN when they may not open it."""
    return views_of(desk, [case], person, roles)[case.id]


def views_of(desk: Desk, cases: Sequence[Case], person: Person, roles: Iterable[Held]) -> dict[int, View]:
    """The same for the cases of a page, by id."""
    held = _held(desk, cases, person, roles)
    by_call = calls_among(desk, {case.call for case in cases if case.call is not None})
    done = _reviewed_by(desk, person, [case for case, sides in held.items() if "reviewer" in sides])
    known = told_among(desk, [case for case in cases if any(side in OWN_SIDE for side in held[case.id])])
    views, now = dict[object, View](), desk.now()  # thousands of cases are seen in few ways
    found = {}
    for case in cases:
        way = (held[case.id], case.call, case.id in done, case.id in known)
        if way not in views:
            views[way] = _view(way[0], by_call.get(case.call or 0), now, *way[2:])
        found[case.id] = views[way]
    return found


def shown_case(desk: Desk, case: Case, view: View) -> Case:
    """The case as a person is shown it: without firm and applicant, also in its title, and without what was promised,
    where hidden."""
    return shown_cases(desk, [case], {case.id: view})[case.id]


def shown_cases(desk: Desk, cases: Sequence[Case], views: Mapping[int, View]) -> dict[int, Case]:
    """The same for the cases of a page, by id; names are looked up at once, and only where some are hidden."""
    nameless = without_names(desk, [case for case in cases if not views[case.id].applicant_shown])
    found = {case.id: nameless.get(case.id, case) for case in cases}
    return {number: one if views[number].money_shown else replace(one, amount=0) for number, one in found.items()}


def without_names(desk: Desk, cases: Sequence[Case]) -> dict[int, Case]:
    """Cases without firm and applicant, whose names are struck out of the titles, by id."""
    names = names_of(desk, cases) if cases else {}
    return {case.id: replace(case, firm="", applicant=0, title=struck(case.title, names[case.id])) for case in cases}


def shown_answers(desk: Desk, case: Case, view: View) -> dict[str, str]:
    """What the applicant wrote, as a person is shown it: where the applicant is hidden, numbers of firms and people are
    left out, and the firm's own name is struck out of what was written in sentences."""
    if not view.answers_shown:
        return {}
    inputs, said = desk.offered(case.programme).programme.inputs, answers(desk, case)
    if view.applicant_shown:
        return said
    names = names_of(desk, [case])[case.id]
    return {field: text if field in inputs else struck(text, names) for field, text in said.items()
            if field not in inputs or inputs[field].kind is not Kind.ID}


def struck(text: str, names: Iterable[str]) -> str:
    """A text without some names, however they are written; of more words than one they may stand on two lines.

    A name in Latin letters, or a number, is struck as a whole word: Li is not in "public", and yet stands before 建.
    """
    for name in sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True):
        said = r"\s+".join(re.escape(part) for part in name.split())
        text = re.sub(f"{_edge(name[0], '?<!')}{said}{_edge(name[-1], '?!')}", STRUCK, text, flags=re.IGNORECASE)
    return text


def _edge(letter: str, looks: str) -> str:
    """What must not stand beside a name that begins or ends so."""
    return next((f"({looks}{kind})" for kind in (_LATIN, _DIGIT) if re.match(kind, letter)), "")


def names_of(desk: Desk, cases: Sequence[Case]) -> dict[int, list[str]]:
    """Case → what its firm and its applicant are called, in two questions."""
    known = Register(desk.connection).of({case.firm for case in cases}, desk.today(), ["name"])
    people = people_of(desk.connection, {case.applicant for case in cases})
    found = {}
    for case in cases:
        facts, person = known.get(case.firm, {}), people.get(case.applicant)
        found[case.id] = [case.firm, *([facts["name"].value] if "name" in facts else []),
                          *([person.name, person.organisation] if person else [])]
    return found


def shown_files(desk: Desk, case: Case, view: View) -> list[Upload]:
    """The files of a case as a person is shown them: where the applicant is hidden, under a name that says nothing."""
    if not view.files_shown:
        return []
    found = files_of(desk, case)
    if view.applicant_shown:
        return found
    return [replace(file, name=f"{file.field}-{place}.{file.type}", person=0) for place, file in enumerate(found, 1)]


def shown_steps(desk: Desk, case: Case, view: View) -> list[StepTaken]:
    """The history of a case as a person is shown it; the applicant's side does not learn who of the office did what."""
    if not view.history_shown:
        return []
    found = steps_of(desk, case)
    if not set(view.sides) <= set(OUTSIDE):
        return found
    unseen = {row[0] for row in desk.connection.execute(KEPT_INSIDE, (case.id,))}
    return [step if step.role in OUTSIDE else replace(step, person=None, data=_told_to_all(step)) for step in found
            if step.data.get("opened") not in unseen]


def _told_to_all(step: StepTaken) -> dict[str, object]:
    said = step.data.get("said")
    return {"said": {name: said[name] for name in ("note", "reason", "amount", "day", "days") if name in said}
            } if isinstance(said, dict) else {}


def _view(sides: tuple[str, ...], call: Call | None, now: int, reviewed: bool, known: bool) -> View:
    def hidden(what: str) -> bool:
        return call is not None and call.hides(what, now)

    if not sides:
        return UNSEEN
    own = tuple(side for side in sides if side in OWN_SIDE)
    if own:
        told = known and not hidden("scores")
        return View(True, own, True, True, True, told and not hidden("other_reviews"), told, False, False, True, True)
    if "reviewer" in sides:
        named, others = not hidden("applicant"), reviewed and not hidden("other_reviews")
        return View(True, ("reviewer",), named, True, True, others, others and not hidden("scores"),
                    reviewed and not hidden("reviewers"), others, False, False)
    views = [_office_view(side, hidden) for side in sides]
    flags = {name: any(getattr(view, name) for view in views) for name in View.__dataclass_fields__ if name != "sides"}
    return View(sides=sides, **flags)


def _office_view(side: str, hidden: Callable[[str], bool]) -> View:
    """What one role of the office, or of a partner, is shown."""
    scores = not hidden("scores")
    if side == "auditor":
        return View(True, (side,), True, True, True, True, True, True, True, True, True)
    if side == "officer":
        return View(True, (side,), True, True, True, scores, scores, True, True, True, True)
    if side in JUDGES:
        named, who = not hidden("applicant"), not hidden("reviewers")
        return View(True, (side,), named, True, True, scores, scores, who, True, named, True)
    if side == "economist":
        return View(True, (side,), scores_shown=scores, money_shown=True)
    return View(True, (side,), True, True, True, history_shown=True, money_shown=True)  # who pays, and the partners


def _held(desk: Desk, cases: Sequence[Case], person: Person, roles: Iterable[Held]) -> dict[int, tuple[str, ...]]:
    """Case → the roles by which a person sees it, in one question for all roles."""
    sides = _sides(desk, person, roles, cases if len(cases) <= FEW else None)
    found: dict[int, tuple[str, ...]] = {case.id: () for case in cases}
    if not sides:
        return found
    columns = ", ".join(f"CASE WHEN {condition} THEN 1 ELSE 0 END" for _, (condition, _) in sides)
    values = [value for _, (_, given) in sides for value in given]
    waiting = iter(sorted(found))
    while chunk := list(islice(waiting, AT_ONCE)):
        for row in desk.connection.execute(f"SELECT c.id, {columns} FROM desk_case c WHERE c.id IN"
                                           f" ({','.join('?' * len(chunk))})", [*values, *chunk]):
            found[row[0]] = tuple(sorted({role for (role, _), yes in zip(sides, row[1:], strict=True) if yes}))
    return found


def _sides(desk: Desk, person: Person, roles: Iterable[Held],
           among: Sequence[Case] | None = None) -> list[tuple[str, Where]]:
    """Each role with the cases that it lets a person see; among: when no others are asked for."""
    found: list[tuple[str, Where]] = []
    barred: Where | None = None
    for held in sorted(set(roles)):
        ours: Where = _ALL if held.programme == EVERY else ("c.programme = ?", [held.programme])
        if held.role == "applicant":
            part: Where = _any([("c.applicant = ?", [person.id]), _of_firms(applies_for(desk, person))])
        elif held.role in OUTSIDE and held.firm:
            part = ("c.firm = ?", [held.firm])
            part = part if held.role in OWN_SIDE else _both(part, (_HANDED_IN, []))
        elif held.role == "co_applicant":
            part = _NONE
        elif held.role in (*OUTSIDE, "economist"):
            part = _both(ours, (_HANDED_IN, []))
        elif held.role == "auditor":
            part = _both(ours, (_HANDED_IN, []))  # a draft is the firm's own; that it was opened, the record says
        elif held.role in (*OFFICE, "reviewer"):
            barred = _in_conflict(desk, person, among) if barred is None else barred
            own: Where = (_ASSIGNED, [person.id, person.id]) if held.role == "reviewer" else (_HANDED_IN, [])
            part = _both(ours, own, _not(barred))
        else:
            continue
        part = _both(part, (_TOLD_OUTSIDE, [])) if held.role in OUTSIDE else part
        found.append((held.role, _any([part, (_OBJECTS, [person.id])]) if held.role == "applicant" else part))
    return found


def _of_firms(firms: Sequence[str]) -> Where:
    """What was handed in for some firms: a draft is its writers' own."""
    return _both((f"c.firm IN ({','.join('?' * len(firms))})", list(firms)), (_HANDED_IN, [])) if firms else _NONE


def _in_conflict(desk: Desk, person: Person, among: Sequence[Case] | None) -> Where:
    """The cases that a conflict of interest keeps from somebody, with all that follows from them.

    To find them all, everybody's papers are gone through; for a few known cases, only theirs.
    """
    if among is not None:
        barred = conflicted_among(desk, person, among)
        return (f"c.id IN ({','.join('?' * len(barred))})", list(barred)) if barred else _NONE
    cases = sorted(conflicted_cases(desk, person))
    if not cases:
        return _NONE
    marks = ",".join("?" * len(cases))
    return (f"c.id IN (WITH RECURSIVE line(id) AS (SELECT id FROM desk_case WHERE id IN ({marks}) UNION SELECT d.id"
            " FROM desk_case d JOIN line ON d.parent = line.id) SELECT id FROM line)", list(cases))


def _not_hidden(desk: Desk, what: str, known: Iterable[Call]) -> Where:
    """The cases of calls in which no phase keeps this from people now."""
    now = desk.now()
    hidden = [call.id for call in known if call.hides(what, now)]
    if not hidden:
        return _ALL
    return f"(c.call IS NULL OR c.call NOT IN ({','.join('?' * len(hidden))}))", list(hidden)


def _reviewed_by(desk: Desk, person: Person, cases: Iterable[int]) -> set[int]:
    """Of these cases, those that a person has handed in a review of."""
    return {row[0] for row in _among(desk, "SELECT DISTINCT case_id FROM desk_review WHERE case_id IN ({keys})"
                                     " AND reviewer = ?", cases, [person.id])}


def _among(desk: Desk, sql: str, keys: Iterable[int], values: Sequence[object] = ()) -> Iterator[Any]:
    """The rows of a query for which `… IN ({keys})` holds, however many keys there are; values: what follows them."""
    waiting = iter(sorted(keys))
    while chunk := list(islice(waiting, AT_ONCE)):
        yield from desk.connection.execute(sql.format(keys=",".join("?" * len(chunk))), [*chunk, *values])


def _any(parts: Iterable[Where]) -> Where:
    known = [part for part in parts if part != _NONE]
    if not known:
        return _NONE
    return f"({' OR '.join(f'({sql})' for sql, _ in known)})", [value for _, values in known for value in values]


def _both(*parts: Where) -> Where:
    if _NONE in parts:
        return _NONE
    return f"({' AND '.join(f'({sql})' for sql, _ in parts)})", [value for _, values in parts for value in values]


def _not(part: Where) -> Where:
    return f"NOT ({part[0]})", list(part[1])
