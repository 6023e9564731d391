"""What a proposed value would have done to the last settled year, tried as a piece of work; no money moves."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from westlake.desk.plan.proposing import Proposal, find_proposal
from westlake.disk import write_whole
from westlake.errors import WestlakeError
from westlake.settlement.proposal import read_reform
from westlake.settlement.reform import GroupChange, try_reform
from westlake.web.office import Office
from westlake.words import LANGUAGES

if TYPE_CHECKING:  # work knows this kind of work
    from westlake.web.work import Doing


def reform_effect(doing: Doing) -> dict[str, object]:
    """Try a proposal on a settled year in memory. What came of it is kept beside the proposals, a refusal too: a job
    is forgotten after a while, a proposal is not."""
    office, year = doing.office, doing.given["year"]
    proposal = find_proposal(office.desk, doing.given["proposal"])
    try:
        found = _tried(office, proposal, year)
    except WestlakeError as error:
        _keep(office, proposal, {
            "year": year, "refused": {lang: error.problems[0].sentence(lang) for lang in LANGUAGES}})
        raise
    _keep(office, proposal, found)
    return {"proposal": proposal.id, "year": year}


def tried_effect(office: Office, proposal: Proposal) -> dict[str, Any] | None:
    """What came of a trial: year, currency, `total` and `groups` in minor units, or why it was `refused`; None before.
    """
    path = _place(office, proposal)
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def trial_year(office: Office, proposal: Proposal) -> int | None:
    """The last settled year of a proposal's programme, on which it is tried; None where no year is settled."""
    row = office.connection.execute("SELECT max(year) FROM settlement_round WHERE programme = ?",
                                    (proposal.programme,)).fetchone()
    return None if row[0] is None else int(row[0])


def _tried(office: Office, proposal: Proposal, year: int) -> dict[str, object]:
    programme = office.programmes[proposal.programme]
    with tempfile.TemporaryDirectory(prefix="westlake-reform-") as folder:
        path = Path(folder) / "proposal.yaml"
        path.write_text(proposal.reform, "utf-8")
        reform = try_reform(office.connection, programme, year, *read_reform(programme, str(path)))
    return {"year": year, "currency": reform.law.currency, "total": _figures(reform.total),
            "groups": {cut: [_figures(row) for row in rows] for cut, rows in reform.groups.items()}}


def _figures(row: GroupChange) -> dict[str, object]:
    return {"value": row.value, "before": row.before, "after": row.after, **row.counts}


def _place(office: Office, proposal: Proposal) -> Path:
    return office.workspace.folder / "proposals" / f"{proposal.id}.json"


def _keep(office: Office, proposal: Proposal, found: dict[str, object]) -> None:
    target = _place(office, proposal)
    target.parent.mkdir(exist_ok=True)
    write_whole(target, lambda draft: draft.write_text(json.dumps(found, ensure_ascii=False), "utf-8"))
