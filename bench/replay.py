"""What holding old decisions against the rule costs: a year's spreadsheet, from the file to the page and the export.

CPU seconds of this process and of the command's, never wall time; the floor is the bare reading of the same
file. `python -m bench.replay [ROWS]`: three in a hundred decisions are altered in four ways; then, for the
worst case, all of them are.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

import westlake.programmes
from westlake.dates import day_number, iso
from westlake.replay import Column, ColumnMap, Telling, measure_of, read_table, replay, write_map
from westlake.replay.cases import read_cases
from westlake.replay.listing import as_dict
from westlake.reports.disagreements import write_disagreements
from westlake.reports.replay import write_replay
from westlake.rules import Programme, load_programme
from westlake.spreadsheet import read_sheets

FOLDER = Path(westlake.programmes.__file__).parent / "hangzhou" / "cloud_voucher"
RULES = ("entitlement", "eligible")
INPUTS = ("firm", "base", "spend_class", "resident", "saas", "size", "contracts_year")
LEDGER = ("claim_settled", "claims_before", "allotted_before")
COLUMNS = ColumnMap({**{name: Column(name) for name in INPUTS}, **{name: Column(constant="0.00") for name in LEDGER}},
                    Column("paid"), Column("approved"), Column("day"), Column("firm"))
ROWS_A_FIRM = 8


def main(count: int = 100_000) -> None:
    """Print the table."""
    programme = load_programme(FOLDER)
    rows, paid, approved = decided(programme, count)
    print(f"{count:,} old decisions of the cloud voucher, ten columns; CPU time\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for share, words in ((3, "three in a hundred differ"), (100, "all differ")):
            altered = alter(paid, approved, share)
            for ending, write in (("csv", write_csv), ("xlsx", write_xlsx)):
                path = folder / f"old_{share}.{ending}"
                write(path, rows, *altered)
                _told(path, words, list(_stages(programme, path, folder)))


def decided(programme: Programme, count: int, seed: int = 7) -> tuple[list[list[str]], list[int], list[int]]:
    """Rows as texts in the order of days, what the rules give for each in fen, and whether they admit it."""
    chance = np.random.default_rng(seed)
    columns = {
        "firm": chance.integers(0, max(1, count // ROWS_A_FIRM), count), "spend_class": chance.integers(0, 2, count),
        "base": np.exp(chance.normal(12.5, 2.0, count)).astype(np.int64) * 10_000,
        "resident": chance.random(count) < 0.97, "saas": chance.random(count) < 0.5,
        "size": chance.choice(4, count, p=[0.5, 0.3, 0.15, 0.05]),
        "contracts_year": np.exp(chance.normal(17.0, 1.5, count)).astype(np.int64), **dict.fromkeys(
            LEDGER, np.zeros(count, np.int64))}
    days = np.sort(chance.integers(day_number(2025, 1, 1), day_number(2025, 12, 31) + 1, count))
    texts = {name: [programme.write(name, int(number)) for number in columns[name]] for name in INPUTS}
    # firms are read back as texts, so that they are grouped as an office's own names would be
    texts["firm"] = [f"F{number}" for number in columns["firm"]]
    found = programme.run(columns, days, list(RULES))
    rows = [[texts[name][at] for name in INPUTS] + [iso(int(days[at]))] for at in range(count)]
    return rows, found["entitlement"].tolist(), found["eligible"].astype(int).tolist()


def alter(paid: list[int], approved: list[int], share: int) -> tuple[list[int], list[int]]:
    """Old decisions of which `share` in a hundred are not the rule's: another rate, a few fen, refused, approved."""
    altered, answers = list(paid), list(approved)
    for at in range(len(paid)):
        if at % 100 < share:
            way = at // 7 % 4
            altered[at] = (paid[at] * 3 // 5 + 1, paid[at] + 2, 0, paid[at] + 100_000)[way]
            answers[at] = (approved[at], approved[at], 0, 1)[way]
    return altered, answers


def write_csv(path: Path, rows: list[list[str]], paid: list[int], approved: list[int]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_lines(rows, paid, approved))


def write_xlsx(path: Path, rows: list[list[str]], paid: list[int], approved: list[int]) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("2025")
        for number, cells in enumerate(_lines(rows, paid, approved)):
            sheet.write_row(number, 0, cells)


def _lines(rows: list[list[str]], paid: list[int], approved: list[int]) -> Iterator[list[Any]]:
    yield [*INPUTS, "day", "paid", "approved"]
    for cells, amount, answer in zip(rows, paid, approved, strict=True):
        yield [*cells, f"{amount // 100}.{amount % 100:02d}", "是" if answer else "否"]


def _stages(programme: Programme, path: Path, folder: Path) -> Iterator[tuple[str, float, str]]:
    measure = measure_of(programme, COLUMNS, RULES)
    seconds, _ = timed(lambda: [list(sheet) for _, sheet in read_sheets(path)])
    yield "the file's cells, bare", seconds, ""
    seconds, table = timed(lambda: read_table(path, wanted=COLUMNS.headings()))
    yield "table found", seconds, ""
    seconds, (cases, _) = timed(lambda: read_cases(table, COLUMNS, measure))
    yield "cells read as inputs", seconds, f"{len(cases.rows):,} rows"
    seconds, found = timed(lambda: replay(path, table, COLUMNS, measure))
    groups = len(found.comparison.groups)
    yield "read and held against the rule, with reasons", seconds, (
        f"{found.comparison.decided - found.comparison.agreeing:,} differ, told in {groups} sentences")
    telling = Telling(found)
    seconds, _ = timed(lambda: (write_replay(telling, ""), as_dict(telling),
                                write_disagreements(folder / "d.csv", telling)))
    yield "page, JSON and export", seconds, ""
    yield "the whole command, its start included", command(programme, path, folder), ""


def command(programme: Programme, path: Path, folder: Path) -> float:
    """CPU seconds of `westlake replay` as an officer runs it, with its page and its export."""
    (folder / "map.yaml").write_text(write_map(COLUMNS, {}), "utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "westlake.cli", "replay", str(path), "--programme", str(programme.folder),
                    "--columns", str(folder / "map.yaml"), "--report", str(folder / "page.html"), "--export",
                    str(folder / "d.csv")], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one run, and what it gave."""
    begun = time.process_time()
    given = work()
    return time.process_time() - begun, given


def _told(path: Path, words: str, stages: list[tuple[str, float, str]]) -> None:
    print(f"{path.suffix[1:]}, {words}")
    for what, seconds, remark in stages:
        print(f"  {what:48}{seconds:>8.2f} s  {remark}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
