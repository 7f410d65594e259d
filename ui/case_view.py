"""The parts of the case page that are read: head, facts, demands, clocks, submissions, links."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from db.queries.case_file import CaseFile
from db.queries.metrics import Shine, shine_of
from domain.clocks import Lights
from domain.workflow import CONCLUSIONS, RATINGS, Status, Track
from rules import load
from services.identity import Identity
from ui import reads
from ui.case_history import route_label
from ui.case_state import state_of
from ui.proofs import ending, proof, rule_of, said
from ui.tables import (
    NOTHING,
    Cell,
    Column,
    Html,
    day,
    empty,
    facts,
    joined,
    light,
    mark,
    safe,
    table,
)  # fmt: skip

UNSAID: tuple[Cell, ...] = (None, "", NOTHING, day(None))
GONE = "没有这个事项，或它不在您的可见范围内"


def head(file: CaseFile, limits: Lights) -> str:
    """Number, title, status, marks, and the light of every running clock that presses."""
    case, state = file.case, state_of(file)
    urgent = case.urgency != "normal"
    marks = (
        (urgent, load().label("urgency", case.urgency), "xf-loud"),
        (case.sealed, "密封", "xf-loud"),
        (case.is_group, "群体", ""), (case.is_repeat, "重复", ""),
        (case.confidential, "保密", ""), (case.simple, "简易办理", ""),
        (any(s.anonymous for s in file.submissions), "匿名", ""),
        (case.supervised, "督办中", "xf-loud"), (case.instructed, "批示", ""),
        (case.charged, "包案", ""),
        (state.has("staged") and not state.has("rectified"), "整改中", "xf-loud"),
        (state.has("extension_applied"), "延期待批", ""), (state.has("redone"), "重新办理", ""),
        (len(file.submissions) > 1, f"{len(file.submissions)}个来件", ""),
        (case.merged_into is not None, "已并入其他事项", "xf-loud"),
        (case.archived_on is not None and state.status is not Status.ARCHIVED, "已归档", ""),
    )  # fmt: skip
    shown = joined((mark(label, css) for on, label, css in marks if on), "")
    return (
        f'<div class="xf-title">{safe(case.title)}</div><div class="xf-line">'
        f'<span class="xf-no">{safe(case.no)}</span>'
        f'<span class="xf-status">{Status(case.status).label}</span>{shown}'
        f"<span>{_pressing(file, limits)}</span></div>"
    )


def running(clock: Any) -> bool:
    """Whether a clock runs and is somebody's duty."""
    return clock.done_on is None and clock.duty and not clock.exempt


def _pressing(file: CaseFile, limits: Lights) -> str:
    names = load().clock_labels
    parts = []
    for clock in sorted((c for c in file.clocks if running(c)), key=lambda c: c.due_on):
        shine = shine_of(clock.due_on, clock.provisional, limits)
        if shine is not Shine.GREEN:
            parts.append(f"{light(shine)}{safe(names.get(clock.key, clock.key))}")
    return " ".join(parts)


def about(file: CaseFile) -> str:
    """The facts of a case, identities apart."""
    case, rules = file.case, load()
    measures = "、".join(rules.label("measure", m.kind) for m in file.measures)
    pairs: list[tuple[str, Cell]] = [
        ("属地", reads.place(case.place_code)), ("地址", case.address),
        ("被反映对象", case.subject_name), ("统一代码", case.subject_code),
        ("行业", rules.label("industry", case.industry)),
        ("污染类型", "、".join(rules.label("subcategory", c) for c in file.categories)),
        ("渠道", f"{rules.label('channel', case.channel)} · "
                 f"{rules.label('subchannel', case.subchannel)}"),
        ("收件日期", day(case.received_on)), ("登记单位", reads.unit(case.registered_unit)),
        ("法定途径", route_label(case.route)),
        ("程序", Track(case.track).label if case.track else None),
        ("承办单位", reads.unit(case.holder_unit)), ("承办人", file.handler),
        ("受理决定", day(case.decided_on)), ("办结日期", day(case.concluded_on)),
        ("送达日期", day(case.delivered_on)),
        ("总体认定", CONCLUSIONS.get(case.conclusion or "")), ("处理措施", measures),
        ("满意度", RATINGS.get(case.rating or 0)),
        ("办结审核", day(case.checked_on)), ("归档日期", day(case.archived_on)),
    ]  # fmt: skip
    return facts((name, value) for name, value in pairs if value not in UNSAID)


DEMANDS = (
    Column("项", "xf-num xf-rank"), Column("诉求", "xf-wide xf-text"), Column("认定"),
    Column("答复", "xf-text"),
)  # fmt: skip


def demands(file: CaseFile) -> str:
    """Each demand with what was found and answered."""
    rows: list[list[Cell]] = [
        [d.ordinal, d.text, CONCLUSIONS.get(d.finding or ""), d.answer] for d in file.demands
    ]  # fmt: skip
    return table(DEMANDS, rows, css="xf-cards")


CLOCKS = (
    Column("时限", "xf-key"), Column("责任单位"), Column("起算"), Column("到期"), Column("办理"),
    Column("结果"),
)  # fmt: skip


def clocks(file: CaseFile, limits: Lights) -> str:
    """Every clock of the case with its light or its outcome."""
    if not file.clocks:
        return empty("还没有时限", "登记后开始计时")
    names = load().clock_labels
    rows: list[list[Cell]] = [
        [Html(f"{_sign(c, limits)}{safe(names.get(c.key, c.key))}"), reads.unit(c.unit_code),
         day(c.started_on), _due(c), day(c.done_on), outcome(c, limits)]
        for c in file.clocks
    ]  # fmt: skip
    return table(CLOCKS, rows, css="xf-cards xf-clocks")


def _sign(clock: Any, limits: Lights) -> Html:
    if not running(clock):
        return Html("")
    return light(shine_of(clock.due_on, clock.provisional, limits))


def _due(clock: Any) -> Html:
    moved = f'<br><span class="xf-soft">原 {clock.first_due_on:%Y-%m-%d}</span>'
    later = clock.due_on != clock.first_due_on
    note = mark("暂定") if clock.provisional else ""
    return Html(f"{day(clock.due_on)} {note}{moved if later else ''}")


def outcome(clock: Any, limits: Lights) -> str:
    """What became of a clock, in a word and a number of workdays."""
    calendar = load().calendar
    if clock.exempt:
        return "已豁免，不考核"
    if clock.done_on is not None:
        late = calendar.measure(clock.due_on, clock.done_on) if clock.done_on > clock.due_on else 0
        over = clock.done_on > clock.due_on
        return f"超期完成（晚{late}个工作日）" if over else "按期完成"
    if not clock.duty:
        return "信访人权利期间" if clock.due_on >= limits.today else "期间已满"
    if clock.due_on < limits.today:
        return f"已超期{calendar.measure(clock.due_on, limits.today)}个工作日"
    left = calendar.measure(limits.today, clock.due_on)
    return f"还剩{left}个工作日" if left else "今天到期"


def explanation(file: CaseFile) -> None:
    """Day by day how one clock of the case is counted."""
    names = load().clock_labels
    by_id = {c.id: c for c in file.clocks}
    chosen = st.selectbox(
        "逐日核算", list(by_id), index=None, key="explained", placeholder="选择一个时限查看",
        format_func=lambda number: f"{names.get(by_id[number].key)} · "
        f"{by_id[number].started_on} 起 · {by_id[number].due_on} 到期",
    )  # fmt: skip
    clock = by_id.get(chosen)
    if clock is None:
        return
    rule = rule_of(clock.key, clock.rule_since, file.case.channel, file.case.track)
    moved = ""
    if clock.due_on != clock.first_due_on:
        moved = f"原到期日 {clock.first_due_on:%Y-%m-%d}，经延期或扣除听证时间后如下。"
    st.html(facts((("规则", said(rule)), ("届满", ending(clock.due_on, clock.provisional)),
                   *((("变动", moved),) if moved else ()))))  # fmt: skip
    if rule.term:
        st.html(proof(clock.started_on, rule.term))


def submissions(file: CaseFile, identities: Mapping[int, Identity], may_see: bool) -> str:
    """Each contact with its text; the petitioner masked, or not at all."""
    if not file.submissions:
        return empty("来件已转到并入的事项")
    return "".join(_submission(s, identities.get(s.id), may_see) for s in file.submissions)


def _submission(s: Any, identity: Identity | None, may_see: bool) -> str:
    rules = load()
    who = (
        "匿名" if s.anonymous else masked_words(identity) if may_see else "您的角色不显示信访人身份"
    )
    pairs: list[tuple[str, Cell]] = [
        ("来件编号", s.no), ("收件时间", f"{s.received_at:%Y-%m-%d %H:%M}"),
        ("渠道", f"{rules.label('channel', s.channel)} · "
                 f"{rules.label('subchannel', s.subchannel)}"),
        ("来源编号", s.source_no), ("信访人", who),
        ("人数", s.persons), ("初重", "重复" if s.first_or_repeat == "repeat" else "初次"),
        ("能否联系", "能" if s.reachable else "不能"),
        ("登记单位", reads.unit(s.registered_unit)),
    ]  # fmt: skip
    more = [("接待人", s.receiver), ("接待结果", s.outcome), ("录音编号", s.recording_no)]
    pairs += [(name, value) for name, value in more if value]
    return f'{facts(pairs)}<div class="xf-typed">{safe(s.content)}</div>'


def masked_words(identity: Identity | None) -> str:
    """A masked identity in a line."""
    if identity is None:
        return "未登记"
    parts = (identity.name, identity.phone, identity.id_no, identity.address)
    return "　".join(part for part in parts if part) or "未登记"


def days_in_hand(file: CaseFile, today: date) -> int:
    """How many days the case has been, or was, in hand."""
    return ((file.case.ended_on or today) - file.case.received_on).days
