"""The database's own guards, dropped or weakened one at a time in the text of the schema, for each engine."""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.mutation import score, trial

ROOMS = {"ledger": "ledger.books", "record": "record.record", "settlement": "settlement.rounds"}
TESTS = ("ledger/test_refused.py", "ledger/test_server.py", "ledger/test_books.py", "ledger/test_periods.py",
         "ledger/test_checks.py", "record", "settlement/test_refused.py", "settlement/test_chronicle.py")
FIRST, FIRST_SECONDS, SECONDS = ("test_refused", "test_server", "test_guards"), 25.0, 30.0
SWAPS = {r"<=": "<", r">=": ">", r"<>": "=", r"(?<![<>!:])=": "<>", r"<(?![=>])": "<=", r"(?<![<-])>(?!=)": ">=",
         r"\bAND\b": "OR", r"\bOR\b(?! REPLACE)": "AND", r"(?<!IF )\bNOT EXISTS\b": "EXISTS",
         r"(?<!NOT )(?<!TABLE IF )\bEXISTS\b": "NOT EXISTS", r"\+ 1\b": "+ 2", r"(?<= )\+(?= [a-zN])": "-",
         r"(?<= )-(?= [a-zN])": "+", r"\bIS NOT\b": "IS", r"\bIS DISTINCT FROM\b": "IS NOT DISTINCT FROM",
         r"\b10{15}\b": "1000000000000001", r"\bBETWEEN 1 AND\b": "BETWEEN 0 AND", r"= 64\b": ">= 63",
         r"\bBEFORE TRUNCATE OR UPDATE OR DELETE\b": "BEFORE TRUNCATE"}
DROPS = {r" NOT NULL": "", r" UNIQUE(?= \(|,|\n|\s*REFERENCES| REF)": "", r" DEFERRABLE INITIALLY DEFERRED": "",
         r" REFERENCES \w+ ?\(\w+\)(?! ?,\s*\w+\))": "", r",\s*FOREIGN KEY \([^)]*\) REFERENCES \w+ ?\([^)]*\)": "",
         r"SECURITY DEFINER ": "", r"GRANT [^;]*;": "", r",\s*UNIQUE \([^)]*\)": ""}


@dataclass(frozen=True)
class Weakening:
    """One change in a room's schema on one engine. where: the statement it is in; gone, come: what was changed."""

    room: str
    engine: str
    number: int
    where: str
    gone: str
    come: str
    text: str


def weakenings(room: str, engine: str, script: str) -> list[Weakening]:
    """Every trigger dropped, every refusal silenced, every constraint taken away, every comparison turned."""
    plain = re.sub(r"--[^\n]*", lambda found: " " * len(found[0]), script)
    found: list[tuple[int, int, str]] = []
    for statement in re.finditer(r"^CREATE (?:OR REPLACE )?TRIGGER.*?(?:END;|;\n)" if engine == "sqlite" else
                                 r"^CREATE (?:OR REPLACE )?TRIGGER[^;]*;", plain, re.DOTALL | re.MULTILINE):
        found.append((*statement.span(), ""))
    found += [(*one.span(), "NULL;") for one in re.finditer(r"RAISE EXCEPTION [^;]*;", plain)]
    found += [(*span, "CHECK (1 = 1)") for span in _checks(plain)]
    for pattern, instead in DROPS.items():
        found += [(*one.span(), instead) for one in re.finditer(pattern, plain)]
    for start, end in _logic(plain):
        for pattern, instead in SWAPS.items():
            found += [(start + one.start(), start + one.end(), instead)
                      for one in re.finditer(pattern, plain[start:end]) if not _between(plain[start:end], one)]
    return [Weakening(room, engine, number, _where(plain, start), plain[start:end].strip(), instead,
                      plain[:start] + instead + plain[end:])
            for number, (start, end, instead) in enumerate(sorted(set(found)))]


def _checks(text: str) -> Iterator[tuple[int, int]]:
    for one in re.finditer(r"\bCHECK \(", text):
        depth, end = 1, one.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield one.start(), end


def _logic(text: str) -> Iterator[tuple[int, int]]:
    """Where the conditions stand: in checks, triggers, functions and views."""
    yield from _checks(text)
    for one in re.finditer(r"^CREATE (?:OR REPLACE )?(TRIGGER|FUNCTION|VIEW)\b.*?(?:\n\n|\Z|(?=^CREATE ))", text,
                           re.DOTALL | re.MULTILINE):
        yield one.span()


def _between(text: str, found: re.Match[str]) -> bool:
    """The AND of a BETWEEN joins no conditions."""
    return found[0] == "AND" and bool(re.search(r"\bBETWEEN [\w.]+ $", text[:found.start()]))


def _where(text: str, place: int) -> str:
    heads = re.findall(r"^(?:CREATE|GRANT|REVOKE)[^\n(]*", text[:place + 60], re.MULTILINE)
    return heads[-1].strip() if heads else ""


def room(root: Path, asked: argparse.Namespace, printer: Any) -> None:
    """Weaken a sample of the guards of every room and print what the tests did not notice."""
    import importlib

    def work(gathered: trial.Room) -> None:
        for engine in ("sqlite", "postgresql"):
            every = [one for name, module in ROOMS.items() for one in weakenings(
                name, engine, importlib.import_module(f"westlake.{module}").SCHEMA.script(engine))]
            drawn = [every[number] for number in sorted(random.Random(asked.seed).sample(
                range(len(every)), min(asked.sample, len(every))))]
            lost = []
            for one in drawn:
                code, by = gathered.run(_tests(gathered, one), lambda one=one: _weaken(one, root))
                if code == trial.SURVIVED:
                    lost.append(one)
                if asked.out:
                    with open(asked.out, "a", encoding="utf-8") as file:
                        file.write(f"{engine} {one.room} #{one.number} {code} {by} | {one.where} | "
                                   f"{one.gone!r} -> {one.come!r}\n")
            _report(engine, drawn, len(every), lost, asked.seed, printer)
    trial.gather(root / "src" / "westlake", [f"tests/{name}" for name in TESTS],
                 Path(asked.note), printer, work, both=True)


def _tests(gathered: trial.Room, one: Weakening) -> list[str]:
    """Those of its engine: the room's own lists of what is refused, then the quickest of the room, then of all."""
    other = "sqlite" if one.engine == "postgresql" else "postgresql"
    there = {test for test in gathered.known.seconds if f"[{other}" not in test and f"-{other}" not in test}
    if one.engine == "postgresql":
        there = {test for test in there if "postgresql" in test or "test_server" in test}
    first = {test for test in there if any(name in test for name in FIRST)}
    own = {test for test in there - first if f"tests/{one.room}/" in test}
    return [*gathered.quickest(first, FIRST_SECONDS), *gathered.quickest(own, SECONDS),
            *gathered.quickest(there - first - own, SECONDS / 3)]


def _weaken(one: Weakening, root: Path) -> None:
    """In this process the room's schema reads as changed, and what a server's own would show is listed anew:
    the lists that `verify` holds a server against would otherwise notice every change by themselves."""
    from westlake.database import schema

    folder = root / "src" / "westlake" / one.room / "schema"
    script, altered = schema.Schema.script, schema.Schema.altered

    def changed(self: Any, engine: str) -> str:
        return one.text if (self.folder, engine) == (folder, one.engine) else script(self, engine)

    def shown(self: Any, connection: Any) -> list[str]:
        if one.engine == "sqlite" or connection.engine == "sqlite" or self.folder != folder:
            return altered(self, connection)
        wanted = _guards(one)
        return sorted({line.split()[1] for line in set(wanted) ^ set(connection.guards(one.text))})
    schema.Schema.script = changed  # type: ignore[method-assign]
    schema.Schema.altered = shown  # type: ignore[method-assign]


_KEPT: dict[tuple[str, int], list[str]] = {}


def _guards(one: Weakening) -> list[str]:
    """What a server shows of the changed schema when it has just been installed."""
    import importlib

    from tests import postgresql

    from westlake.database import connect

    if (one.room, one.number) not in _KEPT:
        with postgresql.running() as server:
            connection = connect(server.address(server.new()))
            for module in ("ledger.books", "record.record", "register.register", "bills.tables", "settlement.rounds"):
                importlib.import_module(f"westlake.{module}").SCHEMA.create(connection)
            _KEPT[one.room, one.number] = connection.guards(one.text)
            connection.close()
    return _KEPT[one.room, one.number]


def _report(engine: str, drawn: Sequence[Weakening], every: int, lost: Sequence[Weakening], seed: str,
            printer: Any) -> None:
    print(f"guards on {engine}: {score.share(len(drawn) - len(lost), len(drawn))} of {every} weakenings noticed, "
          f"seed {seed}", file=printer)
    for one in lost:
        print(f"survived: {one.room} {engine} #{one.number} in {one.where}\n    - {one.gone}\n    + {one.come}",
              file=printer)
    printer.flush()
