"""Faults at random, many times over: after each, what was answered is there, all verifies, and nobody is paid twice.

`python -m bench.faults [--kills 200] [--seed 1]`: so many power cuts from one watched year (the disk forgets what was
not synced), as many kills of the program on a file and on a server, a tenth as many kills of the server itself, and
the year stopped by a full disk at so many places. Each is followed by the same questions (tests/faults/year.py) and
the rest of the year, which must end as it does undisturbed. What the machine does not allow is said and left out.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests import postgresql
from tests.faults.drills import full_disks, kills, power_cuts, server_kills
from tests.faults.power import compiler, read_notes, watch_run
from tests.settlement.drill import play, state

SMALL_DISKS_MB = (1, 2, 3)


def main(words: list[str] | None = None) -> None:
    """Print a line for each kind of fault; exit 1 when anything was lost or paid twice."""
    asked = argparse.ArgumentParser(prog="python -m bench.faults")
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args(words or [])
    count, chance = given.kills, random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "whole").mkdir()
        play(work / "whole")
        whole = state(work / "whole")
        wrong = 0
        if compiler():
            (work / "watched").mkdir()
            notes = read_notes(watch_run(work, work / "watched", "-m", "tests.faults.year", str(work / "watched")))
            wrong += _told(f"power cuts among {len(notes)} requests to the disk", count,
                           power_cuts(notes, whole, count, chance, work))
        else:
            print("power cuts: left out, no C compiler here (apt install gcc libc6-dev)")
        wrong += _told("kills of the program, books in a file", count, kills(whole, count, chance, work))
        sizes = [chance.randrange(1_000, 1_100_000) for _ in range(max(count // 10, 1))]
        wrong += _told("files that may not grow", len(sizes), full_disks(whole, sizes, work))
        wrong += _small_disks(whole, work)
        wrong += _servers(whole, count, chance, work)
    if wrong:
        sys.exit(1)


def _servers(whole: object, count: int, chance: random.Random, work: Path) -> int:
    if postgresql.programs() is None:
        print(f"kills on a server: left out. {postgresql.MISSING}")
        return 0
    with postgresql.running() as server:
        wrong = _told("kills of the program, books on a server", count,
                      kills(whole, count, chance, work, lambda: server.address(server.new())))
        return wrong + _told("kills of the server and all its processes", max(count // 10, 1),
                             server_kills(whole, max(count // 10, 1), chance, work, server))


def _small_disks(whole: object, work: Path) -> int:
    """The same on disks that really are full, where this machine lets us make one."""
    wrong = 0
    for megabytes in SMALL_DISKS_MB:
        disk = work / f"disk{megabytes}"
        disk.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", disk], capture_output=True)
        if made.returncode:
            print("full disks: left out, only root may make small ones")
            return wrong
        try:
            grow = partial(subprocess.run, ["mount", "-o", "remount,size=64m", disk], check=True)
            wrong += _told(f"a disk of {megabytes} MB", 1, full_disks(whole, [1 << 40], disk, grow))
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)
    return wrong


def _told(what: str, count: int, found: Iterator[str]) -> int:
    begun, wrong = time.process_time(), 0
    for line in found:
        print(f"  {line}", flush=True)
        wrong += 1
    print(f"{count:5} {what}: {wrong or 'nothing'} wrong  ({time.process_time() - begun:.0f} CPU s)", flush=True)
    return wrong


if __name__ == "__main__":
    main(sys.argv[1:])
