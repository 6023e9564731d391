"""Budgets moved between programmes, recoveries, settled rounds and the books, as finance meets them at the console."""

import csv
import datetime as dt
import io
import re

import pytest
from tests.settlement.conftest import FACTS, OPEN, line
from tests.web.conftest import LAKESIDE, Browser
from tests.web.money_office import Desk, browser_of, role

from westlake import settlement
from westlake.dates import iso, parse_day, year_of
from westlake.desk import people
from westlake.desk.paying import recovering, virement, year_ending
from westlake.errors import WestlakeError
from westlake.ledger import Books
from westlake.record import Record
from westlake.register import Register
from westlake.settlement import fiscal_year
from westlake.web.jobs import remind


@pytest.fixture
def desk(office, clock, tmp_path):
    import shutil
    made = Desk(office, clock, tmp_path)
    shutil.copytree(LAKESIDE / "render_voucher", office.workspace.folder / "programmes" / "lakeside" / "render_voucher",
                    ignore=shutil.ignore_patterns("__pycache__"))
    yield made
    assert made.sound()


@pytest.fixture
def at(desk):
    return lambda who: browser_of(Browser(), desk.staff[who] if isinstance(who, str) else who)


MOVE = {"key": "0123456789abcdef", "source": "pier_challenge:2026", "target": "quay_challenge:2026",
        "amount": "30,000.00", "reason": "the quay cracks"}


def test_money_moves_between_two_budgets_by_two_persons(desk, at, second_factor):
    proposer, approver = at("officer"), at("approver")
    answers = [proposer.post("/money/budgets/move/", MOVE) for _ in range(2)]
    assert [one["Location"] for one in answers] == ["/money/budgets/moves/1/"] * 2
    assert proposer.post("/money/budgets/moves/1/approve/").status_code == 404  # not an approver
    assert approver.post("/money/budgets/moves/1/approve/")["Location"] == "/second-factor/"
    second_factor(approver)
    for _ in range(2):
        assert approver.post("/money/budgets/moves/1/approve/").status_code == 302
    assert [entry.journal.idem for entry in Books(desk.connection).journals() if entry.journal.kind == "virement"] == [
        "virement:1"]
    page = at("auditor").get("/money/?year=2026").text
    assert ("¥70,000.00" in page, "¥130,000.00" in page) == (True, True)


def test_who_proposed_it_is_told_why_they_cannot_approve(desk, at, second_factor):
    browser = at("approver")
    second_factor(browser)
    browser.post("/money/budgets/move/", MOVE)
    page = browser.get("/money/budgets/moves/1/").text
    assert ("W1101" in page, "Approve the move" in page) == (True, False)
    assert "W1101" in browser.post("/money/budgets/moves/1/approve/").text
    assert browser.post("/money/budgets/moves/1/refuse/", {"reason": "thought again"}).status_code == 302
    assert virement.find_virement(desk.desk, 1).state == "refused"


@pytest.mark.parametrize("more, code", [({"amount": "100000.01"}, "W1100"), ({"amount": "much"}, "W1106"),
                                        ({"target": "pier_challenge:2026"}, "W1104")])
def test_a_move_that_cannot_be_is_refused_at_its_field(desk, at, more, code):
    answer = at("officer").post("/money/budgets/move/", {**MOVE, **more})
    assert (answer.status_code, code in answer.text) == (422, True)
    assert re.search(r'<div class="field wrong">', answer.text)
    assert virement.virements(desk.desk) == []


def demanded(desk, clock):
    case, parts = desk.agreed()
    desk.account()
    desk.paid(parts[0])
    return desk.demanded(desk.case(case), 200_000)


def test_what_is_owed_back_grows_old_in_the_open(desk, at, clock):
    owed = demanded(desk, clock)
    browser = at("officer")
    page = browser.get("/money/recoveries/").text
    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)[:2] == [("Not due yet", "¥2,000.00"), ("Overdue up to 30 days", "–")]
    clock.wait(35 * 86_400)
    page = browser.get("/money/recoveries/").text
    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)[:2] == [("Not due yet", "–"), ("Overdue up to 30 days", "¥2,000.00")]
    assert owed.number in page and "/money/recoveries.xlsx" in page
    rows = list(csv.reader(io.StringIO(browser.get("/money/recoveries.csv").content.decode("utf-8-sig"))))
    assert [(row[0], row[4], row[7], row[8]) for row in rows[1:]] == [(owed.number, "2000.00", iso(owed.due), "5")]
    assert "Repayments overdue" in browser.get("/money/").text


def test_the_day_to_repay_by_is_told_to_both_sides(desk, at, clock):
    owed = demanded(desk, clock)
    firm, officer = at(people.find_person(desk.connection, owed.applicant)), at("officer")
    written = f"{dt.date.fromisoformat(iso(owed.due)):%-d %B %Y}"
    assert f"<dt>Due</dt><dd>{written}</dd>" in firm.get(f"/applications/{owed.id}/").text
    for browser in (firm, officer):
        page = browser.get("/").text
        assert (written in page, f"{owed.number} not built" in page) == (True, True)
    assert f"<dt>To be repaid by</dt><dd>{iso(owed.due)}</dd>" in officer.get(f"/money/recoveries/{owed.id}/").text
    clock.wait(28 * 86_400)
    assert (remind.func(), remind.func()) == (1, 0)
    desk.take(owed, "repay", "payer", amount=200_000, evidence="B77")
    assert f"{owed.number} not built" not in firm.get("/").text


def test_a_recovery_is_repaid_and_given_up_by_two(desk, at, clock):
    owed = demanded(desk, clock)
    payer, address = at("payer"), f"/money/recoveries/{owed.id}/step/"
    form = {"step": "repay", "seq": str(owed.seq), "amount": "500.00", "evidence": "B77"}
    assert "This is booked at once" in payer.post(address, form).text
    assert recovering.owed(desk.desk, owed) == 200_000
    form["sure"] = "1"
    for _ in range(2):  # a double click repays once
        assert payer.post(address, form).status_code == 302
    assert recovering.owed(desk.desk, owed) == 150_000
    assert "W1106" in payer.post(address, {**form, "seq": str(owed.seq + 1), "amount": "some"}).text
    assert "W1023" in payer.post(address, {**form, "seq": str(owed.seq + 1), "amount": "9999", "evidence": "B78"}).text
    at("officer").post(address, {"step": "propose_write_off", "seq": str(owed.seq + 1), "note": "insolvent"})
    at("approver").post(address, {"step": "write_off", "seq": str(owed.seq + 2), "sure": "1"})
    assert (desk.case(owed).state, recovering.owed(desk.desk, owed)) == ("written_off", 0)


def settled(desk, actor="kim"):
    programme = desk.office.programmes["render_voucher"]
    for firm in ("heron", "lotus"):
        for name, value in FACTS.items():
            Register(desk.connection).enter(firm, name, value, parse_day("2025-01-01"), OPEN, "verified", "test",
                                            parse_day("2025-01-01"))
    request = settlement.Request(2025, desk.desk.today(), actor, [line("heron", 10_000), line("lotus", 20_000)],
                                 frozenset(), {})
    return settlement.settle(desk.connection, programme, settlement.read_terms(programme), request)


def payable(desk):
    return Books(desk.connection).balance("payable:render_voucher:heron").net


def test_a_round_is_looked_at_then_approved_by_another_person(desk, at, second_factor):
    made = settled(desk)
    browser, address = at("approver"), f"/money/rounds/{made.id}/"
    second_factor(browser)
    assert "Waits for approval" in browser.get(address).text
    before = list(desk.connection.iterdump())
    look = browser.post(f"{address}preview/")
    assert ("Heron" in look.text or "heron" in look.text, "nothing has been posted" in look.text) == (True, True)
    browser.get(address)
    assert list(desk.connection.iterdump()) == before
    for _ in range(2):
        assert browser.post(f"{address}approve/", {"state": "decided"}).status_code == 302
    allotted, = desk.connection.execute("SELECT allotted FROM settlement_case WHERE firm = 'heron'").fetchone()
    assert payable(desk) == allotted == 100_000  # 30 % of 10,000.00 is more than a firm's 1,000.00 a year
    acts = desk.connection.execute("SELECT count(*) FROM act WHERE act = 'settlement.approved'").fetchone()
    assert acts == (1,)


def test_who_decided_a_round_cannot_approve_it_under_another_name(desk, at, second_factor):
    made = settled(desk, actor="ferry  FINN")
    browser = at("approver")
    second_factor(browser)
    assert "W408" in browser.get(f"/money/rounds/{made.id}/").text
    for step in ("preview", "approve"):
        answer = browser.post(f"/money/rounds/{made.id}/{step}/", {"state": "decided"})
        assert (answer.status_code, "W408" in answer.text) == (422, True)
    assert payable(desk) == 0


def test_a_round_goes_back_with_a_reason(desk, at):
    made = settled(desk)
    browser = at("approver")
    assert "W1012" in browser.post(f"/money/rounds/{made.id}/withdraw/", {"reason": ""}).text
    for _ in range(2):
        assert browser.post(f"/money/rounds/{made.id}/withdraw/", {"reason": "a bill was wrong"}).status_code == 302
    assert settlement.read_round(desk.connection, made.id).state == "withdrawn"


def test_the_books_read_line_by_line_and_go_out_as_a_table(desk, at):
    desk.batch_of()
    browser = at("auditor")
    number, = desk.connection.execute("SELECT id FROM account WHERE code = 'budget:pier_challenge:2026'").fetchone()
    page = browser.get(f"/money/books/accounts/{number}/?first=2026-01-01&last=2026-12-31").text
    balances = re.findall(r'data-label="Balance"[^>]*>([^<]+)<', page)
    assert (balances[0], balances[-1]) == ("0.00", "95,000.00")
    table = browser.get("/money/books/balances.csv").content.decode("utf-8-sig").splitlines()
    assert "budget:pier_challenge:2026,CNY,never overspent,5000.00,100000.00,5000.00,0.00,90000.00" in table
    from python_calamine import CalamineWorkbook
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/money/books/balances.xlsx").content))
    rows = sheet.get_sheet_by_index(0).to_python()
    assert rows[1:] == [[cells[0], *cells[1:3], *map(float, cells[3:])] for cells in (row.split(",") for row in table[1:])]
    assert "All is well" in browser.get("/money/books/verify/").text


def seen_on(page):
    return re.search(r'name="seen" value="([0-9a-f]{64})"', page.text)[1]


def test_a_fiscal_year_is_ended_by_two_who_answer_for_all_as_both_saw_it(desk, at, second_factor):
    settled(desk)
    year = year_of(desk.desk.today())  # what is settled today is of today's appropriation
    auditor, approver, other = at("auditor"), at("approver"), browser_of(Browser(), desk.person("Vera Vote", "approver"))
    here, why = f"/money/budgets/year-end/{year}/", "year is over"
    assert here in auditor.get(f"/money/budgets/?year={year}").text
    page = auditor.get(here).text
    assert ("Returns to" in page and "runs until" not in page, "for good" in page, "Ask that" in page) == (True, False, False)
    seen = seen_on(approver.get(here))
    assert auditor.post(f"{here}ask/", {"seen": seen, "reason": why}).status_code == 404
    assert approver.post(f"{here}close/", {"seen": seen})["Location"] == "/second-factor/"
    for browser in (approver, other):
        second_factor(browser)
    assert "W1149" in approver.post(f"{here}close/", {"seen": seen}).text  # nobody has asked
    assert approver.post(f"{here}ask/", {"seen": seen, "reason": ""}).status_code == 422
    assert "W1153" in approver.post(f"{here}ask/", {"seen": "0" * 64, "reason": why}).text
    assert approver.post(f"{here}ask/", {"seen": seen, "reason": why})["Location"] == here
    page = approver.get(here).text
    assert ("W1148" in page, "for good" in page) == (True, False)
    assert "W1148" in approver.post(f"{here}close/", {"seen": seen}).text
    assert "W1153" in other.post(f"{here}close/", {"seen": "0" * 64}).text
    would = fiscal_year.year_end(desk.connection, fiscal_year.fiscal_year(desk.connection, year))
    assert would and not fiscal_year.last_end(desk.connection)
    page = other.get(here)
    assert (why in page.text, here in other.get("/money/").text) == (True, True)
    for _ in range(2):
        assert other.post(f"{here}close/", {"seen": seen_on(page)})["Location"] == here
    acts = {act.act: act for act in Record(desk.connection).acts(act="ledger.closed")}
    assert (acts["ledger.closed"].details["reason"], acts["ledger.closed"].details["asked_by"]) == (why, approver.person.actor)
    assert acts["ledger.closed"].actor == other.person.actor
    (ended,) = Record(desk.connection).acts(act="settlement.year_ended")
    assert ended.details["programmes"] == [one.as_dict() for one in would]
    assert "has ended" in approver.get(here).text and "for good" not in approver.get(here).text
    assert approver.post(f"{here}ask/", {"seen": seen, "reason": why})["Location"] == here
    roles = people.roles_of(desk.connection, approver.person.id, desk.clock())
    with pytest.raises(WestlakeError, match="W1157"):
        year_ending.ask(desk.desk, approver.person, roles, year, seen, why)
    with pytest.raises(WestlakeError, match="W1156"):
        year_ending.ask(desk.desk, approver.person, (), year, seen, why)


def test_an_end_that_was_asked_before_money_moved_or_was_turned_down_is_asked_anew(desk, at, second_factor):
    made = settled(desk)
    officer, approver = at("officer"), at("approver")
    second_factor(approver)
    here = f"/money/budgets/year-end/{year_of(desk.desk.today())}/"
    officer.post(f"{here}ask/", {"seen": seen_on(officer.get(here)), "reason": "year is over"})
    assert "for good" in approver.get(here).text
    approver.post(f"/money/rounds/{made.id}/approve/", {"state": "decided"})  # what was held is paid out
    page = approver.get(here)
    assert ("has to be asked anew" in page.text, "for good" in page.text) == (True, False)
    assert "W1153" in approver.post(f"{here}close/", {"seen": seen_on(page)}).text
    officer.post(f"{here}ask/", {"seen": seen_on(officer.get(here)), "reason": "again"})
    assert approver.post(f"{here}refuse/", {"reason": " "}).status_code == 422
    assert approver.post(f"{here}refuse/", {"reason": "too early"})["Location"] == here
    assert "W1149" in approver.post(f"{here}close/", {"seen": seen_on(approver.get(here))}).text
    assert fiscal_year.last_end(desk.connection) is None


def test_who_stands_in_for_whoever_asked_does_not_end_it(desk, at, second_factor, clock):
    settled(desk)
    approver, deputy = at("approver"), desk.person("Dee Deputy", "auditor")
    here = f"/money/budgets/year-end/{year_of(desk.desk.today())}/"
    seen = seen_on(approver.get(here))
    approver.post(f"{here}ask/", {"seen": seen, "reason": "year is over"})
    people.delegate(desk.connection, approver.person, deputy.id, 0, people.FOREVER, clock(), "on leave")
    browser = browser_of(Browser(), deputy)
    second_factor(browser)
    assert "W1148" in browser.get(here).text
    assert "W1148" in browser.post(f"{here}close/", {"seen": seen}).text


def test_nor_does_whoever_was_stood_in_for_when_it_was_asked(desk, at, second_factor, clock):
    """The deputy asked in the name of the approver: the approver would be ending what was asked for them."""
    settled(desk)
    approver, deputy = at("approver"), desk.person("Dee Deputy", "auditor")
    here = f"/money/budgets/year-end/{year_of(desk.desk.today())}/"
    people.delegate(desk.connection, approver.person, deputy.id, 0, people.FOREVER, clock(), "on leave")
    browser, back = browser_of(Browser(), deputy), browser_of(Browser(), approver.person)
    seen = seen_on(browser.get(here))
    assert browser.post(f"{here}ask/", {"seen": seen, "reason": "year is over"})["Location"] == here
    second_factor(back)
    page = back.get(here)
    assert ("W1148" in page.text, "for good" in page.text) == (True, False)
    assert "W1148" in back.post(f"{here}close/", {"seen": seen}).text
    assert fiscal_year.last_end(desk.connection) is None
    other = browser_of(Browser(), desk.person("Vera Vote", "approver"))
    second_factor(other)
    assert other.post(f"{here}close/", {"seen": seen_on(other.get(here))})["Location"] == here
    assert fiscal_year.last_end(desk.connection) is not None


def test_a_year_that_still_runs_and_ones_own_programmes_only(desk, at):
    settled(desk)
    part = browser_of(Browser(), desk.person("Pat Part", "approver", programme="pier_challenge"))
    assert part.get("/money/budgets/year-end/2025/").status_code == 404
    assert "year-end" not in part.get("/money/budgets/?year=2025").text
    assert at("approver").get("/money/budgets/year-end/1999/").status_code == 404
    looked = at("officer").get("/money/budgets/year-end/2025/")  # who answers for all may look
    assert (looked.status_code, "for good" in looked.text, "Ask that 2025 ends" in looked.text) == (200, False, True)


@pytest.mark.parametrize("of_all", ["officer", "auditor", "payer"])
def test_who_reads_all_and_approves_one_programme_ends_no_year_for_everybody(desk, at, second_factor, of_all):
    settled(desk)
    year, mixed = year_of(desk.desk.today()), desk.person("Mia Mixed", of_all)
    role(desk, mixed, "approver", "pier_challenge")
    browser, here = browser_of(Browser(), mixed), f"/money/budgets/year-end/{year}/"
    page = browser.get(here)
    assert (page.status_code, "Returns to" in page.text, "for good" in page.text) == (200, True, False)
    second_factor(browser)
    seen = seen_on(at("approver").get(here))
    for what in ("close", "refuse") if of_all == "officer" else ("ask", "close", "refuse"):
        assert browser.post(f"{here}{what}/", {"seen": seen, "reason": "I may not"}).status_code == (
            422 if (of_all, what) == ("officer", "refuse") else 404)
    assert fiscal_year.last_end(desk.connection) is None


def test_what_was_seen_is_compared_while_nobody_else_can_write(desk, at, second_factor, monkeypatch):
    settled(desk)
    officer, browser = at("officer"), at("approver")
    here = f"/money/budgets/year-end/{year_of(desk.desk.today())}/"
    second_factor(browser)
    held, figures = [], year_ending.year_end
    seen = seen_on(officer.get(here))

    def watched(connection, span):
        held.append(connection.in_transaction)
        return figures(connection, span)

    monkeypatch.setattr(year_ending, "year_end", watched)
    assert officer.post(f"{here}ask/", {"seen": seen, "reason": "year is over"})["Location"] == here
    assert browser.post(f"{here}close/", {"seen": seen})["Location"] == here
    assert held == [True, True]


def test_the_firm_reads_what_it_owes_how_to_pay_it_and_that_there_is_something_to_do(desk, at, clock):
    owed = demanded(desk, clock)
    firm = at(people.find_person(desk.connection, owed.applicant))
    desk.take(owed, "repay", "payer", amount=50_000, evidence="B77")
    page = firm.get(f"/applications/{owed.id}/").text
    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)[-6:] == [
        ("Asked back", "¥2,000.00"), ("Due", f"{dt.date.fromisoformat(iso(owed.due)):%-d %B %Y}"),
        ("Still to be paid back", "¥1,500.00"), ("Due", f"{dt.date.fromisoformat(iso(owed.due)):%-d %B %Y}"),
        ("To the account", "Ask the office for its account with a message on this page."),
        ("Reference to give", owed.number)]
    assert "Pay back what is asked" in firm.get("/applications/").text
    (desk.office.workspace.folder / "westlake.toml").write_text(
        'city = "Lakeside"\nagency = "Lakeside Office"\n[bank]\nholder = "Lakeside Treasury"\naccount = "1100-2200"\n', "utf-8")
    assert "Lakeside Treasury · 1100-2200" in firm.get(f"/applications/{owed.id}/").text
    desk.take(desk.case(owed), "repay", "payer", amount=150_000, evidence="B78")
    assert "Still to be paid back" not in firm.get(f"/applications/{owed.id}/").text


def test_the_auditor_reads_repayments_and_a_claim_as_money_and_no_claim_as_a_cut(desk, at, clock):
    owed = demanded(desk, clock)
    desk.take(owed, "repay", "payer", amount=50_000, evidence="B77")
    auditor = at("auditor")
    told = " ".join(re.sub(r"<[^>]+>", " ", auditor.get("/audit/acts/?act=desk.repay").text.partition("<pre")[0]).split())
    assert "Still owed ¥1,500.00" in told and "Repaid ¥500.00" in told
    told = " ".join(re.sub(r"<[^>]+>", " ", auditor.get("/audit/acts/?act=desk.claim_back").text.partition("<pre")[0]).split())
    assert "Amount claimed back ¥2,000.00" in told and "→" not in told


def test_an_amount_is_called_by_what_it_is(desk, at, clock):
    """Promised where money is held; earned, asked back, and on the firm's page only what is still open."""
    owed = demanded(desk, clock)
    desk.take(owed, "repay", "payer", amount=50_000, evidence="B77")
    officer = at("officer")
    called = {number: re.findall(r"<dt>([^<]+)</dt><dd>¥", officer.get(f"/cases/{number}/").text.partition("</dl>")[0])[-1]
              for number in (owed.parent, owed.parent + 1, owed.parent + 2, owed.id)}
    assert list(called.values()) == ["Promised", "Earned", "Promised", "Asked back"]
    page = officer.get("/firms/heron/").text
    assert ("¥1,500.00" in page, "¥2,000.00" in page) == (True, False)
