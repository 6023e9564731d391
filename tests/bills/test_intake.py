"""Bad bills: each fault has a code, a place and a way out, and nothing is ever half done."""

import dataclasses
import gzip
import os
import random
import shutil
import subprocess
import sys

import duckdb
import pytest
from tests.bills.office import FINAL, HEADINGS, row, write_csv, write_gz, write_parquet

from westlake import bills, database
from westlake.bills import DeclaredFile, DeclaredInvoice, Manifest
from westlake.bills.mapping import mappings
from westlake.bills.source import UNPACKED_FREE_BYTES
from westlake.bills.tables import record
from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.words import LANGUAGES

GOOD = [row("1.00"), row("2.50", ServiceCategory="Storage", ServiceName="Disk")]


def refused(delivery):
    """(code, what it names) of a refused delivery, which leaves nothing behind."""
    assert (delivery.state, delivery.reading, delivery.rows) == ("refused", "", 0)
    [problem] = delivery.problems
    assert problem.place.file == delivery.name
    assert all(problem.sentence(lang) and problem.way_out(lang) for lang in LANGUAGES)
    return problem.code


def raw(office, name, content, **sent):
    (office.inbox / name).write_bytes(content)
    return office.take(office.inbox / name, **sent)


def csv_bytes(office, rows, headings=HEADINGS):
    return write_csv(office.inbox / "scratch", rows, headings).read_bytes()


def test_a_bill_is_taken_in_once(office):
    first = office.send(GOOD, name="a.csv")
    assert (first.state, first.rows, first.quarantined, first.format) == ("taken", 2, 0, "focus-1.2")
    assert not first.again
    again = office.take(office.inbox / "a.csv", day="2025-09-09")
    assert (again.again, again.id, again.received_day) == (True, first.id, parse_day("2025-08-05"))
    assert [one.id for one in bills.deliveries(office.connection)] == [first.id]
    assert sorted(path.name for path in office.folder.iterdir()) == [first.reading]


def test_a_bill_under_another_name_is_the_same_bill(office):
    office.send(GOOD, name="a.csv")
    assert office.send(GOOD, name="b.csv").again


def test_a_new_manifest_restates_the_same_file_without_reading_it_twice(office):
    open_ = office.send(GOOD, name="a.csv", manifest=Manifest())
    assert office.rulings() == {"NOT_FINAL": 2}
    final = office.take(office.inbox / "a.csv", manifest=Manifest(final=True))
    assert office.rulings() == {"NOT_PAID": 2}
    office.take(office.inbox / "a.csv", day="2025-10-01")
    assert final.reading == open_.reading
    assert office.rulings() == {"ELIGIBLE": 2}
    assert office.rulings(as_of="2025-09-30") == {"NOT_PAID": 2}


@pytest.mark.parametrize("make", [write_csv, write_gz, write_parquet])
def test_an_empty_bill_is_refused(office, make):
    suffix = {write_csv: ".csv", write_gz: ".csv.gz", write_parquet: ".parquet"}[make]
    assert refused(office.take(make(office.inbox / f"none{suffix}", []))) == "W301"


def test_a_file_of_no_bytes_is_refused(office):
    assert refused(raw(office, "zero.csv", b"")) == "W301"
    assert refused(raw(office, "zero.csv.gz", gzip.compress(b""))) == "W301"


@pytest.mark.parametrize(("name", "content"), [
    ("a.zip", b"PK\x03\x04 whatever"), ("b.gz", b"\x1f\x8b\x08\x00 not gzip at all, by no means"),
    ("c.csv", "BilledCost,x\n1,2\n".encode("utf-16")), ("d.parquet", b"PAR1 \x00\x01\x02 nothing here PAR1")])
def test_a_file_that_is_no_bill_is_refused(office, name, content):
    assert refused(raw(office, name, content)) == "W302"


def test_a_cut_file_is_refused_whole(office):
    whole = csv_bytes(office, GOOD)
    assert refused(raw(office, "cut.csv", whole[:-20])) == "W303"
    packed = gzip.compress(whole * 50)
    assert refused(raw(office, "cut.csv.gz", packed[:-40])) == "W303"
    parquet = write_parquet(office.inbox / "whole.parquet", GOOD).read_bytes()
    assert refused(raw(office, "cut.parquet", parquet[:-10])) == "W303"
    assert office.bases() == []


def test_a_file_cut_between_two_rows_is_off_its_declared_rows(office):
    told = Manifest(final=True, paid=True, files={"cut.csv": DeclaredFile(rows=3)})
    assert refused(raw(office, "cut.csv", csv_bytes(office, GOOD), manifest=told)) == "W308"


def test_a_gzip_bomb_stops_at_its_bound(office):
    bomb = gzip.compress(b"0" * (UNPACKED_FREE_BYTES + (4 << 20)), 9)
    assert len(bomb) < 100_000
    assert refused(raw(office, "bomb.csv.gz", bomb)) == "W304"


def test_gzip_in_several_members_is_one_file(office):
    whole = csv_bytes(office, GOOD)
    delivery = raw(office, "parts.csv.gz", gzip.compress(whole[:100]) + gzip.compress(whole[100:]))
    assert (delivery.state, delivery.rows) == ("taken", 2)


def test_headings_tell_the_format_and_unknown_ones_are_refused(office):
    assert refused(raw(office, "x.csv", b"a,b\n1,2\n")) == "W305"
    unknown = office.send(GOOD, manifest=Manifest(format="focus-1.9"))
    assert refused(unknown) == "W305"
    assert unknown.problems[0].suggestion == "" and "focus-1.2" in unknown.problems[0].sentence()


def test_missing_columns_are_named_when_needed_and_reported_when_not(office):
    lean = tuple(name for name in HEADINGS if name not in ("BillingCurrency", "ChargeCategory"))
    delivery = office.send(GOOD, headings=lean)
    assert refused(delivery) == "W306"
    assert delivery.problems[0].values["columns"] == "BillingCurrency, ChargeCategory"
    assert office.send(GOOD).lacking == ("AllocatedMethodId", "SkuPriceId", "Tags")


def test_a_heading_twice_is_refused(office):
    assert refused(raw(office, "x.csv", b"BilledCost,Id,BilledCost\n1,2,3\n")) == "W309"


def test_a_file_off_its_declared_total_is_refused(office):
    told = Manifest(final=True, paid=True, files={"a.csv": DeclaredFile(totals={"CNY": 351 * 10**16})})
    delivery = office.send(GOOD, name="a.csv", manifest=told)
    assert refused(delivery) == "W307"
    assert delivery.problems[0].values == {"currency": "CNY", "summed": "3.50", "declared": "3.51"}
    near = Manifest(final=True, paid=True, files={"b.csv": DeclaredFile(totals={"CNY": 3504 * 10**15})})
    assert office.send(GOOD, name="b.csv", manifest=near).state == "taken"


BAD_ROWS = [
    ({"BilledCost": "1,000.00"}, "W311", "BilledCost", "1,000.00"), ({"BilledCost": ""}, "W311", "BilledCost", ""),
    ({"BilledCost": "1E-19"}, "W312", "BilledCost", "1E-19"), ({"BilledCost": "1E12"}, "W313", "BilledCost", "1E12"),
    ({"EffectiveCost": "$4"}, "W311", "EffectiveCost", "$4"),
    ({"ChargePeriodStart": "31/12/2025"}, "W314", "ChargePeriodStart", "31/12/2025"),
    ({"BillingPeriodStart": "soon"}, "W314", "BillingPeriodStart", "soon"),
    ({"BillingCurrency": "RMB"}, "W315", "BillingCurrency", "RMB"),
    ({"BillingAccountId": "NULL"}, "W316", "BillingAccountId", ""),
    ({"ChargeCategory": "Fun"}, "W317", "ChargeCategory", "Fun")]


@pytest.mark.parametrize(("wrong", "code", "field", "text"), BAD_ROWS)
def test_a_bad_row_is_set_apart_with_its_place_and_its_invoice_waits(office, wrong, code, field, text):
    delivery = office.send([row("1.00"), row(**{"billed": "2.00", **wrong}), row("8.00", InvoiceId="INV-2")])
    assert (delivery.state, delivery.rows, delivery.quarantined) == ("taken", 3, 1)
    [problem] = delivery.problems
    assert (problem.code, problem.place.file, problem.place.row, problem.place.field) == (code, "bill-1.csv", 2, field)
    assert problem.values == {"text": text}
    waiting = office.suspended()
    if field != "BillingAccountId":
        assert waiting == [("UNREADABLE", "INV-1")]
        assert office.bases() == [("reed", "INV-2", "compute", "2025-07", "8")]
    else:  # a row that names no account may belong to any invoice of the file
        assert waiting == [("IN_DOUBT", "INV-1"), ("IN_DOUBT", "INV-2")]


def test_a_bad_row_that_costs_nothing_holds_nobody_up(office):
    office.send([row("1.00"), row("0.00", ChargePeriodStart="soon")])
    assert office.bases() == [("reed", "INV-1", "compute", "2025-07", "1")]
    assert office.rulings() == {"ELIGIBLE": 1, "QUARANTINE": 1}


def test_broken_lines_are_set_apart_and_the_rest_is_read(office):
    lines = csv_bytes(office, [row("1.00"), row("2.00"), row("4.00")]).split(b"\r\n")
    lines[2] = lines[2] + b",one field more"
    lines[3] = lines[3].replace(b"Virtual", b"Virt\xff\xfeual")
    delivery = raw(office, "broken.csv", b"\r\n".join(lines))
    assert [(one.code, one.place.row) for one in delivery.problems] == [("W310", 2), ("W318", 3)]
    assert office.suspended() == [("IN_DOUBT", "INV-1")]


def test_an_invoice_that_ties_out_is_not_in_doubt(office):
    lines = csv_bytes(office, [row("1.00"), row("2.00", InvoiceId="INV-2")]).split(b"\r\n")
    lines.insert(2, b"only,three,fields")
    told = Manifest(final=True, paid=True, invoices=(DeclaredInvoice("INV-1", 10**18, 2, "CNY"),))
    raw(office, "broken.csv", b"\r\n".join(lines), manifest=told)
    assert office.bases() == [("reed", "INV-1", "compute", "2025-07", "1")]
    assert office.suspended() == [("IN_DOUBT", "INV-2")]


def test_a_changed_digit_breaks_the_tie_of_its_invoice_alone(office):
    told = Manifest(final=True, paid=True, proofs=("receipt.pdf",), invoices=(
        DeclaredInvoice("INV-1", 350 * 10**16, 2, "CNY"),
        DeclaredInvoice("INV-2", 8 * 10**18, 2, "CNY", proof="transfer-8.pdf")))
    office.send([row("1.00"), row("2.60"), row("8.00", InvoiceId="INV-2")], manifest=told)
    assert office.bases() == [("reed", "INV-2", "compute", "2025-07", "8")]
    with office.lines() as found:
        assert [(tie.invoice, tie.declared, tie.summed, tie.tied, tie.proof) for tie in found.ties()] == [
            ("INV-1", 350 * 10**16, 360 * 10**16, False, "receipt.pdf"),
            ("INV-2", 8 * 10**18, 8 * 10**18, True, "transfer-8.pdf")]
        [waiting] = found.suspensions()
    assert waiting.problem.code == "W323"
    assert waiting.problem.values == {"invoice": "INV-1", "currency": "CNY", "summed": "3.60", "declared": "3.50"}


def test_an_issued_invoice_that_comes_again_with_another_digit_is_tampered_with(office):
    office.send([row("1.00"), row("2.00")], day="2025-08-05")
    office.send([row("1.00"), row("9.00")], day="2025-08-20")
    assert office.bases(as_of="2025-08-10") == [("reed", "INV-1", "compute", "2025-07", "3")]
    assert office.bases() == []
    assert office.suspended() == [("TAMPER", "INV-1")]


def test_a_clearance_says_which_version_of_a_tampered_invoice_stands(office):
    office.send([row("1.00"), row("2.00")], day="2025-08-05")
    second = office.send([row("1.00"), row("9.00")], day="2025-08-20")
    bills.clear(office.connection, bills.Clearance("TAMPER", "Heron Cloud", "A-1", "INV-1", second.id,
                                                   parse_day("2025-09-01"), "officer Bell", "the issuer sent it anew"))
    assert office.bases() == [("reed", "INV-1", "compute", "2025-07", "10")]
    office.send([row("1.00"), row("77.00")], day="2025-09-09")
    assert office.suspended() == [("TAMPER", "INV-1")]


def test_appended_deliveries_add_up_until_the_invoice_is_final(office):
    adding = Manifest(delivery="append")
    office.send([row("1.00")], manifest=adding)
    office.send([row("2.00")], manifest=Manifest(delivery="append", final=True, paid=True))
    assert office.rulings() == {"NOT_FINAL": 2}
    office.send([row("1.00")], manifest=Manifest(delivery="append", final=True, paid=True))
    assert office.bases() == [("reed", "INV-1", "compute", "2025-07", "3")]


def test_a_voided_invoice_counts_for_nothing(office):
    office.send(GOOD, manifest=Manifest(final=True, paid=True, invoices=(DeclaredInvoice("INV-1", status="voided"),)))
    assert office.rulings() == {"NOT_FINAL": 2}


def test_a_semicolon_or_tab_between_fields_will_do(office):
    for mark in (b";", b"\t"):
        delivery = raw(office, f"{mark[0]}.csv", csv_bytes(office, GOOD).replace(b",", mark), uploader=str(mark[0]))
        assert (delivery.state, delivery.quarantined) == ("taken", 0)


POINTS = ("intake.received", "intake.typed", "intake.written", "intake.renamed", "intake.recorded")
KILLED = """
import sys; from pathlib import Path
from westlake import bills, database
connection = database.connect(sys.argv[1]); bills.create(connection)
files = [Path(name) for name in sys.argv[3:]]
bills.intake(connection, Path(sys.argv[2]), files, bills.Manifest(final=True, paid=True), 20305)
"""


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_run_stopped_anywhere_is_simply_run_again(office, tmp_path, point):
    files = [write_csv(office.inbox / f"{name}.csv", rows) for name, rows in (
        ("a", GOOD), ("b", [row("4.00", InvoiceId="INV-2")]))]
    run = [sys.executable, "-c", KILLED, str(tmp_path / "lake.db"), str(office.folder), *map(str, files)]
    killed = subprocess.run(run, env={**os.environ, "WESTLAKE_FAILPOINT": point}, check=False)
    assert killed.returncode == 137
    connection = database.connect(tmp_path / "lake.db")
    counted = [one.name for one in bills.deliveries(connection)]
    assert counted == (["a.csv"] if point == "intake.recorded" else [])
    done = bills.intake(connection, office.folder, files, FINAL, 20305)
    assert [one.state for one in done] == ["taken", "taken"]
    office.connection = connection
    assert office.bases() == [
        ("reed", "INV-1", "compute", "2025-07", "1"), ("reed", "INV-1", "storage", "2025-07", "2.5"),
        ("reed", "INV-2", "compute", "2025-07", "4")]


def test_charges_that_are_gone_are_missed(office):
    delivery = office.send(GOOD)
    shutil.rmtree(office.folder / delivery.reading)
    with pytest.raises(WestlakeError, match="W353"):
        office.bases()


def test_what_was_received_is_never_edited(office):
    office.send(GOOD)
    for statement in ("UPDATE bills_delivery SET name = 'x'", "DELETE FROM bills_delivery"):
        with pytest.raises(Exception, match="append-only"):
            office.connection.execute(statement)


@pytest.mark.parametrize(("encoding", "service"), [("gb18030", "云服务器"), ("cp949", "가상 서버"), ("utf-16", "云服务器")])
def test_a_csv_in_the_encoding_of_its_office_is_read(office, encoding, service):
    content = csv_bytes(office, [row("1.00", ServiceName=service)]).decode().encode(encoding)
    delivery = raw(office, "local.csv", content, manifest=Manifest(final=True, paid=True, encoding=encoding))
    assert (delivery.state, delivery.quarantined) == ("taken", 0)
    with office.lines() as found:
        assert [one.service for line in found for one in bills.audit(found, line)] == [service]


def test_a_csv_that_is_not_in_its_declared_encoding_is_refused(office):
    content = csv_bytes(office, [row("1.00", ServiceName="가상 서버")])
    assert refused(raw(office, "x.csv", content, manifest=Manifest(encoding="cp949"))) == "W302"


def test_a_parquet_of_rows_without_end_is_refused(office):
    path = office.inbox / "bomb.parquet"
    with duckdb.connect() as sql:
        sql.execute(f"COPY (SELECT 1 AS BilledCost FROM range(30_000_000)) TO '{path}' (FORMAT parquet)")
    assert refused(office.take(path)) == "W304"


LARGE = """
import resource, sys; from pathlib import Path
from westlake import bills, database
connection = database.connect(":memory:"); bills.create(connection)
[one] = bills.intake(connection, Path(sys.argv[1]), [Path(sys.argv[2])], bills.Manifest(final=True, paid=True), 20305)
print(one.state, one.rows, one.quarantined, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_one_bad_line_in_a_large_file_costs_no_more_memory_than_in_a_small_one(office):
    """A stand-in for a file of 2 GB, which `bench.bills` drills: five times the rows, much the same memory."""
    line = csv_bytes(office, [row("1.25")]).split(b"\r\n")
    used = []
    for rows in (12_000, 60_000):
        path = office.inbox / f"{rows}.csv"
        path.write_bytes(b"\r\n".join([line[0], *[line[1]] * rows, b"a stray line", line[1], b""]))
        done = subprocess.run([sys.executable, "-c", LARGE, str(office.folder), str(path)], capture_output=True, text=True,
                              check=True)
        state, read, bad, size = done.stdout.split()
        assert (state, int(read), int(bad)) == ("taken", rows + 2, 1)
        used.append(int(size))
    assert used[1] - used[0] < 100, used  # megabytes; the text alone would be 4 MB against 20 MB


def test_a_bill_that_was_mended_replaces_the_one_that_could_not_be_read(office):
    office.send([row("1.00"), row("2,00")], day="2025-08-05")
    assert office.suspended() == [("UNREADABLE", "INV-1")]
    office.send([row("1.00"), row("2.00")], day="2025-08-20")
    assert office.bases() == [("reed", "INV-1", "compute", "2025-07", "3")]
    assert office.suspended(as_of="2025-08-10") == [("UNREADABLE", "INV-1")]


def test_a_bill_that_ties_out_replaces_the_one_that_did_not(office):
    told = Manifest(final=True, paid=True, invoices=(DeclaredInvoice("INV-1", 3 * 10**18, 2, "CNY"),))
    office.send([row("1.00"), row("9.00")], manifest=told)
    assert office.suspended() == [("NOT_TIED", "INV-1")]
    office.send([row("1.00"), row("2.00")], manifest=told)
    assert (office.bases(), office.suspended()) == ([("reed", "INV-1", "compute", "2025-07", "3")], [])
    office.send([row("3.00")], manifest=told)
    assert office.suspended() == [("TAMPER", "INV-1")]


def test_a_refused_bill_is_tried_again_once_its_format_is_known(office, monkeypatch):
    delivery = raw(office, "new.csv", b"Cost,Account\n1,2\n")
    assert refused(delivery) == "W305"
    assert raw(office, "new.csv", b"Cost,Account\n1,2\n").id == delivery.id
    content = csv_bytes(office, GOOD).replace(b"BilledCost", b"Kosten")
    assert refused(raw(office, "x.csv", content)) == "W305"
    known = mappings()
    german = dataclasses.replace(known["focus-1.2"], has=("Kosten",), columns={
        **known["focus-1.2"].columns, "BilledCost": "Kosten"})
    monkeypatch.setattr(sys.modules["westlake.bills.mapping"], "mappings", lambda: {"german": german})
    assert raw(office, "x.csv", content).state == "taken"
    assert raw(office, "x.csv", content).again


def test_two_runs_that_record_the_same_file_make_one_delivery(office):
    first = office.send(GOOD)
    again = record(office.connection, dataclasses.replace(first, id=0), ())
    assert (again.id, len(bills.deliveries(office.connection))) == (first.id, 1)


@pytest.mark.slow
@pytest.mark.parametrize("make", [write_csv, write_gz, write_parquet])
def test_a_damaged_file_is_taken_or_refused_and_breaks_nothing(office, make):
    rows = [row(f"{number}.5", ChargeDescription='a "b", c\nd') for number in range(9)]
    whole = make(office.inbox / "whole.gz", rows).read_bytes()
    dice = random.Random(make.__name__)
    for number in range(25):
        hurt = bytearray(whole)
        for _ in range(dice.choice([1, 3, 20])):
            place = dice.randrange(len(hurt))
            bytes_wrong = dice.choice([b'"', b"\r", b"\0", b",,", b"\xff\xfe", dice.randbytes(4)])
            hurt[place:place + dice.randrange(3)] = bytes_wrong
        delivery = raw(office, f"hurt-{number}", bytes(hurt))
        assert delivery.state == "taken" or refused(delivery)
    office.send([row("7.00", InvoiceId="INV-GOOD")], name="good.csv")
    assert ("reed", "INV-GOOD", "compute", "2025-07", "7") in office.bases()


def test_nothing_is_left_behind_by_a_run(office):
    office.send(GOOD)
    raw(office, "bad.csv", b"")
    assert [path.name for path in office.folder.iterdir() if path.name.startswith(".")] == []
