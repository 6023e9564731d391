"""The books as finance reads them: accounts, an account day by day, a journal, the trial balance, the chain's head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from westlake.dates import DAY_MAX, DAY_MIN, Period, iso, parse_day
from westlake.desk.cases import find_case, steps_of
from westlake.desk.desk import Desk
from westlake.ledger import Balance, Books, Entry
from westlake.money import format_money
from westlake.record import Record
from westlake.reports.open_data import exact
from westlake.web.guards import or_404, route
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.money import money as room
from westlake.web.pages.money.money import WHO, Section
from westlake.web.paging import page_of
from westlake.web.table_file import table_file

SUMS = ("debits", "credits", "held_debits", "held_credits")
_DESK_KEY = re.compile(r"(?:hold|back|earn|send|owed|ofst|rpay|woff|unow|unof|unrp):desk:(\d+):(\d+)")


def visible(request: HttpRequest) -> re.Pattern[str] | None:
    """The codes of accounts that somebody may see; None for all. What several programmes share is for all only."""
    if room.programmes_of(request) is None:
        return None
    codes = []
    for programme, terms in room.own_budgets(request):
        for one in terms.accounts.values():
            if "{programme}" in one.code:
                plain = re.escape(one.code.replace("{programme}", programme.name))
                codes.append(re.sub(r"\\\{(?:year|firm)\\\}", ".+", plain))
    return re.compile("|".join(f"(?:{code})" for code in codes) or r"(?!)")


def books(request: HttpRequest) -> HttpResponse:
    """Every account with its balance; the chain's head, where it was made known, whether all is well."""
    ledger, tell = Books(request.office.connection), room.words(request)
    asked = request.GET.get("q", "").strip()[:100]
    found = [(code, kept) for code, kept in _balances(request, ledger) if asked.lower() in code.lower()]
    ids = dict(request.office.connection.execute("SELECT code, id FROM account").fetchall())
    shown = page_of(request, len(found))
    columns = [Column(tell("book.account")), Column(tell("book.rule")), *(
        Column(tell(f"book.{name}"), num=True) for name in (*SUMS, "available"))]
    part = found[shown.offset:shown.offset + shown.size]
    named = room.firm_names(request.office.desk, [code.rpartition(":")[2] for code, _ in part])
    rows = [[_account(code, ids, named), tell(f"book.rules.{kept.rule}"),
             *(format_money(getattr(kept, name), kept.currency) for name in (*SUMS, "available"))]
            for code, kept in part]
    return room.page(
        request, tell("tab.books"), filters=[{"name": "q", "label": tell("book.find"), "value": asked}], shown=shown,
        actions=[(tell("book.csv"), reverse("money.books.csv")), (tell("book.xlsx"), reverse("money.books.xlsx"))],
        sections=[Section(tell("book.accounts"), table(tell("book.accounts"), columns, rows), empty=tell("book.none")),
                  *_chain(request, ledger)])


def _account(code: str, ids: Mapping[str, int], named: Mapping[str, str]) -> Cell:
    """An account with the name of the firm that it is kept for."""
    firm = code.rpartition(":")[2]
    return Cell(code, reverse("money.book", args=[ids[code]]), hint=named[firm] if named[firm] != firm else "")


def _balances(request: HttpRequest, ledger: Books) -> list[tuple[str, Balance]]:
    wanted = visible(request)
    return [(code, kept) for code, kept in ledger.balances().items() if wanted is None or wanted.fullmatch(code)]


def _chain(request: HttpRequest, ledger: Books) -> Iterator[Section]:
    """Heads of both chains, closed periods, anchors: for those who answer for all programmes."""
    tell, connection = room.words(request), ledger.connection
    if room.programmes_of(request) is not None:
        return
    head, act = ledger.head(), connection.execute("SELECT id, hash FROM act ORDER BY id DESC LIMIT 1").fetchone()
    rows: list[list[Any]] = [[tell("book.head"), f"{head.number:,}", head.hash],
                             [tell("book.record"), f"{act[0]:,}" if act else "0", act[1] if act else "–"]]
    heads = table(tell("book.heads"), [Column(tell("book.chain")), Column(tell("book.length"), num=True),
                                       Column("SHA-256")], rows)
    yield Section(tell("book.heads"), heads, tell("book.heads_says"),
                  links=[(tell("book.verify"), reverse("money.verify"))])
    closed = {one.period: one for one in ledger.closings()}
    spans = [[iso(one.first), iso(one.last), Cell(tell("book.closed"), tag="closed") if one in closed
              else Cell(tell("book.open"), tag="open"), closed[one].hash[:16] if one in closed else "–"]
             for one in ledger.all_periods()]
    columns = [Column(tell("book.first")), Column(tell("book.last")), Column(tell("stands")), Column("SHA-256")]
    yield Section(tell("book.periods"), table(tell("book.periods"), columns, spans), empty=tell("book.no_period"))
    known = [[iso(one.day), f"{one.journal:,}", one.place, one.hash[:16]] for one in ledger.anchors()]
    yield Section(tell("book.anchors"), table(tell("book.anchors"), [
        Column(tell("day")), Column(tell("journal"), num=True), Column(tell("book.place")), Column("SHA-256")], known),
        tell("book.anchors_says"), tell("book.no_anchor"))


def verify(request: HttpRequest) -> HttpResponse:
    """The books and the record checked anew, all of them; nothing is written."""
    connection, tell, lang = request.office.connection, room.words(request), request.lang
    if room.programmes_of(request) is not None:
        raise Http404
    problems = [*Books(connection).verify(), *Record(connection).verify()]
    rows = [[one.code, one.sentence(lang), one.way_out(lang)] for one in problems]
    return room.page(
        request, tell("book.verify"), crumbs=_crumbs(request), state="broken" if problems else "clean",
        state_label=tell("book.broken") if problems else tell("book.sound"), under=tell("book.verify_says"),
        sections=[Section("", table(tell("book.verify"), [
            Column(tell("book.code")), Column(tell("book.problem")), Column(tell("book.way_out"))], rows),
            empty=tell("book.sound"))])


def seen_account(request: HttpRequest, account: int) -> str:
    """The code of an account that this person may see; 404 for any other."""
    row = request.office.connection.execute("SELECT code FROM account WHERE id = ?", (account,)).fetchone()
    wanted = visible(request)
    if row is None or (wanted is not None and not wanted.fullmatch(row[0])):
        raise Http404
    return str(row[0])


def account(request: HttpRequest, code: str) -> HttpResponse:
    """An account line by line over some days, with what was in it after each."""
    tell = room.words(request)
    today = request.office.today
    span = Period(_day(request, "first", Period.year(int(iso(today)[:4])).first), _day(request, "last", today))
    if span.first > span.last:
        span = Period(span.last, span.first)
    found = Books(request.office.connection).statement(code, span.first, span.last)
    shown, currency = page_of(request, len(found.lines)), found.opening.currency
    rows: list[list[Any]] = []
    if shown.number == 1:
        rows.append([iso(span.first), "", tell("book.opening"), "", "", "", _held(found.opening), _net(found.opening)])
    for line in found.lines[shown.offset:shown.offset + shown.size]:
        amount = format_money(line.transfer.amount, currency)
        phase = "" if line.transfer.phase == "post" else tell(f"book.phase.{line.transfer.phase}")
        rows.append([iso(line.day), Cell(f"{line.journal}", reverse("money.journal", args=[line.journal])),
                     Cell(_kind(tell, line.kind), hint=phase), line.other,
                     *((amount, "") if line.side == "debit" else ("", amount)), _held(line.balance),
                     _net(line.balance)])
    if shown.number == shown.pages:
        rows.append([iso(span.last), "", tell("book.closing"), "", "", "", _held(found.closing), _net(found.closing)])
    columns = [Column(tell("day")), Column(tell("journal")), Column(tell("book.kind")), Column(tell("book.other")),
               Column(tell("book.debit"), num=True), Column(tell("book.credit"), num=True),
               Column(tell("held"), num=True), Column(tell("book.balance"), num=True)]
    return room.page(
        request, code, crumbs=_crumbs(request), shown=shown,
        facts=[(tell("book.balance"), format_money(found.closing.net, currency, sign=True)),
               (tell("book.available"), format_money(found.closing.available, currency, sign=True))],
        filters=[{"name": "first", "label": tell("book.first"), "value": iso(span.first)},
                 {"name": "last", "label": tell("book.last"), "value": iso(span.last)}],
        sections=[Section("", table(code, columns, rows))])


def _day(request: HttpRequest, name: str, otherwise: int) -> int:
    try:
        found = parse_day(request.GET.get(name, "").strip())
    except ValueError:
        return otherwise
    return min(max(found, DAY_MIN + 1), DAY_MAX)


def _held(kept: Balance) -> str:
    return format_money(kept.held_credits if kept.rule == "debit" else kept.held_debits, kept.currency)


def _net(kept: Balance) -> str:
    return format_money(kept.net, kept.currency)


def _kind(tell: room.Say, kind: str) -> str:
    """The kind of a journal in words; as it is written, where it has none."""
    try:
        return tell(f"book.kinds.{kind}")
    except KeyError:
        return kind


def seen_journal(request: HttpRequest, journal: int) -> Entry:
    """A journal that touches an account which this person may see; 404 for any other."""
    with or_404():
        found = Books(request.office.connection).journal(journal)
    wanted = visible(request)
    if wanted is not None and not any(wanted.fullmatch(code) for leg in found.journal.transfers
                                      for code in (leg.debit, leg.credit)):
        raise Http404
    return found


def journal(request: HttpRequest, entry: Entry) -> HttpResponse:
    """One journal: its transfers, who posted it for which case, what it follows up and what followed it."""
    connection, desk = request.office.connection, request.office.desk
    tell, asked = room.words(request), entry.journal
    ids = dict(connection.execute("SELECT code, id FROM account").fetchall())
    currency = connection.execute("SELECT currency FROM account WHERE code = ?",
                                  (asked.transfers[0].debit,)).fetchone()[0]
    wanted = visible(request)

    def to(code: str) -> Cell:
        there = wanted is None or wanted.fullmatch(code)
        return Cell(code, reverse("money.book", args=[ids[code]]) if there else "")

    rows = [[f"{seq}", to(leg.debit), to(leg.credit), format_money(leg.amount, currency, sign=True),
             tell(f"book.phase.{leg.phase}")] for seq, leg in enumerate(asked.transfers, 1)]
    columns = [Column("#"), Column(tell("book.debit")), Column(tell("book.credit")), Column(tell("amount"), num=True),
               Column(tell("book.phase.title"))]
    pairs: list[Any] = [(tell("day"), iso(asked.day), ""), (tell("book.kind"), _kind(tell, asked.kind), ""),
                        (tell("book.memo"), asked.memo, ""), (tell("book.key"), asked.idem, ""),
                        *_behind(request, desk, entry), ("SHA-256", entry.hash, "")]
    for name, number in (("book.reverses", asked.reverses), ("book.relates_to", asked.relates_to)):
        if number:
            pairs.append((tell(name), tell("journal_number", number=number), reverse("money.journal", args=[number])))
    for number, in connection.execute("SELECT id FROM journal WHERE relates_to = ? OR reverses = ? ORDER BY id"
                                      " LIMIT 50", (entry.id, entry.id)).fetchall():
        pairs.append((tell("book.followed"), tell("journal_number", number=number),
                      reverse("money.journal", args=[number])))
    return room.page(request, tell("journal_number", number=entry.id), crumbs=_crumbs(request), pairs=pairs,
                     sections=[Section(tell("book.transfers"), table(tell("book.transfers"), columns, rows))])


def _behind(request: HttpRequest, desk: Desk, entry: Entry) -> Iterator[tuple[str, str, str]]:
    """The case and the person behind a journal of the desk, or the round behind one of settlement."""
    tell, key = room.words(request), _DESK_KEY.match(entry.journal.idem)
    paid = re.match(r"(?:paid|retn|void):desk:(\d+)", entry.journal.idem)
    number = int(key[2]) if key else 0
    if paid:
        row = desk.connection.execute("SELECT case_id FROM desk_payment WHERE id = ?", (int(paid[1]),)).fetchone()
        number = row[0] if row else 0
    if number and room.is_seen(request, desk, number):
        case = find_case(desk, number)
        yield tell("case"), case.number, f"/cases/{case.id}/"
        if paid:
            yield tell("payment"), f"WLP{int(paid[1]):08d}", reverse("money.payment", args=[int(paid[1])])
        taken = next((step for step in steps_of(desk, case)
                      if isinstance(booked := step.data.get("journals"), list) and entry.id in booked), None)
        if taken is not None:
            yield tell("person"), room.names(desk, [taken.person])[taken.person], ""
    row = desk.connection.execute("SELECT round FROM settlement_payment WHERE journal = ?", (entry.id,)).fetchone()
    if row:
        yield tell("round.title"), tell("round.number", number=row[0]), reverse("money.round", args=[row[0]])
    move = re.match(r"virement:(\d+)$", entry.journal.idem)
    if move:
        yield tell("move.title"), tell("move.number", number=move[1]), reverse("money.move.show", args=[int(move[1])])


def trial_balance(request: HttpRequest, form: str) -> HttpResponse:
    """Every account's sums as a file; no text in it is taken for a formula."""
    tell = room.words(request)
    header = [tell("book.account"), tell("statement.currency"), tell("book.rule"), *(
        tell(f"book.{name}") for name in (*SUMS, "available"))]
    rows = [[code, kept.currency, tell(f"book.rules.{kept.rule}"),
             *(exact(getattr(kept, name), kept.currency) for name in (*SUMS, "available"))]
            for code, kept in _balances(request, Books(request.office.connection))]
    return table_file("trial-balance", form, header, rows)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(room.words(request)("tab.books"), reverse("money.books"))]


ROUTES = (
    route("money/books/", books, WHO, name="money.books"),
    route("money/books/verify/", verify, WHO, name="money.verify"),
    route("money/books/balances.csv", lambda request: trial_balance(request, "csv"), WHO, name="money.books.csv"),
    route("money/books/balances.xlsx", lambda request: trial_balance(request, "xlsx"), WHO, name="money.books.xlsx"),
    route("money/books/accounts/<int:account>/", account, WHO, name="money.book", object=seen_account),
    route("money/books/journals/<int:journal>/", journal, WHO, name="money.journal", object=seen_journal),
)
