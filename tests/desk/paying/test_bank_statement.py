"""What the bank says is taken as it is said, and "paid" is said of nothing else."""

from dataclasses import dataclass

import pytest
import xlsxwriter

from westlake.dates import parse_day
from westlake.desk.paying import bank_statement
from westlake.desk.paying.bank_statement import Booked, match, read_camt, read_statement
from westlake.desk.paying.payment_order import Account, Payment, PaymentOrder, write_order
from westlake.errors import WestlakeError

DAY = parse_day("2026-11-23")
V08, V02 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


@dataclass(frozen=True)
class Due:
    id: str
    amount: int
    currency: str = "CNY"


def camt(*entries, namespace=V08, code="UTF-8", before=""):
    text = (f'<?xml version="1.0" encoding="{code}"?>{before}\n<Document xmlns="{namespace}"><BkToCstmrStmt>'
            "<GrpHdr><MsgId>LS1</MsgId></GrpHdr><Stmt><Id>1</Id>" + "".join(entries) + "</Stmt></BkToCstmrStmt></Document>")
    return text.encode(code)


def entry(amount="1300.26", currency="CNY", details="", state="<Sts><Cd>BOOK</Cd></Sts>", way="DBIT", more="",
          day="<BookgDt><Dt>2026-11-23</Dt></BookgDt>"):
    return (f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}{state}{day}'
            f"<AcctSvcrRef>ICBC-77</AcctSvcrRef>{details}</Ntry>")


def details(*parts):
    return "<NtryDtls>" + "".join(f"<TxDtls>{part}</TxDtls>" for part in parts) + "</NtryDtls>"


def refs(name, bank=""):
    return f"<Refs>{f'<AcctSvcrRef>{bank}</AcctSvcrRef>' if bank else ''}<EndToEndId>{name}</EndToEndId></Refs>"


def told(read, *arguments, **named):
    with pytest.raises(WestlakeError) as refused:
        read(*arguments, **named)
    return [(problem.code, problem.place.row, problem.place.field) for problem in refused.value.problems]


def test_a_booked_payment_in_both_versions():
    paid = Booked("PAY-1", 130_026, "CNY", DAY, "ICBC-77", "debit", "booked", "", 1)
    assert read_camt(camt(entry(details=details(refs("PAY-1"))))) == [paid]
    old = entry(details=details(refs("PAY-1")), state="<Sts>BOOK</Sts>")
    assert read_camt(camt(old, namespace=V02)) == [paid]


def test_a_bank_may_write_a_prefix_before_every_name():
    plain = camt(entry(details=details(refs("PAY-1")))).decode()
    head, body = plain.split("?>", 1)
    prefixed = head + "?>" + body.replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:").replace("xmlns=", "xmlns:c=")
    assert read_camt(prefixed.encode()) == read_camt(plain.encode())


def test_a_collected_entry_tells_its_parts():
    new = details(refs("A", "T1") + '<Amt Ccy="KRW">300000</Amt>', refs("B", "T2") + '<Amt Ccy="KRW">200000</Amt>')
    old = details(*(refs(name, bank) + f'<AmtDtls><TxAmt><Amt Ccy="KRW">{amount}</Amt></TxAmt></AmtDtls>'
                    for name, bank, amount in (("A", "T1", 300000), ("B", "T2", 200000))))
    for part in (new, old):
        assert read_camt(camt(entry("500000", "KRW", part))) == [
            Booked("A", 300_000, "KRW", DAY, "T1", row=1), Booked("B", 200_000, "KRW", DAY, "T2", row=1)]
    assert told(read_camt, camt(entry(details=details(refs("A"), refs("B"))))) == [("W953", 1, "TxDtls/Amt")] * 2


def test_money_that_came_back_says_why():
    back = details(refs("PAY-1") + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")
    words = details(refs("PAY-2") + "<RtrInf><AddtlInf>账号户名不符</AddtlInf></RtrInf>")
    undone = entry(details=details(refs("PAY-3")), more="<RvslInd>true</RvslInd>", way="CRDT")
    found = read_camt(camt(entry(details=back, way="CRDT"), entry(details=words, way="CRDT"), undone))
    assert [(one.reference, one.status, one.reason) for one in found] == [
        ("PAY-1", "returned", "AC04"), ("PAY-2", "returned", "账号户名不符"), ("PAY-3", "returned", "")]


def test_what_is_not_final_and_what_bears_no_reference():
    pending = entry(state="<Sts><Cd>PDNG</Cd></Sts>", details=details(refs("NOTPROVIDED")),
                    day="<BookgDt><DtTm>2026-11-24T00:30:00+09:00</DtTm></BookgDt>")
    assert read_camt(camt(pending, entry())) == [
        Booked("", 130_026, "CNY", DAY + 1, "ICBC-77", "debit", "pending", "", 1),
        Booked("", 130_026, "CNY", DAY, "ICBC-77", "debit", "booked", "", 2)]


@pytest.mark.parametrize(("wrong", "field"), [
    ({"amount": "1300,26"}, "Amt"), ({"amount": "-1"}, "Amt"), ({"amount": "1.001"}, "Amt"), ({"amount": "1e3"}, "Amt"),
    ({"amount": "9" * 18}, "Amt"), ({"currency": "XYZ"}, "Amt"), ({"currency": "KRW"}, "Amt"), ({"way": "OUT"}, "CdtDbtInd"),
    ({"state": "<Sts><Cd>XXXX</Cd></Sts>"}, "Sts"), ({"day": ""}, "BookgDt"),
    ({"day": "<BookgDt><Dt>23.11.2026</Dt></BookgDt>"}, "BookgDt"),
])
def test_a_wrong_entry_refuses_the_file_at_its_place(wrong, field):
    assert told(read_camt, camt(entry(), entry(**wrong))) == [("W953", 2, field)]


def test_old_codes_of_the_region_are_read():
    for code, words in (("GBK", "账号户名不符"), ("EUC-KR", "예금주 불일치"), ("UTF-16", "不符")):
        part = details(refs("P") + f"<RtrInf><AddtlInf>{words}</AddtlInf></RtrInf>")
        assert [one.reason for one in read_camt(camt(entry(details=part), code=code))] == [words]


BOMB = '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("code", ["UTF-8", "UTF-16", "UTF-16-LE", "UTF-16-BE", "GBK", "EUC-KR", "ISO-8859-1"])
@pytest.mark.parametrize("before", [BOMB, OUTSIDE, "<!doctype z>", '<!DOCTYPE z SYSTEM "http://lakeside.example/z.dtd">'])
def test_definitions_are_refused_in_any_code(code, before):
    assert told(read_camt, camt(entry(), code=code, before=before)) == [("W952", 0, "")]


def test_a_code_that_lies_is_no_way_in():
    hidden = camt(entry(), before=BOMB, code="UTF-16-LE")
    assert told(read_camt, b'<?xml version="1.0" encoding="UTF-8"?>' + hidden) == [("W951", 0, "")]
    assert told(read_camt, camt(entry(), before=BOMB, code="UTF-7")) == [("W951", 0, "")]
    assert told(read_camt, camt(entry(), before=BOMB, code="UTF-32")) == [("W951", 0, "")]
    assert told(read_camt, camt(entry(), before=BOMB, code="cp037")) == [("W951", 0, "")]


def test_too_deep_and_too_large(tmp_path, monkeypatch):
    deep = b"<Document>" + b"<a>" * 60 + b"</a>" * 60 + b"</Document>"
    assert told(read_camt, deep) == [("W952", 0, "")]
    monkeypatch.setattr(bank_statement, "SIZE_MAX", 1_000)
    path = tmp_path / "large.xml"
    path.write_bytes(camt(*[entry()] * 20))
    assert told(read_statement, path) == [("W952", 0, "")]
    assert told(read_camt, path.read_bytes()) == [("W952", 0, "")]


@pytest.mark.parametrize("raw", [b"<Document", b"<Document/>", b"", b"<a>\xff</a>", b"<Document>&a;</Document>",
                                 camt(entry(), namespace="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08")])
def test_what_is_no_statement(raw, tmp_path):
    path = tmp_path / "statement.xml"
    path.write_bytes(raw)
    assert [code for code, _, _ in told(read_statement, path)] == ["W951"]


def csv_of(tmp_path, text, code="utf-8"):
    path = tmp_path / "confirmation.csv"
    path.write_bytes(text.encode(code))
    return path


def test_a_chinese_confirmation(tmp_path):
    path = csv_of(tmp_path, "工商银行 对账单\n\n指令编号,交易金额（元）,币种,交易日期,流水号,交易状态,退票原因\n"
                            'PAY-1,"1,300.26",人民币,2026年11月23日,0001,交易成功,\nPAY-2,￥5.00,RMB,20261124,0002,退票,户名不符\n', "gbk")
    assert read_statement(path) == [
        Booked("PAY-1", 130_026, "CNY", DAY, "0001", "debit", "booked", "", 4),
        Booked("PAY-2", 500, "CNY", DAY + 1, "0002", "debit", "returned", "户名不符", 5)]


def test_a_korean_confirmation(tmp_path):
    path = csv_of(tmp_path, "지급번호;이체금액;이체일;처리결과;오류사유\nPAY-1;500,000원;2026. 11. 23.;정상;\n"
                            "PAY-2;7;2026/11/23;이체실패;예금주 불일치\n", "cp949")
    assert read_statement(path, currency="KRW") == [
        Booked("PAY-1", 500_000, "KRW", DAY, status="booked", row=2),
        Booked("PAY-2", 7, "KRW", DAY, status="rejected", reason="예금주 불일치", row=3)]


def test_a_workbook_with_columns_that_were_named(tmp_path):
    path = tmp_path / "bank.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for place, row in enumerate([("Ref", "Sum", "When", "In/out"), ("PAY-1", 1300.26, "2026-11-23", "out"),
                                 ("PAY-1", 1300.26, "2026-11-24", "cr")]):
        sheet.write_row(place, 0, row)
    book.close()
    columns = {"reference": "Ref", "amount": "Sum", "day": "When", "credit_debit": "In/out"}
    assert read_statement(path, columns, "CNY") == [
        Booked("PAY-1", 130_026, "CNY", DAY, row=2), Booked("PAY-1", 130_026, "CNY", DAY + 1, credit_debit="credit", row=3)]


def test_our_own_table_comes_back_as_it_went_out(tmp_path):
    heron = Account("苍鹭机器人有限公司", "6222021202041234567", "102100099996", "CNAPS")
    payments = tuple(Payment(f"PAY-{n}", n, "CNY", DAY, heron, heron) for n in (1, 99, 10**15))
    for lang in ("en", "ko", "zh"):
        path = tmp_path / f"{lang}.csv"
        path.write_bytes(write_order(PaymentOrder("LS-1", 0, "Lakeside", payments), lang).csv)
        assert sorted((one.reference, one.amount) for one in read_statement(path)) == sorted(
            (one.id, one.amount) for one in payments)


def test_a_table_that_lacks_or_breaks_is_refused(tmp_path):
    assert told(read_statement, csv_of(tmp_path, "Reference,Amount\nP,1\n")) == [("W954", 1, "day"), ("W954", 1, "currency")]
    assert told(read_statement, csv_of(tmp_path, "Reference,Amount,Day\nP,1,2026-11-23\n"), {"status": "State"}, "CNY") == [
        ("W954", 1, "status")]
    text = 'Reference,Amount,Day,Status\nP,"1300,26",2026-02-30,maybe\n#N/A,1,2026-11-23,\n'
    assert told(read_statement, csv_of(tmp_path, text), None, "CNY") == [
        ("W953", 2, "amount"), ("W953", 2, "day"), ("W953", 2, "status"), ("W953", 3, "reference")]


def test_matching_tells_every_fate():
    due = [Due("A", 100), Due("B", 100), Due("C", 100), Due("D", 100), Due("E", 100), Due("F", 100)]
    paid, less = Booked("A", 100, "CNY", DAY), Booked("B", 99, "CNY", DAY)
    again, foreign = Booked("A", 100, "CNY", DAY + 1), Booked("X", 100, "CNY", DAY)
    back = Booked("C", 100, "CNY", DAY, credit_debit="credit", status="returned", reason="AC04")
    failed, waits = Booked("D", 100, "CNY", DAY, status="rejected"), Booked("E", 100, "CNY", DAY, status="pending")
    earlier, quiet = Booked("Z", 5, "CNY", DAY), Booked("A", 100, "CNY", DAY + 2, credit_debit="credit")
    found = match([paid, less, again, foreign, back, failed, waits, earlier, quiet], due, paid={"Z"})
    assert found == bank_statement.Matching(
        matched=[(paid, "A")], differing=[(less, "B")], twice=[(again, "A"), (earlier, "Z")],
        returned=[(back, "C"), (quiet, "A")], rejected=[(failed, "D")], pending=[(waits, "E")], unknown=[foreign],
        missing=["F"])


def test_another_currency_is_another_amount():
    one = Booked("A", 100, "KRW", DAY)
    assert match([one], [Due("A", 100)]).differing == [(one, "A")]


def test_a_payment_paid_after_a_refusal_is_paid_once():
    failed, paid = Booked("A", 100, "CNY", DAY, status="rejected"), Booked("A", 100, "CNY", DAY + 1)
    found = match([failed, paid], [Due("A", 100)])
    assert (found.rejected, found.matched, found.twice) == ([(failed, "A")], [(paid, "A")], [])


def test_a_table_that_writes_what_went_out_below_zero(tmp_path):
    """Many banks export outgoing money as minus and say no direction: it went out, and nothing was returned."""
    out = tmp_path / "out.csv"
    out.write_text("reference,amount,currency,day\nA,-100.00,CNY,2026-03-01\nB,-1.00,CNY,2026-03-01\n", "utf-8")
    assert [(one.reference, one.amount, one.credit_debit) for one in read_statement(out)] == [
        ("A", 10_000, "debit"), ("B", 100, "debit")]
    both = tmp_path / "both.csv"
    both.write_text("reference,amount,currency,day\nA,-100.00,CNY,2026-03-01\nB,1.00,CNY,2026-03-01\n", "utf-8")
    assert [one.credit_debit for one in read_statement(both)] == ["debit", "credit"]


def test_money_that_came_in_has_a_column_of_its_own(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("지급번호,거래일,출금액,입금액\nWLP00000001,2026.11.23,\"1,300.26\",0\n,2026.11.23,,12.00\n"
                    "WLP00000002,2026.11.24,5.00,\n", "utf-8")
    assert [(one.reference, one.amount, one.credit_debit) for one in read_statement(path, currency="CNY")] == [
        ("WLP00000001", 130_026, "debit"), ("", 1_200, "credit"), ("WLP00000002", 500, "debit")]


TWO = "지급번호,거래일,출금액,입금액\n"


def test_a_correction_in_the_out_column_turns_no_payment_into_a_return(tmp_path):
    """One "out" below zero: it is told at its row, and the payment beside it is not taken to have come back."""
    path = tmp_path / "corrected.csv"
    path.write_text(TWO + "WLP00000001,2026.11.23,100.00,\nWLP00000002,2026.11.23,-5.00,\n", "utf-8")
    assert told(read_statement, path, None, "CNY") == [("W953", 3, "amount")]
    path.write_text(TWO + "WLP00000001,2026.11.23,100.00,\nWLP00000002,2026.11.23,-0.00,7.00\n", "utf-8")
    assert [(one.amount, one.credit_debit) for one in read_statement(path, currency="CNY")] == [
        (10_000, "debit"), (700, "credit")]


@pytest.mark.parametrize(("row", "field"), [("7.00,3.00", "credit_amount"), (",-5.00", "credit_amount"),
                                            ("0,−5.00", "credit_amount"), (",(5.00)", "credit_amount"),
                                            ("(5.00),", "amount"), ("-5.00,3.00", "amount"), ("7.00,x", "credit_amount"),
                                            ("x,7.00", "credit_amount")])
def test_a_row_of_two_columns_says_one_way_or_is_refused(tmp_path, row, field):
    path = tmp_path / "both.csv"
    path.write_text(f"{TWO}WLP00000001,2026.11.23,100.00,\nWLP00000002,2026.11.23,{row}\n", "utf-8")
    assert told(read_statement, path, None, "CNY") == [("W953", 3, field)]


@pytest.mark.parametrize("heads", [
    "거래일자,출금액,입금액,적요,거래후잔액", "거래일시,출금금액,입금금액,내용,잔액", "거래일,출금,입금,기재내용,잔액",
    "거래일자,찾으신금액,맡기신금액,적요,의뢰인/수취인", "交易日期,借方发生额,贷方发生额,摘要,余额", "交易时间,支出金额,收入金额,用途,对方户名",
    "交易日期,付款金额,收款金额,附言,余额"])
def test_what_korean_and_chinese_banks_hand_out_is_read_without_naming_a_column(tmp_path, heads):
    path = tmp_path / "bank.csv"
    path.write_text(f"{heads}\n2026-11-23 10:22:33,\"1,300.26\",,WLP00000001,9.00\n20261124102233,,50.00,이자,59.00\n", "utf-8")
    assert [(one.reference, one.amount, one.credit_debit, one.day) for one in read_statement(path, currency="CNY")] == [
        ("WLP00000001", 130_026, "debit", parse_day("2026-11-23")), ("이자", 5_000, "credit", parse_day("2026-11-24"))]


@pytest.mark.parametrize(("heads", "lacking"), [
    ("거래일자,출금액,입금액,적요,내용", "reference"), ("交易日期,借方发生额,贷方发生额,摘要,附言", "reference"),
    ("거래일자,출금액,거래금액,적요", "amount")])
def test_of_two_columns_that_could_be_meant_none_is_guessed(tmp_path, heads, lacking):
    path = tmp_path / "bank.csv"
    path.write_text(f"{heads}\n2026-11-23,5.00,,a,b\n", "utf-8")
    assert told(read_statement, path, None, "CNY") == [("W954", 1, lacking)]
    path.write_text(f"{heads},지급번호\n2026-11-23,5.00,,a,b,WLP00000001\n", "utf-8")
    if lacking == "reference":  # a column of its own goes before all free words
        assert [one.reference for one in read_statement(path, currency="CNY")] == ["WLP00000001"]


def test_a_table_is_looked_at_before_its_columns_are_named(tmp_path):
    path = tmp_path / "strange.csv"
    path.write_text("Lakeside Bank\n\nNr,When,Sum,Booking date\n1,x,5.00,2026-11-23\n2,y,6.00,2026-11-24\n", "utf-8")
    sheet = bank_statement.look_at_sheet(path, 1)
    assert (sheet.headings, sheet.rows, sheet.guess) == (
        ["Nr", "When", "Sum", "Booking date"], [["1", "x", "5.00", "2026-11-23"]], {"day": "Booking date"})
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert bank_statement.look_at_sheet(tmp_path / "a.xlsx") is None
