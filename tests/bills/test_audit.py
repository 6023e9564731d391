"""From fen to row: every line opens into the rows behind it, and their shares add up to the last fen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bills.office import row
from tests.bills.test_lines import many

from westlake import bills
from westlake.bills import Manifest
from westlake.bills.audit import largest_remainder
from westlake.errors import WestlakeError


def shares(found, line, amount=None):
    return [(one.row, one.units, one.share) for one in bills.audit(found, line, amount)]


def test_rows_share_a_line_by_largest_remainder_and_ties_go_to_the_earlier_row(office):
    office.send([row("0.335"), row("0.335"), row("0.335"), row("-0.005"), row("0")])
    with office.lines() as found:
        [line] = found
        unit = 10**15
        assert shares(found, line) == [
            (1, 335 * unit, 34), (2, 335 * unit, 34), (3, 335 * unit, 33), (4, -5 * unit, -1), (5, 0, 0)]
        assert [share for *_, share in shares(found, line, 7)] == [3, 2, 2, 0, 0]


def test_a_spread_credit_shows_with_the_part_that_fell_on_the_line(office):
    credit = {"ChargeCategory": "Credit", "ServiceName": "", "ServiceCategory": ""}
    office.send([row("60.00"), row("40.00", ServiceCategory="Networking"), row("-6.00", **credit),
                 row("-4.00", **credit)])
    with office.lines() as found:
        [line] = found
        rows = bills.audit(found, line)
    assert [(one.row, one.category, one.units) for one in rows] == [
        (1, "Usage", 60 * 10**18), (3, "Credit", -36 * 10**17), (4, "Credit", -24 * 10**17)]
    assert [one.share for one in rows] == [6000, -360, -240]
    assert rows[0].file == "bill-1.csv" and len(rows[0].file_sha) == 64


@pytest.mark.slow
def test_every_line_of_a_large_bill_opens_and_adds_up(office):
    office.send(many(), manifest=Manifest(final=True, paid=True, vat_inside_ppm=60_000))
    with office.lines() as found:
        for line in found:
            rows = bills.audit(found, line)
            assert sum(one.units for one in rows) == line.base18
            fen = (2 * abs(line.local6) + 10_000) // 20_000
            assert sum(one.share for one in rows) == (fen if line.local6 >= 0 else -fen)
            if line.base18:
                assert sum(one.share for one in bills.audit(found, line, 98_765)) == 98_765


def test_changed_evidence_is_noticed(office):
    first = office.send([row("1.00"), row("2.00")])
    second = office.send([row("1.00", InvoiceId="INV-2"), row("2.50", InvoiceId="INV-2")])
    with office.lines() as found:
        line = next(iter(found))
        (office.folder / first.reading).rename(office.folder / "aside")
        (office.folder / second.reading).rename(office.folder / first.reading)
        with pytest.raises(WestlakeError, match="W355"):
            bills.audit(found, line)


def test_a_line_of_nothing_has_no_shares_in_an_amount(office):
    office.send([row("5.00"), row("-5.00")])
    with office.lines() as found:
        [line] = found
        assert [share for *_, share in shares(found, line)] == [500, -500]
        with pytest.raises(ValueError, match="no shares"):
            bills.audit(found, line, 1)


@given(st.lists(st.fractions(-50, 50, max_denominator=97), min_size=1, max_size=9))
def test_parts_are_their_quotas_rounded_and_add_up(quotas):
    total = sum(quotas, Fraction(0))
    near = round(total)
    if not 0 <= near - sum(quota.numerator // quota.denominator for quota in quotas) <= len(quotas):
        return
    parts = largest_remainder(near, quotas)
    assert sum(parts) == near
    assert all(abs(part - quota) <= 1 for part, quota in zip(parts, quotas, strict=True))

