"""Manifests in YAML and Excel say the same, and what is wrong in them is named with its place."""

import pytest
import xlsxwriter

from westlake.bills import DeclaredFile, DeclaredInvoice, Manifest, manifest_beside, read_manifest
from westlake.errors import WestlakeError

FULL = """
format: focus-1.2
final: yes
paid: no
delivery: append
invoice_by: [issuer, account]
vat: {prices: inside, rate: 6%}
files: {july.csv: {rows: 1200, totals: {CNY: "10543.20"}}}
invoices:
  - {id: INV-1, total: "10543.205", currency: CNY, status: issued, paid: yes, proof: receipt-1.pdf}
  - {id: INV-2}
proofs: [receipt-1.pdf, receipt-2.pdf]
"""
MEANT = Manifest(
    format="focus-1.2", final=True, paid=False, delivery="append", invoice_by=("issuer", "account"),
    vat_inside_ppm=60_000, files={"july.csv": DeclaredFile(1200, {"CNY": 10543_20 * 10**16})},
    invoices=(DeclaredInvoice("INV-1", 10543205 * 10**15, 3, "CNY", "issued", True, "receipt-1.pdf"),
              DeclaredInvoice("INV-2")),
    proofs=("receipt-1.pdf", "receipt-2.pdf"))


def told(tmp_path, text):
    path = tmp_path / "bill.csv.manifest.yaml"
    path.write_text(text, "utf-8")
    return read_manifest(path)


def problems(tmp_path, text):
    with pytest.raises(WestlakeError) as raised:
        told(tmp_path, text)
    return [(one.code, one.place.line, one.place.column) for one in raised.value.problems]


def test_a_manifest_in_yaml(tmp_path):
    assert told(tmp_path, FULL) == MEANT


def test_the_same_manifest_in_excel(tmp_path):
    path = tmp_path / "bill.csv.manifest.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, files, invoices = (book.add_worksheet(name) for name in ("manifest", "files", "invoices"))
        for place, cells in enumerate([
                ("format", "focus-1.2"), ("final", True), ("paid", "否"), ("delivery", "append"),
                ("invoice_by", "issuer", "account"), ("vat.prices", "inside"), ("vat.rate", "6%"),
                ("proofs", "receipt-1.pdf", "receipt-2.pdf")]):
            sheet.write_row(place, 0, cells)
        files.write_row(0, 0, ("name", "rows", "total", "currency"))
        files.write_row(1, 0, ("july.csv", 1200, "10543.20", "CNY"))
        invoices.write_row(0, 0, ("id", "total", "currency", "status", "paid", "proof"))
        invoices.write_row(1, 0, ("INV-1", 10543.205, "CNY", "issued", "yes", "receipt-1.pdf"))
        invoices.write_row(2, 0, ("INV-2",))
    assert read_manifest(path) == MEANT
    assert manifest_beside(tmp_path / "bill.csv") == MEANT


def test_faults_in_excel_are_named_by_row_and_column(tmp_path):
    path = tmp_path / "manifest.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("manifest")
        sheet.write_row(0, 0, ("final", "perhaps"))
        sheet.write_row(1, 0, ("piad", "yes"))
    with pytest.raises(WestlakeError) as raised:
        read_manifest(path)
    assert [(one.code, one.place.line, one.place.column, one.suggestion) for one in raised.value.problems] == [
        ("W331", 1, 2, ""), ("W330", 2, 1, "paid")]


def test_what_is_no_excel_file_is_named(tmp_path):
    path = tmp_path / "manifest.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(WestlakeError, match="W101"):
        read_manifest(path)


@pytest.mark.parametrize(("text", "faults"), [
    ("finale: yes\n", [("W330", 1, 1)]), ("final: perhaps\n", [("W331", 1, 8)]),
    ("delivery: flood\npaid: 1\n", [("W331", 1, 11), ("W331", 2, 7)]),
    ("vat: {prices: inside, rate: six}\n", [("W331", 1, 29)]), ("vat: {rate: 6%}\n", [("W104", 1, 6)]),
    ('invoices: [{id: A, total: "1,000"}]\n', [("W331", 1, 27)]),
    ('invoices: [{id: A, total: "1", currency: RMB}]\n', [("W331", 1, 42)]),
    ("files: {a.csv: {rows: many}}\n", [("W331", 1, 23)]), ("invoice_list: nowhere.csv\n", [("W331", 1, 15)]),
    ("final: yes\nfinal: no\n", [("W102", 2, 1)])])
def test_every_fault_has_its_line_and_column(tmp_path, text, faults):
    assert problems(tmp_path, text) == faults


def test_a_list_of_invoices_lies_beside_the_manifest(tmp_path):
    (tmp_path / "list.csv").write_text("id,total,currency,status,paid,proof\nA,1.50,CNY,issued,,\nB,2,USD,,yes,r.pdf\n")
    assert told(tmp_path, "invoice_list: list.csv\n").invoices == (
        DeclaredInvoice("A", 15 * 10**17, 2, "CNY", "issued"),
        DeclaredInvoice("B", 2 * 10**18, 2, "USD", "", True, "r.pdf"))


def test_the_invoice_detail_of_focus_1_4_is_summed_by_invoice(tmp_path):
    (tmp_path / "detail.csv").write_text(
        "InvoiceId,InvoiceDetailId,BilledCost,BillingCurrency,InvoiceIssueStatus\n"
        "A,A-1,1.50,CNY,Issued\nA,A-2,0.25,CNY,Issued\nB,B-1,9,CNY,Voided\nC,C-1,4,CNY,Open\n")
    assert told(tmp_path, "invoice_list: detail.csv\n").invoices == (
        DeclaredInvoice("A", 175 * 10**16, 2, "CNY", "issued"), DeclaredInvoice("B", 9 * 10**18, 2, "CNY", "voided"),
        DeclaredInvoice("C", 4 * 10**18, 2, "CNY", "open"))


def test_rows_of_a_list_that_are_no_invoices_are_named(tmp_path):
    (tmp_path / "list.csv").write_text("id,total,currency\nA,1e5,CNY\nB,1,RMB\n,1,CNY\nC,1,CNY\n")
    with pytest.raises(WestlakeError) as raised:
        told(tmp_path, "invoice_list: list.csv\n")
    assert [(one.code, one.place.file, one.place.row) for one in raised.value.problems] == [
        ("W332", "list.csv", number) for number in (1, 2, 3)]


def test_a_manifest_is_found_beside_its_bill(tmp_path):
    assert manifest_beside(tmp_path / "bill.csv") is None
    (tmp_path / "manifest.yaml").write_text("final: yes\n")
    assert manifest_beside(tmp_path / "bill.csv") == Manifest(final=True)


def test_another_manifest_has_another_fingerprint():
    varied = [Manifest(), Manifest(final=True), Manifest(paid=True), Manifest(delivery="append"),
              Manifest(vat_inside_ppm=1), Manifest(proofs=("r",)), Manifest(invoices=(DeclaredInvoice("A"),)), MEANT]
    assert len({one.digest() for one in varied}) == len(varied)
    assert Manifest(invoices=(DeclaredInvoice("A"),)).digest() == Manifest(invoices=(DeclaredInvoice("A"),)).digest()
