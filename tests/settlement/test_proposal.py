"""A reform as an officer hands it in: by the name of a regime or as a file of values, and what is told when it is neither."""

import shutil

import pytest
from tests.conftest import LAKESIDE

from westlake.errors import WestlakeError
from westlake.rules import load_programme
from westlake.settlement.proposal import read_reform


@pytest.fixture
def voucher(tmp_path):
    shutil.copytree(LAKESIDE / "programmes", tmp_path / "programmes")
    return load_programme(tmp_path / "programmes" / "cloud_voucher")


def cap(law):
    return law.value_on("firm_cap_year", "2025-06-01").number


def test_a_regime_by_its_name(voucher):
    named, lay = read_reform(voucher, "article")
    assert (named, cap(voucher), cap(lay(voucher))) == ("article", 200_000_00, 300_000_00)
    official, back = read_reform(voucher, "official")
    assert (official, cap(back(load_programme(voucher.folder, regime="article")))) == ("official", 200_000_00)


def test_a_file_of_values_is_laid_over_the_regime_of_its_time(voucher, tmp_path):
    path = tmp_path / "lower.yaml"
    path.write_text("cloud_voucher: {small_rate: [{in_force: 2025-01-01, value: 20%}]}\n", "utf-8")
    named, lay = read_reform(voucher, str(path))
    both = lay(load_programme(voucher.folder, regime="article"))
    assert (named, cap(both), both.value_on("small_rate", "2025-06-01").number) == ("lower.yaml", 300_000_00, 200_000)


def refused(voucher, text):
    with pytest.raises(WestlakeError) as caught:
        read_reform(voucher, str(text))
    return [(problem.code, str(problem.place), dict(problem.values), problem.suggestion) for problem in caught.value.problems]


def test_what_is_neither_is_told_with_what_there_is(voucher, tmp_path):
    (tmp_path / "lower.yaml").write_text("{}\n", "utf-8")
    known = {"known": "official, article"}
    assert refused(voucher, "artcle") == [("W428", "", {"name": "artcle", **known}, "article")]
    assert refused(voucher, tmp_path / "lowr.yaml") == [
        ("W428", "", {"name": str(tmp_path / "lowr.yaml"), **known}, "lower.yaml")]
    assert refused(voucher, "nowhere/x.yaml") == [("W428", "", {"name": "nowhere/x.yaml", **known}, "")]


@pytest.mark.parametrize(("text", "told"), [
    ("render_voucher: {}\n", ("W427", "r.yaml", {"name": "cloud_voucher", "known": "render_voucher"}, "")),
    ("{}\n", ("W427", "r.yaml", {"name": "cloud_voucher", "known": "–"}, "")),
    ("cloud_voucher:\n  entities: []\n", ("W423", "r.yaml:2:3", {"name": "entities"}, ""))])
def test_a_file_that_says_nothing_of_the_programme_or_what_is_no_value(voucher, tmp_path, text, told):
    (tmp_path / "r.yaml").write_text(text, "utf-8")
    assert refused(voucher, tmp_path / "r.yaml") == [told]


def test_a_programme_that_the_city_does_not_have(voucher, tmp_path):
    (tmp_path / "r.yaml").write_text("clod_voucher: {}\n", "utf-8")
    ((code, place, _, suggestion),) = refused(voucher, tmp_path / "r.yaml")
    assert (code, place, suggestion) == ("W103", "r.yaml:1:1", "cloud_voucher")
