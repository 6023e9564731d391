"""What a page asks of the database does not grow with the cases: as often with twelve of them as with three."""

import pytest
from tests.web.conftest import Browser
from tests.web.money_office import Desk, browser_of
from tests.web.review_office import Panel

from westlake.desk import people
from westlake.desk.applying import taking_over
from westlake.desk.paying import bank_accounts, batches, payments

MOST = 12
MORE = {"what waits for a payer": 14}  # a dozen sorts of what waits
FIRMS = ("heron", "teal", "coot", "rail", "swan", "loon", "crane", "grebe", "egret", "osprey", "bittern", "dipper")


class Counting:
    """A connection, with a count of what it is asked."""

    def __init__(self, connection):
        self.inner, self.asked = connection, 0

    def execute(self, *given):
        self.asked += 1
        return self.inner.execute(*given)

    def stream(self, *given):
        self.asked += 1
        return self.inner.stream(*given)

    def __getattr__(self, name):
        return getattr(self.inner, name)


def asked(office, pages):
    """Page → how often it asks the office's database, at its second time."""
    counting, found = Counting(office._opened()), {}
    office._mine.connection, raw = counting, counting.inner
    try:
        for name, (browser, address) in pages.items():
            assert browser.get(address).status_code == 200, address
            counting.asked = 0
            browser.get(address)
            found[name] = counting.asked
    finally:
        office._mine.connection = raw
    return found


def held(found):
    """Those that ask more often than they may."""
    return {name: count for name, count in found.items() if count > MORE.get(name, MOST)}


@pytest.fixture
def panel(office, clock):
    return Panel(office, clock, Browser)


def test_lists_reviews_and_the_audit_ask_as_often_of_twelve_cases_as_of_three(panel, office):
    call = panel.call()
    readers = [panel.reviewer(call, f"Reader {number}", organisation=f"House {number}") for number in range(2)]
    panel.staff["admin"] = panel.person("Adam Strand", "admin")
    cases = panel.paneled(call, readers, still_open=True, **dict.fromkeys(FIRMS[:3], 7))
    own = f"/reviews/calls/{call.id}/"
    speaker = panel.submitted(call, "plover")[1]
    pages = {
        **{address: (panel.at("officer"), address) for address in (
            "/", "/cases/", "/cases/?state=waits", "/cases/?q=pier", "/calls/", f"/calls/{call.id}/", "/money/",
            "/money/budgets/", "/firms/", "/reviews/", own, f"{own}progress/", f"{own}conflicts/")},
        "case": (panel.at("officer"), f"/cases/{cases['heron'].id}/"), "firm": (panel.at("officer"), "/firms/heron/"),
        "audit": (panel.at("auditor"), "/audit/"), "people": (panel.at("admin"), "/people/"),
        "reviewer's home": (panel.at(readers[0]), "/"), "reviewer": (panel.at(readers[0]), "/reviews/"),
        "reviewer's case": (panel.at(readers[0]), f"/reviews/cases/{cases['heron'].id}/"),
        "heads": (Browser(), "/public/heads/"),
        "own case": (panel.at(speaker), f"/applications/{cases['heron'].id + 3}/"),
        **{address: (Browser(), address) for address in ("/public/", "/public/awards/", "/public/notices/", "/find/")}}
    few = asked(office, pages)
    panel.paneled(call, readers, still_open=True, **dict.fromkeys(FIRMS[3:], 6))
    assert asked(office, pages) == few
    assert held(few) == {}


def test_money_asks_as_often_of_eight_payments_as_of_two(office, clock, tmp_path):
    desk = Desk(office, clock, tmp_path)
    payer, visitor = browser_of(Browser(), desk.staff["payer"]), Browser()
    officer = browser_of(Browser(), desk.staff["officer"])
    desk.batch_of(*FIRMS[:2])
    pages = {"what waits for a payer": (payer, "/money/"),
             **{address: (payer, address) for address in ("/money/payments/", "/money/batches/",
                                                          "/money/recoveries/", "/money/payments/1/")},
             **{f"officer's {address}": (officer, address) for address in ("/money/", "/money/payments/",
                                                                           "/money/budgets/")},
             **{address: (visitor, address) for address in ("/public/awards/", "/public/payments/")}}
    few = asked(office, pages)
    desk.batch_of(*FIRMS[2:8])
    assert asked(office, pages) == few
    assert held(few) == {}


def test_what_was_taken_over_asks_as_often_of_eight_applications_as_of_two(office, clock, tmp_path):
    """Pages of who took them over, and of an officer; and what may be paid, where every payment asks who acts."""
    desk = Desk(office, clock, tmp_path)
    hugo = desk.person("Hugo Heron", "applicant", FIRMS[0])
    own, officer, payer = (browser_of(Browser(), one) for one in (hugo, desk.staff["officer"], desk.staff["payer"]))
    order = browser_of(Browser(), desk.staff["approver"])

    def taken(firms):
        for firm in firms:
            people.grant_role(desk.connection, hugo.id, "applicant", by=desk.staff["officer"], at=clock(), firm=firm)
            case, parts = desk.agreed(firm)
            taking_over.take_over(desk.desk, case, hugo, people.roles_of(desk.connection, hugo.id, clock()))
            desk.approved(parts[0])
        browser_of(own, hugo)  # who holds another role logs in anew
        return {"list": (own, "/applications/"), "case": (own, f"/applications/{case.id}/"), "home": (own, "/"),
                "part": (own, f"/applications/{parts[1].id}/"), "office": (officer, f"/cases/{case.id}/"),
                "cases": (officer, "/cases/"), "payments": (payer, "/money/payments/"),
                "order": (order, "/money/payments/order/")}

    few = asked(office, taken(FIRMS[:2]))
    assert asked(office, taken(FIRMS[2:8])) == few
    assert held(few) == {}


def test_what_may_be_ordered_asks_as_often_of_eight_cases_as_of_two(office, clock, tmp_path):
    """Each of a firm and with an account of its own speaker, whom the office knows."""
    desk = Desk(office, clock, tmp_path)
    pages = {"order": (browser_of(Browser(), desk.staff["approver"]), "/money/payments/order/")}

    def approved(firms):
        for firm in firms:
            case, parts = desk.agreed(firm)
            made = bank_accounts.propose_account(desk.desk, people.find_person(desk.connection, case.applicant), firm,
                                                 firm.title(), "6222-0212-0204", "Lake Bank", "102100099996", "CN")
            bank_accounts.check_account(desk.desk, made.id, desk.staff["payer"], "called the firm", 0)
            desk.approved(parts[0])

    approved(FIRMS[:2])
    few = asked(office, pages)
    approved(FIRMS[2:8])
    assert asked(office, pages) == few
    assert held(few) == {}


def test_banking_asks_as_often_of_eight_lines_and_accounts_as_of_two(office, clock, tmp_path):
    """For who answers for all programmes, and for who is to see those of one only."""
    desk = Desk(office, clock, tmp_path)
    readers = {"all": browser_of(Browser(), desk.staff["payer"]), "one": browser_of(
        Browser(), desk.person("Pat Part", "payer", programme="pier_challenge"))}

    def of(firms):
        """The pages, after a statement with two lines a firm: one that is ours, and one that fits nothing."""
        desk.batch_of(*firms)
        own = [one for one in payments.payments(desk.desk, limit=100) if one.state == "batched"]
        batches.release_batch(desk.desk, own[0].batch, desk.second_payer, desk.clock())
        rows = [row for one in own for row in ((one, None, "debit", f"B{one.id}"), (one, 7, "debit", f"C{one.id}"))]
        desk.statement(*rows)
        for firm in firms:
            bank_accounts.propose_account(desk.desk, desk.staff["officer"], firm, firm.title(), "6222-0212-0205",
                                          "Lake Bank", "102100099996", "CN")
        taken, line = desk.connection.execute("SELECT statement, id FROM desk_bank_line ORDER BY id DESC").fetchone()
        return {f"{name} of {who}": (browser, address) for who, browser in readers.items() for name, address in (
            ("banking", "/money/banking/"), ("accounts", "/money/accounts/"), ("line", f"/money/banking/lines/{line}/"),
            ("statement", f"/money/banking/statements/{taken}/"))}

    few = asked(office, of(FIRMS[:2]))
    assert asked(office, of(FIRMS[2:8])) == few
    assert held(few) == {}
