"""A spend policy is read with a place for every mistake, and asked once a kind of charge."""

import pytest

from westlake.bills import read_spend
from westlake.bills.entities import shipped
from westlake.bills.rulings import RULINGS, Kind, early_ruling, late_ruling
from westlake.errors import WestlakeError
from westlake.words import LANGUAGES, say

MINIMAL = "classes: [{class: compute, category: [Compute]}]\n"


def policy(tmp_path, text):
    path = tmp_path / "spend.yaml"
    path.write_text(text, "utf-8")
    return read_spend(path)


def kind(**said):
    plain = Kind(1, "Usage", None, "Compute", "Virtual Machines", "Elastic Compute", "AWS", "AWS",
                 "Amazon Web Services, Inc.", "cn-hangzhou", None, False, False, None, False, False)
    return plain._replace(**said)


@pytest.mark.parametrize(("text", "faults"), [
    ("basis: gross\n" + MINIMAL, [("W341", 1, 8)]), ("clases: []\n", [("W340", 1, 1), ("W104", 1, 1)]),
    ("classes: [{category: [Compute]}]\n", [("W104", 1, 11)]),
    ("classes: [{class: a, regoin: [x]}]\n", [("W340", 1, 22)]),
    (MINIMAL + "credits_without_usage: storage\n", [("W341", 2, 24)]),
    (MINIMAL + "fx: friday\nvat: maybe\n", [("W341", 2, 5), ("W341", 3, 6)]),
    (MINIMAL + "entities: {heron: {nmaes: [H]}}\n", [("W340", 2, 20)]), ("classes: [\n", [("W101", 2, 1)])])
def test_every_fault_has_its_line_and_column(tmp_path, text, faults):
    with pytest.raises(WestlakeError) as raised:
        policy(tmp_path, text)
    assert sorted((one.code, one.place.line, one.place.column) for one in raised.value.problems) == sorted(faults)
    assert {one.place.file for one in raised.value.problems} == {"spend.yaml"}


def test_the_first_class_that_fits_is_the_class(tmp_path):
    spend = policy(tmp_path, """
classes:
  - {class: domestic, provider: [alibaba-cloud], category: [Compute]}
  - {class: gpu, service: ["*gpu*"]}
  - {class: far, category: [Compute], region: ["us-*"], subcategory: [Virtual Machines]}
""")
    assert late_ruling(spend, kind(host="Aliyun")) == ("ELIGIBLE", "domestic")
    assert late_ruling(spend, kind(service="GPU Compute")) == ("ELIGIBLE", "gpu")
    assert late_ruling(spend, kind(region="us-west-2")) == ("ELIGIBLE", "far")
    assert late_ruling(spend, kind(region="us-west-2", service_subcategory=None)) == ("SERVICE", "")
    assert late_ruling(spend, kind()) == ("SERVICE", "")


def test_a_kind_is_ruled_out_in_the_order_of_the_rulings(tmp_path):
    spend = policy(tmp_path, MINIMAL + 'support: ["*support*"]\n')
    supported = kind(seller="Render Guild", service="Support", commitment_status="Unused")
    assert early_ruling(spend, supported._replace(category="Tax")) == "TAX"
    assert early_ruling(spend, supported._replace(category="Purchase", committed=True)) == "COMMITMENT_PURCHASE"
    assert early_ruling(spend, supported) == "UNUSED_COMMITMENT"
    assert early_ruling(spend, supported._replace(commitment_status=None)) == "MARKETPLACE"
    assert early_ruling(spend, kind(service="Support")) == "SUPPORT"
    assert early_ruling(spend, kind()) is None
    assert early_ruling(spend, kind(category="Purchase")) is None


def test_houses_have_many_names_and_a_name_unknown_is_a_house_of_its_own():
    houses = shipped()
    assert houses.of("AWS") == houses.of("amazon web  services, inc.") == "aws"
    assert houses.of("ＡＷＳ") == "aws"
    assert houses.of("Render Guild") == houses.of("RENDER GUILD") == "render guild"
    assert houses.of(None) == ""
    assert not houses.is_marketplace("AWS", "Amazon Web Services EMEA SARL")
    assert not houses.is_marketplace(None, "AWS")
    assert houses.is_marketplace("Red Hat Inc.", "Amazon Web Services, Inc.")


def test_a_policy_has_a_fingerprint_of_all_it_says(tmp_path):
    texts = [MINIMAL, MINIMAL + "basis: effective\n", MINIMAL + "vat: included\n", MINIMAL + 'regions: ["x"]\n',
             MINIMAL + "entities: {heron: {names: [Heron]}}\n", MINIMAL.replace("[Compute]", "[Storage]")]
    assert len({policy(tmp_path, text).digest() for text in texts}) == len(texts)


@pytest.mark.parametrize("ruling", RULINGS)
def test_every_ruling_has_words(ruling):
    assert all(say(f"bills.rulings.{ruling}", lang) for lang in LANGUAGES)
