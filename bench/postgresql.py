"""What the books cost on a PostgreSQL server, beside plain SQL and django-hordak on the same transfers.

A server of its own is started on this machine. Two figures each: CPU seconds of our process
(time.process_time), and seconds until the last commit was there, which the server's work and the disk
share in. `python -m bench.postgresql [TRANSFERS]`; django-hordak runs where it is installed, or in the
environment named by WESTLAKE_BENCH_PYTHON. pgledger's figure is the one its own README gives (10,637 transfers
a second, 20 workers, a laptop): no key, no chain, no roles there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from tests.postgresql import running

from bench.ledger import BUNDLE, SINGLE, open_lakeside, workload

FLOOR = """
CREATE TABLE journal (id bigint PRIMARY KEY, idem text UNIQUE, day bigint, kind text, memo text);
CREATE TABLE transfer (journal bigint, seq bigint, debit text, credit text, amount bigint, phase text,
                       PRIMARY KEY (journal, seq));
CREATE TABLE balance (account text PRIMARY KEY, debits bigint NOT NULL, credits bigint NOT NULL)"""
Seconds = tuple[float, float]


def main(transfers: int = 50_000) -> None:
    """Print the table."""
    with running() as server:
        rows: list[tuple[str, int, Seconds]] = []
        with psycopg.connect(server.address(server.new()), autocommit=True) as connection:
            connection.execute(FLOOR)
            journals = workload(transfers)
            rows.append((f"plain SQL, two rows and two sums, {BUNDLE:,} a commit", transfers,
                         _time(lambda: _plain(connection, journals))))
        books = open_lakeside(server.address(server.new()))
        rows.append((f"westlake post_many, {BUNDLE:,} a commit", transfers, _time(lambda: [
            books.post_many(journals[start:start + BUNDLE]) for start in range(0, transfers, BUNDLE)])))
        singles = workload(SINGLE, "single")
        rows.append(("westlake post, one a commit", SINGLE, _time(lambda: [books.post(one) for one in singles])))
        problems: list[object] = []
        rows.append(("westlake verify, every check", transfers, _time(lambda: problems.extend(books.verify()))))
        assert not problems, problems
        rows += _hordak(server.address(server.new()))
    print(f"{transfers:,} transfers; a second of our CPU, and of the clock\n")
    print(f"{'':58}{'a CPU-second':>14}{'a second':>12}")
    for words, count, (cpu, wall) in rows:
        print(f"{words:58}{count / cpu:>14,.0f}{count / wall:>12,.0f}")


def _plain(connection: psycopg.Connection[tuple[object, ...]], journals: list[object]) -> None:
    """The same two rows and the same two sums, sent as arrays; no key is compared, no rule, no chain."""
    for start in range(0, len(journals), BUNDLE):
        some = journals[start:start + BUNDLE]
        numbers = list(range(start, start + len(some)))
        legs = [one.transfers[0] for one in some]  # type: ignore[attr-defined]
        debits, credits, amounts = ([getattr(leg, name) for leg in legs] for name in ("debit", "credit", "amount"))
        with connection.transaction():
            heads = [[getattr(one, name) for one in some] for name in ("idem", "day", "kind", "memo")]
            connection.execute("INSERT INTO journal SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[],"
                               " %s::text[], %s::text[])", (numbers, *heads))
            connection.execute("INSERT INTO transfer SELECT n, 1, d, c, a, 'post' FROM unnest(%s::bigint[], %s::text[],"
                               " %s::text[], %s::bigint[]) AS leg(n, d, c, a)", (numbers, debits, credits, amounts))
            connection.execute(
                "INSERT INTO balance SELECT account, sum(d), sum(c) FROM ("
                "SELECT debit AS account, a AS d, 0 AS c FROM unnest(%s::text[], %s::bigint[]) AS x(debit, a)"
                " UNION ALL SELECT credit, 0, a FROM unnest(%s::text[], %s::bigint[]) AS y(credit, a)) AS moved"
                " GROUP BY account ON CONFLICT (account) DO UPDATE SET debits = balance.debits + excluded.debits,"
                " credits = balance.credits + excluded.credits", (debits, amounts, credits, amounts))


def _hordak(address: str) -> list[tuple[str, int, Seconds]]:
    python = os.environ.get("WESTLAKE_BENCH_PYTHON", sys.executable)
    done = subprocess.run([python, Path(__file__).with_name("postgresql_hordak.py"), address], capture_output=True,
                          text=True)
    if done.returncode == 3:
        print("django-hordak is not installed here: left out")
        return []
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [(words, count, (cpu, wall)) for words, count, cpu, wall in json.loads(done.stdout)]


def _time(work: Callable[[], object]) -> Seconds:
    cpu, wall = time.process_time(), time.monotonic()
    work()
    return time.process_time() - cpu, time.monotonic() - wall


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
