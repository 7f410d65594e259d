"""The sections of the monthly summary as pieces of a page; every count of cases opens its list."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

from db.queries.cases import CaseFilter
from db.queries.regions import Measure
from domain.people import Level, level_of
from domain.statuses import CONCLUSIONS
from services.monthly_model import Flow, Line, Outcome, Row, Share, Summary
from services.monthly_sheets import RATES
from services.monthly_words import NOTHING, change
from ui import charts, reads, reads_regions
from ui.tables import Cell, link, safe


def heading(found: Summary, number: int, name: str) -> str:
    """The finding of a section as its title."""
    place = "一二三四五六"[number - 1]
    return f'<h2 class="xm-h"><i>{place}、{name}</i>{safe(found.titles[number])}</h2>'


# --- 1


def tiles(found: Summary) -> str:
    """The figures of the month, with what they are compared with."""
    flow, before = found.flow, found.before
    items = (
        ("收件", flow.received, asked(found, "received"), _compared(found, "received")),
        ("受理", found.accepted, asked(found, "accepted"), "决定日期在本月"),
        ("办结", flow.concluded, asked(found, "concluded"),
         f"{_compared(found, 'concluded')}；阶段性 {found.staged} 件"),
        ("不予受理", flow.declined, asked(found, "declined"), f"上月 {before.declined} 件"),
        ("移送", flow.transferred, asked(found, "transferred"), f"上月 {before.transferred} 件"),
        ("现在在办", found.total.in_hand, asked(found, "in_hand"), "查询当时"),
    )  # fmt: skip
    return f'<div class="xm-tiles">{"".join(_tile(*item) for item in items)}</div>'


def _tile(label: str, number: int, opened: CaseFilter, below: str) -> str:
    figure = link(number, "cases", opened.address())
    return f'<div class="xm-tile"><span>{label}</span><b>{figure}</b><em>{safe(below)}</em></div>'


def _compared(found: Summary, name: str) -> str:
    if not found.whole:
        return "本月未结束，不作比较"
    now, before, year = (getattr(f, name) for f in (found.flow, found.before, found.year_ago))
    return f"环比{change(now, before)} 同比{change(now, year)}"


def balance(found: Summary) -> str:
    """上月结存＋本月收件－本月结－移送＝本月结存, in numbers."""
    flow = found.flow
    parts = (
        ("上月结存", "", flow.opening), ("本月收件", "＋", flow.received),
        ("本月结", "－", flow.ended), ("移送", "－", flow.transferred),
        ("本月结存", "＝", flow.closing),
    )  # fmt: skip
    said = "".join(f"{sign} <span>{label}</span> <b>{n:,}</b> " for label, sign, n in parts)
    return f'<div class="xm-flow">{said}<span>（结＝办结＋不予受理）</span></div>'


def line_rows(series: tuple[Flow, ...]) -> list[Mapping[str, object]]:
    """The points of the twelve-month line."""
    rows: list[Mapping[str, object]] = []
    for flow in series:
        label = f"{flow.month.year % 100}年{flow.month.number}月"
        pairs = (("收件", flow.received), ("办结", flow.concluded), ("月末结存", flow.closing))
        rows += [{"月份": label, "口径": name, "件数": number} for name, number in pairs]
    return rows


def line(found: Summary) -> charts.Spec:
    """The twelve-month line."""
    return charts.lines(line_rows(found.series), ("收件", "办结", "月末结存"))


# --- 2, 3, 4


def channels(found: Summary) -> str:
    """Channels with share and comparisons."""
    most = max((c.number for c in found.channels), default=0) or 1
    body = "".join(
        f"<tr><td>{safe(c.label)}</td>{_n(_count(found, c, channel=c.key))}{_n(c.share)}"
        f"{_bar(c.number, most)}{_n(c.before)}{_n(_or(found, c.on_month))}{_n(c.year_ago)}"
        f"{_n(_or(found, c.on_year))}</tr>"
        for c in found.channels
    )
    return _table(("渠道", "件数", "占比", "", "上月", "环比", "上年同月", "同比"), body)


def _or(found: Summary, text: str) -> str:
    return text if found.whole else NOTHING


def kinds(found: Summary, half: int) -> str:
    """Main types with their sub-types below, in two halves of about the same length."""
    every = [kind for kind in found.kinds if kind.main.number]
    most = max((kind.main.number for kind in every), default=0) or 1
    lengths = list(accumulate(2 + len(kind.subs) for kind in every))
    shown = [kind for kind, n in zip(every, lengths, strict=True)
             if (n <= lengths[-1] * 0.62) == (half == 0)]  # fmt: skip
    if not shown:
        return ""
    body = "".join(
        _type(found, kind.main, most, "") + "".join(
            _type(found, sub, most, ' class="sub"') for sub in kind.subs
        )
        for kind in shown
    )  # fmt: skip
    return _table(("类型", "件数", "占比", ""), body)


def _type(found: Summary, line: Line, most: int, css: str) -> str:
    return (f"<tr{css}><td>{safe(line.label)}</td>{_n(_count(found, line, category=line.key))}"
            f"{_n(line.share)}{_bar(line.number, most)}</tr>")  # fmt: skip


def industries(found: Summary, half: int) -> str:
    """Industries, most first, in two halves."""
    middle = -(-len(found.industries) // 2)
    shown = found.industries[middle:] if half else found.industries[:middle]
    most = max((line.number for line in found.industries), default=0) or 1
    body = "".join(
        f"<tr><td>{safe(line.label)}</td>"
        f"{_n(_count(found, line, industry=line.key) if line.key else line.number)}"
        f"{_n(line.share)}{_bar(line.number, most)}</tr>"
        for line in shown
    )
    return _table(("行业", "件数", "占比", ""), body)


# --- 5


def regions(found: Summary) -> str:
    """The table of regions under the row of the whole."""
    cities = level_of(found.unit) is Level.PROVINCE
    head = ("地区", "收件", *(("每万人",) if cities else ()), "受理", "办结", *RATES.values(),
            "满意率", "重复件", "在办", "在办超期")  # fmt: skip
    rows = () if level_of(found.unit) is Level.COUNTY else found.rows
    body = _region(found, found.total, cities, "all")
    return _table(head, body + "".join(_region(found, row, cities, "") for row in rows))


def _region(found: Summary, row: Row, cities: bool, css: str) -> str:
    own = row.code == found.unit and not css  # the bureau itself: no place of its own
    dense = _n(_dense(row)) if cities else ""

    def count(number: int, metric: str) -> str:
        opened = asked(found, metric, row.code)
        return _n(number if own else link(number, "cases", opened.address()))

    rates = "".join(_n(_rate(found, row, key, own)) for key in RATES)
    return (
        f'<tr class="{css}"><td>{safe(row.label)}</td>{count(row.received, "received")}{dense}'
        f"{count(row.accepted, 'accepted')}{count(row.concluded, 'concluded')}{rates}"
        f"{_n(_satisfied(found, row, own))}{count(row.repeats, 'repeats')}"
        f"{count(row.in_hand, 'in_hand')}{count(row.overdue, 'in_hand_overdue')}</tr>"
    )


def _dense(row: Row) -> str | None:
    return None if row.per_ten_thousand is None else str(row.per_ten_thousand)


def _rate(found: Summary, row: Row, key: str, own: bool) -> Cell:
    """A rate that opens the cases that missed it, or those that were not rated."""
    share = row.rates[key]
    if share.part == share.whole:
        return share.text
    missed = CaseFilter(metric="missed", clock=key, duty=row.code, own=own,
                        first=found.month.first, last=found.month.last)  # fmt: skip
    title = f"{share.part:,}/{share.whole:,}，点击查看未按期的事项"
    return link(share.text, "cases", missed.address(), title=title)


def _satisfied(found: Summary, row: Row, own: bool) -> Cell:
    share: Share = row.satisfaction
    if own or not share.whole:
        return share.text
    opened = asked(found, "rated", row.code)
    return link(share.text, "cases", opened.address(), title=f"{share.part:,}/{share.whole:,}")


def map_spec(found: Summary) -> charts.Spec | None:
    """The regions coloured by what was received; none for a county."""
    level, places = level_of(found.unit), reads_regions.places()
    if level is Level.COUNTY:
        return None
    names = reads.units()
    rows: list[Mapping[str, object]] = [
        {"code": r.code, "name": r.label, "short": names[r.code].short, "value": r.received,
         "shown": f"{r.received:,}", "detail": f"{r.received:,}件",
         "lon": places[r.code][0], "lat": places[r.code][1]}
        for r in found.rows if r.code != found.unit
    ]  # fmt: skip
    layer = "jiangsu_cities" if level is Level.PROVINCE else "jiangsu_counties"
    parent = None if level is Level.PROVINCE else found.unit
    return charts.choropleth(layer, rows, parent, Measure.RECEIVED.label, ",d", 440)


# --- 6


def outcomes(found: Summary) -> str:
    """Conclusions by type."""
    head = ("类型", "办结", *CONCLUSIONS.values(), "属实率")
    body = "".join(_outcome(found, one, "all" if not one.key else "")
                   for one in (found.outcome, *found.outcomes))  # fmt: skip
    return _table(head, body)


def _outcome(found: Summary, one: Outcome, css: str) -> str:
    def count(number: int, conclusion: str) -> str:
        return _n(link(number, "cases", concluded_as(found, one, conclusion).address()))

    cells = "".join(count(one.by[key], key) for key in CONCLUSIONS)
    return (f'<tr class="{css}"><td>{safe(one.label)}</td>{count(one.concluded, "")}{cells}'
            f"{_n(one.true.text)}</tr>")  # fmt: skip


def concluded_as(found: Summary, one: Outcome, conclusion: str) -> CaseFilter:
    """The list of what was concluded of a type, with one conclusion or any."""
    whole = asked(found, "concluded")
    return replace(whole, category=one.key, conclusion=conclusion)


def outcome_chart(found: Summary) -> charts.Spec:
    """Conclusions by type as shares."""
    order = [one.label for one in (found.outcome, *found.outcomes)]
    rows: list[Mapping[str, object]] = [
        {"类型": one.label, "结论": CONCLUSIONS[key], "件数": one.by[key], "次序": place}
        for one in (found.outcome, *found.outcomes)
        for place, key in enumerate(CONCLUSIONS)
    ]
    return charts.stacked(rows, order)


def verified(found: Summary) -> str:
    """The outcome of the province's verification in a sentence."""
    check = found.verified
    if not check.decided:
        return '<p class="xm-lead">本月没有作出省级核查决定。</p>'
    return (f'<p class="xm-lead">省级核查：本月作出核查决定 <b>{check.decided:,}</b> 件，维持 '
            f"<b>{check.upheld:,}</b> 件，推翻 <b>{check.overturned:,}</b> 件，推翻率 "
            f"<b>{check.text}</b>。</p>")  # fmt: skip


def notes(found: Summary) -> str:
    """口径说明 as a list."""
    return '<ol class="xm-note">' + "".join(f"<li>{safe(n)}</li>" for n in found.notes) + "</ol>"


# --- parts


def _place(code: int) -> int | None:
    return None if level_of(code) is Level.PROVINCE else code


def asked(found: Summary, metric: str, code: int | None = None) -> CaseFilter:
    """The list that a count of the month opens, of the whole division or of one region."""
    place = _place(found.unit if code is None else code)
    if metric.startswith("in_hand"):
        return CaseFilter(metric=metric, place=place)
    return CaseFilter(metric=metric, place=place, first=found.month.first, last=found.month.last)


def _count(found: Summary, line: Line, **more: str) -> Cell:
    """A count of cases received in the month, with one more condition."""
    given = {**asked(found, "received").address(), **more}
    return link(line.number, "cases", given)


def _n(value: Cell) -> str:
    return f'<td class="n">{safe(value)}</td>'


def _bar(number: int, most: int) -> str:
    return f'<td class="bar"><span style="width:{100 * number / most:.1f}%"></span></td>'


def _table(head: tuple[str, ...], body: str) -> str:
    cells = "".join(f'<th{"" if n == 0 else " class=n"}>{safe(h) if h else ""}</th>'
                    for n, h in enumerate(head))  # fmt: skip
    return (f'<div class="xm-scroll"><table class="xm-table"><thead><tr>{cells}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>")  # fmt: skip
