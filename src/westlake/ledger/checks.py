"""What must hold of the books, checked anew from their rows: small named checks, silent when all is well.

Each check trusts nothing that another one or the posting code computed; each names the first row
that breaks it. A whole file written anew with care passes all but the last check, which compares
with heads that were kept outside: tampering shows, it is not prevented.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from westlake.database import Connection, Schema, first_problems, reading
from westlake.dates import iso
from westlake.digest import GENESIS, Link, canonical, first_break
from westlake.errors import Place, Problem
from westlake.ledger.balances import Balance
from westlake.ledger.journal import (
    PHASES,
    account_bytes,
    fingerprint_of,
    mirror,
    read_entries,
    read_entry,
    sealed_bytes,
)
from westlake.ledger.periods import anchors, balances_digest
from westlake.money import MONEY_MAX

TABLES = ("account", "balance", "period", "closing", "closing_balance", "journal", "transfer", "anchor")
NOTHING = [0, 0, 0, 0]
SUMS = ("debits", "credits", "held_debits", "held_credits")


def verify(connection: Connection, schema: Schema, published: Iterable[str] = ()) -> list[Problem]:
    """The first problem that each check finds, in the order of the checks."""
    with reading(connection):
        return first_problems([check_guards(connection, schema), *(check(connection) for check in CHECKS),
                               check_published(connection, published)], damaged="W532")


def check_guards(connection: Connection, schema: Schema) -> Iterator[Problem]:
    """1. Tables and triggers are the ones this version writes: no guard is missing, changed or added."""
    for name in schema.altered(connection):
        yield _problem("W531", name=name)


def check_file(connection: Connection) -> Iterator[Problem]:
    """2. The file is whole: pages, indexes, unique keys, column rules and references, as SQLite sees them."""
    for what in connection.damage(TABLES):
        yield _problem("W532", what=what)


def check_chain(connection: Connection) -> Iterator[Problem]:
    """3. Each journal follows the one before it, and its bytes are the bytes that were sealed."""
    misprinted: list[int] = []
    broken = first_break(_links(connection, misprinted))
    if broken:
        yield _problem("W533", broken[0], broken[1])
    elif misprinted:
        yield _problem("W533", misprinted[0], "fingerprint")


def check_transfers(connection: Connection) -> Iterator[Problem]:
    """4. Transfers are whole: 1, 2, 3 … in a journal that is there, two accounts, one currency, amount and phase."""
    currencies = dict(connection.execute("SELECT id, currency FROM account").fetchall())
    lost = {number for number, in connection.execute(
        "SELECT DISTINCT journal FROM transfer WHERE journal NOT IN (SELECT id FROM journal)")}
    last = turn = 0
    for number, seq, debit, credit, amount, phase in connection.stream(
            "SELECT journal, seq, debit, credit, amount, phase FROM transfer ORDER BY journal, seq"):
        turn, last = turn + 1 if number == last else 1, number
        wrong = ("seq" if seq != turn else
                 "journal" if number in lost else
                 "account" if debit == credit or debit not in currencies or credit not in currencies else
                 "currency" if currencies[debit] != currencies[credit] else
                 "amount" if not 1 <= amount <= MONEY_MAX else
                 "phase" if phase not in PHASES else "")
        if wrong:
            yield _problem("W534", number, wrong)
    for number, in connection.execute("SELECT id FROM journal"
                                      " WHERE id NOT IN (SELECT journal FROM transfer) ORDER BY id"):
        yield _problem("W534", number, "transfers")


def check_rules(connection: Connection) -> Iterator[Problem]:
    """5. Posted again one by one, no account was ever overdrawn, and no more was released than was held."""
    accounts = {number: (code, rule) for number, code, rule in
                connection.execute("SELECT id, code, rule FROM account")}
    sums: dict[int, list[int]] = defaultdict(lambda: list(NOTHING))
    for number, debit, credit, amount, phase in connection.stream(
            "SELECT journal, debit, credit, amount, phase FROM transfer ORDER BY journal, seq"):
        place, amount = (0, amount) if phase == "post" else (2, amount if phase == "hold" else -amount)
        for account, at in ((debit, place), (credit, place + 1)):
            kept = sums[account]
            kept[at] += amount
            code, rule = accounts.get(account, ("", "free"))
            if (kept[at] < 0 or (rule == "credit" and kept[0] + kept[2] > kept[1])
                    or (rule == "debit" and kept[1] + kept[3] > kept[0])):
                yield _problem("W535", number, code, account=code)


def check_balances(connection: Connection) -> Iterator[Problem]:
    """6. Each account's balance is the sum of its transfers."""
    rebuilt = _sums(connection)
    for number, code, stored_rule, rule, *stored in connection.execute(
            "SELECT id, code, balance.rule, account.rule, debits, credits, held_debits, held_credits"
            " FROM account LEFT JOIN balance ON account = id ORDER BY id"):
        if stored_rule != rule:
            yield _problem("W536", field="rule", account=code, stored=stored_rule, rebuilt=rule)
        for name, kept, summed in zip(SUMS, stored, rebuilt.get(number, NOTHING), strict=True):
            if kept != summed:
                yield _problem("W536", field=name, account=code, stored=kept, rebuilt=summed)


def check_days(connection: Connection) -> Iterator[Problem]:
    """7. Each journal's day lies in one period, none was written after that was closed, and time never ran back."""
    periods = connection.execute("SELECT first_day, last_day, journal FROM period"
                                 " LEFT JOIN closing ON period = id").fetchall()
    wrong = [(number, "recorded_at", day) for number, day in connection.stream(
        "SELECT id, day FROM (SELECT id, day, recorded_at < lag(recorded_at, 1, recorded_at) OVER (ORDER BY id) AS back"
        " FROM journal) AS pair WHERE back ORDER BY id LIMIT 1")]
    for day, first, last in connection.stream("SELECT day, min(id), max(id) FROM journal GROUP BY day"):
        if sum(begins <= day <= ends for begins, ends, _ in periods) != 1:
            wrong.append((first, "day", day))
        closed = [head for _, ends, head in periods if head is not None and day <= ends]
        if closed and last > min(closed):
            late = connection.execute("SELECT min(id) FROM journal WHERE day = ? AND id > ?",
                                      (day, min(closed))).fetchone()[0]
            wrong.append((late, "day", day))
    yield from (_problem("W537", number, field, day=iso(day)) for number, field, day in sorted(wrong))


def check_reversals(connection: Connection) -> Iterator[Problem]:
    """8. A reversal undoes an earlier journal whole; that none is undone twice, the unique key of check 2 says."""
    for entry in read_entries(connection, "reverses IS NOT NULL"):
        undone = read_entry(connection, entry.journal.reverses or 0)
        if undone is None or undone.id >= entry.id or tuple(entry.journal.transfers) != mirror(undone.journal):
            yield _problem("W538", entry.id, "reverses", reverses=entry.journal.reverses)


def check_closings(connection: Connection) -> Iterator[Problem]:
    """9. Periods were closed in their order; each closing keeps the balances and the head as they were."""
    accounts = connection.execute("SELECT id, code, currency, rule FROM account").fetchall()
    sums = {number: NOTHING for number, *_ in accounts}
    after, open_before = -(2**62), False
    for period, first, last, journal, hash_, later, digest in connection.execute(
            "SELECT id, first_day, last_day, journal, hash, later, balances FROM period"
            " LEFT JOIN closing ON period = id ORDER BY first_day").fetchall():
        if digest is None:
            open_before = True
            continue
        for number, moved in _sums(connection, (after, last)).items():
            sums[number] = [kept + change for kept, change in zip(sums.get(number, NOTHING), moved, strict=True)]
        after = last
        stored = {number: kept for number, *kept in connection.execute(
            "SELECT account, debits, credits, held_debits, held_credits FROM closing_balance WHERE period = ?",
            (period,))}
        # An account opened after the closing is in neither: the digest tells it from one taken out.
        rebuilt = {code: _balance(sums[number], currency, rule)
                   for number, code, currency, rule in accounts if number in stored or sums[number] != NOTHING}
        wrong = ("order" if open_before else
                 "balances" if any(stored.get(number, NOTHING) != kept for number, kept in sums.items()) else
                 "digest" if balances_digest(rebuilt) != digest else
                 "hash" if _hash_at(connection, journal) != hash_ else
                 "later" if later != _first_later(connection, last, journal) else "")
        if wrong:
            yield _problem("W539", field=wrong, first=iso(first), last=iso(last))


def check_anchors(connection: Connection) -> Iterator[Problem]:
    """10. Each head that was made known is still in the chain, where it was."""
    for kept in anchors(connection):
        if _hash_at(connection, kept.journal) != kept.hash:
            yield _problem("W540", kept.journal, anchor=kept.id, place=kept.place)


def check_published(connection: Connection, published: Iterable[str]) -> Iterator[Problem]:
    """11. Each head that was kept outside is in the chain: the books were not written anew since."""
    for hash_ in published:
        if not connection.execute("SELECT 1 FROM journal WHERE hash = ?", (hash_,)).fetchone():
            yield _problem("W541", hash=hash_)


CHECKS = (check_file, check_chain, check_transfers, check_rules, check_balances, check_days, check_reversals,
          check_closings, check_anchors)


def _links(connection: Connection, misprinted: list[int]) -> Iterator[Link]:
    """The chain as it stands in the database; notes the journals whose fingerprint is not that of what they ask.

    A request's bytes are put together as journal.request_bytes does, from the rows themselves: a million
    journals are checked in seconds that way. A test holds the two equal.
    """
    accounts = defaultdict(lambda: b"n;", {  # a lost account breaks the hash
        number: account_bytes(code, currency, rule) for number, code, currency, rule in
        connection.execute("SELECT id, code, currency, rule FROM account")})
    said = _Remembered(canonical)  # kinds, memos and phases come again and again
    transfers = iter(connection.stream("SELECT journal, debit, credit, amount, phase FROM transfer"
                                       " ORDER BY journal, seq"))
    waiting = next(transfers, None)
    for number, idem, day, recorded_at, kind, memo, reverses, relates_to, fingerprint, previous, hash_ in \
            connection.stream("SELECT id, idem, day, recorded_at, kind, memo, reverses, relates_to, fingerprint,"
                              " previous, hash FROM journal ORDER BY id"):
        legs = []
        while waiting and waiting[0] <= number:
            journal, debit, credit, amount, phase = waiting
            if journal == number:
                legs.append(b"l4:%b%bi%d;%b" % (accounts[debit], accounts[credit], amount, said[phase]))
            waiting = next(transfers, None)
        request = b"l6:i%d;%b%b%b%bl%d:%b" % (day, said[kind], said[memo], said[reverses], said[relates_to],
                                             len(legs), b"".join(legs))
        if fingerprint != fingerprint_of(request):
            misprinted.append(number)
        yield Link(number, previous, hash_, sealed_bytes(number, idem, recorded_at, request))


class _Remembered(dict[object, bytes]):
    """The canonical bytes of what was met last; not of all, since memos may all differ."""

    def __init__(self, make: Callable[[object], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: object) -> bytes:
        if len(self) > 10_000:
            self.clear()
        self[text] = made = self._make(text)
        return made


def _sums(connection: Connection, days: tuple[int, ...] = ()) -> dict[int, list[int]]:
    """The four sums of each account's transfers: of all, or of those later than the first day and up to the last."""
    among = " JOIN journal ON id = journal WHERE day > ? AND day <= ?" if days else ""
    sums: dict[int, list[int]] = {}
    for place, side in enumerate(("debit", "credit")):
        for account, posted, held in connection.execute(
                f"SELECT {side}, sum(amount) FILTER (WHERE phase = 'post'),"
                " sum(CASE phase WHEN 'hold' THEN amount WHEN 'release' THEN -amount END)"
                f" FROM transfer{among} GROUP BY 1", days):
            kept = sums.setdefault(account, list(NOTHING))
            kept[place], kept[place + 2] = posted or 0, held or 0
    return sums


def _balance(sums: list[int], currency: str, rule: str) -> Balance:
    debits, credits, held_debits, held_credits = sums
    return Balance(debits, credits, held_debits, held_credits, currency=currency, rule=rule)


def _hash_at(connection: Connection, journal: int) -> str | None:
    row = connection.execute("SELECT hash FROM journal WHERE id = ?", (journal,)).fetchone()
    return row[0] if row else GENESIS if journal == 0 else None


def _first_later(connection: Connection, last: int, journal: int) -> int:
    row = connection.execute("SELECT min(id) FROM journal WHERE day > ?", (last,)).fetchone()
    return int(row[0]) if row[0] is not None else journal + 1


def _problem(code: str, row: int = 0, field: str = "", **values: object) -> Problem:
    return Problem(code, Place("ledger", row=row, field=field), {"journal": row, "field": field, **values})
