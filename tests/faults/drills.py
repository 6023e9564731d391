"""The drills: a fault at random, then the same questions; short in the tests, long in `python -m bench.faults`.

Each gives one line for whatever was wrong, and none when all is well.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from tests.settlement.drill import play, state

from westlake.errors import WestlakeError

from .power import Disk, Note, moments
from .year import broken_promises, last_answers, play_witnessed

CUT = -signal.SIGKILL
STOPPED = 1


def power_cuts(notes: Sequence[Note], whole: object, count: int, chance: Random, work: Path) -> Iterator[str]:
    """The power goes at random moments of a watched year; each time the disk keeps what it likes."""
    disk, taken, lake = Disk(), 0, work / "lake"
    for moment in moments(notes, count, chance):
        for note in notes[taken:moment]:
            disk.take(note)
        taken = moment
        disk.leave(lake, chance)
        yield from (f"note {moment}: {what}" for what in broken_promises(lake, disk.acknowledged))
        play(lake)
        if state(lake) != whole:
            yield f"note {moment}: the year ends otherwise"
        shutil.rmtree(lake)


def kills(whole: object, count: int, chance: Random, work: Path, new_database=None) -> Iterator[str]:
    """The program is killed at random moments, several times a year; new_database: gives the address of an empty one."""
    done = year = 0
    while done < count:
        year += 1
        lake, where = work / f"lake{year}", new_database() if new_database else None
        lake.mkdir()
        for _ in range(min(4, count - done)):
            code = killed(lake, where, chance)
            done += code == CUT
            yield from (f"year {year}, kill {done}: {what}" for what in broken_promises(lake, last_answers(lake), where))
            if code != CUT:
                break
        play(lake, where)
        if state(lake, where) != whole:
            yield f"year {year}: the year ends otherwise"
        shutil.rmtree(lake)


def server_kills(whole: object, count: int, chance: Random, work: Path, server) -> Iterator[str]:
    """The server is killed with all its processes in the middle of a year, and started again; the client is told."""
    for year in range(count):
        lake, where = work / f"lake{year}", server.address(server.new())
        lake.mkdir()
        process = _playing(lake, where)
        time.sleep(chance.uniform(0.05, 1.0))
        server.crash()
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        server.start()
        if code not in (0, STOPPED):
            yield f"year {year}: the client ended with {code}"
        yield from (f"year {year}: {what}" for what in broken_promises(lake, last_answers(lake), where))
        play(lake, where)
        if state(lake, where) != whole:
            yield f"year {year}: the year ends otherwise"
        shutil.rmtree(lake)


def killed(lake: Path, where: str | None, chance: Random) -> int:
    """Play in a process of its own until it ends, or until a random moment after it began to write; its exit code."""
    process = _playing(lake, where)
    time.sleep(chance.uniform(0.01, 0.8))
    os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _playing(lake: Path, where: str | None, size: int = resource.RLIM_INFINITY) -> int:
    """A process that plays the year and may not write beyond so many bytes of a file; it ends 0, or STOPPED as told.

    The errors it may be stopped by are those that the command line has a code for (W707, W715 to W717, W812).
    """
    process = os.fork()
    if process:
        return process
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        play_witnessed(lake, where)
    except (OSError, sqlite3.OperationalError, WestlakeError) as error:
        codes = [problem.code for problem in getattr(error, "problems", ())]
        os._exit(STOPPED if not codes or codes == ["W707"] else 3)
    except BaseException:
        traceback.print_exc()
        os._exit(2)
    os._exit(0)


def at_once(count: int, step: Callable[[int], object]) -> list[str]:
    """Take one step in so many processes, all beginning together; what each came to, sorted."""
    here = multiprocessing.get_context("fork")
    begin, answers = here.Barrier(count), here.SimpleQueue()

    def run(number: int) -> None:
        begin.wait()
        try:
            answers.put(str(step(number)))
        except WestlakeError as error:
            answers.put(error.problems[0].code)
        except BaseException as error:
            answers.put(f"{type(error).__name__}: {error}")

    started = [here.Process(target=run, args=(number,)) for number in range(count)]
    for process in started:
        process.start()
    said = sorted(answers.get() for _ in started)
    for process in started:
        process.join()
    return said


def full_disks(whole: object, sizes: Sequence[int], work: Path, room=lambda: None) -> Iterator[str]:
    """No file may grow beyond so many bytes: the year stops somewhere, whole, and goes on when there is space.

    room: makes space on a disk that is full by itself.
    """
    for size in sizes:
        lake = work / f"lake{size}"
        lake.mkdir()
        code = os.waitstatus_to_exitcode(os.waitpid(_playing(lake, None, size), 0)[1])
        if code not in (0, STOPPED):
            yield f"{size} bytes: not an error of the disk ({code})"
        room()
        yield from (f"{size} bytes: {what}" for what in broken_promises(lake, last_answers(lake)))
        play(lake)
        if state(lake) != whole:
            yield f"{size} bytes: the year ends otherwise"
        shutil.rmtree(lake)
