"""A file that is refused leads back to the form that it came from: the reason beside the file, every answer still there."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.applying import announce, drafted, know

from westlake.desk import people, steps
from westlake.desk.cases import find_case
from westlake.desk.files import files_of

PDF = b"%PDF-1.7 a pier"
NAMED = {"한국어.pdf": "%ED%95%9C%EA%B5%AD%EC%96%B4.pdf", "中文.pdf": "%E4%B8%AD%E6%96%87.pdf"}  # RFC 8187


@pytest.fixture
def heron(office, client_as):
    know(office, "heron", name="Heron Works", resident="1")
    browser = client_as("applicant", firm="heron")
    browser.person = people.change_person(office.connection, browser.person, browser.person, organisation="Heron Works")
    return browser


@pytest.fixture
def draft(office, heron, person_with):
    return drafted(office, heron.person, announce(office, person_with("officer")))


@pytest.mark.parametrize("lang, told", [("en", "what is inside is not a pdf file"), ("ko", "내용이 pdf 파일이 아닙니다"),
                                        ("zh", "内容不是 pdf 文件")])
def test_the_reason_stands_beside_the_file_and_nothing_typed_is_lost(office, heron, draft, lang, told):
    page = heron.post(f"/applications/{draft.id}/files/?lang={lang}",
                      {"file": SimpleUploadedFile("plan.pdf", b"MZ\x90\0 this programme cannot be run")})
    assert page.status_code == 422
    assert told in page.text
    assert '<div class="error" id="file_wrong" role="alert"' in page.text
    assert 'aria-describedby="file_hint file_wrong" aria-invalid="true"' in page.text
    assert 'value="A pier for herons"' in page.text
    assert 'value="20000.00"' in page.text


def test_what_was_taken_before_the_wrong_one_stays(heron, draft):
    page = heron.post(f"/applications/{draft.id}/files/", {"file": [
        SimpleUploadedFile("good.pdf", PDF), SimpleUploadedFile("bad.pdf", b"MZ")]})
    assert page.status_code == 422
    assert ">good.pdf</a>" in page.text
    assert "W982" in page.text


def test_no_file_at_all_is_told_there_too(heron, draft):
    page = heron.post(f"/applications/{draft.id}/files/", {})
    assert (page.status_code, "no file was chosen" in page.text) == (422, True)
    page = heron.post(f"/applications/{draft.id}/files/", {"field": "evidence"})
    assert page.status_code == 422
    assert "no file was chosen" in page.text


@pytest.mark.parametrize("name", NAMED)
def test_the_office_gets_a_file_under_the_name_that_it_was_given(office, heron, draft, client_as, name):
    heron.post(f"/applications/{draft.id}/files/", {"file": SimpleUploadedFile(name, PDF)})
    steps.take(office.desk, find_case(office.desk, draft.id), "submit", heron.person,
               people.roles_of(office.connection, heron.person.id, office.now()))
    file, = files_of(office.desk, draft)
    for browser, room in ((heron, "applications"), (client_as("officer"), "cases")):
        given = browser.get(f"/{room}/{draft.id}/files/{file.id}/")
        assert given.content == PDF
        assert given["Content-Disposition"] == f"attachment; filename*=utf-8''{NAMED[name]}"


def test_a_call_with_a_chinese_code_is_kept_under_it(office, client_as, person_with):
    announce(office, person_with("officer"), code="湖滨-26")
    given = client_as("officer").get("/calls/1/deadline.ics")
    assert given["Content-Disposition"] == "attachment; filename*=utf-8''%E6%B9%96%E6%BB%A8-26.ics"
