"""A number is the same however it is typed, so that nobody begins a cap anew by another way of writing."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.counter import Counter

import westlake.programmes
from westlake.desk.applying import deciding
from westlake.desk.applying.drafting import fields_of, save_answers
from westlake.desk.applying.numbers import as_compared, as_kept
from westlake.desk.cases import ASKED, answers, find_case, open_application
from westlake.desk.people import Held
from westlake.desk.workflow import Origin

HANGZHOU = Path(westlake.programmes.__file__).parent / "hangzhou"
SAID = {"title": "A smithy", "person": "P-wren", "benefit": "startup", "origin": "outsider", "degree": "none",
        "founder": "true", "largest_holder": "true", "fraud": "false", "spend": "50000.00", "loan": "0.00",
        "interest_paid": "0.00", "office_asked_m2": "0"}
WAYS = ["P-wren", "p-WREN", "Ｐ－ｗｒｅｎ", " P-wren\u3000", "P- wren", "P\u200b-wren", "P–wren", "P\u00ad-wren"]


@pytest.fixture
def counter(database):
    made = Counter(database, HANGZHOU, ("talent", "loss_share"))
    made.know("P-wren", employer="heron", founder="1", largest_holder="1", origin="overseas_chinese", degree="doctor")
    yield made
    made.close()


def drafted(counter, firm, programme="talent", **said):
    call = counter.call(programme, f"{programme}-{counter.clock()}")
    speaker = counter.applicant(firm)
    case = open_application(counter.desk, speaker, call, firm)
    asked = [*fields_of(counter.desk.offered(programme)), ASKED]
    save_answers(counter.desk, case, speaker, Held("applicant", "*", firm), {
        name: text for name, text in said.items() if name in asked})
    return find_case(counter.desk, case.id), speaker


@pytest.mark.parametrize("kept_as", ["P-wren", "ｐ－ＷＲＥＮ\t"])
def test_who_was_awarded_once_is_the_same_however_they_are_typed_now_or_were_kept_before(counter, kept_as):
    first, speaker = drafted(counter, "heron", **SAID)
    counter.take(counter.take(counter.take(first, "submit", speaker), "admit", "officer"), "award", "approver")
    counter.connection.execute("UPDATE desk_answer SET value = ? WHERE case_id = ? AND field = 'person'",
                               (kept_as, first.id))  # as an answer of earlier days may stand
    seen = {}
    for number, way in enumerate([*WAYS, "P-finch", "P-wre", "Pwren"]):
        case, _ = drafted(counter, f"egret{number}", **SAID | {"person": way})
        seen[way] = deciding.known_of(counter.desk, case, counter.desk.today())["best_before"].value
    assert seen == dict.fromkeys(WAYS, 5_000_000) | {"P-finch": 0, "P-wre": 0, "Pwren": 0}


def test_a_project_in_other_signs_is_no_second_project(counter):
    origins = {name: replace(one, of="asked") for name, one in counter.desk.offered("loss_share").workflow.facts.items()}
    drafted(counter, "heron", "loss_share", title="a", project="ABC 湖-1", institution="Ｌake Bank", asked_amount="7.00")

    def used(project, institution):
        case, _ = drafted(counter, f"f{counter.clock()}", "loss_share", title="b", project=project, institution=institution)
        written = answers(counter.desk, case)
        return [deciding.earlier(counter.desk, counter.desk.offered("loss_share"), origins[name], case.firm, written, case,
                                 counter.desk.today()) for name in ("project_before", "institution_before")]

    assert [used(*one) for one in (("ａｂｃ湖-1", "LAKE BANK"), ("abc 湖－１", "lakebank"), ("ABC 江-1", "Lake Bank2"))] == [
        [700, 700], [700, 700], [0, 0]]


def test_an_answer_keeps_its_number_in_plain_signs(counter):
    case, _ = drafted(counter, "heron", **SAID | {"person": " Ｐ－wren\u200b", "title": " Ａ smithy"})
    kept = answers(counter.desk, case)
    assert (kept["person"], kept["title"]) == ("P-wren", " Ａ smithy")


def test_without_a_firm_or_a_case_nothing_is_counted_that_is_others(counter):
    """A look by nobody, and one for a firm: of a cap of each firm's only that firm's counts."""
    drafted(counter, "heron", **SAID, asked_amount="7.00")
    offered, day = counter.desk.offered("talent"), counter.desk.today()
    by_firm, by_year = (Origin("sum", "asked", by=by) for by in (("firm",), ("firm", "year")))
    seen = [[deciding.earlier(counter.desk, offered, origin, firm, {}, None, on) for firm in ("", "heron", "egret")]
            for origin, on in ((by_firm, day), (by_year, day), (by_year, day + 800))]
    assert seen == [[0, 700, 0], [0, 700, 0], [0, 0, 0]]


@given(st.text(max_size=30))
def test_what_is_kept_compares_as_what_was_typed_and_wide_or_large_signs_make_no_difference(text):
    assert as_compared(as_kept(text)) == as_compared(text)
    assert as_compared(as_compared(text)) == as_compared(text)
    assert as_compared("".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)) == as_compared(text)
    assert as_kept(text) == unicodedata.normalize("NFKC", as_kept(text))
