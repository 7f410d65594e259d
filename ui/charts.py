"""Charts as Vega-Lite dicts: colour-blind safe, Chinese labels, nothing but small aggregates."""

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]

FONT = "Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
INK, SOFT, GRID = "#1b2a30", "#52656d", "#e3eaec"
# Okabe–Ito, darkened where white shows through; blue and orange stay apart for every eye.
BLUE, ORANGE, GREY = "#1f5f99", "#d55e00", "#9aa8ad"
# From light to dark in one hue: order is seen without colour.
SEQUENCE = ("#e6eff8", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#084a91")
# Found true from dark to light, not found in orange.
FOUND = {"属实": "#084a91", "基本属实": "#4292c6", "部分属实": "#9ecae1", "不属实": "#e69f00"}

NEAR = 0.07  # of the map: two labels nearer than this would run into each other

CONFIG: Spec = {
    "font": FONT,
    "aria": False,  # Vega names its parts in English; each chart has a table or a title that reads
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT, "titleColor": SOFT, "gridColor": GRID, "domainColor": "#b8c4c8",
        "tickColor": "#b8c4c8", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 400,
    },
    "legend": {
        "labelColor": INK, "titleColor": SOFT, "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": 400,
    },
    "locale": {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]}},
}  # fmt: skip


def lines(rows: Sequence[Mapping[str, object]], order: Sequence[str]) -> Spec:
    """Two or three lines over months; `rows` have 月份, 口径 and 件数."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": "、".join(order) + "逐月折线图",
        "data": {"values": list(rows)},
        "height": 260, "width": "container", "config": CONFIG,
        "encoding": {
            "x": {"field": "月份", "type": "ordinal", "sort": None, "title": None,
                  "axis": {"labelAngle": 0, "labelOverlap": "greedy"}},
            "y": {"field": "件数", "type": "quantitative", "title": "件", "scale": {"zero": True},
                  "axis": {"tickCount": 5, "format": ",d"}},
            "color": {"field": "口径", "type": "nominal",
                      "scale": {"domain": list(order), "range": [BLUE, ORANGE, GREY][: len(order)]},
                      "legend": {"orient": "top", "title": None, "symbolType": "stroke"}},
            "strokeDash": {"field": "口径", "type": "nominal",
                           "scale": {"domain": list(order),
                                     "range": [[1, 0], [6, 3], [2, 2]][: len(order)]}},
        },
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2.5}},
            {"mark": {"type": "point", "filled": True, "size": 46},
             "encoding": {"tooltip": [{"field": "月份"}, {"field": "口径"},
                                      {"field": "件数", "format": ",d"}]}},
        ],
    }  # fmt: skip


def stacked(rows: Sequence[Mapping[str, object]], order: Sequence[str]) -> Spec:
    """One bar a type, cut into conclusions as shares; `rows` have 类型, 结论, 件数 and 次序."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": "各类型的认定结论占比条形图",
        "data": {"values": list(rows)},
        "height": 34 * len(order) + 70, "width": "container", "config": CONFIG,
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "类型", "type": "nominal", "sort": list(order), "title": None,
                  "scale": {"paddingInner": 0.4}, "axis": {"labelOverlap": False}},
            "x": {"field": "件数", "type": "quantitative", "stack": "normalize", "title": None,
                  "axis": {"format": ".0%", "tickCount": 5}},
            "color": {"field": "结论", "type": "nominal",
                      "scale": {"domain": list(FOUND), "range": list(FOUND.values())},
                      "legend": {"orient": "top", "title": None}},
            "order": {"field": "次序", "type": "quantitative"},
            "tooltip": [{"field": "类型"}, {"field": "结论"}, {"field": "件数", "format": ",d"}],
        },
    }  # fmt: skip


def choropleth(
    layer: str, rows: Sequence[Mapping[str, object]], parent: int | None, legend: str,
    form: str, height: int,
) -> Spec:  # fmt: skip
    """Regions coloured by `value`; `rows` have code, name, short, label, shown,
    detail, value, lon and lat.

    Boundaries come by address from static serving; what has no value stays grey. A click gives
    the region's `code` under the selection "pick".
    """
    rows = spaced(rows)
    url = f"/app/static/geo/{layer}.geojson"
    shapes: Spec = {"url": url, "format": {"type": "json", "property": "features"}}
    inside = [{"filter": f"datum.properties.parent == {parent}"}] if parent else []
    known = {
        "lookup": "properties.adcode",
        "from": {"data": {"values": list(rows)}, "key": "code",
                 "fields": ["code", "name", "value", "shown", "detail"]},
    }  # fmt: skip
    outline = {"type": "geoshape", "stroke": "#ffffff", "strokeWidth": 1}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{legend}示意地图，数字见旁边的列表",
        "height": height, "width": "container", "config": CONFIG,
        "projection": {"type": "mercator"},
        "layer": [
            {"data": shapes, "transform": inside, "mark": {**outline, "fill": "#e3e7e9"}},
            {
                "data": shapes,
                "transform": [*inside, known, {"filter": "isValid(datum.value)"}],
                "params": [{"name": "pick", "select": {"type": "point", "fields": ["code"]}}],
                "mark": {**outline, "cursor": "pointer"},
                "encoding": {
                    "color": {
                        "field": "value", "type": "quantitative",
                        "scale": {"range": list(SEQUENCE), "zero": False, "nice": True},
                        "legend": {"title": legend, "orient": "bottom", "format": form,
                                   "gradientLength": 220, "tickCount": 5},
                    },
                    "tooltip": [{"field": "name", "title": "地区"},
                                {"field": "shown", "title": legend},
                                {"field": "detail", "title": "件数"}],
                },
            },
            *_labels(rows),
        ],
    }  # fmt: skip


def spaced(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `label`: near neighbours moved apart, the number left out if still too near."""
    span = max((max(r[k] for r in rows) - min(r[k] for r in rows) for k in ("lon", "lat")),
               default=0) if rows else 0  # fmt: skip
    near = span * NEAR
    moved = [{**row, "lat": row["lat"] + _push(row, rows, near)} for row in rows]
    return [{**row, "label": "" if _crowd(row, moved, near) else row["shown"]} for row in moved]


def _crowd(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], near: float) -> list[float]:
    """How much further north this row lies than each one it would run into."""
    return [
        row["lat"] - other["lat"]
        for other in rows
        if other["code"] != row["code"]
        and abs(row["lat"] - other["lat"]) < near * 0.999
        and abs(row["lon"] - other["lon"]) < 1.6 * near
    ]


def _push(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], near: float) -> float:
    """Half the way apart from a single near neighbour, north or south; in a crowd nobody moves."""
    found = _crowd(row, rows, near)
    if len(found) != 1:
        return 0.0
    return (near - abs(found[0])) / 2 * (1 if found[0] > 0 else -1)


def _labels(rows: Sequence[Mapping[str, object]]) -> list[Spec]:
    """Names and numbers over the map, with a halo so that they read on every shade."""
    at: Spec = {
        "longitude": {"field": "lon", "type": "quantitative"},
        "latitude": {"field": "lat", "type": "quantitative"},
    }
    out: list[Spec] = []
    for field, dy, size, weight in (("short", -6, 12, 700), ("label", 8, 11, 400)):
        text = {**at, "text": {"field": field, "type": "nominal"}}
        mark = {"type": "text", "dy": dy, "fontSize": size, "fontWeight": weight, "font": FONT}
        data = {"values": list(rows)}
        halo = {**mark, "stroke": "#ffffff", "strokeWidth": 3.5, "strokeOpacity": 0.9,
                "strokeJoin": "round"}  # fmt: skip
        out += [{"data": data, "mark": halo, "encoding": text},
                {"data": data, "mark": {**mark, "fill": INK}, "encoding": text}]  # fmt: skip
    return out
