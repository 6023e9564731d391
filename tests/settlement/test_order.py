"""A ranking is never left to the alphabet."""

from dataclasses import replace

import pytest

from westlake.dates import parse_day
from westlake.errors import WestlakeError
from westlake.settlement import Order, read_order

from .conftest import line


def refused(call):
    with pytest.raises(WestlakeError) as caught:
        call()
    return [problem.line() for problem in caught.value.problems]


def by(office, way):
    office.terms = replace(office.terms, way=way, edge="stop")
    return office


def test_a_queue_by_the_day_of_receipt(office):
    days = {"reed": parse_day("2025-11-01"), "heron": parse_day("2025-11-03"), "lotus": parse_day("2025-11-02")}
    settled = by(office, "queue").settle(*(line(firm, 3000) for firm in days), order=Order(received=days))
    assert office.allotted(settled) == {"reed": 900_00, "lotus": 900_00, "heron": 0}


def test_a_ranking_by_score(office):
    scores = {"reed": 70, "heron": 90, "lotus": 80}
    settled = by(office, "score").settle(*(line(firm, 3000) for firm in scores), order=Order(scores=scores))
    assert office.allotted(settled) == {"heron": 900_00, "lotus": 900_00, "reed": 0}
    rows = office.connection.execute("SELECT firm, rank, score, outcome FROM settlement_case ORDER BY rank").fetchall()
    assert rows == [("heron", 1, 90, "allotted"), ("lotus", 2, 80, "allotted"), ("reed", 3, 70, "unfunded")]


def test_without_an_order_or_a_seed_nothing_is_decided(office):
    lines = [line("reed", 100), line("heron", 100)]
    assert "W417" in refused(lambda: by(office, "queue").settle(*lines))[0]
    assert "W417" in refused(lambda: by(office, "score").settle(*lines, order=Order(scores={"reed": 1})))[0]
    assert "W418" in refused(lambda: by(office, "lottery").settle(*lines))[0]
    assert office.connection.execute("SELECT count(*) FROM settlement_round").fetchone() == (0,)
    settled = by(office, "lottery").settle(*lines, seed="bulletin of noon")
    assert office.allotted(settled) == {"heron": 30_00, "reed": 30_00}


def test_the_table_of_an_order(tmp_path):
    path = tmp_path / "order.csv"
    path.write_text("firm,received,score\nreed,2025-11-01,86\nheron,,90\n")
    assert read_order(path) == Order({"reed": parse_day("2025-11-01")}, {"reed": 86, "heron": 90})
    path.write_text("firm,received\nreed,1/11/25\nheron,2025-11-02\nlotus,soon\n")
    assert [said.split(" W416")[0] for said in refused(lambda: read_order(path))] == ["order.csv row 2", "order.csv row 4"]
    assert "W416" in refused(lambda: read_order(tmp_path / "none.csv"))[0]
