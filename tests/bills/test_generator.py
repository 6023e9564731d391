"""Invented bills: the same for a seed, any slice alone, what is planted included."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from tests.bills.office import Office

from westlake import bills
from westlake.bills import FxTable, Parcel, read_manifest
from westlake.bills.amounts import units_of
from westlake.bills.generator import FirmProfile, firm_month, generate, generate_firms, write_labels
from westlake.bills.generator.firms import SIZES, growth
from westlake.bills.generator.forms import lines as form_lines
from westlake.bills.generator.usage import UNIT
from westlake.dates import Period, day_number

COST = {"aws-cur": "lineItem/UnblendedCost", "aws-cur-2": "line_item_unblended_cost"}
JULY, AUGUST = day_number(2025, 7, 1), day_number(2025, 8, 1)
CITY = {"seed": 7, "lines_mean": 8, "fraud_share": 0.05}
SPEND = """
classes:
  - {class: domestic, provider: [alibaba-cloud, tencent-cloud, huawei-cloud], category: [Compute, Storage, Databases]}
  - {class: other, category: [Compute, Storage, Databases]}
support: ["*Support*"]
adjustments: ["*rounding*"]
regions: ["cn-*", "ap-*", "us-*", "eu-*", "west*", "east*"]
"""


def test_a_firm_is_the_same_in_a_small_city_and_a_large_one():
    small, large = generate_firms(5, seed=3), generate_firms(60, seed=3)
    assert large[:5] == small
    assert generate_firms(5, seed=4) != small
    assert len({one.id for one in large}) == 60
    assert len({account.id for one in large for account in one.accounts}) == sum(len(one.accounts) for one in large)
    assert {lang for one in large for lang in one.name} == {"en", "ko", "zh"}


def test_a_month_can_be_made_alone_and_twice():
    firms = generate_firms(30, seed=3)
    whole = {(one.id, month): firm_month(one, month, 3) for one in firms for month in (JULY, AUGUST)}
    assert firm_month(firms[17], AUGUST, 3) == whole[firms[17].id, AUGUST]
    assert firm_month(firms[17], AUGUST, 4) != whole[firms[17].id, AUGUST]


def test_growth_is_one_path_however_far_it_is_asked_for():
    one = generate_firms(1, seed=3)[0]
    assert growth(one, 3, 30)[:12].tolist() == growth(one, 3, 12).tolist()


def test_firms_are_mostly_small_and_spend_by_size():
    firms = generate_firms(1200, seed=9)
    counts = Counter(one.size for one in firms)
    shares = [counts[size] / len(firms) for size in SIZES]
    assert all(abs(share - wanted) < 0.04 for share, wanted in zip(shares, (0.55, 0.30, 0.11, 0.04), strict=True))
    spend = defaultdict(list)
    for one in firms:
        spend[one.size].append(one.spend_yuan)
    medians = [sorted(spend[size])[len(spend[size]) // 2] for size in SIZES]
    assert medians == sorted(medians)
    assert all(isinstance(one, FirmProfile) and one.accounts for one in firms)


def test_a_bills_rows_add_up_to_its_total_in_every_format():
    bills_made = [bill for one in generate_firms(40, seed=5) for bill in firm_month(one, JULY, 5)]
    for bill in bills_made[:40]:
        summed = sum(charge.billed for charge in bill.charges)
        assert abs(summed - bill.total * UNIT // 100) <= UNIT // 200
    for form in ("focus-1.0", "focus-1.1", "focus-1.2", "focus-1.3", "focus-1.4", "aws-cur", "aws-cur-2"):
        read = list(csv.DictReader(form_lines(bills_made, form), strict=True))
        assert all(None not in line and None not in line.values() for line in read)
        summed = sum(units_of(format(Decimal(line[COST.get(form, "BilledCost")]), "f")) for line in read)
        assert summed == sum(charge.billed for bill in bills_made for charge in bill.charges) * 10**8


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A small city's two months, taken in, with more fraud than any real city has."""
    folder = tmp_path_factory.mktemp("city")
    made = generate(folder / "bills", generate_firms(250, seed=7), [JULY, AUGUST], **CITY)
    (folder / "office").mkdir()
    office = Office(folder / "office")
    office.accounts, office.related, office.rates = made.accounts, made.related, made.rates
    parcels = [Parcel([one.file], read_manifest(one.manifest), one.received_day, one.uploader) for one in made.sent]
    return office, made, bills.intake_all(office.connection, office.folder, parcels)


def test_the_same_seed_writes_the_same_bytes(city, tmp_path):
    _, made, _ = city
    again = generate(tmp_path, generate_firms(250, seed=7), [JULY, AUGUST], **CITY)
    assert [(one.file.name, one.uploader, one.received_day, one.file.read_bytes()) for one in again.sent] == \
        [(one.file.name, one.uploader, one.received_day, one.file.read_bytes()) for one in made.sent]
    assert again.labels == made.labels


def test_a_slice_of_firms_and_months_has_what_the_whole_has(city, tmp_path):
    """What a firm does in a month hangs on seed, firm and month alone."""
    _, made, _ = city
    part = generate_firms(250, seed=7)[40:90]
    alone = generate(tmp_path, part, [AUGUST], **CITY)
    ids = {one.id for one in part}
    assert alone.labels == [label for label in made.labels if label.month == AUGUST and _planter(label) in ids]
    own = {one.file.name: one.file.read_bytes() for one in made.sent}
    sent = [one for one in alone.sent if one.uploader.startswith("F")]
    assert sent
    assert all(own[one.file.name] == one.file.read_bytes() for one in sent)


def _planter(label):
    """Whose bill it was: a copy is labelled with the firm that brings it, its number tells whose it is."""
    return f"F{label.invoice.split('-')[1][:5]}"


def test_labels_stand_in_a_file_of_their_own(city, tmp_path):
    _, made, _ = city
    write_labels(tmp_path / "labels.csv", made.labels)
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [(one["firm"], one["invoice"], one["kind"], one["fraud"], units_of(one["amount"])) for one in read] == [
        (one.firm, one.invoice, one.kind, "yes" if one.fraud else "no", one.amount * 10**16) for one in made.labels]
    assert {one["month"] for one in read} == {"2025-07", "2025-08"}
    assert all(one.amount > 0 for one in made.labels if one.fraud)


def test_every_bill_is_read_and_only_cut_ones_are_refused(city):
    _, _, taken = city
    assert {one.name.split(".")[1] for one in taken if one.state == "refused"} <= {"2-cut"}
    assert sum(one.quarantined for one in taken) == 0
    assert {one.format for one in taken} >= {"focus-1.1", "focus-1.2", "focus-1.3", "focus-1.4", "aws-cur-2"}


def test_the_whole_city_adds_up(city):
    office, _, taken = city
    with bills.base_lines(office.connection, office.folder, office.policy(SPEND), office.accounts, office.related,
                          FxTable(office.rates), Period.year(2025), "Asia/Shanghai", "CNY") as found:
        ruled = found.rulings()
        lines = found.rows()
    assert sum(one.rows for one in ruled.values()) == sum(
        {one.reading: one.rows for one in taken if one.state == "taken"}.values())
    spread = sum(one.base18 for one in lines) - sum(ruled["ELIGIBLE"].amounts.values())
    assert spread <= 0  # credits only lower the base
