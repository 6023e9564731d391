"""Planted fraud against what an office sees of it: counts held against the labels, counted here another way."""

import csv
import math
from collections import Counter
from fractions import Fraction

import pytest
from bench.fraud import SEEN_BY, Share, city, measure, seen

from westlake.bills.generator import generate_firms, write_labels
from westlake.bills.generator.fraud import KINDS, WAYS
from westlake.dates import day_number

MONTHS = [day_number(2025, month, 1) for month in (8, 9, 10)]
# What leaves its trace, whatever the bill; what never does; the rest hangs on the bill (rows of tax, number of rows).
PLAIN = {("same_invoice", "as_is"): "DUPLICATE_INVOICE", ("edited_amount", "against_total"): "NOT_TIED",
         ("edited_amount", "after_issue"): "TAMPER", ("coupons_as_cash", "against_total"): "NOT_TIED",
         ("refund_after_claim", "shown"): "MONEY_BACK", ("claim_before_payment", "unpaid"): "NOT_PAID",
         ("claim_before_payment", "no_proof"): "UNPROVEN", ("off_region", "shown"): "REGION",
         ("off_region", "blank"): "NO_REGION", ("related_seller", "declared"): "RELATED_PARTY"}
HIDDEN = {("same_invoice", "reworked"), ("edited_amount", "with_tax"), ("refund_after_claim", "hidden"),
          ("cap_splitting", "own_bills"), ("claim_before_payment", "forged_proof"), ("off_region", "relabelled"),
          ("related_seller", "undeclared")}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A small city in which a third of the months are fraudulent and a quarter odd: its labels as read back, and more."""
    folder = tmp_path_factory.mktemp("town")
    made, found = city(folder, generate_firms(130, 7), MONTHS, 7, lines_mean=12, fraud_share=0.35, innocent_share=0.25)
    write_labels(folder / "labels.csv", made.labels)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file, found:
        labels = list(csv.DictReader(file))
        yield made, found, labels, seen(found)


def test_every_kind_and_way_is_planted_beside_look_alikes(town):
    _, _, labels, _ = town
    ways = {(one["kind"], one["way"]) for one in labels if one["fraud"] == "yes"}
    assert ways >= {(kind, way) for kind, listed in WAYS.items() for way in listed}
    assert {one["kind"] for one in labels if one["fraud"] == "no"} >= {"reinvoiced", "slip_of_the_pen", "incubator"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_leaves_a_trace_is_seen_and_what_leaves_none_is_not(town, kind):
    made, _, labels, told = town
    mine = [one for one in labels if (one["kind"], one["fraud"]) == (kind, "yes")]
    missed = [(one["way"], one["invoice"]) for one in mine if (way := (kind, one["way"])) in PLAIN
              and one["invoice"] not in told[PLAIN[way]]]
    assert missed == []
    assert [one["invoice"] for one in mine if (kind, one["way"]) in HIDDEN and _signals(one, told, kind)] == []
    counted = sum(bool(_signals(one, told, kind)) for one in mine)
    assert measure(made.labels, told, [kind]).recall == Share(counted, len(mine))


def _signals(one, told, kind):
    """The signals of a kind that point at a label's invoice or at another of the same story."""
    return [name for name in SEEN_BY[kind] if told.get(name, set()) & {one["invoice"], *one["beside"].split()}]


def test_precision_counts_what_is_pointed_at_and_is_no_fraud(town):
    made, _, labels, told = town
    pointed = sorted({invoice for names in SEEN_BY.values() for name in names for invoice in told.get(name, set())})
    story = {invoice: one["fraud"] for one in sorted(labels, key=lambda one: one["fraud"])
             for invoice in (one["invoice"], *one["beside"].split())}
    right = Counter(story.get(invoice, "neither") for invoice in pointed)
    assert measure(made.labels, told, SEEN_BY).precision == Share(right["yes"], len(pointed))
    assert right["no"] > 20  # look-alikes are pointed at too: precision is not 1 by construction


def test_nothing_that_waits_counts(town):
    _, found, labels, _ = town
    held = {(firm, one.invoice) for one in found.suspensions() for firm in one.firms}
    assert held
    assert held.isdisjoint({(line.firm, line.invoice) for line in found})
    assert {one["invoice"] for one in labels if one["way"] in ("as_is", "against_total", "after_issue")} <= {
        invoice for _, invoice in held}


def test_honest_corrections_pass_unflagged(town):
    _, _, labels, told = town
    quiet = {one["invoice"] for one in labels if one["kind"] in ("reinvoiced", "small_refund", "honest_coupon")}
    assert quiet
    assert {name for name, invoices in told.items() if invoices & quiet} == set()


@pytest.mark.parametrize(("part", "whole"), [(0, 10), (1, 1), (5, 10), (9, 12), (970, 1000)])
def test_the_interval_is_wilsons(part, whole):
    """Its ends are where the share lies 1.96 standard errors, reckoned at the end itself, from what was found."""
    low, high = Share(part, whole).interval()
    for end in (low, high):
        gap = abs(float(Fraction(part, whole)) - end)
        assert math.isclose(gap, 1.959963984540054 * math.sqrt(end * (1 - end) / whole), abs_tol=1e-9)
    assert 0 <= low <= part / whole <= high <= 1


def test_nothing_of_nothing_may_be_anything():
    assert Share(0, 0).interval() == (0.0, 1.0)
