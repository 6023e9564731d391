"""Reviewing at Lakeside's counter: cases brought as far as the review, reviewers who accept, and reviews handed in."""

from __future__ import annotations

import shutil

import pytest
from tests.desk.counter import LAKESIDE, Counter

from westlake.desk import people
from westlake.desk.cases import find_case
from westlake.desk.panel import reviewing
from westlake.desk.panel.assigning import assign_one
from westlake.errors import WestlakeError


class ReviewCounter(Counter):
    """A counter with a panel."""

    def __init__(self, tmp_path, database=None, programmes=("pier_challenge", "dock_challenge")):
        shelf = tmp_path / "shelf"
        shutil.copytree(LAKESIDE, shelf, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(shelf / "pier_challenge", shelf / "dock_challenge")
        super().__init__(database or tmp_path / "westlake.db", shelf, programmes)

    def roles(self, person):
        return people.roles_of(self.connection, person.id, self.clock())

    def somebody(self, name, role="", email="", organisation="", firm="", programme="*"):
        """A person with an address and a house of their own."""
        plain = name.lower().replace(" ", ".")
        made = people.add_person(self.connection, name, email or f"{plain}@{plain}.example", organisation, "en", firm)
        if role:
            people.grant_role(self.connection, made.id, role, programme, at=self.clock(), firm=firm)
        return made

    def reviewer(self, call, name, topics="", load=None, accepts=True, **more):
        """Somebody who is asked to review a call, and says yes."""
        made = self.somebody(name, "reviewer", **more)
        reviewing.invite(self.desk, call, self.staff["officer"], [made.id], load, topics)
        if accepts:
            reviewing.answer_invitation(self.desk, call, made, True)
        return made

    def eligible(self, call, firm="heron", **answers):
        """A case that waits for its reviews, and its applicant."""
        case, applicant = self.submitted(call, firm, **answers)
        return self.take(case, "admit", "officer"), applicant

    def assign(self, case, *reviewers):
        for one in reviewers:
            assign_one(self.desk, case, self.staff["officer"], one.id)

    def review(self, case, reviewer, merit, team=5, use=5, confidence=4, comment="The piles hold."):
        return reviewing.submit_review(self.desk, case, reviewer, self.roles(reviewer),
                                       {"merit": merit, "team": team, "use": use}, confidence, comment)

    def paneled(self, call, reviewers, still_open=False, **marks):
        """Cases by firm, each reviewed by all reviewers with these marks for merit, team and use, and before the panel."""
        cases = {}
        for firm, points in marks.items():
            case, _ = self.eligible(call, firm)
            self.assign(case, *reviewers)
            for one, mark in zip(reviewers, points if isinstance(points, tuple) else (points,) * len(reviewers), strict=True):
                self.review(case, one, mark, mark, mark)
            cases[firm] = self.take(case, "to_panel", "officer")
        if not still_open:
            self.closed(call)
        return cases

    def again(self, case):
        return find_case(self.desk, case.id)


def code(action, *given, **more):
    """The codes of what refuses an action."""
    with pytest.raises(WestlakeError) as refused:
        action(*given, **more)
    return [problem.code for problem in refused.value.problems]
