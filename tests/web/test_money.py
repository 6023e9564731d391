"""The money room, told as a day in finance: who sees what, and what waits for whom."""

import re

import pytest
from tests.web.conftest import Browser
from tests.web.money_office import Desk, browser_of

from westlake.desk.cases import root_of


@pytest.fixture
def desk(office, clock, tmp_path):
    return Desk(office, clock, tmp_path)


@pytest.fixture
def at(desk):
    """A browser of one of the desk's people, by role or person."""
    return lambda who: browser_of(Browser(), desk.staff[who] if isinstance(who, str) else who)


def waits(page):
    """What waits for the reader: label → number."""
    found = re.findall(r'<li><a href="[^"]*">([^<]+)</a><b class="num">(\d+)</b>', page.text)
    return {label: int(count) for label, count in found}


def facts(page):
    return dict(re.findall(r"<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>", page.text.split("</dl>")[0]))


def test_the_year_adds_up_from_the_first_promise_to_the_banks_word(desk, at):
    _, parts = desk.agreed()  # 10,000.00 of 100,000.00
    desk.account()
    shown = facts(at("auditor").get("/money/?year=2026"))
    assert shown == {"Appropriated": "¥100,000.00", "Held": "¥10,000.00", "Posted": "¥0.00", "Paid": "¥0.00",
                     "Recovered": "¥0.00", "Free": "¥90,000.00"}
    desk.paid(parts[0])
    shown = facts(at("auditor").get("/money/?year=2026"))
    assert (shown["Held"], shown["Posted"], shown["Paid"], shown["Free"]) == (
        "¥5,000.00", "¥5,000.00", "¥5,000.00", "¥90,000.00")


def test_each_is_told_what_waits_for_them(desk, at):
    desk.account()
    _, parts = desk.agreed()
    desk.take(parts[0], "check", "officer")
    told = waits(at("approver").get("/money/"))
    assert (told["Cases whose money waits for approval"], told["Payments to order"]) == (2, 0)
    desk.take(parts[0], "approve", "approver")
    assert waits(at("approver").get("/money/"))["Payments to order"] == 1
    desk.take(parts[0], "order", "approver")
    assert waits(at("payer").get("/money/"))["Payments to put in a batch"] == 1
    desk.batched()
    told = waits(at("payer").get("/money/"))
    assert (told["Payments to put in a batch"], told["Batches to release"]) == (0, 1)
    assert "Payments to put in a batch" not in waits(at("officer").get("/money/"))


def test_an_officer_of_another_programme_sees_nothing_of_it(desk, at):
    batch = desk.batch_of("heron")
    other = at(desk.person("Quentin Quay", "officer", programme="quay_challenge"))
    for address in ("/money/", "/money/budgets/", "/money/payments/", "/money/batches/", "/money/banking/",
                    "/money/accounts/", "/money/recoveries/", "/money/rounds/", "/money/books/",
                    "/money/books/balances.csv"):
        page = other.get(address)
        assert page.status_code == 200
        assert [word for word in ("heron", "Heron", "pier_challenge", "PIER-26", "WLP00000001")
                if word in page.text] == [], address
    for address in ("/money/payments/1/", f"/money/batches/{batch.id}/", "/money/accounts/1/", "/money/books/journals/2/",
                    "/money/books/verify/"):
        assert other.get(address).status_code == 404, address


def test_looking_at_every_page_writes_nothing(desk, at, second_factor):
    desk.account()
    _, parts = desk.agreed()
    desk.paid(parts[0])
    desk.demanded(root_of(desk.desk, parts[0]), 100_000)
    addresses = ["/money/payments/1/", "/money/batches/1/", "/money/accounts/1/", "/money/books/journals/1/",
                 "/money/books/accounts/1/", "/money/recoveries/4/", "/money/payments/order/", "/money/budgets/move/",
                 "/money/batches/1/release/", "/money/batches/1/order.xml", "/money/payments/?q=heron&state=paid",
                 "/money/books/balances.xlsx", "/money/books/verify/"]
    for who in ("officer", "approver", "payer", "auditor"):
        browser = at(who)
        second_factor(browser)
        before = list(desk.connection.iterdump())
        for address in addresses:
            assert browser.get(address).status_code in (200, 403, 404), (who, address)
        assert list(desk.connection.iterdump()) == before


@pytest.mark.parametrize("lang", ["ko", "zh"])
def test_the_room_speaks_the_readers_language(desk, at, lang):
    desk.batch_of("heron")
    page = at("payer").get(f"/money/payments/?lang={lang}").text
    assert {"ko": "묶음 편성", "zh": "已入批次"}[lang] in page
    assert "web.money" not in page


def test_a_tables_bank_is_asked_for_by_the_name_of_the_settings_never_by_its_code(desk, at):
    from django.core.files.uploadedfile import SimpleUploadedFile
    (desk.office.workspace.folder / "westlake.toml").write_text(
        'city = "Lakeside"\nagency = "Lakeside Office"\n[bank]\nbank = "102331000002"\nname = "Reed Bank"\n', "utf-8")
    page = at("payer").post("/money/banking/", {
        "file": SimpleUploadedFile("bank.csv", b"Nr,Sum,When\nx,5.00,2026-11-20\n"), "currency": "CNY"}).text
    assert ('name="bank" value="Reed Bank"' in page, "102331000002" in page) == (True, False)
