"""What the bank is handed is exactly what was approved, to the fen, or it is refused."""

import csv
import hashlib
import io
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.dates import parse_day
from westlake.desk.paying.payment_order import Account, Payment, PaymentOrder, blocks, is_iban, write_order
from westlake.errors import WestlakeError
from westlake.money import MONEY_MAX

DAY, NOW = parse_day("2026-11-23"), 1_795_406_400_000_000
AGENCY = Account("Lakeside Innovation Office 湖滨创新局", "110-234-567890", "102100099996", "CNAPS")
HERON = Account("苍鹭机器人有限公司", "6222021202041234567", "102100099996", "CNAPS")
REED = Account("갈대소프트 주식회사", "110-345-678901", "004", "KFTC")
GREBE = Account("Grebe Optics <R&D> GmbH", "DE89370400440532013000", "COBADEFFXXX", iban=True)
NS = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"


def payment(name="PAY-1", amount=130_026, currency="CNY", day=DAY, debtor=AGENCY, creditor=HERON, text="云券 2026 第一期"):
    return Payment(name, amount, currency, day, debtor, creditor, text)


def order(*payments):
    return PaymentOrder("LS-2026-11-001", NOW, "Lakeside Innovation Office", payments)


def codes(*payments):
    with pytest.raises(WestlakeError) as refused:
        write_order(order(*payments))
    return [(problem.code, problem.place.row, problem.place.field) for problem in refused.value.problems]


def test_the_bank_reads_what_was_approved():
    written = write_order(order(payment(), payment("PAY-2", 500_000, "KRW", creditor=REED, debtor=REED, text="클라우드 이용권")))
    root = ElementTree.fromstring(written.xml)
    head = root.find(f"{NS}CstmrCdtTrfInitn/{NS}GrpHdr")
    assert [(part.tag.removeprefix(NS), (part.text or "").strip()) for part in head] == [
        ("MsgId", "LS-2026-11-001"), ("CreDtTm", "2026-11-23T04:00:00Z"), ("NbOfTxs", "2"), ("CtrlSum", "501300.26"),
        ("InitgPty", "")]
    paid = [(one.findtext(f"{NS}PmtId/{NS}EndToEndId"), one.find(f"{NS}Amt/{NS}InstdAmt").attrib,
             one.findtext(f"{NS}Amt/{NS}InstdAmt"), one.findtext(f"{NS}Cdtr/{NS}Nm"),
             one.findtext(f"{NS}CdtrAcct/{NS}Id/{NS}Othr/{NS}Id"), one.findtext(f"{NS}RmtInf/{NS}Ustrd"))
            for one in root.iter(f"{NS}CdtTrfTxInf")]
    assert paid == [("PAY-1", {"Ccy": "CNY"}, "1300.26", "苍鹭机器人有限公司", "6222021202041234567", "云券 2026 第一期"),
                    ("PAY-2", {"Ccy": "KRW"}, "500000", "갈대소프트 주식회사", "110-345-678901", "클라우드 이용권")]
    members = [[node.text for node in bank.iter() if node.text and node.text.strip()]
               for bank in root.iter(f"{NS}CdtrAgt")]
    assert members == [["CNAPS", "102100099996"], ["KFTC", "004"]]
    assert (written.count, written.sums, written.control_sum) == (2, {"CNY": 130_026, "KRW": 500_000}, "501300.26")
    assert written.sha256 == hashlib.sha256(written.xml).hexdigest()


def test_an_european_account_goes_by_iban_and_bic():
    root = ElementTree.fromstring(write_order(order(payment(currency="EUR", creditor=GREBE))).xml)
    one = next(root.iter(f"{NS}CdtTrfTxInf"))
    assert one.findtext(f"{NS}CdtrAcct/{NS}Id/{NS}IBAN") == "DE89370400440532013000"
    assert one.findtext(f"{NS}CdtrAgt/{NS}FinInstnId/{NS}BICFI") == "COBADEFFXXX"
    assert one.findtext(f"{NS}Cdtr/{NS}Nm") == "Grebe Optics <R&D> GmbH"


def test_the_parts_stand_in_the_order_of_the_standard():
    root = ElementTree.fromstring(write_order(order(payment())).xml)
    block = next(root.iter(f"{NS}PmtInf"))
    assert [part.tag.removeprefix(NS) for part in block] == [
        "PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "CdtTrfTxInf"]
    assert [part.tag.removeprefix(NS) for part in block[-1]] == ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]


def test_one_block_for_each_account_and_day():
    other = replace(AGENCY, number="110-234-000000")
    payments = [payment("A"), payment("B", day=DAY + 1), payment("C", debtor=other), payment("D")]
    assert [[one.id for one in block] for block in blocks(order(*payments))] == [["C"], ["A", "D"], ["B"]]


def test_the_same_order_has_the_same_bytes_however_it_was_gathered():
    one, two, three = payment("A"), payment("B", 7), payment("C", day=DAY + 1)
    assert write_order(order(one, two, three)) == write_order(order(three, two, one))


@given(st.lists(st.integers(1, MONEY_MAX), min_size=1, max_size=20))
def test_the_control_sum_is_the_sum_of_what_is_written(amounts):
    written = write_order(order(*(payment(f"P{number}", amount) for number, amount in enumerate(amounts))))
    root = ElementTree.fromstring(written.xml)
    told = sum(Fraction(node.text) for node in root.iter(f"{NS}InstdAmt"))
    assert told == Fraction(sum(amounts), 100) == Fraction(written.control_sum)
    assert {node.text for node in root.iter(f"{NS}CtrlSum")} == {written.control_sum}


def test_the_table_says_the_same_and_starts_no_formula():
    evil = replace(HERON, holder='=HYPERLINK("http://lakeside.example";"苍鹭")')
    written = write_order(order(payment(creditor=evil, text="@SUM(A1)"), payment("P-2", 1, text="-1+1")), "zh")
    rows = list(csv.reader(io.StringIO(written.csv.decode("utf-8-sig"))))
    assert rows == [
        ["付款编号", "付款日期", "币种", "金额", "付款账号", "收款人", "收款账号", "行号类型", "收款行行号", "附言"],
        ["P-2", "2026-11-23", "CNY", "0.01", "110-234-567890", "苍鹭机器人有限公司", "6222021202041234567", "CNAPS",
         "102100099996", "'-1+1"],
        ["PAY-1", "2026-11-23", "CNY", "1300.26", "110-234-567890", "'=HYPERLINK(\"http://lakeside.example\";\"苍鹭\")",
         "6222021202041234567", "CNAPS", "102100099996", "'@SUM(A1)"]]


def test_nothing_to_pay_is_no_order():
    assert codes() == [("W945", 0, "")]


@pytest.mark.parametrize(("wrong", "told"), [
    ({"amount": 0}, ("W947", 1, "amount")), ({"amount": -5}, ("W947", 1, "amount")),
    ({"amount": MONEY_MAX + 1}, ("W947", 1, "amount")),
    ({"currency": "XYZ"}, ("W950", 1, "currency")), ({"name": "A//B"}, ("W950", 1, "id")),
    ({"name": "x" * 36}, ("W950", 1, "id")), ({"name": "付款1"}, ("W950", 1, "id")),
    ({"text": "x" * 141}, ("W949", 1, "remittance")), ({"text": "line\nbreak"}, ("W949", 1, "remittance")),
    ({"text": "turned \u202e round"}, ("W949", 1, "remittance")), ({"text": "nul\0"}, ("W949", 1, "remittance")),
    ({"creditor": replace(HERON, holder="鹭" * 141)}, ("W949", 1, "creditor.holder")),
    ({"creditor": replace(HERON, holder=" ")}, ("W949", 1, "creditor.holder")),
    ({"creditor": replace(HERON, number="6" * 35)}, ("W950", 1, "creditor.number")),
    ({"creditor": replace(HERON, bank="123")}, ("W950", 1, "creditor.bank")),
    ({"creditor": replace(GREBE, number="DE89370400440532013001")}, ("W950", 1, "creditor.number")),
    ({"creditor": replace(GREBE, bank="COBA")}, ("W950", 1, "creditor.bank")),
    ({"debtor": replace(REED, bank="04")}, ("W950", 1, "debtor.bank")),
])
def test_what_the_format_cannot_carry_is_refused_at_its_place(wrong, told):
    assert codes(payment(**wrong)) == [told]


def test_longest_texts_still_go():
    text = "鹭" * 140
    root = ElementTree.fromstring(write_order(order(payment(text=text, creditor=replace(HERON, holder=text)))).xml)
    assert [root.findtext(f".//{NS}Cdtr/{NS}Nm"), root.findtext(f".//{NS}Ustrd")] == [text, text]


def test_an_id_twice_is_refused_even_in_other_case():
    assert codes(payment("PAY-a"), payment("PAY-b"), payment("pay-A")) == [("W946", 3, "id")]


def test_two_currencies_need_two_accounts_or_days():
    assert codes(payment("A"), payment("B", currency="KRW")) == [("W948", 2, "currency")]
    assert write_order(order(payment("A"), payment("B", currency="KRW", day=DAY + 1))).count == 2


def test_check_digits_of_an_iban():
    assert [is_iban(text) for text in ("GB82WEST12345698765432", "GB82WEST12345698765423", "GB82 WEST", "")] == [
        True, False, False, False]
