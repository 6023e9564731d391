"""Money's way: checked by one, approved by another, ordered, put in a batch, released with a second factor, paid by the bank's word."""

import pytest

pytestmark = pytest.mark.slow


def evidence(house):
    """The first milestone whose evidence waits: id, number, amount in the way people write it."""
    number, name, amount = house.rows("SELECT c.id, c.number, p.asked FROM desk_case c JOIN desk_case p ON p.id = c.parent"
                                      " WHERE c.kind = 'milestone' AND c.state = 'evidence' ORDER BY c.id LIMIT 1")[0]
    return number, name, f"{amount / 100:.2f}"


def check(page, case, amount):
    """An officer checks a milestone's evidence."""
    page.goto(f"/cases/{case}/")
    page.locator("#step_check summary").click()
    page.locator("#step_check").get_by_label("Audited spend").fill(amount)
    page.locator("#step_check").get_by_label("Note").fill("Seen on site.")
    page.locator("#step_check").get_by_role("button").click()
    page.get_by_role("heading", level=1).get_by_text("Checked").wait_for()


def test_one_checks_another_approves_and_orders(house, people):
    """The approver meets in one list what may be ordered, looks first, then orders; the payment waits for a batch."""
    case, number, amount = evidence(house)
    check(people.as_("officer"), case, amount)
    page = people.as_("approver", factor_ago=0)
    page.goto(f"/cases/{case}/")
    page.get_by_role("link", name="Approve").first.click()
    page.get_by_text("To be posted").wait_for()  # what the click would do stands beside it
    page.get_by_role("main").get_by_role("button", name="Approve").click()
    page.get_by_role("heading", level=1).get_by_text("Approved").wait_for()
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Money").click()
    page.get_by_role("link", name="Payments", exact=True).first.click()
    page.get_by_role("link", name="Order payments").click()
    assert page.get_by_label(f"Choose {number}").is_checked()
    page.get_by_role("button", name="Look at what would happen").click()
    page.get_by_role("button", name="Order").first.click()
    page.get_by_text("ordered, 0 not").wait_for()
    assert house.rows("SELECT state FROM desk_case WHERE id = ?", case) == [("ordered",)]


def test_whoever_checked_cannot_approve(house, people):
    """Somebody with both roles is told that another person must, and the step is not offered."""
    case, _, amount = evidence(house)
    both = house.ask("also", email=house.email("officer"), role="approver")
    page = people.as_("officer")
    check(page, case, amount)
    off = page.locator("#steps li.off").filter(has_text="Approve")
    assert "whoever took \"Check\" may not take this step too" in off.inner_text()
    assert page.locator("#steps").get_by_role("button", name="Approve").count() == 0
    house.ask("no_more", grant=both)


def test_a_payer_releases_and_the_bank_pays(house, people):
    """A second factor given ten minutes ago does not count; the files are handed out once released; a statement ends it."""
    batch = 2  # which the season left to be released
    page = people.as_("payer", factor_ago=600)
    page.goto("/money/batches/")
    page.locator(f"a[href='/money/batches/{batch}/']").first.click()
    page.get_by_role("link", name="Release this batch").click()
    page.wait_for_url("**/account/2fa/reauthenticate/**")
    page.get_by_label("Code").fill(house.ask("code", email=house.email("payer")))
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_role("heading", name=f"Release batch {batch}").wait_for()
    page.get_by_role("button", name="Release").click()
    page.get_by_text(f"Batch {batch} was released").wait_for()
    with page.expect_download() as order:
        page.get_by_role("link", name="CSV").click()
    assert order.value.path().stat().st_size > 100
    rows = house.rows("SELECT id, amount FROM desk_payment WHERE id IN (SELECT payment FROM desk_batch_line WHERE batch = ?)", batch)
    told = "".join(f"WLP{number:08d},{amount / 100:.2f},2026-09-20,Z{number},debit,booked\n" for number, amount in rows)
    page.goto("/money/banking/")
    page.get_by_label("The bank's file").set_input_files({"name": "day.csv", "mimeType": "text/csv", "buffer": (
        "reference,amount,day,bank_reference,credit_debit,status\n" + told).encode()})
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text(f"{len(rows)} paid, 0 returned, 0 to look at.").wait_for()
    page.goto(f"/money/batches/{batch}/")
    assert page.get_by_role("row").filter(has_text="Paid").count() == len(rows)


def test_a_batch_is_made_and_released_without_scripts(house, people):
    """What waits is chosen, looked at, put in a batch and let go, on a browser that runs no scripts."""
    page = people.as_("payer", width=390, scripts=False, factor_ago=0)
    page.goto("/money/batches/")
    page.get_by_role("button", name="Make a batch of the chosen").click()
    page.get_by_label("Account holder").fill("Innovation Office")
    page.get_by_label("Account number").fill("3301000000000001")
    page.get_by_label("Bank").fill("102331000002")
    page.get_by_label("Country").fill("CN")
    page.get_by_role("button", name="Make the batch").click()
    page.get_by_text("was made.").wait_for()
    page.get_by_role("link", name="Release this batch").click()
    page.get_by_role("button", name="Release").click()
    page.get_by_text("was released").wait_for()
