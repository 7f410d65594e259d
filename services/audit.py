"""The trace as an auditor reads it: events by time, kind and person, and the check of the chain."""

import csv
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from db import models as m
from db.queries.named import other_of, unseen
from domain import workflow
from domain.errors import NotAllowed
from domain.people import Role, Viewer
from domain.scope import SYSTEM, scope_of
from services import relating, store, trace

PAGE = 50
NO_RIGHT = "只有纪检监察角色可以查看操作留痕"
# What is done in the system itself; steps on cases have their own labels.
KINDS: Mapping[str, str] = {
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_in_refused": "登录被拒（锁定或过于频繁）",
    "sign_out": "退出登录",
    "lock": "账号锁定",
    "unlock": "解除锁定",
    "sessions_ended": "强制退出",
    "password_changed": "修改密码",
    "password_reset": "重置密码",
    "person_created": "建立账号",
    "person_roles": "调整角色",
    "person_disabled": "停用账号",
    "person_enabled": "启用账号",
    "download": "导出文件",
    "chain_checked": "核验留痕",
    "register": "登记",
    "view_identity": "查看身份",
    "rate_intake": "评价登记受理",
    "attach": "上传附件",
    "plan_visit": "安排走访",
    "drop_visit": "取消走访",
    "confirm_repeat": "登记时确认重复",
    "import": "导入文件",
    "score_run": "考核评分",
    "scorecard": "出具评分单",
    "setup": "安装准备",
    "issue_document": "出具文书",
    "print_document": "打印文书（含信访人姓名）",
    "edit_template": "修改文书模板",
    "recount_clocks": "重算时限",
}
# What is said of two cases, and what happens to the other one of a merging.
OF_TWO: Mapping[str, str] = {
    **{f"link_{kind}": f"认定{label}" for kind, label in relating.KINDS.items()},
    "unlink": "撤销认定",
    "merged": "并入其他事项",
    "separated": "撤销并入",
}
WORDS: Mapping[str, str] = {
    "login": "账号", "person": "人员编号", "before": "改前", "after": "改后", "what": "内容",
    "name": "文件", "bytes": "字节", "roles": "角色", "disabled": "停用", "sessions": "会话数",
    "sessions_ended": "结束会话数", "faults": "问题数", "reason": "理由", "note": "说明",
    "today": "当日次数", "alert": "已提示督办员",
    "sha256": "摘要", "record": "存档摘要", "size": "大小", "run": "评分编号",
    "period": "考核期", "unit": "单位", "document": "文书", "no": "编号",
    "other": "另一事项", "other_no": "另一事项编号", "into": "并入事项", "into_no": "并入事项编号",
    "to_no": "新事项编号", "earlier": "前件",
    "on": "日期", "template": "模板版本", "version": "版本", "track": "途径",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: from and to are days, both included; `kind` and `who` may be empty."""

    first: date
    last: date
    kind: str = ""
    who: str = ""  # a name, a login, or part of one
    page: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a line: who, when, from where, what."""

    id: int
    at: datetime
    what: str
    who: str
    unit: str
    ip: str
    case_id: int | None
    details: str


def label_of(kind: str) -> str:
    """The Chinese label of a kind of event."""
    return kinds().get(kind, kind)


def kinds() -> dict[str, str]:
    """Every kind with its label, for the filter."""
    return {**KINDS, **OF_TWO, **{key: step.label for key, step in workflow.BY_KEY.items()}}


def lines(viewer: Viewer, wanted: Wanted) -> tuple[list[Line], bool]:
    """A page of events, newest first, and whether there are more."""
    if not viewer.has(Role.AUDITOR):
        raise NotAllowed(NO_RIGHT)
    query = _query(wanted).limit(PAGE + 1).offset((max(wanted.page, 1) - 1) * PAGE)
    with store.read(scope_of(viewer)) as session:
        rows = [(*row, json.loads(row[0].data)) for row in session.execute(query)]
        hidden = unseen(session, ((event.kind, data) for event, _, _, data in rows))
        found = [
            Line(
                event.id, event.at, label_of(event.kind), name or "", unit or "系统", event.ip,
                event.case_id, _details(event.kind, data, hidden),
            )
            for event, name, unit, data in rows
        ]  # fmt: skip
    return found[:PAGE], len(found) > PAGE


def _details(kind: str, data: Mapping[str, Any], hidden: Collection[int]) -> str:
    """The facts of an event; of a case outside the auditor's scope only that there is one."""
    return "涉及的另一事项不在可见范围内" if other_of(kind, data) in hidden else readable(data)


def _query(wanted: Wanted) -> Select[m.Event, str, str]:
    first = datetime.combine(wanted.first, time())
    last = datetime.combine(wanted.last + timedelta(days=1), time())
    query = (
        select(m.Event, m.Person.name, m.Unit.name)
        .outerjoin(m.Person, m.Person.id == m.Event.person_id)
        .outerjoin(m.Unit, m.Unit.code == m.Event.chain)
        .where(m.Event.at >= first, m.Event.at < last)
        .order_by(m.Event.at.desc(), m.Event.id.desc())
    )
    if wanted.kind:
        query = query.where(m.Event.kind == wanted.kind)
    if wanted.who.strip():
        part = wanted.who.strip()
        query = query.where(
            or_(m.Person.name.contains(part, autoescape=True), m.Person.login == part)
        )
    return query


def readable(data: Any) -> str:
    """The facts of an event in words."""
    if isinstance(data, Mapping):
        return "；".join(f"{WORDS.get(key, key)}：{_value(key, data[key])}" for key in data)
    if isinstance(data, list):
        return "、".join(readable(value) for value in data) or "无"
    if isinstance(data, bool):
        return "是" if data else "否"
    return "—" if data is None else str(data)


def _value(key: str, value: Any) -> str:
    if key == "roles" and isinstance(value, list):
        return "、".join(role.label for role in Role if role.value in value) or "无"
    return readable(value)


def check_chain(viewer: Viewer, now: datetime) -> list[str]:
    """Check every chain; the check itself is an event. An empty list is a sound trace."""
    if not viewer.has(Role.AUDITOR):
        raise NotAllowed(NO_RIGHT)
    with store.read(SYSTEM) as session:
        faults = trace.check(session)
    with store.write(SYSTEM) as session:
        trace.record(session, "chain_checked", now, viewer=viewer, data={"faults": len(faults)})
    return faults


def as_csv(shown: list[Line]) -> bytes:
    """Lines as CSV for a spreadsheet; a leading sign never becomes a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["时间", "事项", "人员", "单位", "来源地址", "事项编号", "内容", "留痕号"])
    for one in shown:
        where = (one.who, one.unit, one.ip, one.case_id or "")
        cells = (one.at, one.what, *where, one.details, one.id)
        writer.writerow([_plain(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
