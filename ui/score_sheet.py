"""市评分表 as pieces of a page: the result, the areas, where the points went, every line."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from domain.people import Viewer
from domain.terms import Term
from services import score_proof, scorecards, scoring
from services.scoring import Area, Item, Line, Run, Sheet, Trend
from ui.charts import BLUE, CONFIG, SOFT, Spec
from ui.page import Page
from ui.proofs import day_table
from ui.scores import bar, grade, points, short
from ui.tables import Html, link, safe

PAGE = 100
LOSSES = 5


def asked_city(viewer: Viewer, sheets: Sequence[Sheet]) -> int | None:
    """The city of the address if its sheet is visible; the own, or the first, otherwise."""
    wanted = st.query_params.get("city", "")
    codes = [sheet.unit for sheet in sheets]
    if wanted.isdigit() and int(wanted) in codes:
        return int(wanted)
    own = scoring.own_city(viewer)
    return own if own in codes else next(iter(codes), None)


def choose_city(sheets: Sequence[Sheet], unit: int) -> None:
    """The list of cities for those who see several."""
    if len(sheets) < 2:
        return
    names = {s.unit: f"{short(s.name)}　{points(s.total)}分" for s in sheets}
    codes = sorted(names)
    wanted = st.selectbox(
        "设区市", codes, index=codes.index(unit), format_func=names.__getitem__,
        key=f"sheet.city.{unit}",
    )  # fmt: skip
    if wanted != unit:
        st.query_params["city"] = str(wanted)
        for name in ("line", "item", "at"):
            if name in st.query_params:
                del st.query_params[name]
        st.rerun()


def hero(run: Run, sheet: Sheet) -> str:
    """The result beside the six areas."""
    rank = f"{sheet.rank}/{sheet.ranked_of}" if sheet.rank else "不排名"
    facts = (("名次", safe(rank)), ("全省均值", points(run.means.total)),
             ("登记件", safe(sheet.received)), ("应办结", safe(sheet.due)))  # fmt: skip
    told = "".join(f"<span>{label}<b>{value}</b></span>" for label, value in facts)
    note = f'<p class="xs-soft">{safe(sheet.note)}</p>' if sheet.note else ""
    veto = "、".join(sheet.vetoes)
    capped = f'<p class="xs-warn">一票否决：{safe(veto)}</p>' if veto else ""
    return (
        '<div class="xs-hero"><div class="xs-card">'
        f"<div><b>{safe(short(sheet.name))}</b>　{safe(run.period.label)}</div>"
        f'<div class="xs-big">{points(sheet.total)}<small>分</small></div>{grade(sheet)}'
        f'<div class="xs-facts">{told}</div>{note}{capped}</div>'
        f'<div class="xs-card"><div class="xs-areas">{"".join(_area(a) for a in sheet.areas)}</div>'
        '<p class="xs-key">蓝条为得分占可得分的比例，<u></u>为全省均值。</p></div></div>'
    )


def _area(area: Area) -> str:
    name = f"<span>{safe(area.label)}</span>"
    if area.points is None or not area.effective:
        return f'<div class="xs-area">{name}<span class="xs-soft">不适用</span><em>—</em></div>'
    full = Decimal(100) / area.effective
    mean = min(area.mean * full, Decimal(100)) if area.mean is not None else None
    shown = f"<b>{points(area.points)}</b> / {points(area.effective)}"
    return f'<div class="xs-area">{name}{bar(area.points * full, mean)}<em>{shown}</em></div>'


def trend(rows: Sequence[Trend]) -> Spec:
    """The totals of six periods; a period without a run leaves a gap."""
    values = [
        {"考核期": p.period.label, "总分": None if p.total is None else float(p.total),
         "显示": points(p.total)}
        for p in rows
    ]  # fmt: skip
    x = {"field": "考核期", "type": "ordinal", "sort": None, "title": None,
         "axis": {"labelAngle": 0, "labelOverlap": "greedy"}}  # fmt: skip
    y = {"field": "总分", "type": "quantitative", "title": "总分",
         "scale": {"domain": [0, 100]}, "axis": {"tickCount": 5}}  # fmt: skip
    blank = {"transform": [{"filter": "!isValid(datum['总分'])"}],
             "mark": {"type": "text", "text": "—", "color": SOFT, "baseline": "bottom"},
             "encoding": {"x": x, "y": {"datum": 0, "type": "quantitative"}}}  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values}, "height": 190, "width": "container", "config": CONFIG,
        "layer": [
            {"mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5},
             "encoding": {"x": x, "y": y}},
            {"mark": {"type": "point", "filled": True, "size": 60, "color": BLUE},
             "encoding": {"x": x, "y": y}},
            {"transform": [{"filter": "isValid(datum['总分'])"}],
             "mark": {"type": "text", "dy": -12, "fontWeight": 700},
             "encoding": {"x": x, "y": y, "text": {"field": "显示"}}},
            blank,
        ],
    }  # fmt: skip


def _address(run: Run, sheet: Sheet, **more: object) -> dict[str, object]:
    return {"period": run.period, "run": run.id, "city": sheet.unit, **more}


def losses(run: Run, sheet: Sheet) -> str:
    """The lines that cost most, each a way to its items."""
    cards = "".join(_loss(run, sheet, line) for line in sheet.losses[:LOSSES])
    if cards:
        return f'<div class="xs-losses">{cards}</div>'
    judged = any(line.points is not None for line in sheet.lines)
    return f"<p>{'本期没有失分。' if judged else '本期没有计分的指标，不计失分。'}</p>"


def _loss(run: Run, sheet: Sheet, line: Line) -> str:
    inside = Html(
        f"<b>−{points(line.lost)}</b><span>{safe(line.code)} {safe(line.label)}</span>"
        f"<small>{line.rate_text}，标准{safe(line.threshold)}；{line.failing}件</small>"
    )
    given = _address(run, sheet, line=line.code)
    return str(link(inside, "sheet", given, css="xs-loss", title=f"查看{line.label}的扣分事项"))


def lines(run: Run, sheet: Sheet, chosen: str) -> str:
    """The whole table, area by area."""
    heads = ("指标", "计分办法", "分子", "分母", "比率", "标准", "分值", "得分", "失分", "全省均分",
             "扣分事项")  # fmt: skip
    head = "".join(
        f'<th class="{"xs-num" if n > 1 else ""}">{label}</th>' for n, label in enumerate(heads)
    )
    body = "".join(
        f'<tr class="xs-area-head"><td colspan="{len(heads)}">{safe(area.key)}　{safe(area.label)}'
        f'　<span class="xs-soft">{points(area.points)} / {points(area.effective)}</span></td></tr>'
        + "".join(_line(run, sheet, n, n.code == chosen) for n in sheet.lines if n.area == area.key)
        for area in sheet.areas
    )
    return (
        f'<div class="xs-scroll"><table class="xs-lines"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{_waiting(sheet)}"
    )


def _waiting(sheet: Sheet) -> str:
    """One word for all lines whose module does not exist yet."""
    codes = "、".join(line.code for line in sheet.lines if line.status == "no_module")
    told = f"{codes} 的统计模块未建，本期不适用，分值按比例调到同方面（或其他方面）的指标。"
    return f'<p class="xs-key">{safe(told)}</p>' if codes else ""


def _line(run: Run, sheet: Sheet, line: Line, chosen: bool) -> str:
    css = "xs-on" if chosen else "" if line.points is not None else "xs-off"
    told = line.note if line.status == "normal" else _why(line)
    note = f'<br><span class="xs-soft">{safe(told)}</span>' if told else ""
    lost = f'<span class="xs-lost">−{points(line.lost)}</span>' if line.lost else points(line.lost)
    numbers = (
        ("分子", safe(line.numerator)), ("分母", safe(line.denominator)),
        ("比率", line.rate_text), ("标准", safe(line.threshold)), ("分值", _weight(line)),
        ("得分", f"<b>{points(line.points)}</b>"), ("失分", lost), ("全省均分", points(line.mean)),
        ("扣分事项", str(_count(run, sheet, line))),
    )  # fmt: skip
    cells = "".join(
        f'<td class="xs-num" data-label="{label}">{value}</td>' for label, value in numbers
    )
    rule = "" if line.status == "no_module" else safe(line.rule)
    return (
        f'<tr class="{css}"><td class="xs-title"><span class="xs-code">{safe(line.code)}</span> '
        f"{safe(line.label)}{note}</td>"
        f'<td class="xs-rule">{rule}</td>{cells}</tr>'
    )


def _why(line: Line) -> str:
    if line.status == "no_module":
        return line.status_label
    more = f"，按本期情况可得{points(line.reference)}分" if line.reference is not None else ""
    return f"{line.status_label}：{line.note}{more}"


def _weight(line: Line) -> str:
    """The weight in effect, with the own one where others' weight came to it."""
    if line.effective == line.weight or line.points is None:
        return points(line.weight)
    return f'{points(line.effective)}<br><span class="xs-soft">原{points(line.weight)}</span>'


def _count(run: Run, sheet: Sheet, line: Line) -> Html:
    if not line.failing:
        return Html("0件" if line.denominator else "—")
    given = _address(run, sheet, line=line.code)
    return link(f"{line.failing}件", "sheet", given, title=f"查看{line.label}的{line.failing}件")


# --- one line


def about(line: Line) -> str:
    """What the line asks, what it found and what would mend it."""
    why = f"<p>{safe(line.note)}</p>" if line.note else ""
    mend = f"<p><b>怎样改进：</b>{safe(line.remedy)}。</p>" if line.remedy else ""
    below = f" ÷ {safe(line.denominator_label)}" if line.denominator_label else ""
    counted = f"{safe(line.numerator_label)}{below}（来源：{safe(line.source)}）"
    return (
        f'<div class="xs-remedy"><p><b>计分办法：</b>{safe(line.rule)}</p>'
        f"<p><b>怎样计数：</b>{counted}</p>{why}{mend}</div>"
    )


def items(run: Run, sheet: Sheet, line: Line, rows: Sequence[Item], at: int) -> str:
    """A page of the failing items, each a way to its case and to its proof."""
    shown = rows[at * PAGE : (at + 1) * PAGE]
    body = "".join(_item(run, sheet, line, one) for one in shown)
    return (
        '<div class="xf-scroll"><table class="xf-table xf-cards"><thead><tr><th>件号</th>'
        "<th>责任单位</th><th>期限</th><th>完成</th><th>原因</th><th>另扣</th><th>时限依据</th></tr>"
        f"</thead><tbody>{body}</tbody></table></div>{_pager(run, sheet, line, len(rows), at)}"
    )


def _item(run: Run, sheet: Sheet, line: Line, one: Item) -> str:
    proof = _address(run, sheet, line=line.code, item=one.id, at=st.query_params.get("at", ""))
    cells = (
        ("件号", link(one.case_no, "case", {"id": one.case_id})),
        ("责任单位", one.unit_name), ("期限", one.due_on), ("完成", one.done_on),
        ("原因", one.reason), ("另扣", points(one.points) if one.points else None),
        ("时限依据", link("逐日核算", "sheet", proof) if one.clock else None),
    )  # fmt: skip
    inside = "".join(
        f'<td data-label="{label}"><span>{safe(value)}</span></td>' for label, value in cells
    )
    return f"<tr>{inside}</tr>"


def _pager(run: Run, sheet: Sheet, line: Line, count: int, at: int) -> str:
    if count <= PAGE:
        return f'<p class="xs-pager">共 {count} 件</p>'
    last = (count - 1) // PAGE
    ways = [
        link(label, "sheet", _address(run, sheet, line=line.code, at=number))
        for label, number in (("上一页", at - 1), ("下一页", at + 1))
        if 0 <= number <= last
    ]
    told = f"共 {count} 件，第 {at + 1}/{last + 1} 页"
    return f'<p class="xs-pager"><span>{told}</span>{"".join(map(str, ways))}</p>'


def asked_page(count: int) -> int:
    """The page of the list that the address names, within what there is."""
    wanted = st.query_params.get("at", "")
    return min(int(wanted), max(count - 1, 0) // PAGE) if wanted.isdigit() else 0


def proof(page: Page, run: Run, rows: Sequence[Item]) -> None:
    """The clock of the item of the address, day by day."""
    wanted = st.query_params.get("item", "")
    one = next((row for row in rows if str(row.id) == wanted), None)
    found = score_proof.proof(page.viewer, run.id, one.id) if one else None
    if one is None or found is None:
        return
    more = f"，经批准延期{found.extended}日" if found.extended else ""
    done = f"；{found.done_on}完成" if found.done_on else "；取数时没有完成记录"
    with st.container(border=True):
        st.html(
            f"<b>{safe(one.case_no)}　{safe(found.label)}时限逐日核算</b>"
            f"<p>{found.started_on}起算，{safe(found.length)}{more}，{found.due_on}24时届满{done}。"
            f"依据：{safe(found.basis)}。</p>" + day_table(found.days, Term(1, found.unit))
        )


def card(page: Page, run: Run, unit: int) -> bytes:
    """The city's scorecard."""
    return scorecards.scorecard(page.viewer, run, unit, page.now)
