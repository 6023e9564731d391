"""An old call's decisions, as an office's spreadsheet has them, held against the written rule: nothing is stored.

The sheet's columns are matched with the inputs of form.yaml (mapping.py, guesses.py), its cells are read or
set apart (cells.py, cases.py), every row is decided by the kernel (compare.py), and those that differ are
looked into one by one: which clause binds, on what it rests, what it read, what alone would explain the
old decision (reasons.py).
"""

from westlake.replay.amounts import UNITS
from westlake.replay.cells import ROUNDINGS, constant
from westlake.replay.column import Column
from westlake.replay.findings import Replay, measure_of, replay
from westlake.replay.guesses import Guess, guess, names_of, rule_named
from westlake.replay.mapping import ColumnMap, read_map, write_map
from westlake.replay.measure import Measure
from westlake.replay.table import Table, read_table
from westlake.replay.telling import Telling

__all__ = ["ROUNDINGS", "UNITS", "Column", "ColumnMap", "Guess", "Measure", "Replay", "Table", "Telling", "constant",
           "guess", "measure_of", "names_of", "read_map", "read_table", "replay", "rule_named", "write_map"]
