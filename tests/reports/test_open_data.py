"""The public sees every firm's award to the fen, no person, and no table that runs a formula."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from westlake.dates import parse_day
from westlake.reports.open_data import (
    OpenAward,
    OpenCall,
    OpenData,
    OpenPayment,
    OpenRecovery,
    PersonalAward,
    csv_bytes,
    exact,
    json_text,
    write_open_data,
)

DAY = parse_day("2026-03-02")
PEOPLE = tuple(PersonalAward("talent", 2026, f"P{n}", 5_000_000 + n, "CNY") for n in range(5))
DATA = OpenData(
    calls=(OpenCall("C1", "cloud_voucher", "云券, \"2026\"", DAY, DAY + 30, 200_000_000, "CNY"),),
    awards=(OpenAward("A2", "C1", "cloud_voucher", "F2", "=cmd|' /C calc'!A0", DAY, 7, "CNY"),
            OpenAward("A1", "C1", "cloud_voucher", "F1", "苍鹭机器人有限公司", DAY, 130_026, "CNY")),
    payments=(OpenPayment("P1", "A1", "F1", "苍鹭机器人有限公司", DAY + 9, 130_026, "CNY"),),
    recoveries=(OpenRecovery("R1", "A1", "F1", "苍鹭机器人有限公司", DAY + 99, 30_000, 0, "CNY"),),
    people=(*PEOPLE, PersonalAward("housing", 2026, "P1", 9, "CNY")))


def rows(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_tables_of_the_portal():
    files = write_open_data(DATA, "Lakeside", DAY + 100)
    assert {name: rows(raw) for name, raw in files.items() if name.endswith(".csv")} == {
        "calls.csv": [["id", "programme", "title", "opens", "closes", "budget", "currency"],
                      ["C1", "cloud_voucher", '云券, "2026"', "2026-03-02", "2026-04-01", "2000000.00", "CNY"]],
        "awards.csv": [["id", "call", "programme", "firm", "firm_name", "day", "amount", "currency"],
                       ["A1", "C1", "cloud_voucher", "F1", "苍鹭机器人有限公司", "2026-03-02", "1300.26", "CNY"],
                       ["A2", "C1", "cloud_voucher", "F2", "'=cmd|' /C calc'!A0", "2026-03-02", "0.07", "CNY"]],
        "payments.csv": [["id", "award", "firm", "firm_name", "day", "amount", "currency"],
                         ["P1", "A1", "F1", "苍鹭机器人有限公司", "2026-03-11", "1300.26", "CNY"]],
        "recoveries.csv": [["id", "award", "firm", "firm_name", "day", "demanded", "received", "currency"],
                           ["R1", "A1", "F1", "苍鹭机器人有限公司", "2026-06-09", "300.00", "0.00", "CNY"]],
        "people.csv": [["programme", "year", "currency", "people", "amount"], ["talent", "2026", "CNY", "5", "250000.10"]]}


def test_the_json_says_the_same_exactly():
    whole = json.loads(write_open_data(DATA, "Lakeside", DAY + 100)["open-data.json"], parse_float=Decimal)
    assert (whole["publisher"], whole["published"]) == ("Lakeside", "2026-06-10")
    assert [(one["firm_name"], one["amount"]) for one in whole["awards"]] == [
        ("苍鹭机器人有限公司", Decimal("1300.26")), ("=cmd|' /C calc'!A0", Decimal("0.07"))]
    assert whole["people"] == [{"programme": "talent", "year": 2026, "currency": "CNY", "people": 5, "amount": Decimal("250000.10")}]


def test_no_person_is_named_and_few_are_not_even_added_up():
    everything = b"".join(write_open_data(DATA, "Lakeside", DAY).values())
    assert [name in everything for name in (b"P0", b"P4", b"housing")] == [False, False, False]
    another_year = replace(PEOPLE[4], year=2025)  # else the sum of both years, less this one, would tell of one person
    assert rows(write_open_data(OpenData(people=(*PEOPLE, another_year)), "Lakeside", DAY)["people.csv"])[1:] == [
        ["talent", "2026", "CNY", "5", "250000.10"]]
    once_more = OpenData(people=(*PEOPLE[:4], PEOPLE[0]))  # four people, five awards
    assert rows(write_open_data(once_more, "Lakeside", DAY)["people.csv"])[1:] == []


def test_the_same_data_has_the_same_bytes():
    turned = OpenData(DATA.calls, DATA.awards[::-1], DATA.payments, DATA.recoveries, DATA.people[::-1])
    assert write_open_data(turned, "Lakeside", DAY) == write_open_data(DATA, "Lakeside", DAY)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠A1"])
def test_no_text_is_a_formula_and_a_number_stays_one(text):
    assert rows(csv_bytes(["x"], [[text], [-5], [exact(-5, "CNY")]])) == [["x"], [f"'{text}"], ["-5"], ["-0.05"]]


def test_cells_of_every_kind():
    assert rows(csv_bytes(["=x"], [[None, True, False, ["a", 1], {"가": "나"}]]))[1] == ["", "true", "false", '["a", 1]', '{"가": "나"}']


def test_json_by_another_reader():
    value = {"a": [], "b": {}, "c": [1, None, True, "\"한\n字", {"d": -0}], "e": Decimal("10.50")}
    assert json.loads(json_text(value), parse_float=Decimal) == value
    with pytest.raises(TypeError):
        json_text({"a": [0.1]})


def test_minor_units_as_decimals():
    assert [str(exact(*pair)) for pair in ((130_026, "CNY"), (7, "CNY"), (500_000, "KRW"), (-1, "USD"), (10**15, "CNY"))] == [
        "1300.26", "0.07", "500000", "-0.01", "10000000000000.00"]
