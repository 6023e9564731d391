"""Programmes, bills and registers spoilt at random: whatever comes in is taken, or refused with a code.

Real texts are changed in one to three places: a character, a word, a number, a line, an operator, another
word of the same file. `python -m bench.fuzz [PROGRAMMES [REGISTERS [BILLS [SEED]]]]` prints how many got past the
parser (they were well-formed Python, YAML, CSV), how many were taken whole, and each failure that was no
coded error. What is taken is worked with:

- a programme decides one random case, traced and plain, with the same answers or the same coded refusal;
- a register's rows are all entered or none is;
- a bill's rows are all in its charges or set apart, one by one, and its quarantine says so.
"""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import westlake.programmes
from westlake.bills import Manifest, intake_all
from westlake.bills import create as create_bills
from westlake.bills.generator import generate, generate_firms
from westlake.bills.intake import Parcel
from westlake.bills.tables import Delivery
from westlake.database import Connection, connect
from westlake.dates import day_number
from westlake.errors import WestlakeError
from westlake.register import Register, take_in
from westlake.rules import Decision, Programme, load_programme
from westlake.rules.plain import run_plain
from westlake.settlement import read_terms

PACKAGED = Path(westlake.programmes.__file__).parent / "hangzhou"
FILES = {"rules.py": 10, "values.yaml": 5, "form.yaml": 5, "examples.yaml": 2, "accounts.yaml": 2, "words.yaml": 1}
UNPARSED = {"W002", "W101", "W201", "W301", "W302", "W303", "W304"}  # codes of a text that is not even well-formed
WORD = re.compile(r"[A-Za-z_]\w*|\d[\d_.,]*%?|[-+*/<>=!]+")
CHARACTERS = "()[]{}:,.'\"#-+*/<>=%0123456789 \t\naZ_é한云\x00\ufeff\u3000٣"


def spoil(text: str, chance: random.Random) -> str:
    """The text with one to three things changed."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = chance.choices(CHANGES, WEIGHTS)[0](text, chance)
    return text


def _character(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(CHARACTERS) + text[at + chance.randrange(2):]


def _word(text: str, chance: random.Random) -> str:
    """One word becomes another of the same text."""
    words = list(WORD.finditer(text))
    if not words:
        return text
    put, taken = chance.choice(words), chance.choice(words)
    return text[:put.start()] + taken[0] + text[put.end():]


def _number(text: str, chance: random.Random) -> str:
    numbers = list(re.finditer(r"\d+", text))
    if not numbers:
        return text
    found = chance.choice(numbers)
    new = chance.choice(("0", "1", "-1", "9" * 19, "1e400", "00", found[0] + "0", found[0][:-1], f"{found[0]}.5",
                         str(int(found[0]) + 1)))
    return text[:found.start()] + new + text[found.end():]


def _line(text: str, chance: random.Random) -> str:
    """A line goes, comes twice, or changes places with another."""
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _piece(text: str, chance: random.Random) -> str:
    """A stretch of the text is cut out or comes again elsewhere."""
    begin = chance.randrange(len(text) + 1)
    end = min(len(text), begin + chance.choice((1, 5, 40, 400)))
    at = chance.randrange(len(text) + 1)
    return text[:begin] + text[end:] if chance.random() < 0.5 else text[:at] + text[begin:end] + text[at:]


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (_character, _word, _number, _line, _piece)
WEIGHTS = (2, 5, 4, 2, 1)


class Count:
    """What became of the inputs of one kind."""

    def __init__(self, name: str) -> None:
        self.name, self.outcomes, self.crashes = name, Counter[str](), Counter[str]()
        self.examples: dict[str, str] = {}

    def attempt(self, work: Callable[[], str], text: str) -> None:
        """Counts "unparsed", "refused" or what the work returns; keeps a text for each kind of crash."""
        try:
            outcome = work()
        except WestlakeError as error:
            codes = {problem.code for problem in error.problems}
            outcome = "unparsed" if codes & UNPARSED else "refused"
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            outcome = "CRASHED"
            key = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}: {str(error)[:100]}"
            self.crashes[key] += 1
            self.examples.setdefault(key, text)
        self.outcomes[outcome] += 1

    def show(self) -> None:
        """A line for the table, then each kind of crash."""
        total = self.outcomes.total()
        past = total - self.outcomes["unparsed"]
        print(f"{self.name:12}{total:>9,}{past:>9,} ({past / max(total, 1):4.0%}){self.outcomes['taken']:>9,}"
              f"{self.outcomes['CRASHED']:>9,}")
        for number, (crash, count) in enumerate(self.crashes.most_common()):
            print(f"    {count:>5} x {crash}")
            if folder := os.environ.get("WESTLAKE_FUZZ_KEEP"):
                Path(folder, f"{self.name}-{number}.txt").write_text(self.examples[crash], "utf-8", "surrogateescape")


def programmes(count: int, chance: random.Random, work: Path) -> Count:
    """Spoils one file of a programme at a time and loads the folder."""
    found = Count("programmes")
    jurisdiction = work / "hangzhou"
    shutil.copytree(PACKAGED, jurisdiction, ignore=shutil.ignore_patterns("__pycache__"))
    names = sorted(path.parent.name for path in PACKAGED.glob("*/rules.py"))
    for _ in range(count):
        folder = jurisdiction / chance.choice(names)
        path = folder / chance.choices(list(FILES), list(FILES.values()))[0]
        whole = path.read_text("utf-8")
        spoilt = spoil(whole, chance)
        path.write_text(spoilt, "utf-8", "surrogateescape")
        try:
            found.attempt(partial(_decide, folder, chance), f"{path.name}\n{spoilt}")
        finally:
            path.write_text(whole, "utf-8")
    return found


def _decide(folder: Path, chance: random.Random) -> str:
    programme = load_programme(folder)
    if (folder / "accounts.yaml").exists():
        read_terms(programme)
    day = day_number(2025, chance.randrange(1, 13), 15)
    case = {name: chance.choice((item.low, item.high, min(max(0, item.low), item.high),
                                 chance.randint(item.low, item.high))) for name, item in programme.inputs.items()}
    try:
        decision = programme.decide(case, day)
    except WestlakeError:
        return "taken"
    _compare(programme, case, day, decision)
    return "taken"


def _compare(programme: Programme, case: dict[str, int], day: int, decision: Decision) -> None:
    columns = {name: np.array([number]) for name, number in case.items()}
    outputs = decision.results
    plain = run_plain(programme, columns, day, outputs)
    for name in outputs:
        assert int(plain[name][0]) == int(decision.values[name]), f"{name}: traced and plain differ"


def registers(count: int, chance: random.Random, work: Path) -> Count:
    """Spoils a register's tables; what is taken is whole."""
    found = Count("registers")
    tables = ["id,size,resident,saas,contracts_year,bank_account,from,to,assurance,source\n" + "".join(
        f"F{n:03},{chance.choice(('micro', 'small', 'large'))},yes,no,{n}000.50,HZ-{n},2025-01-01,,verified,office\n"
        for n in range(12)),
        "issuer,account,firm,from,to,assurance,source\n" + "".join(
            f"Lakeside Cloud,A-{n},F{n:03},2025-01-0{n % 9 + 1},2025-12-31,declared,form\n" for n in range(9)),
        "firm,party,from,assurance,source\n" + "".join(
            f"F{n:03},F{n + 1:03},2024-02-29,audited,court\n" for n in range(6))]
    connection = _office()
    for number in range(count):
        path = work / f"table{number % 50}.csv"
        text = spoil(chance.choice(tables), chance)
        path.write_text(text, "utf-8", "surrogateescape")
        found.attempt(partial(_enter, connection, path, number), text)
        if number % 500 == 499:
            connection = _office()
    return found


def _office() -> Connection:
    connection = connect(":memory:")
    Register.create(connection)
    create_bills(connection)
    return connection


def _rows(connection: Connection) -> int:
    return sum(connection.execute(f"SELECT count(*) FROM register_{table}").fetchone()[0]
               for table in ("fact", "account", "related"))


def _enter(connection: Connection, path: Path, learnt: int) -> str:
    before = _rows(connection)
    try:
        take_in(connection, path, learnt=20_000 + learnt, actor="fuzz")
    except BaseException:
        assert _rows(connection) == before, "rows of a refused table were left"
        raise
    return "taken"


def bills(count: int, chance: random.Random, work: Path) -> Count:
    """Spoils small bills, a hundred to an engine; every line of one that is taken is a row or is set apart."""
    found = Count("bills")
    generate(work / "made", generate_firms(6, 11), [day_number(2025, 3, 1)], 11)
    texts = [text for path in sorted((work / "made").rglob("*.csv"))
             if (text := _short(path.read_text("utf-8")))][:24]
    for start in range(0, count, 100):
        connection, parcels, sent = _office(), [], []
        for number in range(min(100, count - start)):
            path = work / f"bill{number}.csv"
            text = spoil(chance.choice(texts), chance)
            path.write_text(text, "utf-8", "surrogateescape")
            parcels.append(Parcel([path], Manifest(), 20_500))
            sent.append(text)
        charges = work / f"charges{start}"
        try:
            taken = intake_all(connection, charges, parcels, threads=1)
        except Exception:  # one by one, to find the one that did it
            for parcel, text in zip(parcels, sent, strict=True):
                found.attempt(partial(_alone, charges, parcel), text)
        else:
            for delivery, text in zip(taken, sent, strict=True):
                found.attempt(partial(_judge, delivery), text)
        shutil.rmtree(charges, ignore_errors=True)
    return found


def _alone(charges: Path, parcel: Parcel) -> str:
    return _judge(intake_all(_office(), charges, [parcel], threads=1)[0])


def _short(text: str) -> str:
    """The heading and the first rows of a bill."""
    lines = list(csv.reader(text.splitlines()[:13]))
    return "\n".join(text.splitlines()[:13]) + "\n" if len(lines) > 5 else ""


def _judge(delivery: Delivery) -> str:
    problems = {problem.code for problem in delivery.problems}
    if delivery.state == "refused":
        assert problems, "refused without a reason"
        return "unparsed" if problems & UNPARSED else "refused"
    assert delivery.rows >= delivery.quarantined >= 0
    return "taken"


def main(some_programmes: int = 12_000, some_registers: int = 80_000, some_bills: int = 8_000, seed: int = 11) -> None:
    """Print the table; exit 1 when anything failed without a code."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as work:
        print(f"{'':12}{'inputs':>9}{'past the parser':>16}{'taken':>9}{'crashed':>9}")
        counts = [make(count, random.Random(f"{seed}:{make.__name__}"), Path(work)) for make, count in (
            (programmes, some_programmes), (registers, some_registers), (bills, some_bills)) if count]
    for count in counts:
        count.show()
    if any(count.crashes for count in counts):
        raise SystemExit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
