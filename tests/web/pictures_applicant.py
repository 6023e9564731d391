"""Pictures of the applicant's side with cases at every point: `python -m tests.web.pictures_applicant OUT`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.web import pictures
from tests.web.applying import announce, drafted, know

OPEN = ["/find/", "/find/1/", "/find/1/check/", "/find/1/check/answer/", "/public/", "/public/awards/", "/public/notices/1/",
        "/public/heads/", "/public/data/"]
OWN = ["/applications/", "/applications/1/", "/applications/1/receipt/", "/applications/2/", "/applications/3/write/",
       "/applications/3/submit/", "/applications/3/step/withdraw/", "/applications/letters/", "/firm/", "/firm/account/",
       "/public/notices/1/object/", "/find/1/apply/"]


def tell(here, lang: str) -> dict[str, str]:
    """Calls, and an applicant with a submitted, a refused and an unfinished application; the session's cookie."""
    from westlake.desk import people, steps
    from westlake.desk.cases import find_case
    from westlake.desk.paying.bank_accounts import propose_account
    from westlake.desk.people import roles_of

    def take(case, step, person, **said):
        return steps.take(here.desk, find_case(here.desk, case.id), step, person,
                          roles_of(here.connection, person.id, here.now()), said).case

    officer = people.add_person(here.connection, "Oda Reed", "oda@office.example", "Lakeside Office", at=here.now())
    people.grant_role(here.connection, officer.id, "officer", at=here.now())
    calls = [announce(here, officer, "PIER-26", closes=12.3), announce(here, officer, "PIER-27", opens=20, closes=50)]
    know(here, "heron", name="Heron Works", resident="1", size="small", staff="41", founded="2021-03-01", district="North")
    cookie = pictures.session_of("applicant", name="Hana Heron", lang=lang)
    person = people.person_by_email(here.connection, f"applicant-{lang}@lakeside.example")
    person = people.change_person(here.connection, person, person, firm="heron", organisation="Heron Works",
                                  email="hana@heron.example")
    people.grant_role(here.connection, person.id, "co_applicant", firm="heron", at=here.now())
    cookie = renewed(person, cookie)
    first = take(drafted(here, person, calls[0], district="south", cost="60000"), "submit", person)
    take(first, "ask_supplement", officer, note="Where exactly does the pier stand?", day=here.today + 6)
    second = take(drafted(here, person, calls[0], title="A small pier", cost="999.00"), "submit", person)
    take(second, "refuse", officer)
    drafted(here, person, calls[0], title="A long pier", cost="a lot")
    propose_account(here.desk, person, "heron", "Heron Works", "110234567890", "Lake Bank", "088", "KR")
    here.connection.execute(
        "INSERT INTO desk_notice (call, run, first_day, last_day, cases, person, at) VALUES (1,NULL,?,?,',1,2,',?,?)",
        (here.today, here.today + 2, officer.id, here.now()))
    return cookie


def renewed(person, cookie):
    """The same person's session, begun after the last change of roles."""
    from django.contrib.sessions.backends.db import SessionStore

    from westlake.web import office, persons

    session = SessionStore(cookie["value"])
    session[persons.SINCE] = office.here().now()
    session["check"] = {"1": {"resident": "true", "district": "north", "cost": "20000"}}
    session.save()
    return cookie


def main() -> int:
    out, langs = Path(sys.argv[1]), sys.argv[2].split(",") if len(sys.argv) > 2 else ["ko"]
    wanted = sys.argv[3:] or [*OPEN, *OWN]
    out.mkdir(parents=True, exist_ok=True)
    bad = 0
    with tempfile.TemporaryDirectory() as folder, pictures.served(pictures.workspace(Path(folder))) as base:
        from westlake.web import office

        cookie = tell(office.here(), langs[0])
        with pictures.chromium() as browser:
            for address in wanted:
                for lang in langs:
                    for width in pictures.WIDTHS:
                        page = pictures.visit(browser, base, address, lang, width, cookie)
                        name = address.strip("/").replace("/", "-")
                        page.screenshot(path=out / f"{name}-{lang}-{width}.png", full_page=True)
                        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                        found = [*pictures.wrong(page), *([f"runs {over} px over"] if over > 0 else []), *page.said]
                        bad += len(found)
                        print(f"{name} {lang} {width}: {found or 'well'}", flush=True)
                        page.context.close()
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
