"""The base of generated bills against a second reckoning, written with fractions, row by row."""

import random
from collections import defaultdict
from fractions import Fraction

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bills.office import SPEND, Office, row

from westlake import bills
from westlake.bills import FxRate, FxTable, Manifest
from westlake.dates import Period, day_of_month, parse_day
from westlake.register.spans import AccountSpan

DAYS = ("2025-06-30T15:59:59Z", "2025-06-30T16:00:00Z", "2025-07-10T00:00:00Z", "2025-07-20T00:00:00Z",
        "2025-12-31T17:00:00Z")
SPLIT_DAY, MOVE_DAY = parse_day("2025-07-15"), parse_day("2025-07-18")
SERVICES = (("Compute", "Virtual Machine"), ("Storage", "Disk"), ("Networking", "Line"), ("Other", ""))
RATES = {"CNY": Fraction(1), "USD": Fraction("7.1494")}

rows = st.lists(st.builds(
    lambda account, invoice, day, service, category, amount, currency: {
        "BillingAccountId": account, "InvoiceId": f"INV-{account}-{invoice}-{currency}", "ChargePeriodStart": day,
        "ServiceCategory": service[0], "ServiceName": service[1], "ChargeCategory": category, "BilledCost": amount,
        "EffectiveCost": amount, "BillingCurrency": currency},
    st.sampled_from(["A-1", "A-2", "A-9"]), st.sampled_from("12"), st.sampled_from(DAYS), st.sampled_from(SERVICES),
    st.sampled_from(["Usage", "Usage", "Usage", "Credit", "Tax"]),
    st.sampled_from(["1.00", "0", "0.333333333333333333", "-0.25", "1.7E-7", "1234.5678", "0.0000005"]),
    st.sampled_from(["CNY", "USD"])), min_size=1, max_size=14)


def city_day(instant):
    day, hour = parse_day(instant[:10]), int(instant[11:13])
    return day + (1 if hour >= 16 else 0)


def owner(told):
    if told["BillingAccountId"] == "A-2":
        return "lotus" if city_day(told["ChargePeriodStart"]) < MOVE_DAY else "reed"
    return {"A-1": "reed"}.get(told["BillingAccountId"])


def key_of(told, spend_class):
    day = city_day(told["ChargePeriodStart"])
    month = day - day_of_month(day) + 1
    piece = SPLIT_DAY if month <= SPLIT_DAY <= day else month
    return month, piece, told["InvoiceId"], spend_class, told["BillingCurrency"], owner(told)


def half_up(value, digits):
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return whole if value >= 0 else -whole


def expected(told_rows, vat):
    """{line key: (rows, base18, base10, local6)} of 2025, by hand."""
    found = defaultdict(lambda: [0, Fraction(0)])
    loose = defaultdict(Fraction)
    usage = defaultdict(lambda: defaultdict(Fraction))
    for told in told_rows:
        amount, category = Fraction(told["BilledCost"]), told["ChargeCategory"]
        spend_class = {"Compute": "compute", "Storage": "storage"}.get(told["ServiceCategory"], "")
        inside = city_day(told["ChargePeriodStart"]) < parse_day("2026-01-01")
        firm = owner(told)
        if firm is None or category == "Tax":
            continue
        invoice = (told["InvoiceId"], firm)
        if category == "Credit" and not told["ServiceName"]:
            loose[invoice] += amount
            continue
        if category == "Usage" and amount > 0:
            usage[invoice][key_of(told, spend_class if inside else "")] += amount
        if spend_class and inside:
            line = found[key_of(told, spend_class)]
            line[0] += 1
            line[1] += amount
    for invoice, total in loose.items():
        spread(found, usage[invoice], total, invoice, told_rows)
    return {key: (count, base * 10**18, half_up(base / (1 + vat), 10),
                  half_up(Fraction(half_up(base / (1 + vat), 10), 10**10) * RATES[key[4]], 6))
            for key, (count, base) in found.items()}


def spread(found, weights, total, invoice, told_rows):
    """Largest remainder in units of 1e-18, cells in the order of month, piece and class."""
    if not weights:
        first = min((key_of(told, "compute") for told in told_rows
                     if (told["InvoiceId"], owner(told)) == invoice and told["ChargeCategory"] == "Credit"
                     and not told["ServiceName"]), key=lambda key: key[:2])
        counts = any(city_day(told["ChargePeriodStart"]) < parse_day("2026-01-01") for told in told_rows
                     if (told["InvoiceId"], owner(told)) == invoice and told["ChargeCategory"] == "Credit"
                     and not told["ServiceName"])
        if counts and total:
            found[first][1] += total
        return
    cells = sorted(weights, key=lambda key: (key[0], key[1], key[3]))
    whole, size = sum(weights.values()), abs(total) * 10**18
    quotas = [size * weights[cell] / whole for cell in cells]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    for place in sorted(range(len(cells)), key=lambda at: (parts[at] - quotas[at], at))[:int(size) - sum(parts)]:
        parts[place] += 1
    for cell, part in zip(cells, parts, strict=True):
        if cell[3] and part:
            found[cell][1] += Fraction(part if total > 0 else -part, 10**18)


def taken(found):
    return {(one.month, one.segment_day, one.invoice, one.spend_class, one.currency, one.firm):
            (one.rows, one.base18, one.base10, one.local6) for one in found}


def office_of(folder):
    office = Office(folder)
    office.accounts = [AccountSpan("Heron Cloud", "A-1", "reed", 0),
                       AccountSpan("Heron Cloud", "A-2", "lotus", 0, MOVE_DAY - 1),
                       AccountSpan("Heron Cloud, Inc.", "A-2", "reed", MOVE_DAY)]
    office.rates = [FxRate("USD", parse_day("2025-01-01"), "7.1494")]
    return office


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=rows, vat=st.sampled_from([0, 60_000, 130_000]), seed=st.integers(0, 2**16))
def test_lines_are_what_a_second_reckoning_finds(tmp_path_factory, told, vat, seed):
    office = office_of(tmp_path_factory.mktemp("lake"))
    random.Random(seed).shuffle(told)
    office.send([row(**one) for one in told], manifest=Manifest(final=True, paid=True, vat_inside_ppm=vat))
    with office.lines(segment_days=[SPLIT_DAY], threads=1) as found:
        assert taken(found) == expected(told, Fraction(vat, 10**6))
        assert sum(summed.rows for summed in found.rulings().values()) == len(told)


def many(count=400, seed=11):
    dice = random.Random(seed)
    return [row(f"{dice.randint(-200, 9999)}E-{dice.randint(0, 9)}", InvoiceId=f"INV-{dice.randint(1, 9)}",
                ChargePeriodStart=f"2025-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}T"
                                  f"{dice.randint(0, 23):02d}:00:00Z",
                ServiceCategory=dice.choice(["Compute", "Storage", "Networking", "Other"]),
                ServiceName=dice.choice(["Virtual Machine", "Disk", ""]), ResourceId=f"vm-{dice.randint(1, 60)}",
                ChargeCategory=dice.choice(["Usage"] * 8 + ["Credit"])) for _ in range(count)]


def every(office, **asked):
    with office.lines(**asked) as found:
        return found.rows(), found.rulings()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_lines_are_the_same_for_any_order_of_rows_file_and_threads(office, tmp_path, suffix):
    rows = many()
    office.send(rows)
    lines, ruled = every(office, threads=1)
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other")
    shuffled = random.Random(5).sample(rows, len(rows))
    # two files of whole invoices, in another order, as other files
    halves = [[one for one in shuffled if (one["InvoiceId"] < "INV-5") is first] for first in (False, True)]
    for number, half in enumerate(halves):
        other.send(half, name=f"half-{number}{suffix}")
    assert every(other, threads=2) == (lines, ruled)
    assert sum(one.rows for one in lines) == ruled["ELIGIBLE"].rows


def test_columns_tell_the_same_as_rows(office):
    office.send(many())
    with office.lines() as found:
        columns, names = found.columns()
        lines = found.rows()
        few, none = found.columns(("local6",))
        assert len(found) == len(lines)
    for text in ("firm", "issuer", "invoice", "spend_class", "currency"):
        assert [names[text][code] for code in columns[text]] == [getattr(one, text) for one in lines]
    for number in ("month", "segment_day", "rows", "local6"):
        assert columns[number].tolist() == [getattr(one, number) for one in lines]
    assert (columns["local6"].dtype, columns["rows"].dtype, columns["firm"].dtype) == (np.int64, np.int64, np.int32)
    assert (list(few), none, few["local6"].tolist()) == (["local6"], {}, columns["local6"].tolist())


def test_any_day_of_the_past_can_be_seen_again(office):
    office.send([row("1.00")], day="2025-08-05")
    office.send([row("2.00", InvoiceId="INV-2")], day="2025-09-05")
    past = office.bases(as_of="2025-08-31")
    office.send([row("4.00", InvoiceId="INV-3")], day="2025-10-05")
    assert office.bases(as_of="2025-08-31") == past == [("reed", "INV-1", "compute", "2025-07", "1")]
    assert len(office.bases()) == 3


def test_no_bills_no_lines(office):
    with office.lines() as found:
        assert (found.rows(), found.rulings(), found.ties(), found.suspensions(), found.flags()) == ([], {}, [], (), ())
        assert found.columns()[0]["local6"].tolist() == []


def test_a_related_seller_counts_for_nothing_while_the_relation_lasts(office):
    office.relate("reed", "Heron Cloud, Inc.", "2025-07-01", "2025-07-15")
    office.send([row("1.00", ChargePeriodStart="2025-07-15T15:00:00Z"),
                 row("2.00", ChargePeriodStart="2025-07-15T16:00:00Z"),
                 row("4.00", BillingAccountId="A-2", InvoiceId="INV-2")])
    assert office.rulings() == {"ELIGIBLE": 2, "RELATED_PARTY": 1}
    assert [(one[0], one[4]) for one in office.bases()] == [("reed", "2"), ("lotus", "4")]


def test_an_account_with_two_owners_on_one_day_is_an_error(office):
    office.accounts.append(AccountSpan("Heron Cloud", "A-1", "lotus", 100))
    with pytest.raises(Exception, match='W352 account "A-1" belongs to reed and to lotus'):
        office.bases()


def test_a_sub_account_belongs_to_its_own_firm(office):
    office.accounts.append(AccountSpan("Heron Cloud", "S-1", "lotus", 0))
    office.send([row("1.00"), row("2.00", SubAccountId="S-1"), row("4.00", SubAccountId="S-9")])
    assert [(one[0], one[4]) for one in office.bases()] == [("lotus", "2"), ("reed", "5")]


def test_support_regions_services_and_adjustments_are_ruled_by_the_policy(office):
    here = SPEND + 'regions: ["lake-*"]\n'
    office.send([row("1.00"), row("1.00", ServiceName="Gold Support"), row("1.00", RegionId="sea-9"),
                 row("1.00", ServiceCategory="Web"), row("1.00", ChargeCategory="Adjustment"),
                 row("0.01", ChargeCategory="Adjustment", ChargeDescription="Invoice Rounding"),
                 row("-0.30", ChargeCategory="Adjustment", ChargeDescription="goodwill"),
                 row("1.00", BillingAccountId="A-7", InvoiceId="INV-7")])
    assert office.rulings(spend=here) == {
        "ADJUSTMENT": 1, "ELIGIBLE": 3, "FIRM_NOT_ENROLLED": 1, "REGION": 1, "SERVICE": 1, "SUPPORT": 1}
    assert office.bases(spend=here) == [("reed", "INV-1", "compute", "2025-07", "0.71")]


EFFECTIVE = SPEND.replace("basis: billed", "basis: effective")


def test_a_bill_without_effective_costs_waits_when_they_are_what_counts(office):
    office.send([row("1.00"), row("2.00", EffectiveCost=""), row("4.00", InvoiceId="INV-2", EffectiveCost="3.00")])
    with office.lines(spend=EFFECTIVE) as found:
        assert [(one.ruling, one.invoice, one.problem.code, one.firms) for one in found.suspensions()] == [
            ("NO_EFFECTIVE_COST", "INV-1", "W327", ("reed",))]
    assert office.rulings(spend=EFFECTIVE) == {"ELIGIBLE": 2, "NO_EFFECTIVE_COST": 1}
    assert len(office.bases()) == 2


def test_more_used_of_a_commitment_than_was_billed_for_it_is_flagged(office):
    used = {"CommitmentDiscountId": "ri-1", "CommitmentDiscountStatus": "Used"}
    office.send([row("50.00", EffectiveCost="0", ChargeCategory="Purchase", CommitmentDiscountId="ri-1"),
                 row("0", EffectiveCost="40.00", **used), row("0", EffectiveCost="10.01", **used)])
    with office.lines(spend=EFFECTIVE) as found:
        [flag] = found.flags()
    assert (flag.ruling, flag.holds, flag.problem.code) == ("OVERDRAWN", False, "W329")
    assert flag.problem.values["used"].startswith("50.01") and flag.problem.values["bought"].startswith("50.00")
    with office.lines() as found:
        assert found.flags() == ()


def test_the_rows_of_one_firm_under_another_number_at_another_are_flagged(office):
    rows = [row(f"{number}.25", ResourceId=f"vm-{number}") for number in range(6)]
    office.send(rows)
    office.send([{**one, "BillingAccountId": "A-2", "InvoiceId": "INV-9"} for one in rows])
    office.send([{**one, "BillingAccountId": "A-2", "InvoiceId": "INV-8", "BilledCost": "3"} for one in rows[:4]])
    with office.lines() as found:
        assert [(flag.ruling, flag.invoice, flag.problem.values["other"]) for flag in found.flags()] == [
            ("COPIED", "INV-1", "INV-9"), ("COPIED", "INV-9", "INV-1")]
        assert found.suspensions() == ()


def test_every_row_can_be_written_down_with_its_ruling(office, tmp_path):
    sent = office.send([row("1.00"), row("soon"), row("3.00", ServiceCategory="Web", InvoiceId="INV-2"),
                        row("0.5", BillingAccountId="A-7", InvoiceId="INV-3"), row("2.00", InvoiceId="INV-2")])
    with office.lines() as found:
        [path] = found.write_rulings(tmp_path / "rulings")
    with duckdb.connect() as sql:
        told = sql.execute(f"SELECT row, ruling, firm, spend_class FROM '{path}' ORDER BY row").fetchall()
        [(name, sha)] = sql.execute(f"SELECT DISTINCT file, file_sha FROM '{path}'").fetchall()
    assert (name, sha) == (sent.name, sent.file_sha)
    assert told == [(1, "UNREADABLE", "reed", None), (2, "QUARANTINE", None, None), (3, "SERVICE", "reed", None),
                    (4, "FIRM_NOT_ENROLLED", None, None), (5, "ELIGIBLE", "reed", "compute")]


def test_a_city_that_counts_in_won_has_lines_in_ten_thousandths_of_a_won(office):
    office.rates = [FxRate("USD", parse_day("2025-07-01"), "1400.12345678", "bank")]
    office.send([row("10.00", BillingCurrency="USD"), row("3.00", BillingCurrency="KRW")])
    with bills.base_lines(office.connection, office.folder, office.policy(), office.accounts, [], FxTable(office.rates),
                          Period.year(2025), "Asia/Seoul", "KRW") as found:
        assert [(one.currency, one.local6, one.fx_rate) for one in found] == [
            ("KRW", 30_000, 10**8), ("USD", 140_012_346, 140_012_345_678)]
        assert [share.share for line in found for share in bills.audit(found, line)] == [3, 14_001]
