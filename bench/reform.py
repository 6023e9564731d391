"""What it costs to try a reform: a settled year of 2,000 firms' claims decided and shared once more, under both laws.

CPU seconds (time.process_time) of everything `westlake settle --reform` does after its imports: reading what the
rounds kept, both runs, the check to the fen, groups, traces, and the page. The city is made on the spot by
`westlake demo`. `python -m bench.reform [FIRMS]`.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from pathlib import Path

from westlake.cli.demo import run_demo
from westlake.cli.reform import try_values

FIRMS, LIMIT = 2_000, 10.0
REFORM = 'cloud_voucher:\n  firm_cap_year:\n    - {in_force: 2024-01-01, value: "300000.00"}\n'


def main(firms: int = FIRMS) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as work, contextlib.redirect_stderr(io.StringIO()):
        folder, page = Path(work) / "lake", Path(work) / "page.html"
        run_demo(folder, firms, 2025, 7, "en")
        (folder / "lower.yaml").write_text(REFORM)
        here = Path.cwd()
        os.chdir(folder)
        try:
            best = min(_tried("lower.yaml", page) for _ in range(3))
        finally:
            os.chdir(here)
    print(f"settle --reform, {firms:,} firms: {best:.1f} CPU s (to reach: {LIMIT:.0f})")


def _tried(reform: str, page: Path) -> float:
    begun = time.process_time()
    try_values("cloud_voucher", 2025, reform, None, page, None, False, "en")
    return time.process_time() - begun


if __name__ == "__main__":
    import sys

    main(*(int(word) for word in sys.argv[1:2]))
