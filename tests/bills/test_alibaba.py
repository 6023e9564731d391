"""Alibaba Cloud's bill details, as its documentation describes them: only cash counts, and all else is told apart.

The bills are written here field by field from the documentation's tables, not from the mapping: every field that
DescribeInstanceBill returns, and the console's Chinese headings. No real file was at hand.
"""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.bills.office import yuan

from westlake.bills import DeclaredFile, DeclaredInvoice, Manifest
from westlake.bills.amounts import units_of
from westlake.bills.mapping import FOLDER
from westlake.dates import day_number
from westlake.register.spans import AccountSpan

JULY = Manifest(final=True, paid=True, invoice_by=("issuer", "account", "billing_period"))
INVOICE = "Alibaba Cloud/1850001/2025-07"
# The console's heading of each field, where it has one; field and heading as the documentation pairs them.
HEADINGS = {
    "BillingCycle": "账期", "CostUnit": "财务单元", "BillAccountID": "账号ID", "BillAccountName": "账号", "OwnerID": "Owner账号ID",
    "ProductCode": "产品Code", "ProductName": "产品", "CommodityCode": "产品明细Code", "ProductDetail": "产品明细",
    "BizType": "业务类型", "SubscriptionType": "消费类型", "ServicePeriod": "服务时长", "ServicePeriodUnit": "时长单位",
    "Item": "账单类型", "BillingType": "计费方式", "InstanceID": "实例ID", "NickName": "实例昵称", "ResourceGroup": "资源组",
    "Tag": "实例标签", "InstanceConfig": "实例配置", "InstanceSpec": "实例规格", "InternetIP": "公网IP", "IntranetIP": "私网IP",
    "Region": "地域", "Zone": "可用区", "DeductedByResourcePackage": "资源包抵扣", "PretaxGrossAmount": "官网价",
    "InvoiceDiscount": "优惠金额", "DeductedByCoupons": "优惠券抵扣", "PretaxAmount": "应付金额", "PaymentAmount": "现金支付",
    "DeductedByCashCoupons": "代金券抵扣", "DeductedByPrepaidCard": "储值卡支付金额", "OutstandingAmount": "欠费金额",
    "Currency": "币种", "AdjustAmount": "信用额度退款抵扣"}
WORDS = {"PayAsYouGoBill": "后付费账单", "SubscriptionOrder": "预付费订单", "Refund": "退款", "Adjustment": "调账",
         "PayAsYouGo": "后付费", "Subscription": "预付费"}


def item(gross, kind="PayAsYouGoBill", off="0", coupon="0", voucher="0", card="0", owed="0", **said):
    """One item as DescribeInstanceBill returns it; amounts follow from the list price and what was deducted."""
    payable = Decimal(gross) - Decimal(off) - Decimal(coupon)
    cash = payable - Decimal(voucher) - Decimal(card) - Decimal(owed)
    subscribed = kind == "SubscriptionOrder"
    told = {
        "BillingCycle": "2025-07", "CostUnit": "未分配\t", "BillAccountID": "1850001\t", "BillAccountName": "reed@lake.test",
        "OwnerID": "1850001", "ProductCode": "ecs", "ProductName": "云服务器 ECS\t", "CommodityCode": "ecs",
        "ProductDetail": "云服务器 ECS", "ProductType": "ecs", "BizType": "", "SubscriptionType":
        "Subscription" if subscribed else "PayAsYouGo", "ServicePeriod": "1" if subscribed else "3600",
        "ServicePeriodUnit": "年" if subscribed else "秒", "Item": kind, "BillingType": "其它", "InstanceID": "i-reed1",
        "NickName": "test", "ResourceGroup": "默认资源组\t", "Tag": "", "InstanceConfig": "CPU：12",
        "InstanceSpec": "ecs.sn1ne.3xlarge\t", "InternetIP": "34.0.2.1\t", "IntranetIP": "192.0.2.1",
        "Region": "华东1（杭州）", "Zone": "杭州1", "DeductedByResourcePackage": "0", "PretaxGrossAmount": gross,
        "InvoiceDiscount": off, "DeductedByCoupons": coupon, "PretaxAmount": str(payable), "PaymentAmount": str(cash),
        "DeductedByCashCoupons": voucher, "DeductedByPrepaidCard": card, "OutstandingAmount": owed, "Currency": "CNY",
        "AdjustAmount": "0", "CashAmount": str(cash)}
    return {**told, **said}


def in_chinese(rows):
    return [{heading: WORDS.get(row[field], row[field]) for field, heading in HEADINGS.items()} for row in rows]


def send(office, rows, manifest=JULY, **asked):
    return office.send(rows, manifest=manifest, headings=tuple(rows[0]), **asked)


BILL = [item("120.00", off="20.00"), item("80.00", voucher="30.00"), item("50.00", coupon="10.00", card="15.00"),
        item("40.00", owed="40.00"), item("9.99", ProductCode="scdn"), item("0.000000351", ProductCode="oss")]


@pytest.fixture
def cloud(office):
    office.accounts = [AccountSpan("阿里云", "1850001", "reed", 0)]
    return office


@pytest.mark.parametrize(("form", "written"), [("alibaba-instance-bill", list), ("alibaba-bill-zh", in_chinese)])
def test_only_cash_counts_and_what_else_paid_is_told(cloud, form, written):
    delivery = send(cloud, written(BILL))
    assert (delivery.format, delivery.quarantined) == (form, 0)
    # 100 + (80 - 30) + (50 - 10 - 15) + 0 in cash; the fee of a product nobody listed counts in no class
    assert cloud.bases() == [("reed", INVOICE, "compute", "2025-07", "175"),
                             ("reed", INVOICE, "storage", "2025-07", "0")]
    assert cloud.rulings() == {"ELIGIBLE": 5, "SERVICE": 1}
    untested, apart = delivery.remarks
    assert (untested.code, untested.values) == ("W356", {"format": form})
    assert (apart.code, apart.values) == ("W357", {
        "currency": "CNY", "payable": "269.99", "cash": "184.99", "other": "45.00", "owed": "40.00"})


def test_both_forms_tie_out_on_the_cash_and_not_on_what_is_payable(cloud):
    for total, tied in (("184.990000351", True), ("269.990000351", False)):  # the second claims vouchers as cash
        told = replace(JULY, invoices=(DeclaredInvoice(INVOICE, units_of(total), 9, "CNY"),))
        send(cloud, BILL, told)
        with cloud.lines() as found:
            assert [tie.tied for tie in found.ties()] == [tied]
            assert [one.ruling for one in found.suspensions()] == ([] if tied else ["NOT_TIED"])


def test_a_total_claimed_for_the_file_with_vouchers_in_it_refuses_the_file(cloud):
    told = replace(JULY, files={"july.csv": DeclaredFile(6, {"CNY": units_of("269.99")})})
    delivery = send(cloud, BILL, told, name="july.csv")
    assert (delivery.state, delivery.problems[0].code) == ("refused", "W307")


def test_a_voucher_moved_into_the_cash_column_is_seen_where_the_parts_are_off(cloud):
    edited = item("80.00", voucher="30.00", PaymentAmount="80.00")
    assert [one.code for one in send(cloud, [edited]).remarks] == ["W356", "W357", "W358"]


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_refund_gives_money_back_whichever_sign_it_carries(cloud, sign):
    back = item("0", "Refund", PretaxAmount=f"{sign}30.00", PaymentAmount=f"{sign}20.00",
                DeductedByCashCoupons=f"{sign}10.00")
    send(cloud, [item("100.00"), back])
    assert cloud.bases() == [("reed", INVOICE, "compute", "2025-07", "80")]  # the voucher's part was never counted


def test_an_adjustment_goes_by_its_sign(cloud):
    more, less = (item(amount, "Adjustment", ProductDetail="补扣") for amount in ("7.00", "-4.00"))
    send(cloud, [item("100.00"), more, less])
    assert cloud.rulings() == {"ADJUSTMENT": 1, "ELIGIBLE": 2}
    assert cloud.bases() == [("reed", INVOICE, "compute", "2025-07", "96")]


def test_a_subscription_of_a_year_counts_in_the_month_in_which_it_was_paid(cloud):
    order = item("1200.00", "SubscriptionOrder", PaymentTime="2025-07-31 23:59:59",
                 UsageStartTime="2025-07-31 23:59:59", UsageEndTime="2026-08-01 00:00:00")
    send(cloud, [order])
    assert cloud.bases() == [("reed", INVOICE, "compute", "2025-07", "1200")]  # the day as China prints it
    effective = "basis: effective\nclasses: [{class: compute, category: [Compute]}]\n"
    with cloud.lines(spend=effective) as found:  # nothing says what July used of it: it waits, and is not guessed
        assert (len(found), [one.ruling for one in found.suspensions()]) == (0, ["NO_EFFECTIVE_COST"])


def test_bills_by_the_day_count_on_their_day_and_open_months_wait(cloud):
    send(cloud, [item("5.00", BillingDate="2025-07-31"), item("7.00", BillingDate="2025-07-01")])
    assert cloud.bases(segment_days=[day_number(2025, 7, 15)]) == [("reed", INVOICE, "compute", "2025-07", "7"),
                                                        ("reed", INVOICE, "compute", "2025-07", "5")]
    send(cloud, [item("1.00", BillingCycle="2025-08")], replace(JULY, final=False), day="2025-08-20")
    assert cloud.rulings() == {"ELIGIBLE": 2, "NOT_FINAL": 1}


def test_a_word_that_the_documentation_does_not_have_is_set_apart(cloud):
    delivery = send(cloud, [item("5.00", "SpotBill"), item("6.00")])
    assert (delivery.quarantined, delivery.problems[0].code) == (1, "W317")
    assert cloud.suspended() == [("UNREADABLE", INVOICE)]


def test_regions_are_known_by_their_chinese_names(cloud):
    regional = "classes: [{class: compute, category: [Compute]}]\nregions: [cn-hangzhou]\n"
    send(cloud, [item("1.00"), item("2.00", Region="杭州"), item("4.00", Region="华北1"), item("8.00", Region="火星")])
    assert cloud.rulings(spend=regional) == {"ELIGIBLE": 2, "REGION": 2}


def test_an_officer_sees_that_the_format_is_untested(cloud):
    send(cloud, BILL)
    with cloud.lines() as found:
        assert [(one.ruling, one.holds, one.problem.code) for one in found.flags()] == [("UNTESTED_FORMAT", False, "W356")]
        assert yuan(sum(line.local6 for line in found)) == "175"


def test_its_sources_stand_in_the_mapping():
    for form in ("alibaba-instance-bill", "alibaba-bill-zh"):
        head = (FOLDER / f"{form}.yaml").read_text("utf-8")
        assert "UNTESTED ON A REAL FILE" in head
        assert head.count("https://") >= 2
