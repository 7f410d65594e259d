"""考核评分 as pieces of a page: what was asked, the state of a run, the league, its history."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import streamlit as st

from domain.errors import NotAllowed, Refused
from domain.people import Level, Role, Viewer
from scoring.period import Period, PeriodKind
from services import score_runs, scorecards, scoring
from services.clock import now
from services.scoring import Area, Run, Sheet
from ui.charts import SEQUENCE
from ui.errors import refusals
from ui.page import STRANGER, Page, offer, viewer_now
from ui.tables import Html, link, safe

FILE = Path(__file__).resolve().parent / "static" / "scores.css"
STYLE = f"<style>{FILE.read_text(encoding='utf-8')}</style>"
COUNTS = {PeriodKind.MONTH: 18, PeriodKind.QUARTER: 8, PeriodKind.YEAR: 3}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEY = "各方面的颜色由浅到深表示得分占可得分的比例；点击市名打开评分表，逐项查看扣分事项。"
LABELS = {"month": "月度", "quarter": "季度", "year": "年度"}


# --- what the address asks for


def asked_period(today: date) -> Period:
    """The period of the address; the last full month where it names none that can be read."""
    try:
        return Period.parse(st.query_params.get("period", ""))
    except Refused:
        return Period.of(today, PeriodKind.MONTH).previous()


def periods(period: Period, today: date) -> dict[str, str]:
    """The periods of a kind on offer, newest first, the one asked for among them."""
    found = scoring.recent(period.kind, today, COUNTS[period.kind])
    return {str(p): p.label for p in [*found, *([] if period in found else [period])]}


def choose(period: Period, today: date, page: str) -> None:
    """Kind and period as links and a list; both live in the address."""
    first = {kind.value: scoring.recent(kind, today, 2)[-1] for kind in PeriodKind}
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    kind = left.segmented_control(
        "考核周期", list(LABELS), default=period.kind.value, format_func=LABELS.__getitem__,
        key=f"{page}.kind.{period}",
    )  # fmt: skip
    options = periods(period, today)
    wanted = right.selectbox(
        "考核期", list(options), index=list(options).index(str(period)),
        format_func=options.__getitem__, key=f"{page}.period.{period}",
    )  # fmt: skip
    if kind and kind != period.kind.value:
        _go_to(str(first[kind]))
    if wanted != str(period):
        _go_to(wanted)


def _go_to(period: str) -> None:
    st.query_params["period"] = period
    for name in ("run", "line", "item", "at"):
        if name in st.query_params:
            del st.query_params[name]
    st.rerun()


def asked_run(runs: Sequence[Run]) -> Run | None:
    """The run of the address among those of the period, else the newest."""
    wanted = st.query_params.get("run", "")
    return next((run for run in runs if str(run.id) == wanted), runs[0] if runs else None)


# --- running


def run_button(page: Page, period: Period, again: bool) -> None:
    """The assessor's button, with progress; the stored run opens afterwards."""
    label = "重新评分" if again else "运行考核评分"
    if not st.button(label, type="primary", icon=":material/calculate:", key="run"):
        return
    bar = st.progress(0.0, "正在准备")

    def tell(done: int, of: int, what: str) -> None:
        bar.progress(done / of, f"正在计算 {what}" if done < of else what)

    with refusals():
        viewer = viewer_now()
        if viewer is None:
            raise NotAllowed(STRANGER)
        made = score_runs.run(viewer, period, now(), tell=tell)
        st.query_params["run"] = str(made.id)
        st.rerun()


def offer_cards(page: Page, run: Run, sheets: Sequence[Sheet], *, alone: bool) -> None:
    """All scorecards in one click for the province, the own one for a city."""
    period, version = run.period, f"第{run.ordinal}次"
    if alone:
        name, own = sheets[0].name, sheets[0].unit
        offer(
            page, "本市评分单 PDF", scorecards.card_name(run, name), "application/pdf",
            lambda: scorecards.scorecard(page.viewer, run, own, page.now),
            f"{name}{period.label}评分单", key="cards",
        )  # fmt: skip
        return
    offer(
        page, f"{len(sheets)} 市评分单（zip）", f"评分单_{period}_{version}.zip", "application/zip",
        lambda: all_cards(page, run), f"{period.label}评分单 {len(sheets)} 份", key="cards",
    )  # fmt: skip


def all_cards(page: Page, run: Run) -> bytes:
    """Every scorecard of the run as one zip, with progress."""
    bar = st.progress(0.0, "正在生成评分单")

    def tell(done: int, of: int, what: str) -> None:
        bar.progress(done / of, f"正在生成 {what}")

    files = scorecards.scorecards(page.viewer, run, page.now, tell=tell)
    bar.empty()
    return scorecards.packed(files, run.ran_at)


def may_verify(viewer: Viewer) -> bool:
    """Whether this person may have a stored run recomputed."""
    return viewer.has(Role.ASSESSOR, Role.AUDITOR) and viewer.level is Level.PROVINCE


def verify_button(viewer: Viewer, run: Run) -> None:
    """Score the stored run again from its own rows and say whether its digest still holds."""
    if not st.button("核验这次评分", icon=":material/verified:", key="verify"):
        return
    with refusals():
        faults = score_runs.verify(viewer, run.id)
        if faults:
            st.error("；".join(faults), icon=":material/error:")
        else:
            st.success("按保存的件数、规则逐项重算，摘要一致，记录未被改动。")


# --- what is shown


def state(run: Run) -> str:
    """What this run is: state, version, snapshot, rules and digest."""
    parts = (
        f'<span class="xs-pill xs-{run.state}">{run.state_label}</span>',
        f"<span>第 <b>{run.ordinal}</b> 次评分</span>",
        f"<span>取数截至 <b>{run.snapshot_at:%Y-%m-%d %H:%M}</b></span>",
        f"<span>计算于 {run.ran_at:%Y-%m-%d %H:%M}</span>",
        f"<span>规则 {safe(run.rules_version)} · 日历 {safe(run.calendar_version)}</span>",
        f'<span title="{run.digest}">摘要 <code>{run.digest[:16]}</code></span>',
    )
    told = ""
    if run.provisional:
        told = (
            '<p class="xs-warn">本期尚未到取数时间，以下为按计算时的情况得出的<b>暂定</b>结果，'
            "不作为考核依据；期限未届满的件不在分子分母内。</p>"
        )
    return f'<div class="xs-state">{"".join(parts)}</div>{told}'


def shade(share: float | None) -> str:
    """The colour of a share, light to dark in one hue, with letters that read on it."""
    if share is None:
        return "background:#f4f6f7;color:#6b7b82"
    step = min(int(max(share, 0) * len(SEQUENCE)), len(SEQUENCE) - 1)
    return f"background:{SEQUENCE[step]};color:{'#fff' if step > 3 else '#1b2a30'}"


def points(value: Decimal | None) -> str:
    """Points with two decimals, — where nothing was judged."""
    return "—" if value is None else f"{value:.2f}"


def league(run: Run, sheets: Sequence[Sheet], *, alone: bool) -> str:
    """The cities by rank, six areas as a heat map, the workload beside, the mean below."""
    heads = "".join(
        f'<th class="xs-num" style="text-align:center">{safe(a.label)}<br>满分{a.weight:f}</th>'
        for a in run.method.areas
    )
    body = "".join(_city(run, sheet) for sheet in sheets)
    mean = _mean(run)
    title = "本市成绩与全省均值" if alone else "各市成绩"
    return (
        f'<div class="xs-scroll"><table class="xs-league"><caption hidden>{title}</caption><thead>'
        f"<tr><th>名次</th><th>设区市</th><th>总分（橙线为全省均值）</th><th>等次</th>{heads}"
        '<th class="xs-num">登记件</th><th class="xs-num">应办结</th><th>说明</th></tr></thead>'
        f"<tbody>{body}{mean}</tbody></table></div>"
    )


def _city(run: Run, sheet: Sheet) -> str:
    first = ' class="xs-first"' if sheet.rank is not None and sheet.rank <= 3 else ""
    rank = f"{sheet.rank}" if sheet.rank else "—"
    of = f'<span class="xs-soft">/{sheet.ranked_of}</span>' if sheet.rank else ""
    name = link(short(sheet.name), "sheet",
                {"period": run.period, "run": run.id, "city": sheet.unit})  # fmt: skip
    return (
        f'<tr{first}><td class="xs-rank">{rank}{of}</td><td class="xs-name">{name}</td>'
        f'<td class="xs-total"><b>{points(sheet.total)}</b>{bar(sheet.total, run.means.total)}</td>'
        f'<td class="xs-grade">{grade(sheet)}</td>{"".join(_heat(a) for a in sheet.areas)}'
        f'<td class="xs-num xs-work" data-label="登记件">{safe(sheet.received)}</td>'
        f'<td class="xs-num xs-work" data-label="应办结">{safe(sheet.due)}</td>'
        f'<td class="xs-note xs-soft">{safe(remarks(sheet))}</td></tr>'
    )


def _heat(area: Area) -> str:
    of = f"<small>/ {area.effective:.2f}</small>" if area.points is not None else ""
    shown = points(area.points) if area.points is not None else "不适用"
    return (
        f'<td class="xs-heat" style="{shade(area.share)}" data-label="{safe(area.label)}" '
        f'title="{safe(area.label)}">{shown}{of}</td>'
    )


def _mean(run: Run) -> str:
    cells = "".join(
        f'<td class="xs-heat xs-mid" data-label="{safe(a.label)}">'
        f"{points(run.means.areas.get(a.key))}</td>"
        for a in run.method.areas
    )
    return (
        '<tr class="xs-mean"><td class="xs-blank"></td><td class="xs-name">全省均值</td>'
        f'<td class="xs-total"><b>{points(run.means.total)}</b>{bar(run.means.total, None)}</td>'
        f'<td class="xs-blank"></td>{cells}<td class="xs-blank" colspan="3"></td></tr>'
    )


def bar(value: Decimal | None, mean: Decimal | None) -> str:
    """A bar of one hundred, with a line where the mean lies."""
    if value is None:
        return ""
    line = f'<u style="left:{min(float(mean), 100):.1f}%"></u>' if mean is not None else ""
    return f'<span class="xs-bar"><i style="width:{min(float(value), 100):.1f}%"></i>{line}</span>'


def grade(sheet: Sheet) -> Html:
    """The grade as a pill; its word tells it, not its colour alone."""
    if not sheet.grade:
        return Html('<span class="xs-soft">不评等次</span>')
    return Html(f'<span class="xs-pill xs-{sheet.grade}">{safe(sheet.grade)}</span>')


def remarks(sheet: Sheet) -> str:
    """What a reader must know beside the total."""
    thin = f"样本不足：{'、'.join(sheet.thin)}" if sheet.thin else ""
    veto = f"一票否决：{'、'.join(sheet.vetoes)}" if sheet.vetoes else ""
    return "；".join(part for part in (veto, sheet.note, thin) if part)


def short(name: str) -> str:
    """南京市 of 南京市生态环境局."""
    return name.removesuffix("生态环境局")


def history(runs: Sequence[Run], here: Run) -> str:
    """Every run of the period; none is ever changed."""
    rows = "".join(
        f"<tr><td>{_version(run, here)}</td>"
        f'<td><span class="xs-pill xs-{run.state}">{run.state_label}</span></td>'
        f"<td>{run.ran_at:%Y-%m-%d %H:%M}</td><td>{run.snapshot_at:%Y-%m-%d %H:%M}</td>"
        f'<td class="xs-num">{points(run.means.total)}</td>'
        f"<td>{safe(run.rules_version)}</td><td><code>{run.digest[:16]}</code></td></tr>"
        for run in runs
    )
    return (
        '<div class="xs-scroll"><table class="xf-table"><thead><tr><th>版本</th><th>状态</th>'
        "<th>计算时间</th><th>取数截至</th><th>全省均值</th><th>规则</th><th>摘要</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _version(run: Run, here: Run) -> Html:
    if run.id == here.id:
        return Html(f"<b>第{run.ordinal}次（正在查看）</b>")
    return link(f"第{run.ordinal}次", "scores", {"period": run.period, "run": run.id})
