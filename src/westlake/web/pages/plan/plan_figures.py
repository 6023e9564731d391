"""The figures of the plan and of the office's effort as Vega-Lite specifications: data that any page can draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from westlake.dates import MICROS_PER_DAY
from westlake.desk.plan.attained import BudgetYear
from westlake.desk.plan.blueprint import Pledge
from westlake.desk.plan.effort import Month
from westlake.money import MINOR_DIGITS
from westlake.reports.charts import BRAND, DEEP, FONT, INK, QUIET, WARN
from westlake.words import say

Spec = dict[str, Any]
READINGS = (BRAND, WARN, QUIET)


def budgets(rows: Sequence[BudgetYear], currency: str, lang: str, title: Callable[[str], str]) -> Spec:
    """Planned, promised or awarded, and paid, of each programme over the years shown, in the unit of _step."""
    def tell(name: str) -> str:
        return say(f"web.blueprint.{name}", lang)

    parts = (("planned", QUIET), ("used", BRAND), ("paid", DEEP))
    sums: dict[tuple[str, str], int] = {}
    for one in rows:
        used = one.books.held + one.books.awarded if one.books else 0
        for name, amount in (("planned", one.planned or 0), ("used", used), ("paid", one.paid)):
            key = (title(one.programme), name)
            sums[key] = sums.get(key, 0) + amount
    step = _step(rows, currency, lang)
    values = [{"programme": programme, "part": tell(name), "number": round(number / step, 2)}
              for (programme, name), number in sums.items()]
    return _spec({
        "height": 58 * max(len({programme for programme, _ in sums}), 1), "data": {"values": values},
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "y": {"field": "programme", "type": "nominal", "sort": None, "title": None, "scale": {"paddingInner": 0.3},
                  "axis": {"labelLimit": 110, "ticks": False, "domain": False}},
            "yOffset": {"field": "part", "sort": [tell(name) for name, _ in parts]},
            "x": {"field": "number", "type": "quantitative", "title": None, "axis": _NUMBERS},
            "color": {"field": "part", "type": "nominal", "title": None,
                      "scale": {"domain": [tell(name) for name, _ in parts], "range": [colour for _, colour in parts]},
                      "legend": {"orient": "top", "symbolType": "circle", "columns": 2}},
            "tooltip": [{"field": "programme", "title": tell("programme")}, {"field": "part", "title": tell("part")},
                        {"field": "number", "format": ",", "title": tell("amount")}]}})


def budget_caption(rows: Sequence[BudgetYear], currency: str, lang: str) -> str:
    """What the bars stand for, with the unit that they are drawn in."""
    unit = "main" if _step(rows, currency, lang) == 10 ** MINOR_DIGITS[currency] else "large"
    return say(f"web.blueprint.budget_caption.{unit}", lang, currency=currency)


def _step(rows: Sequence[BudgetYear], currency: str, lang: str) -> int:
    """Minor units of what the axis counts: millions, in Korean and Chinese hundred millions, where sums are large."""
    main = 10 ** MINOR_DIGITS[currency]
    large = main * (10**6 if lang == "en" else 10**8)
    return large if max((one.planned or 0 for one in rows), default=0) >= large else main


def pledge(one: Pledge, names: Sequence[str], says: Sequence[str]) -> Spec:
    """A bar over the years for each reading of a pledge, with what it comes to a year above it."""
    values = [{"reading": name, "first": reading.first, "last": reading.last + 1,
               "says": f"{name}: {reading.first}–{reading.last} · {text}"}
              for name, text, reading in zip(names, says, one.readings, strict=True)]
    first = min([one.declared, *(reading.first for reading in one.readings)])
    last = max(reading.last for reading in one.readings) + 1
    y: Spec = {"field": "reading", "type": "nominal", "sort": None, "title": None, "axis": None}
    x: Spec = {"type": "quantitative", "title": None, "scale": {"domain": [first, last], "nice": False},
               "axis": {"format": "d", "tickCount": 6, "tickMinStep": 1, "ticks": False, "grid": True}}
    return _spec({
        "height": 46 * len(values), "data": {"values": values},
        "layer": [
            {"mark": {"type": "bar", "height": 14, "yOffset": 9, "cornerRadius": 2},
             "encoding": {"x": {"field": "first", **x}, "x2": {"field": "last"}, "y": y,
                          "color": {"field": "reading", "type": "nominal", "legend": None,
                                    "scale": {"domain": list(names), "range": list(READINGS[:len(names)])}}}},
            {"mark": {"type": "text", "aria": False, "align": "left", "dy": -10, "color": INK, "fontSize": 13},
             "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "says"}}},
            {"mark": {"type": "rule", "aria": False, "color": DEEP, "strokeDash": [3, 3]},
             "encoding": {"x": {"datum": one.declared, **x}}}]})


def months(rows: Sequence[Month], lang: str) -> Spec:
    """Median and ninetieth percentile of the days to a decision, month by month."""
    names = [say(f"web.effort.{name}", lang) for name in ("median", "p90")]
    values = [{"month": f"{one.year}-{one.month:02}", "what": name, "days": round(us / MICROS_PER_DAY, 1)}
              for one in rows for name, us in zip(names, (one.median_us, one.p90_us), strict=True)]
    return _spec({
        "height": 200, "data": {"values": values}, "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "x": {"field": "month", "type": "ordinal", "title": None, "sort": None,
                  "axis": {"labelAngle": 0, "ticks": False, "labelOverlap": True}},
            "xOffset": {"field": "what", "sort": names},
            "y": {"field": "days", "type": "quantitative", "title": None, "axis": _NUMBERS},
            "color": {"field": "what", "type": "nominal", "title": None,
                      "scale": {"domain": names, "range": [BRAND, QUIET]},
                      "legend": {"orient": "top", "symbolType": "circle"}}}})


_NUMBERS: Spec = {"format": ",~f", "tickCount": 4, "ticks": False, "domain": False}


def _spec(body: Spec) -> Spec:
    """As wide as the page gives."""
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "background": None, "width": "container",
            "autosize": {"type": "fit-x", "contains": "padding"}, "config": {
                "font": FONT, "view": {"stroke": None}, "axis": {
                    "labelFontSize": 13, "labelColor": INK, "gridColor": "#e1e4e8", "domainColor": "#e1e4e8"},
                "legend": {"labelFontSize": 13, "labelColor": INK}}, **body}
