"""`python -m bench.mutation [ROOM …] [--sample N] [--seed S]`: the share of mistakes that the tests notice."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TESTS = {"money": ("tests/leaves/test_money.py", "tests/rules/test_borrowed.py"),
         "rules": ("tests/rules", "tests/article", "tests/leaves"),
         "settlement": ("tests/settlement",), "ledger": ("tests/ledger",),
         "database": ("tests/leaves", "tests/ledger", "tests/record", "tests/backup")}


def main() -> None:
    """Copy the tree, and measure there; nothing is changed here."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("rooms", nargs="*", default=[*TESTS, "guards"], metavar="ROOM")
    said.add_argument("--sample", type=int, default=200, help="mutants drawn a room (default 200)")
    said.add_argument("--seed", default="1")
    said.add_argument("--seconds", type=float, default=60.0, help="of tests a mutant meets at most (default 60)")
    said.add_argument("--only", default="", help="only mutants of files whose path begins so")
    said.add_argument("--out", help="keep every outcome here, one JSON value a line")
    said.add_argument("--again", default="", help="instead of a sample, what survived in such a file")
    said.add_argument("--note", default="", help="a folder that keeps the run of the unchanged code")
    said.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = said.parse_args()
    if asked.here:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # the server is stopped on the way out
        from bench.mutation import guards, score

        if asked.rooms == ["guards"]:
            guards.room(ROOT, asked, os.fdopen(os.dup(1), "w", buffering=1))
        else:
            score.room(ROOT, asked.rooms[0], TESTS[asked.rooms[0]], asked)
        return
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="westlake-mutation-", dir=memory if memory.is_dir() else None) as work:
        copy = Path(work) / "tree"
        for name in ("src", "tests", "bench", "docs"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in (path for path in ROOT.glob("*.*") if path.is_file()):
            shutil.copy(name, copy / name.name)
        (Path(work) / "tmp").mkdir(mode=0o777)
        os.chmod(work, 0o755)
        there = {**os.environ, "PYTHONPATH": f"{copy / 'src'}:{copy}", "TMPDIR": str(Path(work) / "tmp"),
                 "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(Path(work) / "numba"),
                 "XDG_CACHE_HOME": str(Path(work) / "cache")}
        out = ["--out", str(Path(asked.out).absolute())] if asked.out else []
        for name in asked.rooms:
            note = (Path(asked.note or work).absolute() / name).with_suffix(".json")
            subprocess.run([sys.executable, "-m", "bench.mutation", name, "--here", "--sample", str(asked.sample),
                            "--seed", asked.seed,
                            "--seconds", str(asked.seconds), "--only", asked.only,
                            "--again", asked.again and str(Path(asked.again).absolute()), "--note", str(note),
                            *out], cwd=copy, env=there, check=True)


if __name__ == "__main__":
    main()
