"""Runs the bookkeeping programs of others on an export: what they complain of, and what they add up themselves."""

import csv
import io
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from westlake.ledger.account_names import Leaf
from westlake.ledger.beancount import beancount_lines
from westlake.ledger.extract import read_extract
from westlake.ledger.hledger import hledger_lines
from westlake.money import MINOR_DIGITS

BIN = Path(sys.executable).parent


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


def minor(number, currency):
    """Minor units of a decimal number, exactly."""
    scaled = Decimal(number) * 10 ** MINOR_DIGITS[currency]
    assert scaled == int(scaled)
    return int(scaled)


class Beancount:
    """bean-check and bean-query, as processes."""

    name = "beancount"

    def write(self, books, *days):
        return "\n".join(beancount_lines(read_extract(books.connection, *days), "Lakeside")) + "\n"

    def complaints(self, path):
        done = run(BIN / "bean-check", "--no-cache", path)
        found = re.findall(rf"^.*{re.escape(path.name)}:\d+:\s+(.*)$", done.stderr + done.stdout, re.MULTILINE)
        assert bool(found) == bool(done.returncode), done.stderr
        return found

    def sums(self, path):
        """Name and currency → minor units, as the tool adds them up; sums of nothing are left out."""
        done = run(BIN / "bean-query", "-f", "csv", path,
                   "SELECT account, currency, sum(number) AS amount GROUP BY account, currency")
        assert done.returncode == 0, done.stderr
        rows = csv.DictReader(io.StringIO(done.stdout))
        return _kept({(row["account"].strip(), row["currency"].strip()): row["amount"] for row in rows})

    def journals(self, path):
        """How many journals the tool read."""
        done = run(BIN / "bean-query", "-f", "csv", path, "SELECT DISTINCT id WHERE any_meta('journal') IS NOT NULL")
        return max(len(done.stdout.splitlines()) - 1, 0)


class Hledger:
    """hledger, as a process."""

    name = "hledger"

    def __init__(self):
        if shutil.which("hledger") is None:
            pytest.skip("hledger is missing: apt install hledger")

    def write(self, books, *days):
        return "\n".join(hledger_lines(read_extract(books.connection, *days), "Lakeside")) + "\n"

    def complaints(self, path):
        done = run("hledger", "-f", path, "check", "-s", "ordereddates")
        assert bool(done.returncode) == bool(done.stderr), done.stderr
        return [done.stderr] if done.returncode else []

    def sums(self, path):
        done = run("hledger", "-f", path, "bal", "-O", "csv", "--flat", "--no-total", "--layout", "bare")
        assert done.returncode == 0, done.stderr
        rows = csv.DictReader(io.StringIO(done.stdout))
        return _kept({(row["account"], row["commodity"]): row["balance"] for row in rows})

    def journals(self, path):
        done = run("hledger", "-f", path, "print", "tag:journal", "-O", "csv")
        assert done.returncode == 0, done.stderr
        return len({row["txnidx"] for row in csv.DictReader(io.StringIO(done.stdout))})


def _kept(amounts):
    found = {key: minor(number, key[1]) for key, number in amounts.items()}
    return {key: amount for key, amount in found.items() if amount}


def sums_of(books):
    """What the tools should add up, from the books' own balances."""
    extract = read_extract(books.connection)
    return {(extract.name(leaf), kept.currency): leaf.amount(kept) for code, kept in books.balances().items()
            for leaf in (Leaf(code, held, side) for held in (False, True) for side in ("debit", "credit"))
            if leaf.amount(kept)}


def saved(tmp_path, text, name="books.txt"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path
