"""Reads somebody's case from a YAML file: every fact once, every text as it stands."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from westlake.errors import Findings
from westlake.rules.tree import Sheet


def read_case(path: Path, inputs: Collection[str]) -> dict[str, str]:
    """The facts of a file, input → text; W101, W102, W105 and W033 for what is wrong with it."""
    findings = Findings()
    sheet = Sheet(path, path.name, findings)
    entries = sheet.mapping(sheet.root, inputs, code="W033")
    facts = {name: sheet.scalar(value) for name, (_, value) in entries.items()}
    findings.stop()
    return {name: text for name, text in facts.items() if text is not None}
