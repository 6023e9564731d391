"""The tutorial runs as it stands, and ends in books that verify; the commands of README run too."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import westlake

ROOT = Path(__file__).parent.parent.parent
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def commands(page: str) -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL))


def run(script: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, "PATH": PATH, "COLUMNS": "200"})


@pytest.mark.slow
def test_a_paid_year(tmp_path):
    done = run(commands("docs/t1-a-paid-year.md"), tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"\d+ firms stay held until .*F00028", done.stderr)
    assert re.search(r"Round 1 approved: ¥[\d,.]+ posted to 1 firms", done.stderr)
    assert "Nothing has changed since the last round." in done.stderr
    lake = tmp_path / "lake"
    assert westlake(lake, "ledger", "verify").code == 0
    assert run(f"{Path(sys.executable).with_name('bean-check')} books.beancount", lake).returncode == 0
    assert "클라우드 바우처" in (lake / "reports" / "2025-ko.html").read_text("utf-8")


def test_last_years_decisions(tmp_path):
    shutil.copy(ROOT / "docs" / "old_decisions.xlsx", tmp_path)
    done = run(commands("docs/t2-last-years-decisions.md"), tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "41 decisions: 33 agree to the fen, 8 differ; 1 more could not be decided." in done.stdout
    assert re.findall(r"^\[\d\] (\d) ", done.stdout, re.MULTILINE)[:5] == ["1", "3", "1", "1", "2"]
    assert "2 would agree if only this were otherwise: Size of the firm = large" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {
        "old_decisions.xlsx", "columns.yaml", "replay.html", "disagreements.xlsx"}


def test_readme_s_own_workspace(tmp_path):
    script = commands("README.md").split("pip install '.[letters]'", 1)[1].split("\n", 1)[1]
    done = run(script, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "dry run" in done.stderr
