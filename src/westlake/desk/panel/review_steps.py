"""Guards and effects of reviewing and choosing: enough reviews, chosen by a selection, made known to all."""

from __future__ import annotations

from collections.abc import Callable

from westlake.desk.cases import root_of
from westlake.desk.moment import Moment
from westlake.desk.panel.interests import conflict_with
from westlake.desk.panel.reviewing import LIVE, counted_reviews, move_assignment, needed_reviews, states_of
from westlake.desk.panel.standing import Standing, barred, place_of
from westlake.errors import Problem, WestlakeError


def reviewed(moment: Moment) -> Problem | None:
    """As many reviews as the call asks for are in; who abstained or stepped back does not count."""
    counted, needed = counted_reviews(moment.desk, moment.case), needed_reviews(moment.desk, moment.case)
    if counted >= needed:
        return None
    return Problem("W1039", values={"number": moment.case.number, "reviews": counted, "needed": needed})


def no_conflict(moment: Moment) -> Problem | None:
    """Whoever takes the step has no conflict of interest with the case."""
    return barred(moment.case) if conflict_with(moment.desk, moment.case, moment.person) else None


def chosen(moment: Moment) -> Problem | None:
    """The last selection, with what the chair decided otherwise, has chosen the application."""
    place = _place(moment)
    return None if place is not None and place.chosen else Problem("W1040", values={"number": moment.case.number})


def on_reserve(moment: Moment) -> Problem | None:
    """The last selection has put the application on the reserve list, and it has not been chosen since."""
    place = _place(moment)
    if place is not None and not place.chosen and place.reserve:
        return None
    return Problem("W1041", values={"number": moment.case.number})


def not_chosen(moment: Moment) -> Problem | None:
    """A selection has been made, and the application is not chosen by it."""
    place = _place(moment)
    return None if place is not None and not place.chosen else Problem("W1042", values={"number": moment.case.number})


def made_known(moment: Moment) -> Problem | None:
    """A notice has made the application's choice known to all, whether or not its days are over."""
    root = root_of(moment.desk, moment.case)
    row = moment.desk.connection.execute(
        "SELECT 1 FROM desk_notice WHERE call = ? AND first_day <= ? AND cases LIKE ?",
        (root.call, moment.today, f"%,{root.id},%")).fetchone()
    return None if row else Problem("W1043", values={"number": root.number})


def take_place(moment: Moment) -> None:
    """The case is about as much as the selection, with what the chair decided otherwise, gives it. W1040."""
    place = _place(moment)
    if place is None or not place.chosen:
        raise WestlakeError([Problem("W1040", values={"number": moment.case.number})])
    moment.changes["amount"] = place.amount
    moment.told |= {"run": place.run, "rank": place.rank, "overridden": place.override is not None}


def stop_reviews(moment: Moment) -> None:
    """Reviews of the case that are not in yet are no longer asked for."""
    for reviewer, state in states_of(moment.desk, moment.case).items():
        if state in LIVE and state != "submitted":
            move_assignment(moment.desk, moment.case, reviewer, "withdrawn", moment.person, moment.step.name)


def _place(moment: Moment) -> Standing | None:
    return place_of(moment.desk, root_of(moment.desk, moment.case))


GUARDS: dict[str, Callable[..., Problem | None]] = {guard.__name__: guard for guard in (
    reviewed, no_conflict, chosen, on_reserve, not_chosen, made_known)}
EFFECTS: dict[str, Callable[..., None]] = {effect.__name__: effect for effect in (take_place, stop_reviews)}
