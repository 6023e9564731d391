"""The register answers: what was known of a firm on a day, whose account it was, who was related."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from westlake.database import Connection, Schema, transaction
from westlake.register.facts import Fact, check_texts
from westlake.register.spans import AccountSpan, RelatedParty

FOREVER = 2**62
_KEPT = ("register_file", "register_fact", "register_account", "register_related")
SCHEMA = Schema(Path(__file__).parent / "schema", dict.fromkeys(_KEPT, ("id",)))


class Register:
    """Facts, billing accounts and related parties, on a database connection that it is given."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @classmethod
    def create(cls, connection: Connection) -> Register:
        """The register of a database, its tables made if they are not there yet."""
        SCHEMA.create(connection)
        return cls(connection)

    def on(self, day: int, known_by: int | None = None, names: Sequence[str] = ()) -> dict[str, dict[str, Fact]]:
        """All subjects' facts as of a day, or of these names only: subject → fact name → Fact.

        The fact with the latest first day holds, a later correction over an earlier row; so a fresh
        declaration is what counts, and money waits until somebody has verified it. `known_by` asks
        what the office knew on an earlier day.
        """
        kept, values = _named(names)
        rows = self.connection.execute(f"{_ON}{kept} ORDER BY first", {
            "day": day, "learnt": FOREVER if known_by is None else known_by, **values})
        return _by_subject(rows)

    def of(self, subjects: Iterable[str], day: int, names: Sequence[str] = ()) -> dict[str, dict[str, Fact]]:
        """The same for a few subjects: subject → fact name → Fact."""
        wanted = {f"s{place}": subject for place, subject in enumerate(sorted(set(subjects)))}
        kept, values = _named(names)
        rows = self.connection.execute(
            f"{_ON} AND subject IN ({', '.join(f':{name}' for name in wanted) or 'NULL'}){kept} ORDER BY first",
            {"day": day, "learnt": FOREVER, **wanted, **values})
        return _by_subject(rows)

    def history(self, subject: str) -> list[Fact]:
        """Everything ever entered about a firm or a person, oldest first."""
        return [Fact(*row) for row in self.connection.execute(
            "SELECT subject, name, value, first, last, assurance, source, learnt FROM register_fact"
            " WHERE subject = ? ORDER BY id", (subject,))]

    def change_days(self, names: Iterable[str], first: int, last: int) -> dict[str, set[int]]:
        """Days after the first of a span on which a subject's named facts change: there its months split."""
        wanted = sorted(names)
        marks = ",".join("?" * len(wanted))
        rows = self.connection.execute(
            f"SELECT subject, first FROM register_fact WHERE name IN ({marks}) AND first > ? AND first <= ?"
            f" UNION SELECT subject, last + 1 FROM register_fact WHERE name IN ({marks}) AND last >= ? AND last < ?",
            (*wanted, first, last, *wanted, first, last))
        days: dict[str, set[int]] = {}
        for subject, day in rows:
            days.setdefault(subject, set()).add(day)
        return days

    def accounts(self) -> list[AccountSpan]:
        """Every billing account's owner over time; the latest row for a firm and first day holds."""
        return [AccountSpan(*row) for row in self.connection.execute(
            "SELECT issuer, account, firm, first, last FROM register_account a WHERE id ="
            " (SELECT max(id) FROM register_account b WHERE (b.issuer, b.account, b.firm, b.first) ="
            " (a.issuer, a.account, a.firm, a.first)) ORDER BY issuer, account, first")]

    def groups(self, day: int) -> dict[str, str]:
        """Firm → the group that it belongs to on a day, for firms of which one is known."""
        rows = self.connection.execute(
            "SELECT subject, value FROM register_fact f WHERE name = 'group' AND first <= :day AND last >= :day"
            " AND NOT EXISTS (SELECT 1 FROM register_fact g WHERE g.subject = f.subject AND g.name = f.name"
            "  AND g.first = f.first AND g.id > f.id) ORDER BY first", {"day": day})
        return dict(rows.fetchall())

    def related(self) -> list[RelatedParty]:
        """Every relation that is not at arm's length."""
        return [RelatedParty(*row) for row in self.connection.execute(
            "SELECT firm, party, first, last FROM register_related a WHERE id ="
            " (SELECT max(id) FROM register_related b WHERE (b.firm, b.party, b.first) = (a.firm, a.party, a.first))"
            " ORDER BY firm, party, first")]

    def enter(self, subject: str, name: str, value: str, first: int, last: int, assurance: str, source: str,
              learnt: int, file: str = "") -> None:
        """Enter one fact; the value is canonical text as `FactKind.parse` gives it. W211 for texts not to be kept."""
        check_texts(subject=subject, fact=name, value=value, source=source, file=file)
        with transaction(self.connection):
            self.connection.execute(
                "INSERT INTO register_fact(subject, name, value, first, last, assurance, source, learnt, file)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (subject, name, value, first, last, assurance, source, learnt, file))


_ON = ("SELECT subject, name, value, first, last, assurance, source, learnt FROM register_fact f"
       " WHERE first <= :day AND last >= :day AND learnt <= :learnt AND NOT EXISTS ("
       "  SELECT 1 FROM register_fact g WHERE g.subject = f.subject AND g.name = f.name"
       "  AND g.first = f.first AND g.id > f.id AND g.learnt <= :learnt)")


def _named(names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The condition that keeps to facts of these names; none for all."""
    values = {f"n{place}": name for place, name in enumerate(names)}
    return (f" AND name IN ({', '.join(f':{mark}' for mark in values)})" if names else ""), values


def _by_subject(rows: Iterable[Any]) -> dict[str, dict[str, Fact]]:
    facts: dict[str, dict[str, Fact]] = {}
    for row in rows:
        facts.setdefault(row[0], {})[row[1]] = Fact(*row)
    return facts
