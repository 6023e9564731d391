"""What the console costs an office with 5,000 applications and 15,000 reviews, on a file and on a server.

`python -m bench.desk [PART …] [--cases N] [--keep FOLDER]`; the parts:
choice  a call is closed: all that came in are admitted one by one, reviewers assigned, the ranked list made; s
pages   lists and cases as people open them, through all of the console: CPU ms and questions to the database
users   20 people with 5 s between two pages, over the network against `westlake serve`: ms until the answer is there
hour    the last hour of a call: 2,000 applicants write and submit, at the hour's own rate and at several times it
demo    `westlake demo` until the first page

Each runs on SQLite and on PostgreSQL, but `hour` and `demo`: the first on PostgreSQL only, the second on SQLite. The
office is made through the desk itself, as people would, and kept with --keep: a second run finds it there.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

from tests.postgresql import Server, running

from bench.desk_office import close_call, close_until_ranked, copy_of, make_office

PARTS = ("choice", "pages", "users", "hour", "demo")
CASES = 5_000


def main(*words: str) -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser()
    asked.add_argument("parts", nargs="*", default=PARTS, choices=[*PARTS, []])
    asked.add_argument("--cases", type=int, default=CASES)
    asked.add_argument("--engine", action="append", choices=("sqlite", "postgresql"))
    asked.add_argument("--keep", type=Path, help="where the office lies, or is made")
    asked.add_argument("--seconds", type=int, default=0, help="of users, and of each rate of hour (306: all 2,000)")
    given = asked.parse_args(list(words))
    engines = given.engine or ["sqlite", "postgresql"]
    with contextlib.ExitStack() as open_here:
        place = given.keep or Path(open_here.enter_context(tempfile.TemporaryDirectory(prefix="westlake-desk-")))
        server = open_here.enter_context(running()) if "postgresql" in engines else None
        if {"choice", "pages", "users", "hour"} & set(given.parts):
            _make(place, given.cases)
        for part in given.parts or PARTS:
            if part == "demo":
                _demo(place)
            elif part == "choice":
                for engine in engines:
                    _choice(place, engine, server)
            else:
                for engine in engines if part != "hour" else [one for one in engines if one == "postgresql"]:
                    _apart(part, place, engine, server, given.seconds)


def _make(place: Path, cases: int) -> None:
    """The office, once: as it stands when the call has closed, and a year on, in two backups."""
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "whole.zip").is_file():
        begun = time.process_time()
        with contextlib.redirect_stderr(io.StringIO()):
            make_office(place, cases)
        print(f"an office with {cases:,} applications made through the desk: {time.process_time() - begun:.0f} CPU s",
              flush=True)


def _choice(place: Path, engine: str, server: Server | None) -> None:
    """From the close of the call to its ranked list, each case admitted in a transaction of its own."""
    with _restored(place, "closed", engine, server) as (folder, _):
        told = close_until_ranked(folder, *close_call(place))
    print(f"\nclose of the call to its list, {engine}")
    for words, seconds, wall in told:
        print(f"  {words:<60}{seconds:8.1f} CPU s{wall:8.1f} s", flush=True)


def _apart(part: str, place: Path, engine: str, server: Server | None, seconds: int) -> None:
    """A part in a process of its own: Django is made ready for one workspace only."""
    print(f"\n{part}, {engine}", flush=True)
    module = "bench.desk_pages" if part == "pages" else "bench.desk_load"
    with _restored(place, "whole", engine, server) as (folder, more):
        subprocess.run([sys.executable, "-m", module, str(folder), *([part, str(seconds)] if part != "pages" else [])],
                       check=True, env={**os.environ, **more})


@contextlib.contextmanager
def _restored(place: Path, name: str, engine: str, server: Server | None) -> Iterator[tuple[Path, dict[str, str]]]:
    """A fresh copy of the office, and what a process's environment must say to work in it."""
    with tempfile.TemporaryDirectory(prefix="westlake-desk-") as work:
        address = server.address(server.new()) if engine == "postgresql" and server is not None else ""
        folder = copy_of(place / f"{name}.zip", Path(work) / "office", address)
        yield folder, {"WESTLAKE_DATABASE": address} if address else {}


def _demo(place: Path) -> None:
    """From the command to the first page, in a folder that is not there yet; its CPU with that of its helpers."""
    folder = place / f"demo-{os.getpid()}"
    begun, before = time.monotonic(), os.times()
    process = subprocess.Popen([sys.executable, "-u", "-m", "westlake.cli", "demo", str(folder), "--port", "0"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        first = _until(process, lambda url: urlopen(url, timeout=30).read())
        wall = time.monotonic() - begun
    finally:
        process.terminate()
        process.wait(30)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"\nwestlake demo to the first page: {wall:.1f} s, {spent:.1f} CPU s (to reach: 60 s), {len(first):,} bytes")


def _until(process: subprocess.Popen[str], ask: Callable[[str], bytes]) -> bytes:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://localhost:\d+/", line)
        if found:
            return ask(found[0])
    raise RuntimeError(f"ended with {process.wait()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
