"""Says in words why the books refused a journal: which rule, which account, how much was there."""

from __future__ import annotations

from westlake.database import Connection
from westlake.dates import iso
from westlake.errors import Place, WestlakeError, nearest
from westlake.ledger.journal import PHASES, Journal, Transfer, read_entry
from westlake.money import format_money

TEXT_MAX = 200  # characters of a key, a kind, an account's code


def place(idem: str) -> Place:
    """A journal that is not in the books yet is known by its key."""
    return Place(file=idem)


def check_text(field: str, text: object) -> None:
    """Keys, kinds and codes are one printable line: W518 for anything else."""
    if type(text) is not str or not 1 <= len(text) <= TEXT_MAX or not text.isprintable() or text != text.strip():
        raise WestlakeError.one("W518", Place(field=field), field=field, value=repr(text)[:TEXT_MAX], most=TEXT_MAX)


def coded(connection: Connection, said: str, journal: Journal, leg: Transfer | None) -> WestlakeError:
    """What the database said of a journal (and of the transfer it stopped at), as a coded error."""
    at = place(journal.idem)
    if leg is None:
        if said == "the journal has no transfers":
            return WestlakeError.one("W515", at)
        if said == "no open period on this day":
            return _no_open_period(connection, journal)
    elif said.endswith("overdraft"):
        return _overdraft(connection, journal, leg)
    elif said.endswith("release beyond hold"):
        return WestlakeError.one("W504", at, debit=leg.debit, credit=leg.credit,
                                 asked=_money(connection, leg.debit, leg.amount))
    elif said == "the currencies differ":
        return WestlakeError.one("W505", at, debit=leg.debit, credit=leg.credit)
    elif said.endswith("two_accounts"):
        return WestlakeError.one("W516", at, account=leg.debit)
    elif said.endswith("phase_known"):
        return WestlakeError.one("W517", at, nearest(leg.phase, PHASES), name=leg.phase, choices=", ".join(PHASES))
    return WestlakeError.one("W519", at, what=said)


def unknown_account(connection: Connection, code: str, idem: str = "") -> WestlakeError:
    """No such account, with the open account most like it."""
    known = [row[0] for row in connection.execute("SELECT code FROM account")]
    return WestlakeError.one("W501", place(idem), nearest(code, known), account=code)


def other_request(connection: Connection, journal: Journal, number: int) -> WestlakeError:
    """The key is taken by another request: names the first field that differs, with both values."""
    first = read_entry(connection, number)
    assert first is not None
    stored, given = _fields(first.journal), _fields(journal)
    field = next(name for name in (*given, *stored) if given.get(name) != stored.get(name))
    return WestlakeError.one("W502", Place(file=journal.idem, field=field), journal=number, field=field,
                             stored=stored.get(field), given=given.get(field))


def _fields(journal: Journal) -> dict[str, object]:
    found: dict[str, object] = {"day": iso(journal.day), "kind": journal.kind, "memo": journal.memo,
                                "reverses": journal.reverses, "relates_to": journal.relates_to}
    for seq, leg in enumerate(journal.transfers, 1):
        for name in ("debit", "credit", "amount", "phase"):
            found[f"transfers[{seq}].{name}"] = getattr(leg, name)
    return found


def _overdraft(connection: Connection, journal: Journal, leg: Transfer) -> WestlakeError:
    """The account whose bound the transfer breaks: its debit side first, as the books apply it."""
    for code, bound, free in ((leg.debit, "credit", "credits - debits - held_debits"),
                              (leg.credit, "debit", "debits - credits - held_credits")):
        row = connection.execute(f"SELECT balance.rule, {free} FROM balance"
                                 " JOIN account ON id = account WHERE code = ?", (code,)).fetchone()
        if row[0] == bound and row[1] < leg.amount:
            return WestlakeError.one("W503", place(journal.idem), account=code,
                                     available=_money(connection, code, row[1]),
                                     asked=_money(connection, code, leg.amount))
    raise AssertionError("the database saw an overdraft that the balances do not show")


def _no_open_period(connection: Connection, journal: Journal) -> WestlakeError:
    row = connection.execute("SELECT first_day, last_day FROM period WHERE ? BETWEEN first_day AND last_day",
                             (journal.day,)).fetchone()
    if row is None:
        return WestlakeError.one("W506", place(journal.idem), day=iso(journal.day))
    return WestlakeError.one("W507", place(journal.idem), day=iso(journal.day), first=iso(row[0]), last=iso(row[1]))


def _money(connection: Connection, code: str, amount: int) -> str:
    currency = connection.execute("SELECT currency FROM account WHERE code = ?", (code,)).fetchone()[0]
    return f"{format_money(amount, currency)} {currency}"
