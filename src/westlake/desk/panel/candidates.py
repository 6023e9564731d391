"""What a choice starts from: the cases that wait for it, their reviews, the amounts the rules give, and its terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from westlake.desk.acting import silenced_among
from westlake.desk.applying.deciding import decide, known_of, last_decision
from westlake.desk.calls import Call
from westlake.desk.cases import COLUMNS, Case, answers_among
from westlake.desk.desk import Desk
from westlake.desk.panel.terms import Candidate, Quota, Terms
from westlake.desk.workflow import APPLICATION, Workflow
from westlake.errors import Place, WestlakeError
from westlake.money import parse_money
from westlake.register import Register

LOTTERIES = ("no", "band", "all")  # who draws lots: nobody, those whom the reviews cannot tell apart, all who pass
SCORES = ("estimate", "mean")
_QUOTA = ("field", "value", "least_count", "most_count", "least_share", "most_share", "least_amount", "most_amount")


def waiting(desk: Desk, call: Call, *guards: str) -> list[Case]:
    """The applications of a call that wait in one of `waiting_states`, by number."""
    states = waiting_states(desk, call, *guards)
    rows = desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE call = ? AND kind = ? AND submitted_at IS NOT NULL ORDER BY number",
        (call.id, APPLICATION))
    return [case for case in (Case(*row) for row in rows) if case.state in states]


def waiting_states(desk: Desk, call: Call, *guards: str) -> set[str]:
    """The states out of which a step asks for one of these guards.

    A programme whose table has no such step chooses among all that were handed in and have not come to an end.
    """
    kind = desk.offered(call.programme).workflow.kinds[APPLICATION]
    return {state for step in kind.steps if any(use.name in guards for use in step.guards)
            for state in step.came_from} or set(kind.states) - kind.ends


def reviews_in(desk: Desk, call: Call, cases: Iterable[Case]) -> list[tuple[str, str, int]]:
    """The reviews that count, as (case number, reviewer, total in thousandths): each reviewer's last one."""
    number = {case.id: case.number for case in cases}
    rows = desk.connection.execute(
        "SELECT r.case_id, r.reviewer, r.total FROM desk_review r JOIN desk_case c ON c.id = r.case_id"
        " JOIN desk_assignment a ON a.case_id = r.case_id AND a.reviewer = r.reviewer AND a.state = 'submitted'"
        " WHERE c.call = ? AND NOT EXISTS (SELECT 1 FROM desk_review s WHERE s.case_id = r.case_id"
        " AND s.reviewer = r.reviewer AND s.seq > r.seq) AND NOT EXISTS (SELECT 1 FROM desk_assignment b"
        " WHERE b.case_id = a.case_id AND b.reviewer = a.reviewer AND b.seq > a.seq) ORDER BY r.case_id, r.reviewer",
        (call.id,))
    return [(number[case], str(reviewer), total) for case, reviewer, total in rows if case in number]


def amount_of(desk: Desk, case: Case) -> int:
    """What the programme's rules give a case, minor units: by its last decision, or else by what is known today.

    0 when it is not eligible. W1046 when too little is known for the rules to say.
    """
    offered = desk.offered(case.programme)
    stored = last_decision(desk, case)
    if stored is not None:
        return (stored.claim if offered.workflow.award == "claim" else stored.entitlement) if stored.eligible else 0
    today = desk.today()
    try:
        values = decide(desk, offered, known_of(desk, case, today), today).values
    except WestlakeError as error:
        raise WestlakeError.one("W1046", number=case.number, problem=error.problems[0].sentence()) from error
    roles = offered.terms.decides
    return max(values[roles[offered.workflow.award]], 0) if values[roles["eligible"]] else 0


def amounts_of(desk: Desk, call: Call, cases: Iterable[Case]) -> Iterator[int]:
    """The same of cases of one call, in their order; what was decided is looked up in one question."""
    decided = {row[0]: row[1:] for row in desk.connection.execute(
        "SELECT d.case_id, d.eligible, d.claim, d.entitlement FROM desk_decision d JOIN desk_case c ON c.id = d.case_id"
        " WHERE c.call = ? AND d.id = (SELECT max(e.id) FROM desk_decision e WHERE e.case_id = d.case_id)", (call.id,))}
    award = desk.offered(call.programme).workflow.award
    for case in cases:
        if case.id in decided:
            eligible, claim, entitlement = decided[case.id]
            yield (claim if award == "claim" else entitlement) if eligible else 0
        else:
            yield amount_of(desk, case)


def fields_of(desk: Desk, call: Call, cases: Sequence[Case], wanted: Iterable[str]) -> dict[str, dict[str, str]]:
    """Case number → field → value: what the register knew on the day the call closed, or else what was answered; of
    who only names a firm, what they answered.

    `firm` is the applicant's firm itself, `applicant` the person.
    """
    day = min(desk.day_of(call.closes_at), desk.today())
    names, known = sorted(set(wanted)), Register(desk.connection).of((case.firm for case in cases), day)
    found: dict[str, dict[str, str]] = {}
    said, silenced = answers_among(desk, [case.id for case in cases]), silenced_among(desk, cases)
    for case in cases:
        facts, written = {} if case.id in silenced else known.get(case.firm, {}), said[case.id]
        own = {"firm": case.firm, "applicant": str(case.applicant)}
        found[case.number] = {name: own.get(name) or (facts[name].value if name in facts else written.get(name, ""))
                              for name in names}
    return found


def read_choice(workflow: Workflow, call: Call, over: Mapping[str, Any]) -> dict[str, Any]:
    """How a call chooses, as plain data: what the programme says, what the call sets, what this choice sets over it.

    W1045 for what cannot be read. threshold: points of 100 with decimals → thousandths; a quota's shares: 25% → parts
    per million; its amounts: money → minor units; exclusions, prerequisites: pairs of case numbers. lottery: over a
    ranked list, `yes` (or `band`) lets lots decide among those whom the reviews cannot tell apart, `all` among all
    who reach the threshold; where the best choice is sought, lots settle ties only.
    """
    said = {**workflow.choice, **_mapping(call.terms.get("choice")), **over}
    one_per = said.get("one_per") or []
    mode, lottery = said.get("mode") or "ranked_list", said.get("lottery") or "no"
    lottery = "band" if lottery == "yes" or (mode, lottery) == ("lottery", "no") else lottery
    found = {
        "mode": "lottery" if mode == "ranked_list" and lottery != "no" else mode,
        "objective": said.get("objective") or "points",
        "edge": said.get("edge") or "skip", "score": said.get("score") or SCORES[0],
        "lottery": lottery, "threshold": _points(said.get("threshold") or "0"),
        "one_per": one_per.replace(",", " ").split() if isinstance(one_per, str) else list(one_per),
        "quotas": [_quota(quota, call.currency) for quota in said.get("quotas") or []],
        **{name: [[str(one), str(other)] for one, other in said.get(name) or []]
           for name in ("exclusions", "prerequisites")},
    }
    for name, known in (("score", SCORES), ("lottery", LOTTERIES)):
        if found[name] not in known:
            raise WestlakeError.one("W1045", Place(field=name), field=name, text=found[name])
    return found


def terms_of(choice: Mapping[str, Any], budget: int) -> Terms:
    """The terms that choose_cases takes."""
    return Terms(choice["mode"], budget, choice["objective"], choice["threshold"],
                 tuple(Quota(**quota) for quota in choice["quotas"]), tuple(choice["one_per"]),
                 tuple((one, other) for one, other in choice["exclusions"]),
                 tuple((one, other) for one, other in choice["prerequisites"]), choice["edge"])


def candidates_of(rows: Iterable[Sequence[Any]]) -> list[Candidate]:
    """Candidates as a run keeps them: number, points, amount, fields."""
    return [Candidate(number, points, amount, fields) for number, points, amount, fields in rows]


def _quota(quota: Mapping[str, Any], currency: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in quota.items():
        try:
            if name not in _QUOTA:
                raise ValueError(name)
            if name in ("field", "value"):
                found[name] = str(value)
            elif name.endswith("_share"):
                found[f"{name}_ppm"] = int(Decimal(str(value).removesuffix("%")) * 10_000)
            elif name.endswith("_amount"):
                found[name] = value if isinstance(value, int) else parse_money(str(value), currency)
            else:
                found[name] = int(value)
        except (ValueError, InvalidOperation) as error:
            raise WestlakeError.one("W1045", Place(field="quotas"), field=f"quotas: {name}", text=value) from error
    if not found.get("field") or "value" not in found:
        raise WestlakeError.one("W1045", Place(field="quotas"), field="quotas", text=str(dict(quota)))
    return found


def _points(text: object) -> int:
    try:
        return int(Decimal(str(text)) * 1000)
    except InvalidOperation as error:
        raise WestlakeError.one("W1045", Place(field="threshold"), field="threshold", text=text) from error


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
