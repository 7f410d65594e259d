"""The map of regions and the list that says the same: place, measure, period and type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from db.queries import regions
from db.queries.metrics import Period
from db.queries.regions import Measure, Part
from domain.people import Level, city_of, level_of
from domain.scope import Scope
from rules import load
from scoring.period import Period as Span
from scoring.period import PeriodKind
from services.monthly_words import share
from ui import charts, reads, reads_regions
from ui.tables import link, safe

PROVINCE = 320000
COUNTS = {
    Measure.RECEIVED: "收到日在所选时段、发生地在该区域的事项。",
    Measure.PER_CAPITA: "收件÷2023年末常住人口（万人），按发生地统计；"
    "县（市、区）没有同口径人口数，不计算。",
    Measure.OVERDUE: "此刻在办的事项中，有时限过期未完成的占比，按发生地统计；"
    "与所选时段无关，暂定期限不计。",
    Measure.ON_TIME: "所选时段内到期的办结期限（信访、举报、简易办理）中按期办结的占比，"
    "按到期时的责任单位统计；今天到期的未到24时不判，暂定期限和经批准剔除的不计。",
    Measure.SATISFACTION: "所选时段内送达且已评价的事项中，满意和基本满意的占比，"
    "按发生地统计。",
}  # fmt: skip
PARTS = {
    Measure.OVERDUE: ("超期", "在办"), Measure.ON_TIME: ("按期", "到期"),
    Measure.SATISFACTION: ("满意", "已评价"),
}  # fmt: skip
NOTE = "示意图，非标准地图。灰色：没有可计算的数据，或不在您的查看范围。"


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for: where, what, when and of which type."""

    root: int
    measure: Measure
    span: Span
    category: str
    today: date

    @property
    def period(self) -> Period:
        """The days of the view, whole months."""
        return Period(self.span.first, self.span.last)

    def at(self, **changes: object) -> dict[str, object]:
        """The keys of the page's address with some changed."""
        now = {"unit": self.root, "show": self.measure.value, "period": str(self.span)}
        return now | {"category": self.category} | changes

    @property
    def counties(self) -> bool:
        """Whether counties are shown."""
        return level_of(self.root) is not Level.PROVINCE


@dataclass(frozen=True, slots=True)
class Region:
    """A region as it is shown: its number in words, what is behind it, and its place on a scale."""

    code: int
    name: str
    short: str
    part: Part
    value: float | None
    shown: str
    own: bool  # the bureau itself beside the units below it

    @property
    def detail(self) -> str:
        """12/340件, or 340件."""
        whole = "" if self.part.whole is None else f"/{self.part.whole:,}"
        return f"{self.part.part:,}{whole}件"


def view(scope: Scope, home: int, today: date) -> View:
    """The view the address asks for, within what the viewer sees."""
    asked = st.query_params
    start = home if level_of(home) is not Level.COUNTY else city_of(home)
    given = asked.get("unit", "")
    root = int(given) if given.isdigit() else start
    known_unit = scope.covers(root) and root in reads.units()
    if root not in (PROVINCE, start) and (not known_unit or level_of(root) is Level.COUNTY):
        root = start
    measure = asked.get("show", "")
    known = Measure(measure) if measure in set(Measure) else Measure.RECEIVED
    if known is Measure.PER_CAPITA and level_of(root) is not Level.PROVINCE:
        known = Measure.RECEIVED
    categories = {c.key for c in load().categories}
    category = asked.get("category", "")
    given = asked.get("period", "")
    span = Span.parse(given) if given in spans(today) else Span(PeriodKind.YEAR, today.year)
    return View(root, known, span, category if category in categories else "", today)


def spans(today: date) -> dict[str, str]:
    """The periods on offer: this year and the last, their quarters, and eighteen months."""
    year, quarter = Span(PeriodKind.YEAR, today.year), Span.of(today, PeriodKind.QUARTER)
    month = Span.of(today, PeriodKind.MONTH)
    found = [year, year.previous(), *(quarter.previous(n) for n in range(5))]
    found += [month.previous(n) for n in range(18)]
    labels = {str(span): span.label for span in found}
    said = {str(year): f"{year.label}（今年以来）", str(month): f"{month.label}（本月至今）"}
    return labels | said


def listed(scope: Scope, seen: View, version: int) -> list[Region]:
    """The regions of a view, most first; those without a number last."""
    period = seen.period
    found = reads_regions.figures(
        scope, seen.measure, seen.root, period, seen.category, seen.today, version
    )
    names, places = reads.units(), reads_regions.places()
    codes = [c for c, u in names.items() if _below(c, seen.root) and scope.covers(c)]
    extra = [seen.root] if found.get(seen.root, Part(0, 0)) != Part(0, 0) else []
    out = []
    for code in [*codes, *extra]:
        part = found.get(code, Part(0, None if seen.measure in _PLAIN else 0))
        name = "本级" if code == seen.root else names[code].division
        short = name if code == seen.root else names[code].short
        value, shown = _said(seen.measure, part, places[code][2])
        out.append(Region(code, name, short, part, value, shown, code == seen.root))
    return sorted(out, key=lambda r: (r.value is None, -(r.value or 0), r.code))


_PLAIN = (Measure.RECEIVED, Measure.PER_CAPITA)


def _below(code: int, root: int) -> bool:
    if level_of(root) is Level.PROVINCE:
        return level_of(code) is Level.CITY
    return level_of(code) is Level.COUNTY and city_of(code) == root


def _said(measure: Measure, part: Part, people: float | None) -> tuple[float | None, str]:
    """The place on the scale and the words of a number."""
    if measure is Measure.RECEIVED:
        return float(part.part), f"{part.part:,}"
    if measure is Measure.PER_CAPITA:
        return (part.part / people, f"{part.part / people:.2f}") if people else (None, "—")
    if not part.whole:
        return None, "—"
    return part.part / part.whole, share(part.part, part.whole)


def spec(seen: View, rows: list[Region]) -> charts.Spec:
    """The map of the rows."""
    places = reads_regions.places()
    values: list[Mapping[str, object]] = [
        {"code": r.code, "name": r.name, "short": r.short, "value": r.value, "shown": r.shown,
         "detail": r.detail, "lon": places[r.code][0], "lat": places[r.code][1]}
        for r in rows if not r.own
    ]  # fmt: skip
    layer = "jiangsu_counties" if seen.counties else "jiangsu_cities"
    form = {Measure.RECEIVED: ",d", Measure.PER_CAPITA: ".2f"}.get(seen.measure, ".1%")
    parent = seen.root if seen.counties else None
    return charts.choropleth(layer, values, parent, seen.measure.label, form, 540)


def drawn(seen: View, rows: list[Region]) -> int | None:
    """Draw the map; the region that was clicked."""
    key = f"map_{seen.root}_{seen.measure.value}_{seen.span}_{seen.category}"
    event: Any = st.vega_lite_chart(
        spec(seen, rows), on_select="rerun", selection_mode="pick", key=key, width="stretch"
    )
    picked = event["selection"].get("pick") or []
    return int(picked[0]["code"]) if picked else None


def open_region(seen: View, code: int) -> None:
    """Go down to a city's counties, or to a county's cases."""
    if level_of(code) is Level.CITY and not seen.counties:
        st.query_params.from_dict({k: str(v) for k, v in seen.at(unit=code).items() if v})
        st.rerun()
    asked = regions.asked(seen.measure, code, seen.period, seen.category)
    st.switch_page("../pages/cases.py", query_params=asked.address())


def path(seen: View, scope: Scope) -> str:
    """Where we are, and the way back up."""
    here = f"<b>{safe(reads.units()[seen.root].division)}</b>"
    up = f"{link('江苏省', 'maps', seen.at(unit=PROVINCE))} › " if seen.counties else ""
    return f'<nav class="xm-path" aria-label="位置">{up}{here}</nav>'


def tabs(seen: View) -> str:
    """The measures, as links."""
    shown = [m for m in Measure if not (seen.counties and m is Measure.PER_CAPITA)]
    ways = "".join(
        f'<b class="xm-tab xm-on" aria-current="true">{m.label}</b>' if m is seen.measure
        else str(link(m.label, "maps", seen.at(show=m.value), css="xm-tab"))
        for m in shown
    )  # fmt: skip
    return f'<nav class="xm-tabs" aria-label="指标">{ways}</nav>'


def bars(seen: View, rows: list[Region]) -> str:
    """The same numbers as a list: bar, number, and the cases behind it."""
    most = max((r.value or 0 for r in rows), default=0) or 1
    body = "".join(_bar(seen, row, place, most) for place, row in enumerate(rows, 1))
    part, whole = PARTS.get(seen.measure, ("件数", ""))
    behind = f"{part} / {whole}" if whole else part
    return (
        f'<table class="xm-bars"><thead><tr><th>地区</th><th class="n">{seen.measure.label}</th>'
        f'<th></th><th class="n">{behind}</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _bar(seen: View, row: Region, place: int, most: float) -> str:
    name: object = safe(row.name)
    if not seen.counties and not row.own:
        name = link(row.name, "maps", seen.at(unit=row.code), title=f"查看{row.name}各县（市、区）")
    wide = 100 * (row.value or 0) / most
    return (
        f'<tr><td class="name"><i>{place}</i>{name}</td><td class="n"><b>{row.shown}</b></td>'
        f'<td class="bar"><span style="width:{wide:.1f}%"></span></td>'
        f'<td class="n">{_numbers(seen, row)}</td></tr>'
    )


def _numbers(seen: View, row: Region) -> str:
    """The cases behind a number, each opening its list."""

    def opening(number: int, whole: bool) -> str:
        asked = regions.asked(
            seen.measure, row.code, seen.period, seen.category, own=row.own, whole=whole
        )
        plain = row.own and seen.measure not in regions.BY_DUTY
        return f"{number:,}" if plain else str(link(number, "cases", asked.address()))

    first = opening(row.part.part, False)
    return first if row.part.whole is None else f"{first} / {opening(row.part.whole, True)}"


def chooser(box: Any, name: str, label: str, options: Mapping[str, str], now: str) -> None:
    """A choice that lives in the address."""
    keys = list(options)
    key = f"{label}.{name}.{now}"
    box.selectbox(label, keys, index=keys.index(now), key=key, format_func=options.__getitem__,
                  on_change=_write, args=(name, key))  # fmt: skip


def _write(name: str, key: str) -> None:
    value = st.session_state[key]
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def categories() -> dict[str, str]:
    """The types on offer."""
    return {"": "全部类型"} | {c.key: c.label for c in load().categories}
