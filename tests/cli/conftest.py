"""Runs commands as a person would: in a folder, by name, reading what they say and their exit code."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Said:
    code: int
    out: str
    err: str


def westlake(folder: Path, *words: str, **settings: str) -> Said:
    done = subprocess.run([Path(sys.executable).with_name("westlake"), *words], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **settings})
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def lake(tmp_path_factory) -> Path:
    """A demo city of thirty firms; tests that write in it copy it first."""
    folder = tmp_path_factory.mktemp("demo") / "lake"
    said = westlake(folder.parent, "demo", "lake", "--firms", "30", "--no-serve")
    assert said.code == 0, said.err
    return folder
