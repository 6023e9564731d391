"""A reform as somebody hands it in: a file of values, or the name of a regime, and how it is laid over a version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from westlake.bills.policy import KEYS as SPEND_KEYS
from westlake.errors import Findings, Place, WestlakeError, nearest
from westlake.rules import Programme, load_programme
from westlake.rules.load import OFFICIAL, regimes
from westlake.rules.tree import Sheet

Lay = Callable[[Programme], Programme]


def read_reform(programme: Programme, text: str) -> tuple[str, Lay]:
    """The name of a reform and how it is laid over a version: from a file of values or the name of a regime.

    W428 for neither, W423 for what spend.yaml says, W427 for a file that says nothing of the programme. What
    is wrong with a value (W121, W116 …) shows when it is laid.
    """
    known, shelf = regimes(programme.folder.parent), programme.folder.parent / "regimes"
    path = Path(text)
    if path.is_file():
        _check_sections(path, programme)
        return path.name, lambda law: load_programme(law.folder, regime=law.regime, reform=path.absolute())
    if text == OFFICIAL:
        return text, lambda law: load_programme(law.folder)
    if text in known:
        return text, lambda law: load_programme(law.folder, reform=(shelf / f"{text}.yaml").absolute())
    beside = [one.name for one in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
    raise WestlakeError.one("W428", suggestion=nearest(path.name, [*known, *beside]), name=text, known=", ".join(known))


def _check_sections(path: Path, programme: Programme) -> None:
    findings = Findings()
    sheet = Sheet(path, path.name, findings)
    programmes = sorted(one.parent.name for one in programme.folder.parent.glob("*/rules.py"))
    sections = sheet.mapping(sheet.root, programmes)
    findings.stop()
    if programme.name not in sections:
        raise WestlakeError.one("W427", Place(path.name), name=programme.name, known=", ".join(sections) or "–")
    for name, (key, _) in sheet.mapping(sections[programme.name][1]).items():
        if name in SPEND_KEYS and name not in programme.values:
            sheet.fault("W423", key, name=name)
    findings.stop()
