"""A city full of fraud, settled and paid: of what waits for an officer, nothing is."""

import json
from functools import partial

import pytest

from westlake import database
from westlake.bills.generator import generate
from westlake.cli import demo


@pytest.mark.slow
def test_no_claim_that_waits_is_paid(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "generate", partial(generate, lines_mean=6, fraud_share=0.3, innocent_share=0.2))
    folder = tmp_path / "lake"
    demo.run_demo(folder, 25, 2025, 7, "en")
    connection = database.connect(folder / "westlake.db")
    [(text,)] = connection.execute("SELECT evidence FROM settlement_round").fetchall()
    waits = {(firm, one["invoice"]) for one in json.loads(text)["suspended"] for firm in one["firms"] if one["invoice"]}
    paid = {(row[0], json.loads(row[1])["invoice"]) for row in connection.execute(
        "SELECT firm, evidence FROM settlement_line WHERE allotted <> 0").fetchall()}
    assert len(waits) > 10
    assert len(paid) > 100
    assert waits.isdisjoint(paid)
    planted = (folder / "labels.csv").read_text("utf-8").splitlines()
    assert {invoice for _, invoice in waits} <= {word for line in planted for word in line.replace(",", " ").split()}
