"""From bills to claim lines: a month is split by the firm's own facts, never by another's."""

from westlake import bills
from westlake.bills import FxTable, Manifest, read_spend
from westlake.bills.baselines import BaseLine
from westlake.dates import parse_day
from westlake.settlement.bill_lines import bill_claims, claim_line, rows_behind, whole_lines
from westlake.settlement.claims import Line

from .conftest import VOUCHER
from .drill import write_bill

POLICY = read_spend(VOUCHER / "spend.yaml")


def counted(office, folder):
    return bill_claims(office.connection, folder / "charges", office.programme, POLICY, FxTable(), 2025, "Asia/Shanghai")


def ready(office, folder, rows):
    bills.create(office.connection)
    for firm in ("heron", "lotus", "reed"):
        office.connection.execute(
            "INSERT INTO register_account(issuer, account, firm, first, last, assurance, source, learnt, file)"
            " VALUES ('Alibaba Cloud', ?, ?, 0, 100000, 'verified', '', 0, '')", (firm, firm))
    bills.intake(office.connection, folder / "charges", [write_bill(folder / "bill.csv", rows)],
                 Manifest(final=True, paid=True), parse_day("2026-01-20"))


def test_another_firm_s_facts_change_nothing(office, tmp_path):
    ready(office, tmp_path, [("reed", "R-1", 3, 1000), ("lotus", "L-1", 3, 500)])
    before = {line.key: line for line in counted(office, tmp_path).lines}
    office.know("lotus", first="2025-03-05", contracts_year="20000")
    after = {line.key: line for line in counted(office, tmp_path).lines}
    reed = next(key for key in before if key.startswith("reed"))
    assert after[reed] == before[reed]
    assert [line.day for line in after.values() if line.firm == "lotus"] == [parse_day("2025-03-05")]


def test_a_month_that_another_firm_split_is_put_together_exactly(office, tmp_path):
    ready(office, tmp_path, [("reed", "R-1", 3, 1000)])
    bill = tmp_path / "more.csv"
    write_bill(bill, [("reed", "R-2", 4, 7)])
    text = bill.read_text().splitlines()
    thirds = [text[0]] + [text[1].replace("7.00", cost).replace("-04-10T", f"-04-{day}T")
                          for day, cost in (("02", "0.0000333"), ("20", "0.0000333"), ("28", "0.0000334"))]
    bill.write_text("\n".join(thirds) + "\n")
    bills.intake(office.connection, tmp_path / "charges", [bill], Manifest(final=True, paid=True), parse_day("2026-01-21"))
    whole = [line for line in counted(office, tmp_path).lines if "R-2" in line.key]
    office.know("lotus", first="2025-04-15", contracts_year="20000")
    assert [line for line in counted(office, tmp_path).lines if "R-2" in line.key] == whole
    assert [line.given["base"] for line in whole] == [100]  # 0.0001 yuan: one hundred millionths


def test_a_line_put_together_still_opens_to_its_rows(office, tmp_path):
    ready(office, tmp_path, [("reed", "R-1", 3, 1000), ("reed", "R-1", 3, 500)])
    office.know("lotus", first="2025-03-05", contracts_year="20000")
    line = next(line for line in counted(office, tmp_path).lines if line.firm == "reed")
    rows = rows_behind(office.connection, tmp_path / "charges", office.programme, POLICY, FxTable(), 2025,
                       "Asia/Shanghai", parse_day("2026-02-01"), line.key, 450_00)
    assert sorted(row.share for row in rows) == [150_00, 300_00]


def test_of_two_firms_with_one_invoice_only_the_cleared_one_is_paid(office, tmp_path):
    ready(office, tmp_path, [("reed", "R-1", 3, 1000)])
    rival = write_bill(tmp_path / "rival.csv", [("lotus", "R-1", 3, 1000)])
    bills.intake(office.connection, tmp_path / "charges", [rival], Manifest(final=True, paid=True), parse_day("2026-01-21"))
    held = counted(office, tmp_path)
    assert (len(held.lines), sorted(name.split("|")[0] for name in held.suspended)) == (0, ["lotus", "reed"])
    assert office.settle(*held.lines, suspended=held.suspended) is None
    flag = next(one for one in held.evidence["suspended"] if one["firms"] == ["reed"])
    bills.clear(office.connection, bills.Clearance("DUPLICATE_INVOICE", flag["issuer"], "reed", "R-1", 1,
                                                   parse_day("2026-02-01"), "kim", "paper seen"))
    cleared = counted(office, tmp_path)
    assert office.pay(*cleared.lines, suspended=cleared.suspended) == {"reed": 300_00}


def test_what_a_claim_line_keeps_of_its_bill():
    """From April on by its month; a part that begins within it has its own day, in its key and in its order."""
    april, part = parse_day("2025-04-01"), parse_day("2025-04-15")
    base = BaseLine(7, "reed", "Alibaba Cloud", "R-1", "domestic", april, april, "USD", 3, 5 * 10**18, 5 * 10**10, 36_000_000,
                    720_000_000, parse_day("2025-04-30"), "central bank", 0xBEE)
    whole, later = claim_line(base), claim_line(base._replace(segment_day=part))
    assert whole == Line(
        "reed|Alibaba Cloud|R-1|domestic|2025-04-01|USD", "reed", april,
        ("2025-04-01", "R-1", "domestic", "USD", "Alibaba Cloud", april), "reed|Alibaba Cloud|R-1",
        {"firm": "reed", "base": 36_000_000, "spend_class": "domestic", "year": 2025},
        {"number": 7, "issuer": "Alibaba Cloud", "invoice": "R-1", "month": "2025-04-01", "spend_class": "domestic",
         "currency": "USD", "rows": 3, "base18": "5000000000000000000", "local6": 36_000_000, "fx_rate": 720_000_000,
         "fx_day": "2025-04-30", "fx_source": "central bank", "rows_digest": "bee"})
    assert (later.key, later.day, later.order[-1]) == (whole.key + "|2025-04-15", part, part)


def test_pieces_put_together_are_added_and_rounded_once():
    march = parse_day("2025-03-01")
    piece = BaseLine(1, "reed", "A", "R-1", "domestic", march, march, "CNY", 2, 15 * 10**7, 2, 0, 10**8, march, "", 5)
    other = piece._replace(segment_day=march + 9, rows=3, digest=6)
    ((joined, pieces),) = whole_lines(FOUND([piece, other]), {"lotus": {march + 9}})
    # 1.5e-10 yuan each, rounded 2e-10; together 3e-10, not 4
    assert (joined.rows, joined.base18, joined.base10, joined.digest, joined.segment_day) == (5, 30 * 10**7, 3, 11, march)
    assert pieces == [piece, other]
    # with VAT inside the price each piece was rounded without it, and those are added
    taxed = [one._replace(base10=1) for one in pieces]
    assert [one.base10 for one, _ in whole_lines(FOUND(taxed), {})] == [2]
    large = [one._replace(base10=10**10, base18=10**18, fx_rate=7 * 10**8) for one in pieces]
    assert [one.local6 for one, _ in whole_lines(FOUND(large), {})] == [14_000_000]
    apart = list(whole_lines(FOUND([piece, other]), {"reed": {march + 9}}))
    assert [(one.segment_day, one.rows) for one, _ in apart] == [(march, 2), (march + 9, 3)]


class FOUND(list):
    """Lines as bills hand them over, in yuan."""

    local_currency = "CNY"
