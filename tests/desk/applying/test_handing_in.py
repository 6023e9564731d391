"""Files are taken while answers may be written or a step waits for one; what is true when it is written down decides."""

import pytest

from westlake.desk import files
from westlake.desk.applying import handing_in
from westlake.desk.cases import following
from westlake.desk.people import roles_of
from westlake.errors import WestlakeError

PDF = b"%PDF-1.7\nplan of a pier"


def come(counter, folder, case, person, field="attachment", content=PDF):
    held = [one for one in roles_of(counter.connection, person.id, counter.clock()) if one.role == "applicant"]
    return handing_in.hand_in(counter.desk, folder, case, person, held, field, "plan.pdf", content)


def gone(counter, case, person, number):
    handing_in.take_back(counter.desk, case, person, roles_of(counter.connection, person.id, counter.clock()), number)


def refused(act, *given):
    with pytest.raises(WestlakeError) as caught:
        act(*given)
    return caught.value.problems[0].code


def test_a_draft_takes_files_and_a_case_under_review_does_not(counter, tmp_path):
    applicant = counter.applicant("heron")
    case = counter.draft(counter.call(days=5), applicant)
    kept = come(counter, tmp_path, case, applicant)
    counter.take(case, "submit", applicant)
    counter.clock.wait(days=10)
    assert refused(come, counter, tmp_path, case, applicant) == "W921"
    assert refused(gone, counter, case, applicant, kept.id) == "W921"
    assert files.files_of(counter.desk, case) == [kept]


def test_somebody_else_hands_in_nothing(counter, tmp_path):
    case = counter.draft(counter.call(), counter.applicant("heron"))
    assert refused(come, counter, tmp_path / "files", case, counter.applicant("egret")) == "W984"
    assert not (tmp_path / "files").exists()
    assert refused(gone, counter, case, counter.applicant("swan"), 7) == "W920"


def test_what_was_withdrawn_while_a_file_was_on_its_way_takes_it_no_more(counter, tmp_path, monkeypatch):
    """The right was there when the upload began; when its row is written the case has been withdrawn."""
    applicant = counter.applicant("heron")
    case = counter.draft(counter.call(), applicant)
    arrived = []

    def meanwhile(name):
        if name == "desk.upload_written":
            arrived.append(counter.take(case, "withdraw", applicant))

    monkeypatch.setattr(files, "failpoint", meanwhile)
    assert refused(come, counter, tmp_path, case, applicant) == "W984"
    assert [one.state for one in arrived] == ["withdrawn"]
    assert files.files_of(counter.desk, case) == []
    assert not any(act.act == "desk.file_handed_in" for act in counter.desk.record.acts(case.subject))


def test_evidence_is_taken_where_a_step_waits_for_it_and_nothing_else_is(counter, tmp_path):
    case, applicant = counter.submitted(counter.call())
    case = counter.agreed(counter.take(case, "admit", "officer"), applicant)
    part = following(counter.desk, case, "milestone")[0]
    assert refused(come, counter, tmp_path, part, applicant, "holiday") == "W984"
    kept = come(counter, tmp_path, part, applicant, "evidence")
    gone(counter, part, applicant, kept.id)
    assert files.files_of(counter.desk, part) == []
