"""Walks through the console in a browser: without scripts on a phone, by keyboard, with a passkey, past a chart."""

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect
from tests.web import pictures, pictures_applicant

from westlake.desk import people, steps
from westlake.desk.cases import find_case

PATIENCE_MS = 30_000  # a machine may be slow; who need not wait does not
expect.set_options(timeout=PATIENCE_MS)


def on_a_phone_without_scripts(browser, base):
    """The rooms fold away and open, and a form goes through."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False, locale="ko")
    page = context.new_page()
    page.goto(base + "/")
    rooms = page.locator("details.menu nav a")
    assert not rooms.first.is_visible() and not page.locator("nav.side").is_visible()
    page.get_by_text("메뉴").click()
    rooms.nth(1).click()
    page.wait_for_url(f"{base}/find/")
    page.goto(base + "/account/login/")
    page.get_by_label("이메일", exact=True).fill("nobody@lakeside.example")
    page.get_by_label("비밀번호", exact=True).fill("wrong")
    page.get_by_role("main").get_by_role("button", name="로그인", exact=True).click()
    page.locator(".summary").wait_for()
    context.close()


def by_keyboard(browser, base, cookie):
    """The first stop leads past the rooms; the person's menu opens and closes with its own keys."""
    page = pictures.visit(browser, base, "/people/new/", "en", 1280, cookie)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.locator("details.drop summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="My details")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="My details")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Twin")
    page.get_by_label("E-mail address").fill("admin-en@lakeside.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".summary")).to_be_focused()  # the eye is brought to what is wrong
    assert pictures.wrong(page) == []
    page.context.close()


def with_a_passkey(browser, base, cookie):
    """A passkey is added, then serves to log in."""
    page = pictures.visit(browser, base, "/account/2fa/webauthn/add/", "en", 1280, cookie)
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True}})
    page.get_by_label("Name of the key").fill("Desk key")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "add" not in url)
    page.locator("details.drop summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("banner").get_by_role("link", name="Sign in").wait_for()
    page.goto(base + "/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(base + "/")
    page.get_by_role("heading", name="Hello, Kim Seo-yeon").wait_for()
    assert page.said == []
    page.context.close()


def past_a_chart(browser, base):
    """A chart is drawn, its figures answer to the mouse, and the page's policy had nothing to stop."""
    page = pictures.visit(browser, base, "/find/", "en", 1280)
    page.evaluate("""() => {
      const figure = document.createElement("figure"), data = document.createElement("script"), plot = document.createElement("div");
      data.type = "application/json"; data.id = "one"; plot.className = "plot"; figure.dataset.spec = "one";
      data.textContent = JSON.stringify({ "$schema": "https://vega.github.io/schema/vega-lite/v6.json", width: 300,
        data: { values: [{ a: "A", b: 28 }, { a: "B", b: 55 }] }, mark: { type: "bar", tooltip: true },
        transform: [{ calculate: "datum.b * 2", as: "c" }],
        encoding: { x: { field: "a", type: "nominal" }, y: { field: "c", type: "quantitative" } } });
      figure.append(plot, data); document.querySelector("main").append(figure);
      document.dispatchEvent(new CustomEvent("htmx:load", { detail: {} }));
    }""")
    expect(page.locator("figure svg path[aria-roledescription=bar]")).to_have_count(2)
    page.locator("figure svg path[aria-roledescription=bar]").first.hover()
    page.wait_for_timeout(300)
    assert page.said == [], page.said
    page.context.close()


def through_a_draft(browser, base, cookie):
    """A wrong answer is told at its question as soon as it is saved, the side is up to date, a text counts itself."""
    page = pictures.visit(browser, base, "/applications/3/write/", "en", 1280, cookie)
    page.get_by_label("Cost of the pier").fill("plenty")
    page.get_by_text("Saved; something has to be corrected").wait_for()
    assert page.locator("#wrong_cost").inner_text() == "“plenty” is no amount; write it like 1,200,000.00."
    page.get_by_label("Cost of the pier").fill("500")
    page.get_by_text("Not eligible as it stands").wait_for()
    assert page.locator("#wrong_cost").inner_text() == ""
    page.get_by_label("Work plan").fill("Piles, then deck.")
    assert page.locator("[data-count=work]").inner_text() == "17 / 1500"
    page.get_by_text("Saved", exact=True).nth(1).wait_for()
    assert page.said == [], page.said
    page.context.close()


def past_a_file_too_large(browser, base, cookie):
    """Files beyond what the office takes at once are refused in the browser, and a smaller one is taken after them."""
    page = pictures.visit(browser, base, "/applications/3/write/", "ko", 1280, cookie)
    field = page.locator("input[type=file]").first
    field.set_input_files({"name": "plan.pdf", "mimeType": "application/pdf", "buffer": bytes(20 * 2**20)})
    assert "W988" in field.evaluate("field => field.validationMessage")
    page.locator("form:has(input[type=file]) button").first.click()
    assert not page.locator("#problem").inner_text() and field.evaluate("field => field.files.length") == 1  # it was not sent
    field.set_input_files({"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    assert field.evaluate("field => field.validationMessage") == ""
    page.context.close()


def past_a_refusal(browser, base, cookie):
    """What was not kept is said to be so and goes once more by itself, unless it was refused; nobody leaves unwarned."""
    page = pictures.visit(browser, base, "/applications/3/write/", "en", 1280, cookie)
    tried, warned = [], []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.dismiss()))

    def told(status, kind, text):
        page.unroute("**/answers/")
        tried.clear()
        page.route("**/answers/", lambda route: (tried.append(status), route.fulfill(
            status=status, content_type=kind, body=text)))

    def typed(text, says):
        page.get_by_label("Cost of the pier").fill(text)
        page.get_by_text(says).first.wait_for()

    def tried_again(status):
        until = time.monotonic() + PATIENCE_MS / 1000
        while len(tried) < 2 and time.monotonic() < until:
            page.wait_for_timeout(100)
        return tried[:2] == [status, status]

    told(409, "text/plain; charset=utf-8", "The call has closed")
    typed("700", "The call has closed")
    page.wait_for_timeout(6_000)  # what is not kept goes once more after five seconds
    assert tried == [409]
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert warned == ["beforeunload"]
    told(500, "text/plain; charset=utf-8", "W987")
    typed("800", "Not saved")
    assert tried_again(500)
    told(503, "text/html", "<p>later</p>")
    typed("900", "Not saved")
    assert tried_again(503)
    page.unroute("**/answers/")
    page.get_by_text("Saved", exact=True).first.wait_for()
    page.context.close()


def into_a_fold(browser, base, here):
    """The button of a step that asks something opens the fold that it leads to, and opens it again."""
    person = people.person_by_email(here.connection, "hana@heron.example")
    steps.take(here.desk, find_case(here.desk, 1), "supply", person, people.roles_of(here.connection, person.id, here.now()), {})
    page = pictures.visit(browser, base, "/cases/1/", "en", 1280, pictures.session_of("officer", name="Olga Other"))
    link = page.locator("header a[href^='#step_'], .actions a[href^='#step_']").first
    fold = page.locator(f"{link.get_attribute('href')} > details")
    assert fold.get_attribute("open") is None
    link.click()
    expect(fold).to_have_attribute("open", "")
    fold.locator("summary").click()
    expect(fold).not_to_have_attribute("open", "")
    link.click()
    expect(fold).to_have_attribute("open", "")
    page.goto(base + page.url.removeprefix(base).split("#")[0] + link.get_attribute("href"))
    page.reload()
    expect(fold).to_have_attribute("open", "")
    page.context.close()


def main():
    with tempfile.TemporaryDirectory() as folder, pictures.served(pictures.workspace(Path(folder))) as base:
        from westlake.web import office  # Django is set up now

        cookie, other = pictures.session_of("admin"), pictures.session_of("payer")
        with pictures.chromium() as browser:
            on_a_phone_without_scripts(browser, base)
            by_keyboard(browser, base, cookie)
            past_a_chart(browser, base)
            with_a_passkey(browser, base, other)
            applicant = pictures_applicant.tell(office.here(), "en")
            through_a_draft(browser, base, applicant)
            past_a_file_too_large(browser, base, applicant)
            past_a_refusal(browser, base, applicant)
            into_a_fold(browser, base, office.here())
    return 0


if __name__ == "__main__":
    sys.exit(main())
