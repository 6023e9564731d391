"""Money, to be read: payments and their batches, the heads of the chains, what stands on the accounts."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from westlake.dates import instant_iso, iso
from westlake.desk.paying import payments
from westlake.desk.people import EVERY
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.web.api import paging
from westlake.web.api.money_schema import BalancePage, BatchPage, HeadList, PaymentOut, PaymentPage
from westlake.web.api.operations import operation
from westlake.web.api.schema import After, Key, Limit, Number
from westlake.web.api.tokens import Bearer

router = Router(tags=["money"])
_PAYMENT = ("id", "reference", "case", "number", "programme", "attempt", "firm", "amount", "currency", "state", "batch")
_ROLES = ("approver", "payer", "officer", "auditor")
READS = Bearer("money:read", *_ROLES)
WHOLE = Bearer("money:read", "payer", "auditor")


@operation(router, "GET", "/payments", READS, PaymentPage)
def list_payments(request: HttpRequest, state: Key = "", firm: Key = "", limit: Limit = paging.SIZE,
                  after: After = "") -> dict[str, object]:
    """List payments of your programmes, newest first: waiting, batched, sent, paid, returned or void."""
    desk = request.office.desk
    mark, own = int(paging.mark_of(after, int) or 0), _programmes(request)
    found = [one for programme in (sorted(own) if own is not None else [""])
             for one in payments.payments(desk, state=state, firm=firm, programme=programme, after=mark,
                                          limit=limit + 1)]
    items, further = paging.page(sorted(found, key=lambda one: -one.id), limit, lambda one: one.id)
    return {"items": [_payment(one) for one in items], "next": further}


@operation(router, "GET", "/payments/{payment}", READS, PaymentOut)
def show_payment(request: HttpRequest, payment: Number) -> dict[str, object]:
    """Show a payment. What became of it is what the bank said."""
    found, own = payments.find_payment(request.office.desk, payment), _programmes(request)
    if own is not None and found.programme not in own:
        raise WestlakeError.one("W920", what=f"payment {payment}")
    return _payment(found)


@operation(router, "GET", "/batches", WHOLE, BatchPage)
def list_batches(request: HttpRequest, limit: Limit = paging.SIZE, after: After = "") -> dict[str, object]:
    """List batches of payments, each with the digest of the file that the bank was handed."""
    mark = paging.mark_of(after, int) or 0
    where, values = _own(request, "c.programme")
    rows = request.office.connection.execute(
        "SELECT b.id, b.day, b.currency, b.total, b.payments, b.digest, r.at, b.at FROM desk_batch b"
        " LEFT JOIN desk_batch_release r ON r.batch = b.id WHERE b.id > ? AND NOT EXISTS (SELECT 1 FROM"
        " desk_batch_line l JOIN desk_payment p ON p.id = l.payment JOIN desk_case c ON c.id = p.case_id"
        f" WHERE l.batch = b.id AND NOT ({where})) ORDER BY b.id LIMIT ?", (mark, *values, limit + 1)).fetchall()
    items, further = paging.page(rows, limit, lambda row: int(row[0]))
    return {"items": [{"id": row[0], "day": iso(row[1]), "currency": row[2], "total": row[3], "payments": row[4],
                       "digest": row[5], "released_at": instant_iso(row[6]) if row[6] is not None else None,
                       "at": instant_iso(row[7])} for row in items], "next": further}


@operation(router, "GET", "/ledger/heads", READS, HeadList)
def list_heads(request: HttpRequest) -> dict[str, object]:
    """Show the heads of ledger and record. Kept outside, they prove later that nothing before them was changed."""
    return {"items": heads_out(request)}


@operation(router, "GET", "/ledger/balances", WHOLE, BalancePage)
def list_balances(request: HttpRequest, start: Key = "", limit: Limit = paging.SIZE,
                  after: After = "") -> dict[str, object]:
    """List what stands on the accounts now, whose codes begin so. Who works for some programmes sees theirs."""
    mark = str(paging.mark_of(after, str) or "")
    own = _programmes(request)
    balances = Books(request.office.connection).balances()
    found = [(code, kept) for code, kept in sorted(balances.items())
             if code > mark and code.startswith(start) and (own is None or set(code.split(":")) & own)]
    items, further = paging.page(found, limit, lambda one: one[0])
    return {"items": [{"account": code, "currency": kept.currency, "net": kept.net, "available": kept.available}
                      for code, kept in items], "next": further}


def heads_out(request: HttpRequest) -> list[dict[str, object]]:
    """The last entry of each chain."""
    office = request.office
    heads = (("ledger", Books(office.connection).head()), ("record", office.record.head()))
    return [{"chain": chain, "number": head.number, "hash": head.hash} for chain, head in heads]


def _programmes(request: HttpRequest) -> set[str] | None:
    """The programmes whose money this person reads; None for all."""
    own = {one.programme for one in request.roles if one.role in _ROLES}
    return None if EVERY in own else own


def _own(request: HttpRequest, column: str) -> tuple[str, list[str]]:
    own = _programmes(request)
    if own is None:
        return "1 = 1", []
    return f"{column} IN ({', '.join('?' * len(own))})", sorted(own)


def _payment(one: payments.Ordered) -> dict[str, object]:
    return {name: getattr(one, name) for name in _PAYMENT} | {"at": instant_iso(one.at)}
