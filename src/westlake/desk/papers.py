"""A case's folder: the papers that a page of it shows, taken from the shelf together, each from a table of its own."""

from __future__ import annotations

from collections.abc import Iterable

from westlake.desk import acting
from westlake.desk.applying.deciding import FOUND, LAST_DECISION, RANKED
from westlake.desk.cases import ANSWERS, FOLLOWING, ONE, STEPS, Case
from westlake.desk.desk import Desk
from westlake.desk.files import FILES
from westlake.desk.looking import Question, together
from westlake.desk.messages import ACT, MESSAGES
from westlake.desk.paying.budgets import MOVED, keys_of


def take_out(desk: Desk, case: Case, root: Case, *more: Question) -> None:
    """Have at hand what is known of a case and of the application that it follows from; more: what else the page asks,
    its letters among it."""
    together(
        desk, (FOLLOWING, (case.id,)), (FILES, (root.id,)), (FILES, (case.id,)), (ANSWERS, (root.id,)),
        (LAST_DECISION, (case.id,)), (LAST_DECISION, (root.id,)), (FOUND, (root.id, case.id)), (STEPS, (root.id,)),
        (RANKED, (root.id,)), (MOVED, keys_of(root)), (MESSAGES, (case.subject, ACT)),
        *acting.ASKED, *more)


def take_out_all(desk: Desk, cases: Iterable[Case]) -> None:
    """Have at hand what tells the next step of each of some cases: answers, what the office found, files, followers."""
    together(desk, *acting.ASKED, *(question for case in cases for question in (
        (ONE, (case.id,)), (FOLLOWING, (case.id,)), (ANSWERS, (case.id,)), (FOUND, (case.id, case.id)),
        (FILES, (case.id,)), (LAST_DECISION, (case.id,)))))
