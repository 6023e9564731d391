"""A pier challenge in Lakeside's office, an applicant with a firm, and the ways that stories of the console go."""

from __future__ import annotations

import shutil
from pathlib import Path

from westlake.dates import MICROS_PER_DAY, day_number
from westlake.desk.applying.drafting import save_answers
from westlake.desk.calls import change_call, plan_call
from westlake.desk.cases import find_case, open_application
from westlake.desk.people import Held
from westlake.register import Register

LAKESIDE = Path(__file__).parents[1] / "lakeside" / "programmes"
TITLES = {"en": "Piers of the north shore 2026", "ko": "2026 북쪽 호안 선착장", "zh": "2026年北岸码头"}
SUMMARY = {"en": "Build a pier that everybody may use.", "ko": "누구나 쓸 수 있는 선착장을 짓습니다.",
           "zh": "建设人人可用的码头。"}
PROPOSAL = {"summary": "A pier of oak for the ferry and for everybody who fishes.",
            "work": "Piles in spring, deck in summer. Ice may come early."}
ANSWERS = {"title": "A pier for herons", "district": "north", "cost": "20000.00", **PROPOSAL}


def shelve(office, name="pier_challenge"):
    """Put a programme of Lakeside on the office's shelf."""
    target = office.workspace.folder / "programmes" / "lakeside" / name
    if not target.exists():
        shutil.copytree(LAKESIDE / name, target, ignore=shutil.ignore_patterns("__pycache__"))


def announce(office, person, code="PIER-26", opens=-1.0, closes=30.0, announced=True, programme="pier_challenge",
             opens_at=None, closes_at=None, **terms):
    """A call; opens, closes: days from now."""
    shelve(office, programme)
    now = office.now()
    call = plan_call(office.desk, person, programme, code, 2026, opens_at or now + int(opens * MICROS_PER_DAY),
                     closes_at or now + int(closes * MICROS_PER_DAY),
                     {"title": TITLES, "summary": SUMMARY, "budget": 10_000_000, **terms})
    return change_call(office.desk, call, person, "announced", announced=True) if announced else call


def know(office, firm, **facts):
    """What the register knows of a firm since 2020."""
    for name, value in facts.items():
        Register(office.connection).enter(firm, name, value, day_number(2020, 1, 1), day_number(2099, 1, 1), "verified",
                                          "registry", day_number(2020, 1, 1))


def drafted(office, person, call, **answers):
    """A draft with answers."""
    case = open_application(office.desk, person, call, person.firm)
    save_answers(office.desk, case, person, Held("applicant", "*", person.firm), {**ANSWERS, **answers})
    return find_case(office.desk, case.id)
