"""What finance looks for: payments, page by page, and cases whose next step moves money; of those one may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from westlake.desk.cases import OF_C, Case
from westlake.desk.desk import Desk, Offered
from westlake.desk.paying.payments import _SELECT as PAYMENTS
from westlake.desk.paying.payments import STATES, Ordered
from westlake.desk.people import EVERY, Held
from westlake.desk.seeing import Where
from westlake.desk.workflow import STAYS, Step

TO_APPROVE = frozenset({"promise", "adjust_promise", "earn", "tranche", "book_recovery", "write_off"})
TO_ORDER = frozenset({"order_payment", "order_settled"})
_SEEN = " WHERE id IN (SELECT q.id FROM desk_payment q JOIN desk_case c ON c.id = q.case_id WHERE {seen})"


@dataclass(frozen=True)
class Sought:
    """What payments are looked for; empty means all. q: part of a case's number, a firm's number or name, or the
    reference that the bank gives back."""

    q: str = ""
    state: str = ""
    programme: str = ""


@dataclass(frozen=True)
class Next:
    """A case with a step that moves money, and the role by which somebody could take it."""

    case: Case
    step: Step


def find_payments(desk: Desk, seen: Where, sought: Sought, limit: int = 50, offset: int = 0) -> list[Ordered]:
    """A page of payments, newest first. seen: a condition on desk_case under the name `c`."""
    where, values = _where(seen, sought)
    return [Ordered(*row) for row in desk.connection.execute(
        f"{PAYMENTS}{where} ORDER BY id DESC LIMIT ? OFFSET ?", (*values, limit, offset))]


def count_states(desk: Desk, seen: Where, sought: Sought) -> dict[str, tuple[int, dict[str, int]]]:
    """State → how many payments, and currency → their sum in minor units; whatever state is sought."""
    where, values = _where(seen, Sought(sought.q, "", sought.programme))
    found: dict[str, tuple[int, dict[str, int]]] = {state: (0, {}) for state in STATES}
    for state, currency, number, total in desk.connection.execute(
            f"SELECT state, currency, count(*), sum(amount) FROM ({PAYMENTS}{where}) AS every"
            " GROUP BY state, currency ORDER BY currency", values):
        count, sums = found[state]
        found[state] = (count + int(number), {**sums, currency: int(total)})
    return found


def next_steps(desk: Desk, offered: Iterable[Offered], roles: Iterable[Held], seen: Where,
               effects: frozenset[str]) -> list[Next]:
    """The cases in which somebody's roles allow a step with one of these effects, by number; one question."""
    own, ways = list(roles), defaultdict[tuple[str, str, str], list[Step]](list)
    for one in offered:
        name = one.programme.name
        mine = {held.role for held in own if held.programme in (EVERY, name)}
        for kind in one.workflow.kinds.values():
            for step in kind.steps:
                does = {use.name for use in step.effects}
                if step.went_to == STAYS or not mine & set(step.who) or not effects & does:
                    continue
                for state in step.came_from:
                    ways[kind.name, state, name].append(step)
    if not ways:
        return []
    marks = ", ".join(["(?, ?, ?)"] * len(ways))
    cases = [Case(*row) for row in desk.connection.execute(
        f"SELECT {OF_C} FROM desk_case c WHERE (c.kind, c.state, c.programme) IN (VALUES {marks}) AND ({seen[0]})",
        (*(part for way in ways for part in way), *seen[1]))]
    return sorted((Next(case, step) for case in cases for step in ways[case.kind, case.state, case.programme]),
                  key=lambda one: one.case.number)


def _where(seen: Where, sought: Sought) -> Where:
    part, values = _SEEN.format(seen=seen[0]), list(seen[1])
    if sought.state:
        part, values = f"{part} AND state = ?", [*values, sought.state]
    if sought.programme:
        part, values = f"{part} AND programme = ?", [*values, sought.programme]
    if sought.q:
        plain = sought.q.strip().lower()
        like = "%" + plain.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
        part += (" AND (lower(number) LIKE ? ESCAPE '!' OR lower(firm) LIKE ? ESCAPE '!' OR id = ? OR firm IN (SELECT"
                 " subject FROM register_fact WHERE name = 'name' AND lower(value) LIKE ? ESCAPE '!'))")
        digits = plain.removeprefix("wlp")
        values += [like, like, int(digits) if digits.isdecimal() and len(digits) < 12 else 0, like]
    return part, values
