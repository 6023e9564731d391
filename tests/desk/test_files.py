"""Files handed in: taken for what they are, kept once, and never under a path that their name brings."""

import hashlib
import io
import zipfile

import pytest

from westlake import failpoints
from westlake.desk import files
from westlake.desk.cases import find_case
from westlake.errors import WestlakeError
from westlake.record import Record

PDF, PNG = b"%PDF-1.7\nplan of a pier", b"\x89PNG\r\n\x1a\nrest"


def zipped(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return content.getvalue()


@pytest.fixture
def case(counter):
    applicant = counter.applicant("heron")
    return counter.draft(counter.call(), applicant), applicant


def hand_in(counter, case, tmp_path, name, content):
    return files.hand_in(counter.desk, tmp_path / "files", case[0], case[1], "evidence", name, content)


@pytest.mark.parametrize(("name", "content"), [
    ("계획.pdf", PDF), ("photo.PNG", PNG), ("表.csv", "甲,乙\n".encode("gb18030")), ("표.csv", "가,나\n".encode("cp949")),
    ("table.xlsx", zipped(xl__workbook_xml="<a/>")), ("글.hwpx", zipped(Contents__content_hpf="<a/>"))])
def test_an_honest_file_is_kept_and_read_back(counter, case, tmp_path, name, content):
    upload = hand_in(counter, case, tmp_path, name, content)
    assert files.read_file(tmp_path / "files", upload) == content
    assert files.files_of(counter.desk, case[0]) == [upload]
    assert (upload.name, upload.sha256, upload.bytes) == (name, hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("plan.exe", PDF, "W981"), ("plan", PDF, "W981"), ("plan.svg", b"<svg onload='x()'/>", "W981"),
    ("plan.html", b"<script>", "W981"), ("plan.pdf", b"MZ\x90\x00", "W982"), ("plan.pdf", b"", "W980"),
    ("plan.png", PDF, "W982"), ("plan.csv", b"a,\0b", "W982"), ("table.xlsx", zipped(a_txt="x"), "W982"),
    ("table.xlsx", b"PK\x03\x04torn", "W982"), ("plan.pdf", PDF + b" " * files.BYTES_MAX, "W980"),
    ("bomb.xlsx", zipped(xl__workbook_xml="0" * (10 * files.BYTES_MAX + 1)), "W982")])
def test_what_is_not_what_it_says_is_refused_and_nothing_stays(counter, case, tmp_path, name, content, expected):
    with pytest.raises(WestlakeError) as caught:
        hand_in(counter, case, tmp_path, name, content)
    assert caught.value.problems[0].code == expected
    assert files.files_of(counter.desk, case[0]) == []
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(("name", "plain"), [
    ("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\Windows\\plan.pdf", "plan.pdf"), ("pl\u202efdp.pdf", "plfdp.pdf"),
    ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"), (" .plan.pdf. ", "plan.pdf"), ("x" * 300 + ".pdf", "x" * 116 + ".pdf")])
def test_a_name_brings_no_path_and_no_trick(counter, case, tmp_path, name, plain):
    assert hand_in(counter, case, tmp_path, name, PDF).name == plain
    assert sorted(path.name for path in (tmp_path / "files").rglob("*") if path.is_file()) == [
        hashlib.sha256(PDF).hexdigest()]


def test_the_same_content_lies_on_the_disk_once_and_may_be_taken_back(counter, case, tmp_path):
    first, second = (hand_in(counter, case, tmp_path, name, PDF) for name in ("a.pdf", "b.pdf"))
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    files.take_back(counter.desk, *case, first.id)
    assert files.files_of(counter.desk, case[0]) == [second]
    with pytest.raises(WestlakeError) as caught:
        files.take_back(counter.desk, *case, first.id)
    assert caught.value.problems[0].code == "W920"
    assert [act.act for act in Record(counter.connection).acts(case[0].subject)][-1] == "desk.file_taken_back"


def test_a_case_holds_so_many_files_and_no_more(counter, case, tmp_path):
    for number in range(files.FILES_MAX):
        last = hand_in(counter, case, tmp_path, f"{number}.pdf", PDF)
    with pytest.raises(WestlakeError, match="W1064"):
        hand_in(counter, case, tmp_path, "one more.pdf", PDF)
    files.take_back(counter.desk, *case, last.id)
    assert hand_in(counter, case, tmp_path, "one more.pdf", PDF).name == "one more.pdf"


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(counter, case, tmp_path):
    upload = hand_in(counter, case, tmp_path, "a.pdf", PDF)
    files.stored_at(tmp_path / "files", upload.sha256).write_bytes(b"%PDF-another")
    with pytest.raises(WestlakeError) as caught:
        files.read_file(tmp_path / "files", upload)
    assert caught.value.problems[0].code == "W983"


def test_the_power_goes_between_disk_and_row(counter, case, tmp_path, monkeypatch):
    """The bytes may lie there without a row: nothing names them, and handing in again just works."""
    def cut(place):
        if place == "desk.upload_written":
            raise KeyboardInterrupt
    monkeypatch.setattr(files, "failpoint", cut)
    with pytest.raises(KeyboardInterrupt):
        hand_in(counter, case, tmp_path, "a.pdf", PDF)
    assert files.files_of(counter.desk, find_case(counter.desk, case[0].id)) == []
    monkeypatch.setattr(files, "failpoint", failpoints.failpoint)
    assert hand_in(counter, case, tmp_path, "a.pdf", PDF).name == "a.pdf"
