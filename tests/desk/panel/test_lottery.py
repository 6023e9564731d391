"""A draw that anybody at Lakeside can check with one command."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from westlake.desk.panel.lottery import Lot, draw_lots, hashed_text, same_draw
from westlake.errors import WestlakeError


def test_a_draw_by_hand():
    lots = {case: hashlib.sha256(f"l2:s8:lakesides{len(case)}:{case}".encode()).hexdigest()
            for case in ("reed", "lotus", "heron")}
    order = sorted(lots, key=lots.get)
    drawing = draw_lots("lakeside", ["reed", "lotus", "heron"], 2)
    assert drawing.lots == tuple(Lot(case, lots[case], turn, turn <= 2) for turn, case in enumerate(order, 1))
    assert drawing.drawn == tuple(order[:2])
    assert hashed_text("lakeside", "reed") == "l2:s8:lakesides4:reed"
    assert hashed_text("西湖", "reed") == "l2:s6:西湖s4:reed"


@given(st.sets(st.text(min_size=1, max_size=4), max_size=8), st.integers(0, 9))
def test_nobody_s_lot_depends_on_who_else_takes_part(cases, places):
    drawing = draw_lots("lakeside", cases, places)
    assert [lot.lot for lot in drawing.lots] == sorted(
        hashlib.sha256(hashed_text("lakeside", case).encode()).hexdigest() for case in cases)
    assert len(drawing.drawn) == min(places, len(cases))
    assert same_draw(drawing)


def test_a_tampered_record_shows():
    drawing = draw_lots("lakeside", ["reed", "lotus", "heron"], 1)
    swapped = (drawing.lots[0]._replace(case=drawing.lots[1].case), drawing.lots[1]._replace(case=drawing.lots[0].case))
    assert not same_draw(type(drawing)("lakeside", 1, (*swapped, drawing.lots[2])))
    assert not same_draw(type(drawing)("lakeshore", 1, drawing.lots))


@pytest.mark.parametrize(("seed", "cases", "places", "code"), [
    ("", ["reed"], 1, "W940"), ("lakeside", ["reed", "reed"], 1, "W941"), ("lakeside", ["reed"], -1, "W941")])
def test_draws_that_cannot_be(seed, cases, places, code):
    with pytest.raises(WestlakeError, match=code):
        draw_lots(seed, cases, places)
