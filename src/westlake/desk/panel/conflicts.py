"""Who must not judge whom: conflicts of interest derived from what is known of both sides.

A conflict is found by what two parties share (an organisation, an e-mail domain, a related firm, a past), never by
comparing every reviewer with every case: each fact is a key, and only parties under the same key meet.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from westlake.dates import add_months
from westlake.words import say

# Anybody may open an address at these: sharing one says nothing.
PUBLIC_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com",
    "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.de", "mail.com", "yandex.com",
    "zoho.com", "naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "hanmir.com", "qq.com", "foxmail.com",
    "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "aliyun.com", "139.com", "189.cn", "wo.cn",
    "tom.com", "21cn.com", "erased.invalid"})  # the last: where whoever was forgotten stands
# Under a country's letters these labels are registries, not organisations: x.ac.kr and y.ac.kr are two houses.
REGISTRIES = frozenset(["ac", "co", "com", "edu", "gov", "go", "mil", "net", "ne", "or", "org", "pe", "re"])
_REMEMBERED = 50_000  # names and addresses whose plain form is kept: lists look at everybody's, again and again
KINDS = ("declared_by_reviewer", "declared_by_case", "same_organisation", "related_firm", "same_email_domain",
         "earlier_employer", "joint_case")


class Past(NamedTuple):
    """A part of somebody's history that may be shared."""

    kind: str  # "employer" (detail: an organisation) or "joint_case" (detail: the case's id)
    detail: str
    until: int  # its last day, a day number


@dataclass(frozen=True)
class Party:
    """A reviewer, or a case with its applicant and people. Names may be in any script and case."""

    id: str
    organisation: str = ""
    emails: tuple[str, ...] = ()
    firm: str = ""  # its id in the register
    related_firms: tuple[str, ...] = ()  # ids of firms of the same group, as of the call's day
    past: tuple[Past, ...] = ()
    declared: tuple[str, ...] = ()  # ids of the other side that this one says it must not judge, or be judged by


class Conflict(NamedTuple):
    """Why a reviewer must not judge a case."""

    kind: str  # one of KINDS
    detail: str  # the organisation, domain, firm or case that both share


Conflicts = dict[tuple[str, str], tuple[Conflict, ...]]


def find_conflicts(reviewers: Iterable[Party], cases: Iterable[Party], *, today: int, years: int = 3) -> Conflicts:
    """Every pair (reviewer id, case id) that must not meet, with all its reasons in the order of KINDS.

    today: day number; years: how far a shared past reaches back (both sides' part must end on or after that day).
    """
    since = add_months(today, -12 * years)
    reviewers, cases = tuple(reviewers), tuple(cases)
    found: dict[tuple[str, str], set[Conflict]] = defaultdict(set)
    _add_declared(found, reviewers, cases)
    by_key: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in cases:
        for key in _keys(case, since):
            by_key[key].append(case.id)
    for reviewer in reviewers:
        for kind, detail in _keys(reviewer, since):
            for case_id in by_key.get((kind, detail), ()):
                found[reviewer.id, case_id].add(Conflict(_spoken(kind), detail))
    return {pair: tuple(sorted(_tidy(found[pair]), key=lambda one: (KINDS.index(one.kind), one.detail)))
            for pair in sorted(found)}


def conflict_sentence(conflict: Conflict, lang: str = "en") -> str:
    """Why the two must not meet, in one sentence."""
    return say(f"desk_choice.conflict.{conflict.kind}", lang, detail=conflict.detail)


def conflict_grid(conflicts: Iterable[tuple[str, str]], cases: Sequence[str],
                  reviewers: Sequence[str]) -> np.ndarray:
    """The pairs (reviewer, case) as a table of bool, shape (cases, reviewers): true where the two must not meet."""
    row = {case: number for number, case in enumerate(cases)}
    column = {reviewer: number for number, reviewer in enumerate(reviewers)}
    grid = np.zeros((len(cases), len(reviewers)), dtype=bool)
    known = [(row[case], column[reviewer]) for reviewer, case in conflicts if case in row and reviewer in column]
    if known:
        grid[tuple(np.array(known).T)] = True
    return grid


@lru_cache(_REMEMBERED)
def email_domain(email: str) -> str:
    """The domain that an organisation registered, or "" for public mail: kim@cs.lake.ac.kr is lake.ac.kr."""
    labels = email.strip().casefold().rpartition("@")[2].strip(".").split(".")
    if len(labels) < 2:
        return ""
    under_a_registry = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in REGISTRIES
    domain = ".".join(labels[-3:] if under_a_registry else labels[-2:])
    return "" if domain in PUBLIC_MAIL else domain


def _add_declared(found: Mapping[tuple[str, str], set[Conflict]], reviewers: Sequence[Party],
                  cases: Sequence[Party]) -> None:
    case_ids, reviewer_ids = {case.id for case in cases}, {reviewer.id for reviewer in reviewers}
    for reviewer in reviewers:
        for case_id in case_ids.intersection(reviewer.declared):
            found[reviewer.id, case_id].add(Conflict("declared_by_reviewer", reviewer.id))
    for case in cases:
        for reviewer_id in reviewer_ids.intersection(case.declared):
            found[reviewer_id, case.id].add(Conflict("declared_by_case", case.id))


def _keys(party: Party, since: int) -> set[tuple[str, str]]:
    return set(_facts(party, since))


def _facts(party: Party, since: int) -> Iterator[tuple[str, str]]:
    """What a party is found by. Who worked at a house and who is there now share the key "employer"."""
    organisation = plain(party.organisation)
    if organisation:
        yield "same_organisation", organisation
        yield "employer", organisation
    for firm in (party.firm, *party.related_firms):
        if firm:
            yield "related_firm", firm
    for email in party.emails:
        domain = email_domain(email)
        if domain:
            yield "same_email_domain", domain
    for past in party.past:
        if past.until >= since:
            yield past.kind, plain(past.detail) if past.kind == "employer" else past.detail


def _tidy(found: set[Conflict]) -> set[Conflict]:
    """Two who are in one house today are not also reported as having once been."""
    now = {conflict.detail for conflict in found if conflict.kind == "same_organisation"}
    return {conflict for conflict in found if conflict.kind != "earlier_employer" or conflict.detail not in now}


def _spoken(kind: str) -> str:
    return "earlier_employer" if kind == "employer" else kind


@lru_cache(_REMEMBERED)
def plain(name: str) -> str:
    """A name without its accidents: width, case and spaces ("Ｌａｋｅ  Lab" is "lake lab")."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
