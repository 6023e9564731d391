"""One room's tests, gathered once; each mistake then meets them in a process of its own, quickest test first."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TextIO

import coverage
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from bench.mutation.mutants import Mutant, code_of, difference, reach

EXAMPLES, PROCESS_SECONDS = 25, 8.0
NOTICED, SURVIVED, STUCK = 1, 0, 3
Item = Any


@dataclass
class Known:
    """What one run of the unchanged code says: seconds a test, the lines each ran, who starts other processes."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    starters: list[str] = field(default_factory=list)
    of: str = ""  # what it was said of: the digest of the package's files


@dataclass(frozen=True)
class Outcome:
    """noticed by a test, survived, or never reached by one."""

    mutant: Mutant
    word: str
    by: str
    tests: int
    gone: list[str]
    come: list[str]


class Room:
    """A pytest plugin: instead of running the tests it hands them to `work`."""

    def __init__(self, package: Path, note: Path, printer: TextIO, work: Callable[[Room], None],
                 both: bool, seconds: float) -> None:
        self.package, self.note, self.printer, self.work = package, note, printer, work
        self.both, self.seconds = both, seconds
        self.items: dict[str, Item] = {}
        self.early: set[tuple[str, int]] = set()  # functions that ran while the tests were being gathered
        self.known = Known()

    def pytest_collection(self) -> None:
        sys.setprofile(self._note)

    def pytest_collection_finish(self, session: Any) -> None:
        sys.setprofile(None)
        names = {item.nodeid for item in session.items}
        for item in session.items:
            twin = item.nodeid.replace("postgresql", "sqlite")
            alone = item.get_closest_marker("slow") and "[" not in item.nodeid
            if alone or (not self.both and twin != item.nodeid and twin in names):
                continue
            self.items[item.nodeid] = item
            law = getattr(item.obj, "_hypothesis_internal_use_settings", None)
            if law is not None:
                item.obj._hypothesis_internal_use_settings = settings(
                    law, max_examples=min(law.max_examples, EXAMPLES), derandomize=True, database=None,
                    phases=(Phase.explicit, Phase.generate), deadline=None)

    def pytest_runtestloop(self) -> bool:
        with _one_server():
            self.known = self._learn()
            self.work(self)
        return True

    def _note(self, frame: Any, event: str, _: Any) -> None:
        if event == "call" and "westlake" in frame.f_code.co_filename:
            self.early.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    def _learn(self) -> Known:
        """Run every test once on the unchanged code, in a process of its own; those of the note are known already."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(self.package.rglob("*.py")))).hexdigest()
        known = Known(**json.loads(self.note.read_text("utf-8"))) if self.note.exists() else Known()
        known = known if known.of == digest else Known(of=digest)
        for path, lines in known.lines.items():
            known.lines[path] = {int(line): tests for line, tests in lines.items()}
        fresh = self.note.with_suffix(".fresh")
        if _in_a_process(lambda: self._watch(known, fresh), 3600, 3600) != SURVIVED:
            raise SystemExit("more than one test in a hundred fails on the unchanged code")
        found = Known(**json.loads(fresh.read_text("utf-8")))
        for path, lines in found.lines.items():
            there = known.lines.setdefault(path, {})
            for line, tests in lines.items():
                there.setdefault(int(line), []).extend(tests)
        known.seconds.update(found.seconds)
        known.starters += found.starters
        self.note.write_text(json.dumps(vars(known)), "utf-8")
        known.seconds = {test: seconds for test, seconds in known.seconds.items() if test in self.items}
        return known

    def _watch(self, before: Known, fresh: Path) -> int:
        watch = coverage.Coverage(data_file=None, source=[str(self.package)], config_file=False)
        known, now, failed = Known(), [""], 0

        def heard(event: str, _: object) -> None:
            if event in ("subprocess.Popen", "os.fork") and now[0] not in known.starters:
                known.starters.append(now[0])
        sys.addaudithook(heard)
        watch.start()
        items = [item for name, item in self.items.items() if name not in before.seconds]
        for item, following in zip(items, [*items[1:], None], strict=False):
            now[0] = item.nodeid
            watch.switch_context(item.nodeid)
            began = time.process_time(), time.monotonic()
            reports = runtestprotocol(item, nextitem=following, log=False)
            if any(report.failed for report in reports):
                print(f"fails on the unchanged code, left out: {item.nodeid}", file=self.printer, flush=True)
                failed += 1
            elif not any(report.skipped for report in reports):
                known.seconds[item.nodeid] = max(time.process_time() - began[0], (time.monotonic() - began[1]) / 4)
        watch.stop()
        if failed > len(items) / 100:
            return NOTICED  # the tests that are left would say too little
        data = watch.get_data()
        for path in data.measured_files():
            known.lines[str(Path(path).relative_to(self.package))] = {
                line: [one for one in tests if one] for line, tests in data.contexts_by_lineno(path).items()}
        fresh.write_text(json.dumps(vars(known)), "utf-8")
        return SURVIVED

    def chosen(self, path: str, statement: range, function: range) -> list[str]:
        """Tests that ran the statement (or, where none did, its function), up to `seconds` of them; then those that
        start other processes, which may run anything. Tests named as the file come before others."""
        ran = self.known.lines.get(path, {})
        there = ({test for line in statement for test in ran.get(line, ())}
                 or {test for line in function for test in ran.get(line, ())})
        named = f"test_{Path(path).stem}"
        return [*self.quickest(there, self.seconds, named),
                *self.quickest(set(self.known.starters) - there, PROCESS_SECONDS)]

    def quickest(self, tests: set[str], seconds: float, named: str = "-") -> list[str]:
        """Of these tests the quickest ones that take no longer than this together: of a test with many sets of
        values first the quickest of each, then the second, and so on."""
        made, best = 0.0, []
        turns: Counter[str] = Counter()
        order = []
        for test in sorted(tests & self.known.seconds.keys(), key=lambda one: (self.known.seconds[one], one)):
            turns[test.split("[")[0]] += 1
            order.append((turns[test.split("[")[0]], named not in test, self.known.seconds[test], test))
        for _, _, cost, test in sorted(order):
            if made + cost <= seconds or not best:
                made += cost
                best.append(test)
        return best

    def run(self, tests: Sequence[str], before: Callable[[], None] = lambda: None) -> tuple[int, str]:
        """How the tests end after `before` has changed something, and the test that ended it."""
        told, tell = os.pipe()

        def trial() -> int:
            before()
            items = [self.items[test] for test in tests]
            for item, following in zip(items, [*items[1:], None], strict=True):
                if any(report.failed for report in runtestprotocol(item, nextitem=following, log=False)):
                    os.write(tell, item.nodeid.encode())
                    return NOTICED
            return SURVIVED
        expected = sum(self.known.seconds[test] for test in tests)
        code = _in_a_process(trial, 3 * expected + 15, 6 * expected + 30)
        os.close(tell)
        with open(told, "rb") as pipe:
            return code, pipe.read().decode()

    def try_out(self, mutant: Mutant) -> Outcome:
        """Put the mistake into the file and into the loaded function, run the tests, take it out again."""
        path = self.package / mutant.path
        text, changed = path.read_text("utf-8"), mutant.text()
        gone, come, lines = difference(text, changed)
        statement, function = reach(text, lines)
        tests = self.chosen(mutant.path, statement, function)
        if not tests:
            return Outcome(mutant, "never reached", "", 0, gone, come)
        path.write_text(changed, "utf-8")
        try:
            live = _live(path, self.package, (text, changed), mutant.function, function.start)
            code, by = self.run(tests, lambda: _take(*live)) if live else self._afresh(tests)
            early = any(at == str(path) and line in function for at, line in self.early)
            if live and early and code == SURVIVED:  # what it did while the tests were gathered was done unchanged
                code, by = self._afresh(tests)
        finally:
            path.write_text(text, "utf-8")
        word = {SURVIVED: "survived", STUCK: "out of time"}.get(code, "noticed")
        return Outcome(mutant, word, by, len(tests), gone, come)

    def _afresh(self, tests: Sequence[str]) -> tuple[int, str]:
        """In a new interpreter, for functions whose loaded form cannot be exchanged."""
        expected = sum(self.known.seconds[test] for test in tests)
        try:
            done = subprocess.run([sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-n", "0", *tests],
                                  capture_output=True, timeout=6 * expected + 60)
        except subprocess.TimeoutExpired:
            return STUCK, "a new interpreter"
        return (SURVIVED if done.returncode == 0 else NOTICED), "a new interpreter"


def _live(path: Path, package: Path, texts: tuple[str, str], name: str, line: int) -> tuple[FunctionType, Any] | None:
    """The loaded function and its changed code; None when it cannot be found or exchanged, or its defaults changed."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    code = code_of(texts[1], path, name, line)
    holder: Any = module
    for part in (code.co_qualname.split(".")[:-1] if code else ()):
        holder = vars(holder).get(part) or module
    function = vars(holder).get(name)
    function = getattr(function, "__func__", function)
    if code is None or not isinstance(function, FunctionType) or function.__closure__ \
            or function.__code__.co_firstlineno != line or function.__code__.co_freevars != code.co_freevars:
        return None
    return None if _defaults(texts[0]) != _defaults(texts[1]) else (function, code)


def _defaults(text: str) -> list[str]:
    return [ast.dump(one) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.arguments)
            for one in (*node.defaults, *(given for given in node.kw_defaults if given))]


def _take(function: FunctionType, code: CodeType) -> None:
    function.__code__ = code


def _in_a_process(work: Callable[[], int], cpu_seconds: float, seconds: float) -> int:
    """What `work` answers when it runs in a copy of this process, which is ended when it takes too long."""
    child = os.fork()
    if child == 0:
        code = NOTICED
        try:
            os.setsid()
            soft = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime + cpu_seconds) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 5))
            code = work()
        finally:
            os._exit(code)
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return STUCK if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            time.sleep(0.005)
        return STUCK
    finally:  # and whatever it has started itself
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


@contextlib.contextmanager
def _one_server() -> Iterator[None]:
    """One PostgreSQL server for all trials, where it is installed; each still makes its own databases."""
    from tests import postgresql

    if postgresql.programs() is None:
        yield
        return
    with postgresql.running() as server:
        postgresql.running = lambda: contextlib.nullcontext(server)
        yield


def gather(package: Path, tests: Sequence[str], note: Path, printer: TextIO, work: Callable[[Room], None],
           seconds: float = 20.0, both: bool = False) -> None:
    """Collect the tests as pytest would, and hand them to `work`; without slow ones of one piece and, unless on `both`
    engines, without those on a server that run on a file too."""
    pytest.main([*tests, "-q", "-n", "0", "--capture=fd", "-W", "ignore", "--no-summary"],
                plugins=[Room(package, note, printer, work, both, seconds)])
