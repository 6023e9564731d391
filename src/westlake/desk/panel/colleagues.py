"""Who may be somebody's colleague: all whom the office knows, by the domain of their e-mail and by their organisation.

Every list of cases looks here, for a conflict of interest bars from seeing. So what was gathered is kept with the
connection while pages are only looked at, and is gathered anew as soon as a person, a role or a firm's name is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from westlake.desk.desk import Desk
from westlake.desk.looking import Remembering
from westlake.desk.panel.conflicts import email_domain, plain
from westlake.desk.people import OUTSIDE

Known = tuple[int, str]  # a person (0 for a firm's own name) and a firm ("" for none)
_SPEAK = ", ".join(f"'{role}'" for role in OUTSIDE)
# People, who speaks or writes for firms by a role, and the firms themselves.
_EVERYBODY = (
    "SELECT id, firm, organisation, email FROM desk_person UNION ALL SELECT p.id, r.firm, p.organisation, p.email FROM"
    f" desk_role r JOIN desk_person p ON p.id = r.person WHERE r.firm <> '' AND r.role IN ({_SPEAK}) UNION ALL SELECT"
    " 0, subject, value, '' FROM register_fact WHERE name = 'name' AND subject IN (SELECT firm FROM desk_case)")
# Only these change it: all but the change of a person's entry, which the record tells, adds a row and takes none away.
_AS_OF = (
    "SELECT (SELECT max(id) FROM desk_person), (SELECT max(id) FROM desk_role), (SELECT max(id) FROM register_fact),"
    " (SELECT max(id) FROM desk_case), (SELECT max(id) FROM act WHERE act = 'desk.person_changed')")


class Colleagues:
    """Everybody, to be found by domain or organisation."""

    def __init__(self, rows: Iterable[tuple[int, str, str, str]]) -> None:
        self._at: dict[str, set[Known]] = defaultdict(set)
        self._in: dict[str, set[Known]] = defaultdict(set)
        for number, firm, organisation, email in rows:
            self._in[plain(organisation)].add((number, firm))
            self._at[email_domain(email)].add((number, firm))

    def of(self, email: str, organisation: str) -> set[Known]:
        """Those with the same domain, unless it is a public one, or of the same organisation."""
        domain, name = email_domain(email), plain(organisation)
        return (self._at.get(domain, set()) if domain else set()) | (self._in.get(name, set()) if name else set())


_KEPT: WeakKeyDictionary[object, tuple[tuple[int, ...], Colleagues]] = WeakKeyDictionary()


def colleagues(desk: Desk) -> Colleagues:
    """Everybody as of now."""
    seen = desk.connection
    if not isinstance(seen, Remembering):
        return Colleagues(seen.execute(_EVERYBODY))
    as_of = tuple(seen.execute(_AS_OF).fetchone())  # before the rest: what comes meanwhile is gathered once more
    kept = _KEPT.get(seen.behind)
    if kept is None or kept[0] != as_of:
        kept = _KEPT[seen.behind] = as_of, Colleagues(seen.execute(_EVERYBODY))
    return kept[1]
