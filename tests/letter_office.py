"""A case with every step a letter tells of, as events in the trace: for tests of letters."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from db import models as m
from domain.history import Event
from domain.people import Viewer
from domain.scope import SYSTEM
from services import trace
from services.store import read, write
from tests.office import NOW, enter, viewer

XW = 320102
MASKED = "夜间有化工厂恶臭，附近居民无法开窗。\n诉求：\n1.停止排放\n2.公开监测结果"
GIVEN = {
    "联系方式": "王科员，025-80000000", "受送单位电话": "025-12345", "回访方式": "电话",
    "原意见文号": "南京玄武环信意〔2026〕3号", "送达文书": "受理告知书",
    "第1项处理意见": "支持", "第2项处理意见": "解释说明",
}  # fmt: skip
ANSWERS = {"1": "该厂已停产整治，恶臭排放已停止。", "2": "监测结果已在门户网站公开。"}
CONCLUDED = {
    "findings": {"1": "substantiated", "2": "partly"}, "measures": ["order_correct", "penalty"],
    "facts": "2026年11月21日夜间现场检查，厂界臭气浓度超过《恶臭污染物排放标准》限值。",
}  # fmt: skip
PLAN = {"plan_item": "更换活性炭吸附装置", "plan_due": "2027-02-28", "plan_check": "现场核验"}
# step → what it records, and the unit that takes it
TOLD: dict[str, tuple[dict[str, Any], int]] = {
    "accept": ({"simple": False}, XW),
    "decline": (
        {"decline_reason": "unclear", "article": "《信访工作条例》第19条",
         "basis_note": "来件未写明地点和对象，两次联系均无法补充。"}, XW),
    "decline_final": (
        {"final_no": "苏政复核〔2026〕3号", "final_on": "2026-09-10", "basis_note": "同前"}, XW),
    "transfer": ({"transfer_to": "南京市城市管理局", "copies": "玄武区人民政府"}, XW),
    "assign": ({"to": XW, "assist": [320104], "limit": "2026-12-20", "note": "请先行控制。"},
               320100),
    "reassign": ({"to": XW, "from": 320104, "reason": "地点在玄武区"}, 320100),
    "apply_extension": ({"days": 30, "reason": "需委托监测鉴定"}, XW),
    "extend": ({"days": 30, "reason": "需委托监测鉴定", "told_on": "2026-11-23"}, XW),
    "conclude": (CONCLUDED, XW),
    "stage": ({**CONCLUDED, **PLAN, "conclusion": "partly", "staged": True}, XW),
    "reply": ({"answers": ANSWERS, "reply_basis": "《中华人民共和国大气污染防治法》第99条"}, XW),
    "notify": ({"way": "post", "delivered_on": "2026-11-24", "proof": "EMS 1234567890"}, XW),
    "callback": ({"reached": True, "solved": "partly", "rating": "2", "note": "仍有少量气味"}, XW),
    "supervise": (
        {"order": 1, "order_kind": "order", "to": XW, "order_reason": "超期未办结",
         "order_demands": "立即核查\n每周报告进展", "order_limit": "2026-12-10"}, 320100),
    "request_review": ({"requested_on": "2026-11-30", "request": "请求撤销原处理意见。"}, 320100),
    "answer_review": (
        {"outcome": "maintained", "review_findings": "原意见事实清楚。",
         "review_basis": "《信访工作条例》第35条"}, 320100),
    "request_re_review": ({"requested_on": "2026-12-05", "request": "请求撤销复查意见。"}, 320000),
    "answer_re_review": (
        {"outcome": "maintained", "review_findings": "复查意见适当。",
         "review_basis": "《信访工作条例》第36条"}, 320000),
    "archive": ({"retention": "30"}, XW),
}  # fmt: skip
PER_SUBMISSION = {"notify", "callback"}


def writer(unit: int) -> Viewer:
    """Somebody of a unit who writes letters."""
    logins = {320102: "xw_handler", 320100: "nj_clerk", 320000: "province_clerk"}
    return viewer(logins[unit])


def tell(case_id: int, *steps: str, now: datetime = NOW, **changes: Any) -> None:
    """Put steps into the trace of a case as they would be recorded; `changes` by step."""
    with write(SYSTEM) as session:
        query = select(m.Submission.id).where(m.Submission.case_id == case_id)
        first = session.scalars(query.order_by(m.Submission.id)).first()
        for n, step in enumerate(steps):
            data, unit = TOLD[step]
            data = {**data, **changes.get(step, {})}
            about = first if step in PER_SUBMISSION else None
            at = now + timedelta(minutes=n)
            event = Event(step, at, at.date(), unit, about, writer(unit).person_id, data)
            trace.record_all(session, unit, [trace.row_of(event, case_id)])


def case_on(track: str, **changes: Any) -> int:
    """A registered case on a track, with findings and a clock that was extended."""
    made = enter(**changes)
    route = {"report": "procedure", "petition": "petition", "suggestion": "suggestion"}
    with write(SYSTEM) as session:
        own = m.Case.id == made.case_id
        session.execute(
            update(m.Case).where(own).values(track=track, route=route.get(track, "elsewhere"))
        )
        for n, finding in enumerate(("substantiated", "partly"), 1):
            where = (m.Demand.case_id == made.case_id, m.Demand.ordinal == n)
            session.execute(update(m.Demand).where(*where).values(finding=finding))
        session.add(
            m.Clock(
                case_id=made.case_id, key=f"conclude_{track}", ordinal=1, unit_code=XW,
                city_code=320100, started_on=NOW.date(), known_on=NOW.date(),
                first_due_on=date(2027, 1, 22), due_on=date(2027, 2, 21), provisional=True,
                duty=True, exempt=False, sealed=False, named=False, rule_since=date(2018, 1, 1),
            )
        )  # fmt: skip
    return made.case_id


def submission_of(case_id: int) -> int:
    """The first contact of a case."""
    with read(SYSTEM) as session:
        query = select(m.Submission.id).where(m.Submission.case_id == case_id)
        return session.scalars(query.order_by(m.Submission.id)).first() or 0
