"""One replay from the file to its findings: the table, the columns, the comparison, and what it all rests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from westlake.digest import file_sha256
from westlake.errors import Place, WestlakeError
from westlake.replay.cases import read_cases
from westlake.replay.compare import Comparison, compare, shadowed
from westlake.replay.mapping import ColumnMap
from westlake.replay.measure import Measure
from westlake.replay.table import Table
from westlake.rules import Programme


@dataclass(frozen=True)
class Replay:
    """What one file was held against, how it was read, and what came of it."""

    programme: Programme
    table: Table
    columns: ColumnMap
    sha256: str
    comparison: Comparison

    @property
    def given(self) -> dict[str, str]:
        """What was taken as the same for every row, because the sheet lacks it: name → plain text."""
        return {name: column.constant for name, column in self.columns.columns().items() if column.constant is not None}


def measure_of(programme: Programme, columns: ColumnMap, rules: tuple[str, str]) -> Measure:
    """What a sheet with these columns is held against. rules: the programme's own rules of amount and verdict.

    The mapping's rules go before the programme's; an amount is asked for only where the sheet has one.
    W133 where there is no rule to ask.
    """
    amount = (columns.amount.rule or rules[0]) if columns.amount.known else ""
    return Measure(programme, amount, columns.verdict.rule or rules[1])


def replay(path: Path, table: Table, columns: ColumnMap, measure: Measure) -> Replay:
    """Hold a table's decisions against the rule. W132 for a column that is not there, W137 if no row can be decided."""
    cases, unread = read_cases(table, columns, measure)
    if not cases.rows:
        problems = [problem for row in unread[:5] for problem in row.problems]
        raise WestlakeError([WestlakeError.one("W137", Place(table.name), rows=len(unread)).problems[0], *problems])
    over = sum(1 for _ in shadowed(cases, unread)) if any(plan.groups for plan in measure.plans()) else 0
    return Replay(measure.programme, table, columns, file_sha256(path), compare(measure, cases, unread, over))
