"""What deciding costs: a three-rule voucher for a million rows beside the memory's own speed and beside peers.

CPU seconds (time.process_time), one thread, the least of several runs. The floor is what it takes to copy
as many bytes as the rows read and write. "wrong" counts the rows of a million whose voucher is not the
exact fen. `python -m bench.rules`; peers that are not installed here (nor in WESTLAKE_BENCH_PYTHON) are
left out with a line that says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb
import numpy as np

from bench.rules_voucher import BYTES, CAP, DAY, MINIMUM, RATES, exact, rows_of
from westlake import programmes
from westlake.dates import iso
from westlake.errors import WestlakeError
from westlake.rules import Kind, Programme, load_programme

ROOT = Path(__file__).parent.parent
VOUCHER = ROOT / "tests" / "lakeside" / "programmes" / "compute_voucher"
PEERS = ("polars", "openfisca", "openfisca_float", "ttsim", "ttsim_float")
MILLION = 1_000_000


def main() -> None:
    """Print the tables."""
    speed = copy_speed()
    print(f"memory copies at {speed / 1e9:.1f} GB/s (read and written counted)")
    for count in (MILLION, 10 * MILLION):
        _table(count, speed)
    _compile()
    _one_decision()
    _every_programme(speed)


def measured(work: Callable[[], object], times: int = 9) -> float:
    """The least CPU seconds of a few runs; the first, which may compile, is not counted."""
    work()
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def copy_speed() -> float:
    """Bytes a second of the best of a dozen copies of 200 MB."""
    source = np.ones(25 * MILLION, np.int64)
    target = np.zeros_like(source)
    return 2 * source.nbytes / measured(lambda: np.copyto(target, source), 12)


def _table(count: int, speed: float) -> None:
    floor = BYTES * count / speed
    print(f"\n{count:,} rows, floor {floor * 1e3:.2f} ms\n{'':34}{'ms':>10}{'x floor':>9}{'Mrows/s':>9}{'wrong':>10}")
    rows = rows_of(count)
    right = exact(rows)
    for name, work in (("westlake", _westlake(rows)), ("numpy", lambda: exact(rows)), ("duckdb", _duckdb(rows))):
        cpu = measured(work, 9 if count == MILLION else 4)
        _line(name, cpu, floor, count, int((work() != right).sum()))
    if count == MILLION:
        for name in PEERS:
            _peer(name, floor, count)


def _line(name: str, cpu: float, floor: float, count: int, wrong: int) -> None:
    print(f"{name:34}{cpu * 1e3:10.2f}{cpu / floor:9.1f}{count / cpu / 1e6:9.0f}{wrong:10,}")


def _westlake(rows: Mapping[str, np.ndarray]) -> Callable[[], np.ndarray]:
    programme = load_programme(VOUCHER)
    into = {"payout": np.empty(len(rows["size_class"]), np.int64)}
    return lambda: programme.run(rows, DAY, ["payout"], into)["payout"]


def _duckdb(rows: Mapping[str, np.ndarray]) -> Callable[[], np.ndarray]:
    sql = duckdb.connect()
    sql.execute("SET threads = 1")
    sql.execute("SET enable_progress_bar = false")
    spend_compute, spend_storage, size_class = rows["spend_compute"], rows["spend_storage"], rows["size_class"]
    given = {"c": spend_compute, "s": spend_storage, "k": size_class}
    sql.register("given", given)
    sql.execute("CREATE TABLE firms AS SELECT * FROM given")
    rate = "CASE k " + " ".join(f"WHEN {at} THEN {number}" for at, number in enumerate(RATES)) + " END"
    text = (
        f"SELECT CASE WHEN c + s < {MINIMUM} THEN 0 "
        f"ELSE least((c + s) * ({rate}) // 1000000, {CAP}) END::BIGINT AS payout FROM firms"
    )
    return lambda: sql.execute(text).fetchnumpy()["payout"]


def _peer(name: str, floor: float, count: int) -> None:
    """Runs a peer in a process of its own, which needs nothing of Westlake."""
    python = os.environ.get("WESTLAKE_BENCH_PYTHON", sys.executable)
    done = subprocess.run(
        [python, "-m", "bench.rules_peers", name, str(count)], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode == 3:
        print(f"{name:34}{'not installed: ' + done.stdout.strip()}")
    elif done.returncode:
        print(f"{name:34}{'failed: ' + done.stderr.strip().splitlines()[-1]}")
    else:
        for line in done.stdout.splitlines():
            told = json.loads(line)
            _line(told["name"], told["cpu"], floor, count, told["wrong"])


def _compile() -> None:
    """The first run of a kernel in a new process: compiled, and taken from the cache on disk."""
    text = (
        "import time, numpy as np; from pathlib import Path; from westlake.rules import load_programme; "
        f"p = load_programme(Path({str(VOUCHER)!r})); import numba; t = time.process_time(); "
        "p.run({'spend_compute': np.array([1]), 'spend_storage': np.array([1]), "
        f"'size_class': np.array([1], np.int8)}}, '{DAY}', ['payout']); print(time.process_time() - t)"
    )
    import tempfile

    with tempfile.TemporaryDirectory() as cache:
        took = [
            float(
                subprocess.run(
                    [sys.executable, "-c", text],
                    capture_output=True,
                    text=True,
                    check=True,
                    env=os.environ | {"WESTLAKE_CACHE": cache},
                ).stdout
            )
            for _ in range(2)
        ]
    print(f"\na kernel's first run: compiled {took[0]:.2f} s, from the disk cache {took[1]:.2f} s")


def _one_decision() -> None:
    """Microseconds of one decision: values alone, with every step and citation, and of loading the folder."""
    print(f"\n{'one decision, µs':34}{'decided':>10}{'explained':>10}{'rules':>7}")
    for folder in sorted(VOUCHER.parent.glob("*/rules.py")):
        programme = load_programme(folder.parent)
        row = programme.examples[0].rows[0]
        case, day = dict(row.given), row.day
        decided = measured(lambda p=programme: [p.decide(case, day) for _ in range(2000)], 5) / 2000  # noqa: B023
        explained = measured(lambda p=programme: [_read(p, case, day) for _ in range(2000)], 5) / 2000  # noqa: B023
        print(f"{programme.name:34}{decided * 1e6:10.1f}{explained * 1e6:10.1f}{len(programme.graph.rules):7}")


def _read(programme: Programme, case: Mapping[str, object], day: int) -> int:
    """Decides and reads every number and citation of every step."""
    read = 0
    for step in programme.decide(case, day).steps:
        read += step.number + (step.citation is not None)
        for argument in step.arguments:
            read += argument.number + (argument.citation is not None)
    return read


def _every_programme(speed: float) -> None:
    """Each programme that comes with Westlake, on random rows within its form."""
    print(f"\n{'a million rows':34}{'ms':>10}{'x floor':>9}{'bytes/row':>10}{'day':>12}")
    for folder in sorted(Path(programmes.__file__).parent.glob("*/*/rules.py")):
        try:
            programme = load_programme(folder.parent)
            _programme(programme, speed)
        except WestlakeError as error:
            print(f"{folder.parent.name:34}{error.problems[0].line()}")


def _programme(programme: Programme, speed: float) -> None:
    day = max(change for change in programme.changes if change < 22_000)
    outputs = _results(programme, day)
    rows = dict(_random(programme, MILLION))
    found = programme.run(rows, day, outputs)
    into = {name: np.empty_like(column) for name, column in found.items()}
    used = [column for name, column in rows.items() if name in programme.graph.upstream(outputs)]
    size = sum(column.itemsize for column in (*used, *found.values()))
    cpu = measured(lambda: programme.run(rows, day, outputs, into), 5)
    print(f"{programme.name:34}{cpu * 1e3:10.2f}{cpu / (size * MILLION / speed):9.1f}{size:10}{iso(day):>12}")


def _results(programme: Programme, day: int) -> list[str]:
    """The rules in force that no other takes."""
    names = programme.plan(day).rules()
    taken = {need for name in programme.plan(day).names for need in programme.graph.needs(name)}
    return [name for name in names if name not in taken]


def _random(programme: Programme, count: int) -> Iterator[tuple[str, np.ndarray]]:
    """Columns within the declared ranges; keys sorted, five rows a key; money small as it mostly is."""
    chance = np.random.default_rng(7)
    for name, item in programme.inputs.items():
        low, high = item.low, item.high
        match item.kind:
            case Kind.ID:
                yield name, np.sort(chance.integers(0, count // 5, count))
            case Kind.BOOL:
                yield name, chance.integers(0, 2, count).astype(np.bool_)
            case Kind.CHOICE:
                yield name, chance.integers(low, high + 1, count).astype(np.int8)
            case Kind.DAY:
                yield name, chance.integers(max(low, 16_000), min(high, 21_000), count)
            case _:
                drawn = np.exp(chance.normal(12.0, 2.0, count)).astype(np.int64)
                yield name, np.clip(drawn, low, high)


if __name__ == "__main__":
    main()
