"""Each letter that was let go is a PDF of its kind: on the mail, for its reader, for the office, and for nobody else."""

import pytest
from tests.web.applying import announce, drafted, know

from westlake.desk import people, steps
from westlake.desk.cases import find_case
from westlake.desk.outbox import edit_letter, letters, move_letter, write_letter, write_to_person
from westlake.reports import letter as paper
from westlake.web import jobs, letter_paper
from westlake.web.pages.applicant import application_story, inbox, receipts
from westlake.web.pages.cases import case_steps, case_story


@pytest.fixture
def typst():
    found = pytest.importorskip("typst", reason="letters: pip install westlake[letters]")
    if "Noto Serif CJK SC" not in found.Fonts().families():
        pytest.skip("letters need a font: sudo apt install fonts-noto-cjk")


@pytest.fixture
def heron(office, client_as):
    know(office, "heron", name="Heron Works", resident="1")
    browser = client_as("applicant", firm="heron", name="Hana Heron", email="hana@heron.example")
    browser.person = people.change_person(office.connection, browser.person, browser.person, organisation="Heron Works")
    return browser


@pytest.fixture
def case(office, heron, officer):
    draft = drafted(office, heron.person, announce(office, officer), cost="1.00")
    return take(office, draft, "submit", heron.person)


def take(office, case, step, person, **said):
    return steps.take(office.desk, find_case(office.desk, case.id), step, person,
                      people.roles_of(office.connection, person.id, office.now()), said).case


def letter_of(office, kind):
    return next(one for one in letters(office.desk) if one.kind == kind)


def let_go(office, kind, person):
    move_letter(office.desk, letter_of(office, kind).id, person, "draft", "released")
    return letter_of(office, kind)


@pytest.fixture
def set_(monkeypatch):
    """What would be set, instead of setting it."""
    made = []
    monkeypatch.setattr(paper, "write_letter", lambda letter, folder=None: made.append(letter) or b"%PDF-")
    return made


def test_it_goes_with_the_mail(office, officer, heron, case, mailoutbox, typst):
    take(office, case, "refuse", officer)
    let_go(office, "refused", officer)
    assert jobs.send_letters.func() == 2
    assert [[(name, kind, content[:5]) for name, content, kind in mail.attachments] for mail in mailoutbox] == [
        [("letter-1.pdf", "application/pdf", b"%PDF-")], [("letter-2.pdf", "application/pdf", b"%PDF-")]]


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
def test_every_kind_can_be_set_in_every_language(office, heron, case, lang, typst):
    reader = people.change_person(office.connection, heron.person, heron.person, language=lang)
    for kind in ("admitted", "refused", "award", "supplement", "paid", "demand", "suspended", "debarred", "agreement"):
        write_letter(office.desk, case, kind, {"note": "1. Oak\n2. Tar", "day": office.today}, released=True, to=reader)
        assert letter_paper.pdf_of(office, letter_of(office, kind)).startswith(b"%PDF-"), kind


def test_it_says_what_was_let_go_and_not_what_was_written_first(office, officer, heron, case, set_):
    take(office, case, "refuse", officer)
    draft = letter_of(office, "refused")
    greeting = draft.body.split("\n")[0]
    assert greeting == "Dear Hana Heron,"
    edit_letter(office.desk, draft.id, officer, "PIER-26-0001: no", f"{greeting}\n\nThe pier is too small.\n\nAsk again.")
    let_go(office, "refused", officer)
    letter_paper.pdf_of(office, letter_of(office, "refused"))
    told = paper.content(set_[0])
    assert (told["opening"], told["closing"]) == (["The pier is too small.", "Ask again."], [])
    assert [row[1] for row in told["facts"]] == ["PIER-26-0001", "Pier challenge"]
    assert (told["kind"], told["title"], told["recipient"]) == ("decision", "Decision on your application", "Heron Works")


def test_the_same_letter_is_the_same_paper_whatever_happens_after(office, officer, heron, case, clock, set_):
    letter_paper.pdf_of(office, letter_of(office, "receipt"))
    take(office, case, "refuse", officer)
    clock.wait(days=40)
    letter_paper.pdf_of(office, letter_of(office, "receipt"))
    assert set_[0] == set_[1]


def test_a_letter_of_no_kind_of_its_own_bears_its_subject(office, heron, case, set_):
    write_letter(office.desk, case, "suspended", {"note": "Rust."}, released=True)
    letter_paper.pdf_of(office, letter_of(office, "suspended"))
    told = paper.content(set_[0])
    assert (told["kind"], told["title"]) == ("notice", "The agreement is suspended")
    assert told["opening"][1] == "Rust."


def test_one_about_no_case_is_set_too(office, officer, heron, typst):
    write_to_person(office.desk, heron.person, "invitation", {"title": "Piers", "code": "P", "load": 3, "days": 9})
    assert letter_paper.pdf_of(office, letter_of(office, "invitation")).startswith(b"%PDF-")


def test_its_reader_and_the_office_get_it_and_nobody_else(office, officer, heron, case, client_as, set_):
    number = letter_of(office, "receipt").id
    mine, theirs = f"/applications/letters/{number}/letter.pdf", f"/cases/{case.id}/letters/{number}/letter.pdf"
    for browser, there, link in ((heron, mine, f"/applications/{case.id}/"), (heron, mine, f"/applications/letters/{number}/"),
                                 (client_as("officer"), theirs, f"/cases/{case.id}/"),
                                 (client_as("officer"), theirs, f"/cases/{case.id}/letters/{number}/")):
        assert f'href="{there}"' in browser.get(link).text
        answer = browser.get(there)
        assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "application/pdf", b"%PDF-")
    assert client_as("applicant", firm="otter").get(mine).status_code == 404
    assert client_as("officer", programme="dock_challenge").get(theirs).status_code == 404


def test_a_draft_is_no_letter_yet(office, officer, heron, case, client_as, set_):
    take(office, case, "refuse", officer)
    draft, browser = letter_of(office, "refused"), client_as("officer")
    assert browser.get(f"/cases/{case.id}/letters/{draft.id}/letter.pdf").status_code == 404
    assert "letter.pdf" not in browser.get(f"/cases/{case.id}/letters/{draft.id}/").text
    assert heron.get(f"/applications/letters/{draft.id}/letter.pdf").status_code == 404


def test_where_the_typesetter_is_missing_the_mail_goes_alone_and_no_link_is_offered(
        office, heron, case, client_as, mailoutbox, monkeypatch):
    for module in (jobs, application_story, inbox, receipts, case_steps, case_story):
        monkeypatch.setattr(module, "able", lambda: False)
    assert jobs.send_letters.func() == 1
    assert [mail.attachments for mail in mailoutbox] == [[]]
    number = letter_of(office, "receipt").id
    for browser, there in ((heron, f"/applications/{case.id}/"), (heron, f"/applications/letters/{number}/"),
                           (heron, f"/applications/{case.id}/receipt/"), (client_as("officer"), f"/cases/{case.id}/"),
                           (client_as("officer"), f"/cases/{case.id}/letters/{number}/")):
        page = browser.get(there)
        assert (page.status_code, ".pdf" in page.text) == (200, False), there


def test_a_sign_that_no_font_has_costs_the_paper_and_not_the_mail(office, heron, case, mailoutbox, typst):
    write_letter(office.desk, case, "suspended", {"note": "\U000abcde"}, released=True)
    assert jobs.send_letters.func() == 2
    assert sorted(len(mail.attachments) for mail in mailoutbox) == [0, 1]
