"""A replay as plain data: JSON's view of it, and the list of all disagreements that a spreadsheet takes."""

from __future__ import annotations

from collections.abc import Iterator

from westlake.dates import iso
from westlake.replay.compare import Disagreement, Group
from westlake.replay.telling import Telling
from westlake.rules import Citation
from westlake.words import say

COLUMNS = ("row", "case", "day", "kind", "old", "rule", "difference", "old_verdict", "rule_verdict", "clause",
           "clause_source", "clause_number", "value", "value_source", "value_class", "value_clause", "read",
           "hypothesis")
AMOUNTS = ("old", "rule", "difference")
Field = str | int | None


def as_dict(telling: Telling) -> dict[str, object]:
    """JSON's view. Amounts are minor units of the programme's currency."""
    replay, found = telling.replay, telling.comparison
    programme, used = replay.programme, found.values_used()
    return {
        "file": replay.table.file, "sheet": replay.table.sheet, "sha256": replay.sha256,
        "header_row": replay.table.header_row, "sheets_not_read": replay.table.unread,
        "programme": programme.name, "regime": programme.regime, "digest": programme.digest,
        "currency": programme.currency, "currency_taken": replay.columns.taken or None,
        "held_against": {"amount": found.measure.amount, "verdict": found.measure.verdict},
        "decided": found.decided, "agreeing": found.agreeing, "differing": found.decided - found.agreeing,
        "undecided": len(found.unread), "old_total": found.old_total, "rule_total": found.new_total,
        "undecided_old_total": found.undecided_old, "undecided_without_amount": found.undecided_unknown,
        "sheet_total": {"row": found.stated[0], "amount": found.stated[1],
                        "rows_add_up_to": found.old_total + found.undecided_old} if found.stated else None,
        "over": found.over, "under": found.under, "shadowed": found.shadowed,
        "passed_over": {str(row): why for row, why in replay.table.passed.items()}, "given": replay.given,
        "columns": {name: column.heading for name, column in replay.columns.columns().items() if column.heading},
        "groups": [_group(telling, group) for group in found.groups],
        "disagreements": [dict(zip(COLUMNS, row, strict=True)) for row in rows(telling)],
        "unread": [{"row": row.row, "case": row.name,
                    "problems": [problem.as_dict(telling.lang) for problem in row.problems]} for row in found.unread],
        "values": {name: {**citation.as_dict(telling.lang), "doubtful": citation.doubtful}
                   for name, citation in used.items()},
    }


def rows(telling: Telling) -> Iterator[list[Field]]:
    """Every disagreement as the fields of `COLUMNS`, in the order of the sheet; amounts in minor units."""
    placed = {id(case): group for group in telling.comparison.groups for case in group.cases}
    for case in telling.comparison.disagreements:
        yield _row(telling, placed[id(case)], case)


def headings(lang: str) -> list[str]:
    """What the columns are called."""
    return [say(f"replay.column.{name}", lang) for name in COLUMNS]


def _row(telling: Telling, group: Group, case: Disagreement) -> list[Field]:
    clause, value = telling.rule_citation(group), telling.value_citation(group)
    return [case.row, case.name, iso(case.day), telling.say(f"short.{case.kind}"), case.old, case.new,
            None if case.old is None else case.difference, _yes(telling, case.old_verdict),
            _yes(telling, case.new_verdict), telling.label(case.rule), clause.source.id, clause.clause,
            telling.label(case.value) if case.value else "", value.source.id if value else "",
            value.cls if value else "", value.clause if value else "", telling.read(case), telling.hypotheses(case)]


def _yes(telling: Telling, verdict: bool | None) -> str:
    return "" if verdict is None else say("rules.yes" if verdict else "rules.no", telling.lang)


def _group(telling: Telling, group: Group) -> dict[str, object]:
    def cited(citation: Citation | None) -> dict[str, object] | None:
        return citation.as_dict(telling.lang) if citation else None
    return {
        "kind": group.kind, "clause": group.rule, "value": group.value or None, "cases": len(group.cases),
        "over": group.over, "under": group.under, "says": telling.sentence(group),
        "clause_rests_on": cited(telling.rule_citation(group)), "value_rests_on": cited(telling.value_citation(group)),
        "read": list(group.cases[0].read), "rows": [case.row for case in group.cases],
        "old_is_share": {"of": share[0], "share": float(share[1])} if (share := group.share()) else None,
        "hypotheses": [{"name": hypothesis.name, "cases": count, "says": telling.change(hypothesis),
                        "since": iso(hypothesis.since) if hypothesis.since is not None else None,
                        "after": telling.programme.write(hypothesis.name, hypothesis.after),
                        "but_for_rounding": hypothesis.rounded}
                       for hypothesis, count in group.explained()],
    }
