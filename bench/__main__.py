"""`make bench`: every measurement of this folder, one after another; name some to run only those."""

import importlib
import sys
from pathlib import Path

ROOMS = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if "_" not in path.stem)

for room in sys.argv[1:] or ROOMS:
    print(f"\n== {room} ==", flush=True)
    importlib.import_module(f"bench.{room}").main()
