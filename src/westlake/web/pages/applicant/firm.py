"""The firm that a person speaks for: what is known of it and how, its bank accounts, who else writes for it."""

from __future__ import annotations

import re

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from westlake.database import transaction
from westlake.dates import day_number
from westlake.desk import people
from westlake.desk.applying.correcting import still_free, why_not_change_firm
from westlake.desk.applying.numbers import as_kept
from westlake.desk.applying.personal import is_personal, own_number, stands_for
from westlake.desk.applying.speaking import confirmed_among, known_among, on_file, speaks_for
from westlake.desk.paying.bank_accounts import BankAccount, accounts_of, propose_account
from westlake.desk.people import OUTSIDE, Grant
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.register import Register
from westlake.register.entered import enter_by_hand
from westlake.register.facts import FACTS, Fact, text_words
from westlake.web import forms
from westlake.web.guards import Roles, route
from westlake.web.jobs import invite
from westlake.web.listing import Cell, Column, table
from westlake.web.pages.applicant.contact import contact_of
from westlake.web.templatetags.westlake import day
from westlake.web.visit import Visit
from westlake.words import catalogue, say

LAST = day_number(2199, 12, 31)
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,59}")


class Named(forms.Form):
    """A firm as its applicant names it."""

    number = fields.CharField(label="web.firm.number", help_text="web.firm.number_hint", max_length=60,
                              widget=fields.TextInput(attrs={"autocomplete": "off"}))
    name = fields.CharField(label="web.firm.name", max_length=200,
                            widget=fields.TextInput(attrs={"autocomplete": "organization"}))


class Account(forms.Form):
    """A bank account that the firm wants to be paid to."""

    holder = fields.CharField(label="web.firm.holder", max_length=140)
    account = fields.CharField(label="web.firm.account", max_length=40,
                               widget=fields.TextInput(attrs={"autocomplete": "off"}))
    bank = fields.CharField(label="web.firm.bank", max_length=140)
    bank_code = fields.CharField(label="web.firm.bank_code", help_text="web.firm.bank_code_hint", max_length=20)
    country = fields.ChoiceField(label="web.firm.country", choices=[
        ("CN", "web.firm.of.CN"), ("KR", "web.firm.of.KR"), ("DE", "web.firm.of.DE"), ("US", "web.firm.of.US")])


class Invited(forms.Form):
    """Somebody who is to write applications along."""

    name = fields.CharField(label="web.account.name", max_length=100)
    email = fields.EmailField(label="web.people.email")


def firm(request: Visit) -> HttpResponse:
    """Facts with where they come from, accounts with what still keeps them from being paid to, and co-applicants."""
    person, office, lang = request.person, request.office, request.lang
    number = stands_for(office.desk, person)
    if not number:
        return redirect("firm.register")
    trusted = speaks_for(office.desk, person, number)
    facts = Register(office.connection).of([number], office.today).get(number, {})
    shown = facts.values() if trusted else [one for one in facts.values() if one.source == "applicant"]
    heads = [Column(say(f"web.firm.{name}", lang)) for name in ("fact", "value", "how", "since")]
    rows = [[say(f"web.firm.facts.{one.name}", lang), value_of(one, office.settings.currency, lang),
             Cell(say(f"web.firm.how_of.{one.assurance}", lang), tag=one.assurance, hint=source_of(one, lang)),
             Cell(day(one.first))] for one in sorted(shown, key=lambda one: [*FACTS].index(one.name))]
    accounts = accounts_of(office.desk, number) if trusted else []
    own = own_number(office.desk, person) if person.firm else ""  # of before they entered the firm
    leads = any(held.role == "applicant" for held in request.roles)
    kept = why_not_change_firm(office.desk, person) if person.firm and leads else None
    return render(request, "firm/show.html", {
        "facts_table": table(say("web.firm.facts_of", lang), heads, rows), "trusted": trusted,
        "unheard": not (is_personal(number) or known_among(office.desk, [number])), "contact": contact_of(request),
        "name": facts["name"].value if "name" in facts and (trusted or facts["name"].source == "applicant")
        else person.name if is_personal(number) else person.organisation or number,
        "personal": is_personal(number),
        "accounts": _standing(accounts, office.today), "own": own,
        "own_accounts": _standing(accounts_of(office.desk, own), office.today) if own else [],
        "others": [(people.find_person(office.connection, one.person), one) for one in writers(request)
                   if one.person != person.id],
        "kept_by": f"{kept.sentence(lang)}. {kept.way_out(lang)}" if kept and kept.code == "W1129" else "",
        "may_rename": bool(person.firm) and leads and kept is None,
        "may_change": leads})


def _standing(accounts: list[BankAccount], today: int) -> list[tuple[BankAccount, str]]:
    """Accounts with what still keeps each from being paid to."""
    return [(one, "waiting" if one.usable_from is None else "held" if one.usable_from > today else "verified")
            for one in accounts]


def register(request: Visit) -> HttpResponse:
    """Name the firm that one speaks for, or another as long as nothing rests on the one that was named. W1061 for one
    that somebody else speaks for already."""
    person = request.person
    if person.firm and why_not_change_firm(request.office.desk, person):
        return redirect("firm")
    form = Named(request.POST or None, lang=request.lang, initial={"number": person.firm, "name": person.organisation})
    if request.method == "POST" and form.is_valid():
        try:
            _take_firm(request, form.cleaned_data["number"].strip(), form.cleaned_data["name"].strip())
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, _named(request))
            target = request.POST.get("next") or "/firm/"
            return redirect(target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "/firm/")
    return render(request, "firm/register.html",
                  {"form": form, "next": request.GET.get("next", request.POST.get("next", ""))},
                  status=422 if form.errors else 200)


def account(request: Visit) -> HttpResponse:
    """Propose an account; the office checks it by another way, and a later one waits before it is paid to.

    ?own=1: for what one applied for in one's own name, also once one speaks for a firm.
    """
    person, office, own = request.person, request.office, "own" in request.GET
    number = own_number(office.desk, person) if own else stands_for(office.desk, person)
    if own and not number:
        raise Http404
    if not number:
        return redirect("firm.register")
    if not speaks_for(office.desk, person, number):
        raise WestlakeError.one("W1066")
    form = Account(request.POST or None, lang=request.lang)
    if request.method == "POST" and form.is_valid():
        try:
            propose_account(office.desk, person, number, **form.cleaned_data)
        except WestlakeError as error:
            form.take(error)
        else:
            messages.success(request, say("web.firm.proposed", request.lang))
            return redirect("firm")
    return render(request, "firm/form.html", {"form": form, "heading": say("web.firm.propose", request.lang),
                                              "says": say("web.firm.own_says" if own else "web.firm.propose_says",
                                                          request.lang),
                                              "button": say("web.firm.propose", request.lang)},
                  status=422 if form.errors else 200)


def invite_somebody(request: Visit) -> HttpResponse:
    """Let somebody write the firm's applications along; they register with the address that is named here."""
    person, lang = request.person, request.lang
    if not person.firm:
        return redirect("firm.register")
    if not speaks_for(request.office.desk, person, person.firm):
        raise WestlakeError.one("W1066")
    form = Invited(request.POST or None, lang=lang)
    if request.method == "POST" and form.is_valid():
        try:
            _invite(request, form.cleaned_data["name"], form.cleaned_data["email"])
        except WestlakeError as error:
            form.take(error)
        else:
            invite.enqueue(form.cleaned_data["email"], lang, person.name, person.organisation or person.firm,
                           request.build_absolute_uri("/account/signup/"))
            messages.success(request, say("web.firm.invited", lang, email=form.cleaned_data["email"]))
            return redirect("firm")
    return render(request, "firm/form.html", {"form": form, "heading": say("web.firm.invite", lang),
                                              "says": say("web.firm.invite_says", lang),
                                              "button": say("web.firm.invite", lang)}, status=422 if form.errors
                  else 200)


def dismiss(request: Visit, grant: Grant) -> HttpResponse:
    """Ask, then end somebody's writing along."""
    if request.method == "POST":
        people.end_role(request.office.connection, grant.id, request.person, request.office.now(),
                        "ended by the applicant")
        return redirect("firm")
    other, lang = people.find_person(request.office.connection, grant.person), request.lang
    return render(request, "parts/confirm_page.html", {
        "heading": say("web.firm.dismiss", lang), "says": say("web.firm.dismiss_says", lang),
        "facts": [(say("web.account.name", lang), other.name if other else "")],
        "button": say("web.firm.dismiss", lang), "back": "/firm/", "danger": True})


def writers(request: Visit) -> list[Grant]:
    """Who writes for the firm beside its applicant, as it was given and still holds."""
    number = request.person.firm
    known = speaks_for(request.office.desk, request.person, number)  # who only names a firm learns nobody's name
    found = people.grants(request.office.connection, firm=number) if known else []
    return [one for one in found if one.held.role == "co_applicant" and one.ended_at is None]


def seen_grant(request: Visit, grant: int) -> Grant:
    """A co-applicant's role for one's own firm, or 404."""
    for one in writers(request):
        if one.id == grant and one.person != request.person.id:
            return one
    raise Http404


def value_of(fact: Fact, currency: str, lang: str) -> str:
    """A fact as people read it."""
    kind = FACTS[fact.name]
    match kind.type:
        case "bool":
            return say("rules.yes" if fact.value == "1" else "rules.no", lang)
        case "choice":
            return say(f"web.firm.size.{fact.value}", lang) if fact.name == "size" else fact.value
        case "money":
            return format_money(int(fact.value), currency, sign=True)
        case "day":
            return str(day(fact.number()))
    if fact.name == "bank_account":
        return f"•••• {fact.value[-4:]}"
    return text_words(fact.value, lang) if fact.name in ("district", "sector") else fact.value


def source_of(fact: Fact, lang: str) -> str:
    """Who said so."""
    key = f"web.firm.source.{fact.source}"
    return say(key, lang) if key in catalogue() else fact.source


def _take_firm(request: Visit, number: str, name: str) -> None:
    person, office = request.person, request.office
    number = as_kept(number)
    if not _NUMBER.fullmatch(number) or is_personal(number.lower()):
        raise WestlakeError.one("W1067", Place(field="number"))
    with transaction(office.connection):  # whoever else names it at this moment waits, and is told
        person = still_free(office.desk, person)
        number = _spelt(request, number)
        others = office.connection.execute("SELECT id, firm FROM desk_person WHERE firm = ? AND id <> ?",
                                           (number, person.id)).fetchall()
        facts = Register(office.connection).of([number], office.today).get(number, {})
        # whom nobody has confirmed keeps the firm's own people from nothing
        if confirmed_among(office.desk, map(tuple, others)) if known_among(office.desk, [number]) else others:
            raise WestlakeError.one("W1061", Place(field="number"), firm=number,
                                    contact=contact_of(request))
        people.change_person(office.connection, person, person, firm=number, organisation=name)
        if not facts:
            enter_by_hand(office.connection, office.record, person.actor, number, "name", name, office.today, LAST,
                          "declared", "applicant", office.today)


def _named(request: Visit) -> str:
    """What it means that somebody has just named a firm: the office knows the firm and them, the firm only, neither."""
    desk, person = request.office.desk, people.find_person(request.office.connection, request.person.id)
    assert person is not None, "whoever is logged in is a person of the desk"
    if not known_among(desk, [person.firm]):
        return say("web.firm.named_unknown", request.lang)
    return say("web.firm.named" if speaks_for(desk, person, person.firm) else "web.firm.named_waits", request.lang)


def _spelt(request: Visit, number: str) -> str:
    """A firm's number as the register has it, or whoever named it before: in other letters it would be another firm's,
    with caps of its own."""
    rows = request.office.connection.execute(
        "SELECT 0, subject FROM register_fact WHERE name = 'name' AND lower(subject) = ? UNION SELECT 1, firm FROM"
        " desk_person WHERE lower(firm) = ? ORDER BY 1, 2", (number.lower(), number.lower())).fetchall()
    known = [row[1] for row in rows]
    return known[0] if known and number not in known else number


def _invite(request: Visit, name: str, email: str) -> None:
    person, office = request.person, request.office
    with transaction(office.connection):  # whoever is entered so was invited, not entered by the office
        other, at = people.person_by_email(office.connection, email), office.now()
        if other is None:
            other = people.add_person(office.connection, name, email, person.organisation, request.lang, person.firm,
                                      at=at)
        elif other.firm not in ("", person.firm) or any(held.role not in OUTSIDE for held in
                                                        people.roles_of(office.connection, other.id, at)):
            raise WestlakeError.one("W1065", Place(field="email"))
        elif on_file(office.desk, [other.id]).is_barred(other.id, person.firm):
            raise WestlakeError.one("W1158", Place(field="email"), firm=person.firm)
        people.grant_role(office.connection, other.id, "co_applicant", by=person, at=at, firm=person.firm,
                          reason="invited by the applicant")


_OWN = Roles("applicant", "co_applicant", "operator")
_LEADS = Roles("applicant")
ROUTES = (
    route("firm/", firm, _OWN, name="firm"),
    route("firm/register/", register, _LEADS, name="firm.register", methods=("GET", "POST")),
    route("firm/account/", account, _LEADS, name="firm.account", methods=("GET", "POST")),
    route("firm/invite/", invite_somebody, _LEADS, name="firm.invite", methods=("GET", "POST")),
    route("firm/writers/<int:grant>/end/", dismiss, _LEADS, name="firm.dismiss", methods=("GET", "POST"),
          object=seen_grant),
)
