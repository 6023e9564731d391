"""Arrows point down only, heavy libraries stay in their rooms, and asking for help is light."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAVY = {"numba", "numpy", "duckdb", "vl_convert", "python_calamine", "django"}


def test_contracts_hold():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_help_imports_nothing_heavy():
    script = ("import sys, json, runpy; sys.argv = ['westlake', '--help']\n"
              "try: runpy.run_module('westlake.cli', run_name='__main__')\n"
              "except SystemExit: pass\n"
              "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stderr.splitlines()[-1])) & HEAVY == set()
