"""The house rules that a machine can see: size, names, first sentences, dead files, secrets of the workshop."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [ROOT / name for name in subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.splitlines() if (ROOT / name).is_file()]
PYTHON = [path for path in FILES if path.suffix == ".py"]
MODULES = [path for path in PYTHON if path.is_relative_to(ROOT / "src")]
FILE_LINES_MAX, FUNCTION_LINES_MAX = 400, 50
BANNED = re.compile(r"(^|_)(utils?|common|helpers?|base|core|misc|manager|service)s?(_|$)")
WORKSHOP = re.compile(r"\.\./" + r"shared|/wo" + r"rk/|/ro" + r"ot/|pypi\.or" + r"g")


def name(path):
    return str(path.relative_to(ROOT))


def test_a_file_fits_in_the_head():
    long = {name(path): lines for path in PYTHON if (lines := len(path.read_text("utf-8").splitlines())) > FILE_LINES_MAX}
    assert long == {}
    assert [f"{name(path)}:{node.lineno} {node.name}" for path in PYTHON
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX] == []


def test_a_module_opens_with_a_sentence():
    openings = {name(path): (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")[0]
                for path in MODULES}
    assert {path: said for path, said in openings.items() if not re.search(r"[.:;?]$", said.strip())} == {}


def test_a_name_is_a_noun_an_officer_would_say():
    parts = {part.split(".")[0].lower() for path in FILES for part in path.relative_to(ROOT).parts}
    assert [part for part in sorted(parts) if BANNED.search(part)] == []


def test_nothing_speaks_of_the_workshop():
    spoken = [f"{name(path)}:{number}" for path in FILES if path.suffix not in {".png", ".gz", ".parquet", ".xlsx"}
              for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
              if WORKSHOP.search(line) and path.parts[-2:] != (".ci", "run")]
    assert spoken == []


def test_no_module_is_dead():
    """Every module of the package is imported by another, or is a command, a programme's rules or a package."""
    text = {path: path.read_text("utf-8") for path in MODULES}
    dead = []
    for path in MODULES:
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        if parts[-1] == "__init__" or parts[1] in {"cli", "programmes"} or parts[-1] == "__main__" or "migrations" in parts:
            continue
        dotted, parent = ".".join(parts), ".".join(parts[:-1])
        wanted = re.compile(rf"{re.escape(dotted)}\b|from {re.escape(parent)} import [^\n]*(\(\n[^)]*)?\b{parts[-1]}\b")
        if not any(parts[-1] in body and wanted.search(body) for other, body in text.items() if other != path):
            dead.append(name(path))
    assert dead == []
