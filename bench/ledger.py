"""What the books cost: transfers posted, verified and looked up, beside bare SQLite inserts in the same run.

CPU seconds of this process (time.process_time), never wall time; the floor is the same two rows in the
same file with no guard, no balance, no chain and no index. `python -m bench.ledger [TRANSFERS]`.
"""

from __future__ import annotations

import gc
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from westlake.database import connect, transaction
from westlake.dates import Period
from westlake.ledger import Books, Journal, Transfer

YEAR = Period.year(2025)
FIRMS, BUNDLE, SINGLE = 1000, 1000, 400
FLOOR = """
    CREATE TABLE journal (id INTEGER PRIMARY KEY, idem TEXT, day INTEGER, kind TEXT, memo TEXT);
    CREATE TABLE transfer (journal INTEGER, seq INTEGER, debit INTEGER, credit INTEGER, amount INTEGER, phase TEXT)"""


def main(transfers: int = 100_000) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        floor = _floor(Path(folder) / "floor.db", transfers)
        books = open_lakeside(Path(folder) / "books.db")
        rows = list(_measure(books, transfers, floor))
        size = (Path(folder) / "books.db").stat().st_size / transfers
        syncs = _syncs(Path(folder))
    print(f"{transfers:,} transfers, {FIRMS:,} firms, half of them out of one budget; CPU time\n")
    print(f"{'bare inserts, ' + format(BUNDLE, ',') + ' a commit':44}{transfers / floor:>12,.0f} /s   1.0 x")
    for words, seconds, count, unit in rows:
        figure = f"{count / seconds:>12,.0f} /s" if unit == "/s" else f"{seconds / count * 1e6:>12,.0f} µs"
        ratio = f"{seconds / count / (floor / transfers):>6.1f} x" if unit == "/s" else ""
        print(f"{words:44}{figure}{ratio}")
    print(f"{'bytes a transfer, indexes included':44}{size:>12,.0f}")
    print(f"{'disk syncs a durable post':44}{syncs:>12}")


def open_lakeside(path: Path) -> Books:
    """Books with a budget that nothing exhausts and an account a firm."""
    books = Books.create(connect(path))
    with transaction(books.connection):
        books.open_account("treasury", "CNY", "free")
        books.open_account("budget:cloud", "CNY", "credit")
        for number in range(FIRMS):
            books.open_account(f"payable:firm{number:04d}", "CNY", "credit")
        books.open_period(YEAR.first, YEAR.last)
        books.post(Journal("funds", YEAR.first, "appropriation", "", [
            Transfer("treasury", "budget:cloud", 10**13),
            *(Transfer("treasury", f"payable:firm{number:04d}", 10**8) for number in range(FIRMS))]))
    return books


def workload(count: int, name: str = "pay") -> list[Journal]:
    """One transfer a journal, days in order; the same for the same count."""
    chance = random.Random(7)
    journals = []
    for number in range(count):
        debit = "budget:cloud" if chance.random() < 0.5 else f"payable:firm{chance.randrange(FIRMS // 2):04d}"
        credit = f"payable:firm{chance.randrange(FIRMS // 2, FIRMS):04d}"
        journals.append(Journal(f"{name}:2025:{number:07d}", YEAR.first + number * 360 // count, "payment",
                                "Cloud voucher", [Transfer(debit, credit, chance.randrange(1, 5000))]))
    return journals


def _measure(books: Books, transfers: int, floor: float) -> Iterator[tuple[str, float, int, str]]:
    journals = workload(transfers)
    yield f"post_many, {BUNDLE:,} a commit", _cpu(lambda: _post(books, journals)), transfers, "/s"
    again = journals[:10_000]
    yield "the same requests again, answered", _cpu(lambda: _post(books, again)), len(again), "/s"
    singles = workload(SINGLE, "single")
    yield "post, one a commit, synchronous=FULL", _cpu(lambda: [books.post(one) for one in singles]), SINGLE, "µs"
    problems: list[object] = []
    yield "verify, every check", _cpu(lambda: problems.extend(books.verify())), transfers, "/s"
    assert not problems, problems
    yield "balance now", _cpu(lambda: [books.balance("budget:cloud") for _ in range(1000)]), 1000, "µs"
    yield "balance of one firm on a day, nothing closed", _cpu(
        lambda: [books.balance("payable:firm0900", YEAR.last) for _ in range(100)]), 100, "µs"
    yield "close the year", _cpu(lambda: books.close_period(YEAR.first, YEAR.last)), 1, "µs"
    yield "balance of the busiest account, year closed", _cpu(
        lambda: [books.balance("budget:cloud", YEAR.last) for _ in range(1000)]), 1000, "µs"


def _post(books: Books, journals: list[Journal]) -> None:
    for start in range(0, len(journals), BUNDLE):
        books.post_many(journals[start:start + BUNDLE])


def _floor(path: Path, transfers: int) -> float:
    """CPU seconds for the same two rows a transfer, and nothing else."""
    connection = connect(path)
    connection.executescript(FLOOR)
    journals = workload(transfers)

    def insert() -> None:
        for start in range(0, transfers, BUNDLE):
            connection.execute("BEGIN IMMEDIATE")
            for number, one in enumerate(journals[start:start + BUNDLE], start):
                connection.execute("INSERT INTO transfer VALUES (?,?,?,?,?,?)",
                                   (number, 1, 1, 2, one.transfers[0].amount, one.transfers[0].phase))
                connection.execute("INSERT INTO journal VALUES (?,?,?,?,?)",
                                   (number, one.idem, one.day, one.kind, one.memo))
            connection.execute("COMMIT")
    return _cpu(insert)


def _cpu(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _syncs(folder: Path) -> str:
    """fsync and fdatasync calls that 100 posts more make, counted by strace in a process of their own.

    The write-ahead log is kept whole meanwhile: its checkpoint, once in a thousand pages, has syncs of
    its own.
    """
    if not shutil.which("strace"):
        return "no strace"
    script = ("import sys; from pathlib import Path; from bench.ledger import open_lakeside, workload\n"
              "books = open_lakeside(Path(sys.argv[1])); books.connection.execute('PRAGMA wal_autocheckpoint=0')\n"
              "for one in workload(int(sys.argv[2])): books.post(one)\n"
              "import os; os._exit(0)")
    counts = []
    for posts in (100, 200):
        done = subprocess.run(["strace", "-f", "-e", "trace=fsync,fdatasync", sys.executable, "-c", script,
                               str(folder / f"{posts}.db"), str(posts)], capture_output=True, text=True)
        counts.append(len(re.findall(r"\bf(?:data)?sync\(", done.stderr)))
    return f"{(counts[1] - counts[0]) / 100:.2f}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
