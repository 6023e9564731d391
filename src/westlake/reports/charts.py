"""Charts as plain Vega-Lite specifications and as still pictures inside a page.

A specification is data: the same one serves a page, a report and an interface. Colours are the
style sheet's own; every chart is shown with its table, so none carries a figure that is not in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape

Spec = dict[str, object]
BRAND, DEEP, QUIET, WARN, GOOD, BAD = "#0b50d0", "#052561", "#9aa4b2", "#b57400", "#267337", "#bd2c0f"
INK, LINE = "#58616a", "#e1e4e8"
FONT = "Pretendard GOV, system-ui, Noto Sans, Noto Sans CJK KR, Noto Sans CJK SC, sans-serif"


def bars(rows: Sequence[tuple[str, int | float]], title: str, width: int = 560, colour: str = BRAND) -> Spec:
    """Horizontal bars, longest first as given: label → number. Labels stand over their bars, so none is cut."""
    said = {"align": "left", "color": INK, "baseline": "middle"}
    return _spec({
        "width": width, "height": {"step": 37},
        "data": {"values": [{"label": label, "number": number} for label, number in rows]},
        "encoding": {"y": {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": None}},
        "layer": [
            {"mark": {"type": "bar", "color": colour, "cornerRadiusEnd": 2, "height": 14, "yOffset": 8, "y2Offset": 8},
             "encoding": {"x": {"field": "number", "type": "quantitative", "title": title, "axis": _NUMBERS,
                                "scale": {"domainMax": max((number for _, number in rows), default=1) * 5 // 4 or 1}}}},
            {"mark": {"type": "text", "dy": -9, **said},
             "encoding": {"x": {"value": 0}, "text": {"field": "label", "type": "nominal"}}},
            {"mark": {"type": "text", "dx": 5, "dy": 9, **said},
             "encoding": {"x": {"field": "number", "type": "quantitative"},
                          "text": {"field": "number", "type": "quantitative", "format": ",.0f"}}}]})


def columns(rows: Sequence[tuple[str, str, float]], title: str, series: Mapping[str, str], width: int = 560) -> Spec:
    """Columns side by side: (place on the axis, series, number); series → colour, in the order drawn."""
    return _spec({
        "width": width, "height": 210,
        "data": {"values": [{"at": at, "series": name, "number": number} for at, name, number in rows]},
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {"x": {"field": "at", "type": "ordinal", "title": None, "sort": None,
                           "axis": {"labelAngle": 0, "ticks": False}, "scale": {"paddingInner": 0.25}},
                     "xOffset": {"field": "series", "sort": list(series)},
                     "y": {"field": "number", "type": "quantitative", "title": title, "axis": _NUMBERS},
                     "color": _colours(series)}})


def pairs(rows: Sequence[tuple[str, float, float]], names: tuple[str, str], title: str, width: int = 560) -> Spec:
    """Two horizontal bars a label, as it was and as it would be: (label, before, after); names: of the two."""
    most = max((number for row in rows for number in row[1:]), default=0)
    colours = _colours(dict(zip(names, (QUIET, BRAND), strict=True)))
    del colours["field"]  # each bar names itself
    layers: list[Spec] = [{
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "height": 11, "yOffset": place, "y2Offset": place},
        "encoding": {"x": {"field": field, "type": "quantitative", "scale": {"domainMax": most * 5 / 4 or 1}},
                     "color": {**colours, "datum": name}}}
        for field, name, place in (("before", names[0], 4), ("after", names[1], 17))]
    layers += [{"mark": {"type": "text", "dx": 5, "dy": place + 1, "align": "left", "color": INK, "baseline": "middle",
                         "fontSize": 11},
                "encoding": {"x": {"field": field, "type": "quantitative"},
                             "text": {"field": field, "type": "quantitative", "format": ",.0f"}}}
               for field, place in (("before", 4), ("after", 17))]
    words: Spec = {"mark": {"type": "text", "dy": -13, "align": "left", "color": INK, "baseline": "middle"},
                   "encoding": {"x": {"value": 0}, "text": {"field": "label", "type": "nominal"}}}
    return _spec({
        "width": width, "height": {"step": 54},
        "data": {"values": [{"label": label, "before": before, "after": after} for label, before, after in rows]},
        "encoding": {"y": {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": None},
                     "x": {"type": "quantitative", "title": title, "axis": _NUMBERS}},
        "layer": [*layers, words]})


def picture(spec: Spec, description: str) -> str:
    """The chart as an SVG element for a page, with its description for those who hear it."""
    import vl_convert  # noqa: PLC0415 - 80 MB that only those who draw should load

    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    svg = re.sub(r"^<\?xml[^>]*>|<!DOCTYPE[^>]*>", "", svg).strip()
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert size, "a chart has a size"
    box = "" if "viewBox" in svg.split(">")[0] else f' viewBox="0 0 {size[1]} {size[2]}"'
    opening = f'<svg role="img" aria-label="{escape(description)}" style="max-width:{size[1]}px"{box} '
    return svg.replace("<svg ", opening, 1).replace(f'width="{size[1]}" height="{size[2]}"', "", 1)


def _colours(series: Mapping[str, str]) -> Spec:
    return {"field": "series", "type": "nominal", "title": None,
            "scale": {"domain": list(series), "range": list(series.values())},
            "legend": {"orient": "top", "symbolType": "circle"}}


def _spec(body: Spec) -> Spec:
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "background": None,
            "padding": {"left": 2, "top": 2, "bottom": 2, "right": 12},
            "config": {"font": FONT, "view": {"stroke": None},
                       "axis": {"labelFontSize": 13, "titleFontSize": 13, "labelColor": INK, "titleColor": INK,
                                "gridColor": LINE, "domainColor": LINE, "titleFontWeight": "normal"},
                       "legend": {"labelFontSize": 13, "labelColor": INK}, "text": {"fontSize": 13}}, **body}


_NUMBERS: Spec = {"format": "~s", "tickCount": 5, "tickMinStep": 1, "ticks": False, "domain": False}
