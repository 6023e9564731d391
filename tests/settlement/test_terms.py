"""accounts.yaml as an office writes it: what is read from it, and each mistake with the place where it stands."""

import shutil

import pytest

from westlake.errors import WestlakeError
from westlake.rules import load_programme
from westlake.settlement.terms import Account, Terms, read_terms

from .conftest import VOUCHER


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(VOUCHER.parent, tmp_path / "programmes")
    return tmp_path / "programmes" / VOUCHER.name


def change(folder, before, after):
    path = folder / "accounts.yaml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    return load_programme(folder)


def test_the_terms_of_the_render_voucher():
    terms = read_terms(load_programme(VOUCHER))
    assert terms == Terms(
        "bills", {"base": "base", "eligible": "eligible", "claim": "claim", "entitlement": "entitlement"},
        {"claim_settled": "line_claim", "claims_before": "group_claims", "allotted_before": "group_allotted"},
        "budget_year", "firm_cap_year", "pro_rata", "part",
        {"treasury": Account("treasury", "free"), "budget": Account("budget:{programme}:{year}", "credit"),
         "payable": Account("payable:{programme}:{firm}", "credit"),
         "receivable": Account("receivable:{programme}:{year}:{firm}", "debit"),
         "recovered": Account("recovered:{programme}:{year}", "credit"), "bank": Account("bank", "free")})
    assert terms.code("receivable", "render_voucher", 2025, "reed") == "receivable:render_voucher:2025:reed"
    assert terms.code("budget", "render_voucher", 2025) == "budget:render_voucher:2025"


def test_what_may_be_left_out(folder):
    programme = change(folder, ", cap: firm_cap_year, way: pro_rata, edge: part}", ", way: pro_rata}")
    assert (read_terms(programme).cap, read_terms(programme).edge) == ("", "part")


MISTAKES = {  # what is written instead → line, code, the name that is wrong
    ("base: base", "base: bass"): (4, "W402", "bass"), ("eligible: eligible", "eligible: base"): (5, "W402", "base"),
    ("claim_settled: line_claim", "claim_settle: line_claim"): (9, "W402", "claim_settle"),
    ("claim_settled: line_claim", "claim_settled: line_clam"): (9, "W402", "line_clam"),
    ("value: budget_year", "value: budget_yaer"): (12, "W402", "budget_yaer"),
    ("cap: firm_cap_year", "cap: firm_cap"): (12, "W402", "firm_cap"),
    ("way: pro_rata", "way: pro_rat"): (12, "W402", "pro_rat"), ("edge: part", "edge: parts"): (12, "W402", "parts"),
    ("rule: debit", "rule: debits"): (17, "W402", "debits")}


@pytest.mark.parametrize(("before", "after"), MISTAKES)
def test_a_name_that_the_programme_does_not_have_is_told_where_it_stands(folder, before, after):
    line, code, name = MISTAKES[before, after]
    with pytest.raises(WestlakeError) as refused:
        read_terms(change(folder, before, after))
    (problem,) = refused.value.problems
    assert (problem.place.file, problem.place.line, problem.code, problem.values["name"]) == ("accounts.yaml", line, code, name)


CODES = {  # a code that would let two budgets or two firms share an account, or that cannot be filled → line, what it needs
    ("budget:{programme}:{year}", "budget:{programme}"): (15, "{programme} {year}"),
    ("budget:{programme}:{year}", "budget:{year}"): (15, "{programme} {year}"),
    ("payable:{programme}:{firm}", "payable:{programme}"): (16, "{programme} {firm}"),
    ("receivable:{programme}:{year}:{firm}", "receivable:{programme}:{year}"): (17, "{programme} {year} {firm}"),
    ("recovered:{programme}:{year}", "recovered"): (18, "{programme} {year}"),
    ('code: "bank"', 'code: "bank:{city}"'): (19, "–"), ('code: "bank"', 'code: "bank:{"'): (19, "–"),
    ('code: "bank"', 'code: "bank:{}"'): (19, "–")}


@pytest.mark.parametrize(("before", "after"), CODES)
def test_an_account_code_names_what_keeps_it_apart(folder, before, after):
    with pytest.raises(WestlakeError) as refused:
        read_terms(change(folder, before, after))
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.line, problem.values["needed"]) == ("W438", *CODES[before, after])


@pytest.mark.parametrize("missing", ["source", "decides", "budget", "accounts"])
def test_a_part_left_out_is_named(folder, missing):
    programme = change(folder, f"\n{missing}:", f"\n# {missing}:") if missing == "source" else load_programme(folder)
    if missing != "source":
        lines = (folder / "accounts.yaml").read_text("utf-8").split("\n")
        start = next(number for number, text in enumerate(lines) if text.startswith(missing))
        end = next((number for number, text in enumerate(lines) if number > start and text[:1].isalpha()), len(lines))
        (folder / "accounts.yaml").write_text("\n".join(lines[:start] + lines[end:]) + "\n", "utf-8")
        programme = load_programme(folder)
    with pytest.raises(WestlakeError) as refused:
        read_terms(programme)
    assert missing in str([dict(problem.values) for problem in refused.value.problems])


def test_without_the_file_nothing_is_settled(folder):
    (folder / "accounts.yaml").unlink()
    with pytest.raises(WestlakeError) as refused:
        read_terms(load_programme(folder))
    assert [(problem.code, dict(problem.values)) for problem in refused.value.problems] == [("W401", {"name": "render_voucher"})]
