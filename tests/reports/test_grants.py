"""Awards are published as the standard has them, and a recovery never makes a negative grant."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import referencing
import referencing.jsonschema

from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.money import MONEY_MAX
from westlake.reports.grants import Disbursement, Grant, Organisation, write_grants

DATA = Path(__file__).parent / "data"
DAY = parse_day("2026-03-02")
OFFICE = Organisation("CN-USCI-11330100MB0001LAKE", "湖滨市创新服务局")
HERON = Organisation("CN-USCI-91330100MA2HERON01", "苍鹭机器人有限公司")
GRANT = Grant(
    "lakeside-LS-2026-0031", "Cloud voucher 2026: 苍鹭机器人", "Pays for computing of a small firm.", "CNY", 130_026, DAY,
    HERON, OFFICE, "cloud_voucher", "Cloud voucher", applied=200_000, starts=DAY, ends=DAY + 364,
    disbursements=(Disbursement("PAY-1", DAY + 20, 130_026), Disbursement("REC-1", DAY + 200, -30_000, "billed twice")))


def valid(raw):
    """By the standard's own schemas; the package's schema names the grant's by the address of a version before."""
    grant, package = (json.loads((DATA / f"360-giving-{name}schema.json").read_text("utf-8")) for name in ("", "package-"))
    resource = referencing.Resource.from_contents(grant, referencing.jsonschema.DRAFT202012)
    named = package["properties"]["grants"]["items"]["$ref"]
    registry = referencing.Registry().with_resources([(named, resource), (grant["$id"], resource)])
    formats = jsonschema.FormatChecker()
    formats.checks("date-time", ValueError)(lambda text: dt.datetime.fromisoformat(text).tzinfo is not None)
    validator = jsonschema.Draft202012Validator(package, registry=registry, format_checker=formats)
    return [error.message for error in validator.iter_errors(json.loads(raw))]


def told(*grants):
    with pytest.raises(WestlakeError) as refused:
        write_grants(grants, OFFICE, DAY)
    return [(problem.code, problem.place.row, problem.place.field) for problem in refused.value.problems]


def test_the_standard_takes_what_is_published():
    other = replace(GRANT, id="lakeside-LS-2026-0001", applied=None, starts=None, ends=None, disbursements=(), currency="KRW")
    assert valid(write_grants([GRANT, other], OFFICE, DAY + 250)) == []


def test_the_oracle_would_notice():
    raw = write_grants([GRANT], OFFICE, DAY).decode()
    assert valid(raw.replace('"amountAwarded": 1300.26', '"amountAwarded": "1300.26"')) != []
    assert valid(raw.replace('"awardDate"', '"awardedOn"')) != []
    assert valid(raw.replace("CNY", "RMB")) != []


def test_every_amount_to_the_fen():
    package = json.loads(write_grants([GRANT], OFFICE, DAY + 250), parse_float=Decimal)
    grant = package["grants"][0]
    amounts = [grant[name] for name in ("amountAppliedFor", "amountAwarded", "amountDisbursed")]
    assert amounts == [Decimal("2000.00"), Decimal("1300.26"), Decimal("1000.26")]
    assert [(one["transactionDate"], one["value"], one.get("description")) for one in grant["disbursementTransaction"]] == [
        ("2026-03-22", Decimal("1300.26"), None), ("2026-09-18", Decimal("-300.00"), "billed twice")]
    assert (grant["awardDate"], grant["plannedDates"]) == ("2026-03-02", [{"startDate": "2026-03-02", "endDate": "2027-03-01"}])
    assert (package["version"], package["publisher"]["identifier"]) == ("1.4", OFFICE.id)


def test_no_float_comes_near_a_large_sum():
    large = replace(GRANT, awarded=MONEY_MAX - 1, applied=None, disbursements=(Disbursement("P", DAY, MONEY_MAX - 1),))
    raw = write_grants([large], OFFICE, DAY).decode()
    assert raw.count(f"{(MONEY_MAX - 1) // 100}.99") == 3


def test_the_same_awards_are_the_same_bytes():
    other = replace(GRANT, id="a")
    assert write_grants([GRANT, other], OFFICE, DAY) == write_grants([other, GRANT], OFFICE, DAY)


@pytest.mark.parametrize(("wrong", "field"), [
    ({"id": "with blank"}, "id"), ({"title": "x" * 141}, "title"), ({"title": " "}, "title"), ({"description": ""}, "description"),
    ({"currency": "RMB"}, "currency"), ({"awarded": MONEY_MAX + 1}, "amountAwarded"), ({"applied": -1}, "amountAppliedFor"),
    ({"disbursements": (Disbursement("P", DAY, 130_027),)}, "amountDisbursed"),
    ({"disbursements": (Disbursement("P", DAY, -1),)}, "amountDisbursed"),
    ({"disbursements": (Disbursement("P", DAY, 5), Disbursement("P", DAY, 5))}, "disbursementTransaction.id"),
    ({"disbursements": (Disbursement("P", DAY - 1, 5),)}, "disbursementTransaction P"),
    ({"disbursements": (Disbursement("P", DAY, 0),)}, "disbursementTransaction P"),
    ({"recipient": Organisation("heron", "Heron")}, "recipientOrganization.id"),
    ({"funder": Organisation(OFFICE.id, " ")}, "fundingOrganization.name"),
    ({"ends": DAY - 1}, "plannedDates"),
])
def test_what_the_schema_would_let_pass_is_refused(wrong, field):
    assert set(told(replace(GRANT, id="b"), replace(GRANT, **wrong))) == {("W958", 2, field)}


def test_a_negative_grant_an_id_twice_and_nothing():
    assert told(replace(GRANT, awarded=-1, disbursements=())) == [("W958", 1, "amountAwarded")]
    assert told(GRANT, GRANT) == [("W958", 1, "id"), ("W958", 2, "id")]
    assert told() == [("W958", 0, "grants")]
