"""A case as the interface tells it: what its reader is shown, nothing more."""

from __future__ import annotations

from collections.abc import Iterable

from westlake.dates import instant_iso, iso
from westlake.desk.applying.deciding import known_of, last_decision
from westlake.desk.cases import Case
from westlake.desk.desk import Desk
from westlake.desk.files import Upload
from westlake.desk.people import OUTSIDE
from westlake.desk.seeing import View, shown_answers, shown_case, shown_files, shown_steps
from westlake.rules import Kind


def case_out(desk: Desk, case: Case, lang: str) -> dict[str, object]:
    """The line of a case."""
    workflow = desk.offered(case.programme).workflow
    return {name: getattr(case, name) for name in (
        "id", "number", "kind", "parent", "call", "programme", "year", "currency", "firm", "title", "asked", "amount",
        "state", "seq")} | {
        "due": iso(case.due) if case.due is not None else None,
        "state_says": workflow.word("state", case.state, lang), "opened_at": instant_iso(case.opened_at),
        "submitted_at": instant_iso(case.submitted_at) if case.submitted_at is not None else None,
        "moved_at": instant_iso(case.moved_at)}


def case_full(desk: Desk, case: Case, view: View, lang: str, further: Iterable[Case]) -> dict[str, object]:
    """All that its reader may see. further: of the cases that follow from it, those that they may open."""
    office = view.history_shown and not set(view.sides) <= set(OUTSIDE)
    stored = last_decision(desk, case) if office else None
    return case_out(desk, shown_case(desk, case, view), lang) | {
        "answers": shown_answers(desk, case, view), "files": [file_out(one) for one in shown_files(desk, case, view)],
        "steps": [{"seq": one.seq, "step": one.name, "came_from": one.came_from, "went_to": one.went_to,
                   "role": one.role, "person": one.person, "at": instant_iso(one.at),
                   "said": dict(said) if isinstance(said := one.data.get("said"), dict) else {}}
                  for one in shown_steps(desk, case, view)],
        "facts": facts_out(desk, case, view) if office else [],
        "decision": stored and {
            "id": stored.id, "day": iso(stored.day), "version": stored.digest, "eligible": stored.eligible,
            "claim": stored.claim, "entitlement": stored.entitlement, "reason": stored.reason,
            "at": instant_iso(stored.at)},
        "following": [one.id for one in further]}


def facts_out(desk: Desk, case: Case, view: View) -> list[dict[str, str]]:
    """What is known of a case and who says so; without scores and names where these are hidden."""
    programme = desk.offered(case.programme).programme
    found = []
    for name, one in known_of(desk, case, desk.today()).items():
        if one.source == "review" and not view.scores_shown:
            continue
        if programme.inputs[name].kind is Kind.ID and not view.applicant_shown:
            continue
        value = programme.write(name, one.value) if isinstance(one.value, int) else one.value
        found.append({"name": name, "value": value, "assurance": one.assurance, "source": one.source})
    return found


def file_out(file: Upload) -> dict[str, object]:
    """A file of a case."""
    return {"id": file.id, "field": file.field, "name": file.name, "type": file.type, "bytes": file.bytes,
            "sha256": file.sha256, "at": instant_iso(file.at)}
