"""Every page that a role can come to by following links: it is there, whole, readable by all, in three languages."""

from collections import defaultdict
from urllib.parse import urljoin, urlsplit

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.journeys import house as houses

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not houses.can_run(), reason=houses.MISSING)]
ROLES = ("", "officer", "chair", "approver", "payer", "auditor", "admin", "economist", "reviewer", "applicant", "drafting")
LANGS = ("ko", "zh", "en")
TAGS = {"ko": "ko", "zh": "zh-Hans", "en": "en"}
A_WALK_S = 3600
LOOKED_AT, OF_REVIEWS = 2, 4  # addresses of one route whose links are followed, for each role; all calls' reviews
# Nothing leads there for somebody in the middle of the season; each with the reason, so that the list cannot grow unseen.
BY_MAIL = "a step of log-in between two letters; tests/web/test_sign_on.py"
WITH_A_KEY = "only who has a passkey or codes of their own is led there; tests/web/walks.py"
AFTER_A_FORM = "what a form answers with, told in a story of its own"
OF_THE_CITY = "the city's own sign-on, which this office has not; tests/web/test_sign_on.py"
NONE_YET = "the season has none yet"
NEVER_REACHED = {
    **dict.fromkeys(("account_complete_password_reset", "account_confirm_login_code", "account_confirm_password_reset_code",
                     "account_email_verification_sent", "account_inactive", "account_password_reset_completed", "welcome"), BY_MAIL),
    **dict.fromkeys(("mfa_authenticate", "mfa_download_recovery_codes", "mfa_edit_webauthn", "mfa_list_webauthn",
                     "mfa_login_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
                     "mfa_view_recovery_codes", "account_set_password"), WITH_A_KEY),
    **dict.fromkeys(("openid_connect_callback", "openid_connect_login", "socialaccount_connections", "socialaccount_login_cancelled",
                     "socialaccount_login_error", "socialaccount_signup"), OF_THE_CITY),
    **dict.fromkeys(("find.answer", "money.columns.change", "reviews.submit"), AFTER_A_FORM),
    **dict.fromkeys(("applications.file", "cases.file", "reviews.file", "firm.dismiss", "money.round", "tokens.again", "tokens.end",
                     "tokens.webhook"), NONE_YET),
    "account_logout": "a button of the person's menu",
    "applications.take_over": "for a colleague of who applied: tests/web/test_taking_over.py",
    "firm.register": "for an applicant without a firm: tests/journeys/test_applying.py",
    "health": "for machines that look whether the console answers",
}
MEASURES = """() => ({
  over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  heads: document.querySelectorAll("h1").length, title: document.title.trim(), lang: document.documentElement.lang,
  skip: document.querySelector("body > a.skip")?.getAttribute("href"), main: !!document.querySelector("main#main"),
  ids: [...document.querySelectorAll("[id]")].map(one => one.id).filter((id, at, all) => all.indexOf(id) != at),
})"""


def who(house, role):
    """An e-mail address that stands for a role."""
    if role == "reviewer":  # one who still has something to review
        return house.rows("SELECT p.email FROM desk_person p JOIN desk_assignment a ON a.reviewer = p.id GROUP BY p.email"
                          " HAVING count(DISTINCT a.case_id) > sum(a.state = 'submitted') ORDER BY p.id")[0][0]
    if role in ("applicant", "drafting"):  # one whose milestones wait for evidence, one whose draft waits for its writer
        state = "agreed" if role == "applicant" else "draft"
        return house.rows("SELECT p.email FROM desk_person p JOIN desk_case c ON c.applicant = p.id WHERE c.state = ?"
                          " AND c.kind = 'application' ORDER BY c.id DESC", state)[0][0]
    return role


def just_logged_in(people, house, role, lang):
    """A page of somebody whose password and second factor count as recent for the whole walk, however long it takes."""
    factor = -A_WALK_S if role in ("payer", "approver", "admin") else None
    return people.as_(who(house, role), lang, factor_ago=factor, password_ago=-A_WALK_S)


class Walker:
    """Goes where links lead, for one role: the addresses of each route, what was not whole, what was no page."""

    def __init__(self, house, page):
        self.house, self.page, self.names = house, page, {}
        self.found, self.wrong, self.pages = defaultdict(list), [], {}

    def walk(self):
        waiting, seen, self.came = ["/"], {"/"}, {}
        while waiting:
            address = waiting.pop(0)
            name = self.name(address)
            if not name or len(self.found[name]) >= (OF_REVIEWS if name.startswith("reviews") else LOOKED_AT):
                continue
            self.found[name].append(address)
            for link in self.links(name, address):
                if link.split("?")[0] not in seen:
                    seen.add(link.split("?")[0])
                    waiting.append(link)
                    self.came[link] = address

    def name(self, address):
        place = address.split("?")[0]
        if place not in self.names:
            self.names[place] = self.house.ask("route", address=place)
        return self.names[place]

    def links(self, name, address):
        answer = self.page.request.get(self.house.base + address)
        own = urlsplit(answer.url).path
        if self.name(own) == "second_factor":  # says that one is needed here, and where to set one up
            self.pages.setdefault("second_factor", own)
            return []
        if answer.status != 200:
            self.wrong.append(f"{address}: {answer.status} (from {self.came.get(address)})")
            return []
        if "text/html" not in answer.headers["content-type"]:
            return []
        self.pages.setdefault(self.name(own), own)
        try:
            tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text())
        except html5lib.html5parser.ParseError as error:
            self.wrong.append(f"{address}: {error}")
            return []
        found = [urljoin(answer.url, one.get("href")) for one in tree.iter("a") if one.get("href")]
        found += [urljoin(answer.url, one.get("action")) for one in tree.iter("form")
                  if one.get("action") and one.get("method", "get").lower() == "get"]
        return [one.removeprefix(self.house.base).split("#")[0] for one in found if one.startswith(self.house.base + "/")]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An office of one's own, further into its year."""
    with houses.open_house(tmp_path_factory.mktemp("walked"), "--further") as found:
        yield found
        assert "Traceback" not in found.printed(), found.printed()[-4000:]


@pytest.fixture(scope="module")
def walks(house, chrome):
    """What each role found by following links."""
    there, found = houses.People(house, chrome), {}
    for role in ROLES:
        found[role] = Walker(house, just_logged_in(there, house, role, LANGS[ROLES.index(role) % 3]))
        found[role].walk()
    there.leave()
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_link_leads_somewhere_whole(walks, role):
    assert walks[role].wrong == [], "\n".join(walks[role].wrong)


def test_no_route_is_out_of_reach(walks, house):
    reached = {name for walk in walks.values() for name in (*walk.found, *walk.pages)}
    missed = sorted(set(house.ask("routes")) - reached)
    assert missed == sorted(NEVER_REACHED), "\n".join(missed)


def test_each_page_is_for_everybody_in_every_language(walks, house, people):
    """axe, at 1280 px; and at 320 px nothing runs over the side. Each route in each language, by whichever role."""
    may = defaultdict(list)
    for role, walk in walks.items():
        for name, address in walk.pages.items():
            may[name].append((role, address))
    axe, wrong, pages = Axe(), [], {}
    for at, name in enumerate(sorted(may)):
        for turn, lang in enumerate(LANGS):
            role, address = may[name][(turn + at) % len(may[name])]
            if (role, lang) not in pages:
                pages[role, lang] = just_logged_in(people, house, role, lang)
            wrong += [f"{name} {address} {role or 'signed out'} {lang}: {one}" for one in faults(pages[role, lang], axe, address, lang)]
    assert wrong == [], "\n".join(wrong)


def faults(page, axe, address, lang):
    """What is wrong with a page as it is seen."""
    page.set_viewport_size({"width": 1280, "height": 900})
    if page.goto(address).status == 403:
        page.meant.append(403)  # the page that asks for a second factor to be set up
    found = [f"axe {one['id']} {node['target']}" for one in axe.run(page).response["violations"] for node in one["nodes"]]
    wide = page.evaluate(MEASURES)
    page.set_viewport_size({"width": 320, "height": 800})
    narrow = page.evaluate(MEASURES)
    found += [f"runs {one['over']} px over at {width}" for one, width in ((wide, 1280), (narrow, 320)) if one["over"] > 0]
    whole = {"heads": 1, "lang": TAGS[lang], "skip": "#main", "main": True, "ids": []}
    found += [f"{key}: {wide[key]}" for key, value in whole.items() if wide[key] != value]
    return found + ([] if wide["title"] else ["no title"])
