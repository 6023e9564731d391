"""The score of a room: how many mistakes were noticed, how sure that is, and which were not."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import yaml

from bench.mutation import mutants, trial

LOST = ("survived", "never reached")
EQUIVALENT = Path(__file__).parent / "equivalent.yaml"


def room(root: Path, name: str, tests: Sequence[str], asked: argparse.Namespace) -> None:
    """Try a sample of the room's mutants and print what became of them."""
    package = root / "src" / "westlake"
    everything = [one for one in mutants.of_room(name, package) if one.path.startswith(asked.only)]
    drawn = mutants.sample(everything, asked.sample, asked.seed)
    if asked.again:
        kept = map(json.loads, Path(asked.again).read_text("utf-8").splitlines())
        lost = {(one["path"], one["number"]) for one in kept if one["word"] in LOST}
        drawn = [one for one in everything if (one.path, one.number) in lost]
    reasons = yaml.safe_load(EQUIVALENT.read_text("utf-8"))
    printer = os.fdopen(os.dup(1), "w", buffering=1)

    def work(gathered: trial.Room) -> None:
        print(f"== {name}: {len(drawn):,} of {len(everything):,} mutants, seed {asked.seed}; "
              f"{len(gathered.items):,} tests", file=printer)
        found, began = [], time.monotonic()
        for number, mutant in enumerate(drawn, 1):
            outcome = unseen(mutant, package, reasons) or gathered.try_out(mutant)
            found.append(outcome)
            if asked.out:
                with open(asked.out, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"room": name, "path": mutant.path, "number": mutant.number,
                                           "function": mutant.function, "word": outcome.word, "by": outcome.by,
                                           "gone": outcome.gone, "come": outcome.come}, ensure_ascii=False) + "\n")
            if number % 25 == 0:
                lost = sum(one.word in LOST for one in found)
                print(f"   {number} tried, {lost} not noticed, {time.monotonic() - began:,.0f} s", file=printer)
        report(name, found, reasons, printer)
    trial.gather(package, tests, Path(asked.note), printer, work, asked.seconds)


def unseen(mutant: mutants.Mutant, package: Path, reasons: Sequence[dict[str, str]]) -> trial.Outcome | None:
    """A change that is none is not worth a trial: it survives."""
    gone, come, _ = mutants.difference((package / mutant.path).read_text("utf-8"), mutant.text())
    outcome = trial.Outcome(mutant, "survived", "", 0, gone, come)
    return outcome if why_equal(outcome, reasons) else None


def report(name: str, found: Sequence[trial.Outcome], reasons: Sequence[dict[str, str]], printer: TextIO) -> None:
    """Both scores with their intervals, and the mutants that nothing noticed."""
    lost = [(one, why_equal(one, reasons)) for one in found if one.word in LOST]
    same = [pair for pair in lost if pair[1]]
    out = [f"{name}: {share(len(found) - len(lost), len(found))} noticed; without {len(same)} that change nothing: "
           f"{share(len(found) - len(lost), len(found) - len(same))}; "
           f"{sum(one.word == 'out of time' for one in found)} of the noticed ran out of time"]
    for one, why in sorted(lost, key=lambda pair: (pair[1], pair[0].mutant.path)):
        out.append(f"{one.word}: {one.mutant.path} {one.mutant.function} #{one.mutant.number}"
                   + (f"  [equal: {why}]" if why else ""))
        out += [f"    - {line}" for line in one.gone] + [f"    + {line}" for line in one.come]
    print("\n".join(out), file=printer, flush=True)


def share(good: int, whole: int) -> str:
    """A share in per cent with Wilson's 95 % interval (E. B. Wilson, JASA 22, 1927)."""
    if not whole:
        return "none"
    z, p = 1.96, good / whole
    middle, half = p + z * z / 2 / whole, z * math.sqrt(p * (1 - p) / whole + z * z / 4 / whole / whole)
    low, high = ((middle + side * half) / (1 + z * z / whole) for side in (-1, 1))
    return f"{good}/{whole} = {p:.1%} ({low:.1%} to {high:.1%})"


def why_equal(one: trial.Outcome, reasons: Sequence[dict[str, str]]) -> str:
    """Why a change is none that a caller could see; empty when it is one."""
    was, now = " ".join(one.gone), " ".join(one.come)
    if was.lower() == now.lower() and "'" not in was and re.search(
            r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|VALUES|JOIN|AND|ORDER BY|GROUP BY)\b", was):
        return "SQL reads the same in small and large letters"
    if re.sub(r"utf-8", "UTF-8", was) == now:
        return "one encoding, two spellings"
    if "cast(" in was and re.sub(r"cast\([^,]*,", "cast(", was) == re.sub(r"cast\([^,]*,", "cast(", now):
        return "the type named in a cast is for the type checker"
    for reason in reasons:
        if reason["path"] in ("*", one.mutant.path) and reason["function"] in ("*", one.mutant.function) \
                and now in replaced(was, reason["was"], reason["now"]):
            return reason["why"]
    return ""


def replaced(text: str, before: str, after: str) -> list[str]:
    """The text with one occurrence put another way, for each occurrence."""
    return [text[:one.start()] + after + text[one.end():] for one in re.finditer(re.escape(before), text)]
