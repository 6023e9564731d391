"""Money leaving the house, as a story: ordered by one, batched by another, released by a third, told by the bank."""

import re

import pytest
from tests.desk.money_counter import TABLE, money_shelf
from tests.web.conftest import Browser
from tests.web.money_office import Desk, browser_of, role, written

from westlake.desk import people
from westlake.desk.cases import find_case, root_of
from westlake.desk.paying import bank_lines, batches, payments

DEBTOR = {"day": "2027-01-04", "holder": "Lakeside Treasury", "account": "1100-2200-3300", "bank": "102100099996",
          "country": "CN"}


@pytest.fixture
def desk(office, clock, tmp_path):
    made = Desk(office, clock, tmp_path)
    yield made
    assert made.sound()


@pytest.fixture
def at(desk):
    return lambda who: browser_of(Browser(), desk.staff[who] if isinstance(who, str) else who)


def ready(desk, *firms):
    """A first milestone of each firm that is due and may be paid."""
    found = []
    for firm in firms or ("heron",):
        desk.account(firm)
        found.append(desk.approved(desk.agreed(firm)[1][0]))
    return found


def test_many_payments_are_ordered_after_a_look_and_a_double_click_orders_once(desk, at):
    cases = ready(desk, "heron", "lotus")
    browser = at("approver")
    asked = "&".join(f"case={one.id}" for one in cases)
    page = browser.get(f"/money/payments/order/?{asked}")
    assert "2 of 2 can be ordered: ¥10,000.00" in page.text
    assert payments.payments(desk.desk) == []
    form = {"case": [str(one.id) for one in cases], **{f"seq_{one.id}": str(one.seq) for one in cases}}
    first, second = (browser.post("/money/payments/order/", form) for _ in range(2))
    assert "2 ordered, 0 not" in first.text
    assert "2 ordered, 0 not" in second.text
    assert [(one.case, one.attempt, one.amount) for one in reversed(payments.payments(desk.desk))] == [
        (one.id, 1, 500_000) for one in cases]


def test_who_checked_it_is_told_why_they_cannot_order_it(desk, at):
    case, = ready(desk)
    checker = desk.staff["officer"]
    role(desk, checker, "approver")
    browser = at(checker)
    done = browser.post("/money/payments/order/", {"case": str(case.id), f"seq_{case.id}": str(case.seq)})
    assert "0 ordered, 1 not" in done.text
    assert "W1013" in done.text
    assert payments.payments(desk.desk) == []


def test_an_account_that_cools_off_keeps_its_payment_back(desk, at):
    desk.account(wait=7)
    case = desk.approved(desk.agreed()[1][0])
    page = at("approver").get(f"/money/payments/order/?case={case.id}")
    assert "0 of 1 can be ordered" in page.text
    assert "W1009" in page.text


def test_a_batch_is_made_once(desk, at):
    for firm in ("heron", "lotus"):
        desk.account(firm)
        desk.ordered(desk.agreed(firm)[1][0])
    browser, numbers = at("payer"), [one.id for one in payments.waiting(desk.desk)]
    page = browser.get("/money/batches/make/?" + "&".join(f"payment={number}" for number in numbers))
    assert "Payments: 2, ¥10,000.00" in page.text
    form = {"payment": numbers, **DEBTOR}
    answers = [browser.post("/money/batches/make/", form) for _ in range(2)]
    assert [(one.status_code, one.get("Location")) for one in answers] == [(302, "/money/batches/1/")] * 2
    assert [(one.payments, one.total) for one in batches.batches(desk.desk)] == [(2, 1_000_000)]


def test_a_batch_with_a_wrong_account_says_so_in_its_place(desk, at):
    desk.account()
    desk.ordered(desk.agreed()[1][0])
    answer = at("payer").post("/money/batches/make/", {"payment": [1], **DEBTOR, "bank": "12"})
    assert answer.status_code == 422
    assert "W950" in answer.text
    assert 'value="1100-2200-3300"' in answer.text
    assert batches.batches(desk.desk) == []


def test_the_person_who_approved_is_refused_to_release_and_the_page_says_why(desk, at, second_factor):
    batch = desk.batch_of()
    role(desk, desk.staff["approver"], "payer")
    browser = at("approver")
    second_factor(browser)
    page = browser.get(f"/money/batches/{batch.id}/")
    assert "W1019" in page.text
    assert "Release this batch" not in page.text
    answer = browser.post(f"/money/batches/{batch.id}/release/", {"digest": batch.digest})
    assert (answer.status_code, "W1019" in answer.text) == (422, True)
    assert batches.find_batch(desk.desk, batch.id).state == "made"


def test_a_stale_second_factor_is_asked_for_again(desk, at, second_factor):
    batch = desk.batch_of()
    browser, address = at(desk.second_payer), f"/money/batches/{batch.id}/release/"
    assert browser.get(address)["Location"] == "/second-factor/"
    second_factor(browser, ago=301)
    for answer in (browser.get(address), browser.post(address, {"digest": batch.digest})):
        assert answer["Location"].startswith("/account/2fa/reauthenticate/")
    assert batches.find_batch(desk.desk, batch.id).state == "made"


def test_a_third_person_sees_every_large_payee_and_releases_once(desk, at, second_factor):
    (desk.office.workspace.folder / "westlake.toml").write_text(
        'city = "Lakeside"\nagency = "Lakeside Office"\n[bank]\nthreshold = "5000.00"\n', "utf-8")
    batch = desk.batch_of("heron", "lotus")
    browser, address = at(desk.second_payer), f"/money/batches/{batch.id}/release/"
    second_factor(browser)
    desk.clock.wait(60)
    page = browser.get(address).text
    assert re.findall(r'data-label="Firm">(\w+)<', page) == ["Heron", "Lotus"]
    assert ("¥10,000.00" in page, "•••• 0204" in page, "6222-0212-0204" in page) == (True, True, False)
    assert browser.get(f"/money/batches/{batch.id}/order.xml").status_code == 422  # nothing leaves before the release
    answers = [browser.post(address, {"digest": batch.digest}) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    released = desk.connection.execute("SELECT count(*) FROM act WHERE act = 'desk.batch_released'").fetchone()
    assert released == (1,)
    assert browser.get(f"/money/batches/{batch.id}/order.xml").content == batches.batch_files(desk.desk, batch.id)[0]
    assert browser.get(f"/money/batches/{batch.id}/order.csv").content == batches.batch_files(desk.desk, batch.id)[1]


def test_a_batch_is_given_up_with_a_reason(desk, at):
    batch = desk.batch_of()
    browser = at("payer")
    assert "W1012" in browser.post(f"/money/batches/{batch.id}/give-up/", {"reason": " "}).text
    for _ in range(2):
        assert browser.post(f"/money/batches/{batch.id}/give-up/", {"reason": "wrong day"}).status_code == 302
    assert [(one.state, one.attempt) for one in payments.payments(desk.desk)] == [("void", 1)]


def sent(desk):
    batch = desk.batch_of()
    batches.release_batch(desk.desk, batch.id, desk.second_payer, desk.clock())
    return payments.payments(desk.desk)[0]


def take_in(browser, content, bank=""):
    from django.core.files.uploadedfile import SimpleUploadedFile
    return browser.post("/money/banking/", {"file": SimpleUploadedFile("bank.csv", content), "currency": "CNY", "bank": bank},
                        follow=True)


def test_the_banks_statement_pays_once_and_the_same_file_changes_nothing(desk, at):
    payment = sent(desk)
    content = written(desk.desk, (payment, None, "debit", "B1"), (payment, None, "debit", "B2", "STRANGER"))
    browser = at("payer")
    first = take_in(browser, content)
    assert "1 paid, 0 returned, 1 to look at." in first.text
    assert payments.find_payment(desk.desk, payment.id).state == "paid"
    assert find_case(desk.desk, payment.case).state == "paid"
    before = list(desk.connection.iterdump())
    assert "All of it was taken in before (2 lines, 0 not final): nothing has changed." in take_in(browser, content).text
    browser.get("/money/banking/")
    assert [line for line in desk.connection.iterdump() if "desk_" in line] == [
        line for line in before if "desk_" in line]


def test_a_line_that_matches_nothing_is_settled_by_hand_once(desk, at):
    payment = sent(desk)
    browser = at("payer")
    take_in(browser, written(desk.desk, (payment, None, "debit", "B1", "STRANGER")))
    assert "W1012" not in browser.get("/money/banking/lines/1/").text
    form = {"what": "paid", "payment": str(payment.id), "reason": "the bank cut our reference"}
    for _ in range(2):
        assert browser.post("/money/banking/lines/1/", form).status_code == 302
    assert payments.find_payment(desk.desk, payment.id).state == "paid"
    assert len(payments.outcomes(desk.desk, payment.id)) == 1


def test_a_line_tells_its_direction_and_offers_only_what_fits_it(desk, at):
    payment = sent(desk)
    browser = at("payer")
    take_in(browser, written(desk.desk, (payment, None, "debit", "B1"), (payment, None, "debit", "B2")))
    page = browser.get("/money/banking/lines/2/").text
    assert re.findall(r'<option value="(\w*)"', page) == ["aside"]  # no payment waits any more
    assert "went out" in page
    assert browser.post("/money/banking/lines/2/", {"what": "returned", "payment": "1", "reason": "x"}).status_code == 422
    assert payments.find_payment(desk.desk, payment.id).state == "paid"


def test_a_file_that_is_no_statement_is_refused_in_place(desk, at):
    answer = take_in(at("payer"), b"hello,world\n1,2\n")
    assert answer.status_code == 422
    assert "W954" in answer.text


def test_a_payment_tells_its_whole_way_and_hides_the_account(desk, at):
    payment = sent(desk)
    desk.statement((payment, None, "debit", "B1"))
    page = at("auditor").get(f"/money/payments/{payment.id}/").text
    assert "6222" not in page
    assert [word for word in ("Oda Reed", "Ferry Finn", "•••• 0204", "WLP00000001", "Paid") if word not in page] == []
    journals = re.findall(r"/money/books/journals/(\d+)/", page)
    assert len(journals) == 2
    told = at("auditor").get(f"/money/books/journals/{journals[0]}/").text
    assert root_of(desk.desk, find_case(desk.desk, payment.case)).number in told


def test_a_waiting_payment_is_taken_back_once(desk, at):
    desk.account()
    desk.ordered(desk.agreed()[1][0])
    browser = at("approver")
    assert "W1012" in browser.post("/money/payments/1/void/", {"reason": ""}).text
    for _ in range(2):
        assert browser.post("/money/payments/1/void/", {"reason": "wrong firm"}).status_code == 302
    assert [one.state for one in payments.payments(desk.desk)] == ["void"]


def test_another_person_checks_an_account_and_says_how(desk, at):
    from westlake.desk.paying import bank_accounts
    made = bank_accounts.propose_account(desk.desk, desk.staff["officer"], "heron", "Heron", "6222-0212-0204", "Lake Bank",
                                         "102100099996", "CN")
    own = at("officer")
    assert "W1010" in own.get(f"/money/accounts/{made.id}/").text
    assert "W1010" in own.post(f"/money/accounts/{made.id}/", {"how": "myself"}).text
    other = at("approver")
    assert other.post(f"/money/accounts/{made.id}/", {"how": ""}).status_code == 422
    for _ in range(2):
        assert other.post(f"/money/accounts/{made.id}/", {"how": "called the firm"}).status_code == 302
    page = other.get("/money/accounts/").text
    assert ("cools off until" in page, "•••• 0204" in page, "6222" in page) == (True, True, False)


def test_a_table_with_unknown_headings_is_mapped_once_and_remembered(desk, at):
    payment = sent(desk)
    amount = f"{payment.amount / 100:,.2f}"
    content = ("상호호수은행 거래명세\n적요번호,빠져나간돈,들어온돈,언제,은행쪽번호\n"
               f"{payment.reference},\"{amount}\",,2026.11.20,B1\n이자,0,12.30,2026.11.21,B2\n").encode("utf-8-sig")
    browser = at("payer")
    page = take_in(browser, content)
    assert page.status_code == 200 and "Columns of the statement" in page.text and "빠져나간돈" in page.text
    packed = re.search(r'name="packed" value="([^"]+)"', page.text)[1]
    form = {"packed": packed, "name": "bank.csv", "bank": "Lakeside Bank", "currency_of": "CNY", "reference": "적요번호",
            "amount": "빠져나간돈", "credit_amount": "들어온돈", "day": "언제", "bank_reference": "은행쪽번호"}
    assert "W1154" in browser.post("/money/banking/columns/", {**form, "day": "적요번호"}).text
    assert browser.post("/money/banking/columns/", {**form, "packed": "AAAA"}).status_code == 422
    looked = browser.post("/money/banking/columns/", form).text
    assert (payment.reference in looked, "went out" in looked, "came in" in looked, "Take in 2 lines" in looked) == (True,) * 4
    assert "names a payment of ours" not in looked
    assert "None of the 2 lines names a payment of ours" in browser.post("/money/banking/columns/", {
        **form, "reference": "은행쪽번호", "bank_reference": ""}).text
    assert payments.find_payment(desk.desk, payment.id).state == "sent"
    done = browser.post("/money/banking/columns/", {**form, "go": "1"}, follow=True).text
    assert "1 paid, 0 returned, 1 to look at." in done
    assert payments.find_payment(desk.desk, payment.id).state == "paid"
    (act,) = desk.desk.record.acts(act="desk.statement_columns_named")
    assert act.details == {"bank": "Lakeside Bank", "columns": {name: form[name] for name in (
        "reference", "amount", "credit_amount", "day", "bank_reference")},
        "headings": ["적요번호", "빠져나간돈", "들어온돈", "언제", "은행쪽번호"]}
    later = content.replace("이자,0,12.30,2026.11.21,B2".encode(), "이자,0,7.00,2026.12.21,B3".encode())
    assert "0 paid, 0 returned, 1 to look at." in take_in(browser, later, "Lakeside Bank").text
    assert at("auditor").post("/money/banking/columns/", form).status_code == 403


def test_columns_that_were_named_wrongly_are_shown_and_named_anew_for_the_next_file(desk, at):
    """What came in was named as what went out: it reads well, and binds every payer until one of them changes it."""
    payment = sent(desk)
    heads, amount = "Nr,Out,In,When,Bank's number\n", payment.amount / 100
    first = take_in(at("payer"), f"{heads}interest,,12.30,2026-11-20,B1\n".encode())
    packed = re.search(r'name="packed" value="([^"]+)"', first.text)[1]
    wrong = {"reference": "Nr", "amount": "In", "credit_amount": "Out", "day": "When"}
    page = at("payer").post("/money/banking/columns/", {
        "packed": packed, "name": "bank.csv", "bank": "Lakeside Bank", "currency_of": "CNY", "go": "1", **wrong}, follow=True)
    assert "How its columns were read" in page.text and "Lakeside Bank: named by Park Dal on 20" in page.text
    (address,) = set(re.findall(r"/money/banking/columns/\d+/", page.text))
    other = at(desk.second_payer)
    form = other.get(address).text
    assert re.search(r'<option value="In" selected', form) and 'name="packed"' not in form
    assert "W1154" in other.post(address, {**wrong, "bank": "Lakeside Bank", "amount": "Nr"}).text
    right = {**wrong, "bank": "Lakeside Bank", "amount": "Out", "credit_amount": "In"}
    for _ in range(2):  # a double click says it once
        assert other.post(address, right)["Location"] == "/money/banking/"
    assert len(list(desk.desk.record.acts(act="desk.statement_columns_named"))) == 2
    later = take_in(at("payer"), f"{heads}{payment.reference},{amount:.2f},,2026-11-21,B2\n".encode(), "Lakeside Bank").text
    assert ("1 paid, 0 returned, 0 to look at." in later, "named by Pia Third" in later) == (True, True)
    auditor = at("auditor")
    assert address not in auditor.get(re.search(r"/money/banking/statements/[0-9a-f]+/", str(
        auditor.get("/money/banking/").text))[0]).text
    assert (auditor.get(address).status_code, other.get("/money/banking/columns/1/").status_code) == (404, 404)


def test_columns_are_remembered_of_exactly_these_headings_and_asked_anew_when_they_do_not_read(desk, at):
    sent(desk)
    browser = at("payer")
    page = take_in(browser, b"Nr,Sum,When\nx,12.30,2026-11-20\n").text
    form = {"packed": re.search(r'name="packed" value="([^"]+)"', page)[1], "name": "bank.csv", "bank": "Lakeside Bank",
            "currency_of": "CNY", "go": "1", "reference": "Nr", "amount": "Sum", "day": "When"}
    assert browser.post("/money/banking/columns/", form).status_code == 302
    assert "0 paid, 0 returned, 1 to look at." in take_in(browser, b"Nr,Sum,When\ny,5.00,2026-11-21\n", "Lakeside Bank").text
    for heads in (b"Nr,Sum,When,Sum paid\nz,1,2026-11-21,5.00\n", b"When,Nr,Sum\n2026-11-21,z,5.00\n"):
        assert "Columns of the statement" in take_in(browser, heads, "Lakeside Bank").text
    unread = take_in(browser, b"Nr,Sum,When\nz,soon,2026-11-21\n", "Lakeside Bank")
    assert ("Columns of the statement" in unread.text, "soon" in unread.text) == (True, True)
    assert re.search(r'<option value="Sum" selected', unread.text)


def test_two_banks_with_the_same_headings_are_named_each_by_itself(desk, at):
    """One calls `Sum` what went out, the other what came in: neither is read by the other's columns."""
    sent(desk)
    browser, heads = at("payer"), "Nr,Sum,Back,When\n"
    assert 'name="bank"' not in browser.get("/money/banking/").text  # nothing to choose from yet
    for number, (bank, roles) in enumerate({"Lake Bank": ("amount", "credit_amount"),
                                            "Reed Bank": ("credit_amount", "amount")}.items()):
        page = take_in(browser, f"{heads}x,{number + 5}.00,,2026-11-20\n".encode()).text
        assert "Columns of the statement" in page  # whatever another bank's headings were called
        assert not re.search(r'name="bank" value="Lake Bank"', page)
        form = {"packed": re.search(r'name="packed" value="([^"]+)"', page)[1], "name": "bank.csv", "bank": bank,
                "currency_of": "CNY", "go": "1", "reference": "Nr", roles[0]: "Sum", roles[1]: "Back", "day": "When"}
        assert browser.post("/money/banking/columns/", form).status_code == 302
    assert re.findall(r'<option value="(\w+ Bank)">', browser.get("/money/banking/").text) == ["Lake Bank", "Reed Bank"]
    for bank in ("Lake Bank", "Reed Bank"):
        later = take_in(browser, f"{heads}{bank[0]},7.00,,2026-11-21\n".encode(), bank).text
        assert "1 to look at." in later and f"{bank}: named by" in later
    lines = bank_lines.lines(desk.desk, outcome="unknown", limit=2)
    assert [(one.reference, one.came_in) for one in lines] == [("R", True), ("L", False)]


def test_payments_go_out_as_a_file_as_far_as_they_are_sought_and_seen(desk, at):
    import csv
    import io
    payment = sent(desk)
    browser = at("auditor")
    assert "/money/payments.csv?" in browser.get("/money/payments/?state=sent").text
    rows = list(csv.reader(io.StringIO(browser.get("/money/payments.csv?state=sent").content.decode("utf-8-sig"))))
    (row,) = [one for one in rows[1:] if one[0] == payment.reference]
    assert (row[5], row[6], row[7]) == (payment.firm, f"{payment.amount / 100:.2f}", payment.currency)
    assert len(rows) == 2
    assert len(browser.get("/money/payments.csv?state=paid").content.decode("utf-8-sig").splitlines()) == 1
    assert browser.get("/money/payments.xlsx").content[:2] == b"PK"
    part = browser_of(Browser(), desk.person("Pat Part", "auditor", programme="quay_challenge"))
    assert payment.reference not in part.get("/money/payments.csv").text


def test_who_approves_a_milestone_reads_what_was_checked_what_is_posted_and_what_comes_free(office, clock, tmp_path):
    """The officer checked that the pier cost less than was promised for it: the approver does not click blind."""
    desk, case = checked_for_less(office, clock, tmp_path)
    officer, approver = (browser_of(Browser(), desk.staff[who]) for who in ("officer", "approver"))
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", approver.get(f"/cases/{case.id}/steps/approve/").text))
    assert [(name, amount) for name, amount in told.items() if "¥" in amount] == [
        ("Cost of the pier", "¥8,000.00"), ("Promised", "¥5,000.00"), ("The rules give", "¥2,000.00"),
        ("To be posted", "¥2,000.00"), ("Comes free of the hold", "¥3,000.00")]
    many = approver.get(f"/cases/bulk/?step=approve&case={case.id}").text
    assert "¥2,000.00 is posted, ¥3,000.00 comes free" in many
    assert "Cost of the pier: ¥8,000.00" in officer.get(f"/cases/{case.id}/").text.partition("Who did what")[2]
    assert desk.take(case, "approve", "approver").amount == 200_000
    assert desk.sound()


def checked_for_less(office, clock, tmp_path):
    """A milestone of which the officer was asked what the pier did cost."""
    money_shelf(tmp_path / "spare", TABLE.replace(
        'who: [officer], effects: [{find: [built, "true"]}]',
        'who: [officer], asks: [amount], effects: [{find: [cost, said.amount]}, {find: [built, "true"]}]'))
    desk = Desk(office, clock, tmp_path)
    case = desk.agreed()[1][0]
    page = browser_of(Browser(), desk.staff["officer"]).get(f"/cases/{case.id}/").text
    assert re.findall(r'<label for="[^"]*amount">([^<]+)<', page) == ["Cost of the pier"]
    return desk, desk.take(case, "check", "officer", amount=800_000)


def test_the_rules_say_of_a_milestone_what_it_is_worth_and_of_an_application_the_whole(desk, at):
    case, parts = desk.agreed()
    desk.approved(parts[0])
    page = at("approver").get("/cases/?sort=newest").text
    told = {number: re.search(r'data-label="The rules say">.*?¥?([\d,.]+)</span>', rest) for number, rest in zip(
        *[iter(re.split(r"<small>(PIER-26-[\d/]+)", page)[1:])] * 2, strict=True)}
    assert {number: found and found[1] for number, found in told.items()} == {
        case.number: "10,000.00", parts[0].number: "5,000.00", parts[1].number: None}
    page = at(people.find_person(desk.connection, case.applicant)).get(f"/applications/{parts[1].id}/").text
    assert re.findall(r"<strong>(¥[^<]+)</strong>", page) == ["¥5,000.00"]


def test_a_line_of_another_amount_shows_our_payment_beside_it_and_keeps_waiting(desk, at):
    payment = sent(desk)
    browser = at("payer")
    take_in(browser, written(desk.desk, (payment, 490_000, "debit", "B1")))
    page = browser.get("/money/banking/lines/1/").text
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert (told["Amount"], told["Ordered"], told["Difference"]) == ("¥4,900.00", "¥5,000.00", "-¥100.00")
    assert f'href="/money/payments/{payment.id}/"' in page and "let the line wait" in page
    assert re.findall(r'<option value="(\w*)"', page) == ["aside"]  # nothing fits it, so nothing can be settled
    assert ("Settle the line" in page, "Set the line aside" in page) == (False, True)
    assert browser.post("/money/banking/lines/1/", {"what": "paid", "payment": "1", "reason": "x"}).status_code == 422
    assert payments.find_payment(desk.desk, payment.id).state == "sent"
