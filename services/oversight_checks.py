"""The same for orders, leaders, reviews and the archive."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from db import models as m
from domain.errors import Invalid, Refused
from domain.people import last_below
from domain.terms import due
from rules import load
from services.letters import key_of
from services.step_about import About


def _supervise(about: About, data: dict[str, Any]) -> dict[str, Any]:
    number = 1 + sum(event.step == "supervise" for event in about.events)
    return {**data, "order": number, "to": about.state.holder}


def _feedback(about: About, data: dict[str, Any]) -> dict[str, Any]:
    """The order that is meant: the one named, or the only open one."""
    orders = about.state.orders
    if data.get("order") and data["order"] not in orders:
        raise Invalid(
            {"order": f"没有这件督办；未办结的是第 {'、'.join(map(str, sorted(orders)))} 号"}
        )
    if not data.get("order") and len(orders) > 1:
        numbers = "、".join(map(str, sorted(orders)))
        raise Invalid(
            {"order": f"有 {len(orders)} 件未办结的督办（第 {numbers} 号），请填写是哪一件"}
        )
    order = data.get("order") or min(orders)
    if about.step.key == "accept_feedback":
        said = [e for e in about.events if e.step == "feedback" and e.data.get("order") == order]
        if not said:
            raise Refused(f"第 {order} 号督办尚未反馈，不能办结")
        if not last_below(about.viewer.unit) >= orders[order] >= about.viewer.unit:
            raise Refused(f"第 {order} 号督办由上级发出，由上级办结")
    return {**data, "order": order}


LEADING = ("instruct", "charge", "reception")


def _lead(about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "action": 1 + sum(event.step in LEADING for event in about.events)}


def _follow_up(about: About, data: dict[str, Any]) -> dict[str, Any]:
    open_ = sorted(about.state.actions)
    if data.get("action") and data["action"] not in open_:
        raise Invalid({"action": f"没有这一项；未落实的是第 {'、'.join(map(str, open_))} 项"})
    if not data.get("action") and len(open_) > 1:
        raise Invalid(
            {"action": f"有 {len(open_)} 项未落实（第 {'、'.join(map(str, open_))} 项），请填写"}
        )
    return {**data, "action": data.get("action") or open_[0]}


# Until when a review may be asked for: the clock, and the delivery from which it is counted.
WINDOWS = {
    "request_review": ("review_request", "deliver"),
    "request_re_review": ("re_review_request", "deliver_review"),
}


def window_end(about: About, step: str) -> date | None:
    """The last day to ask for a review: 30 days from the opinion that stands (条例 第35、36条).

    An opinion given anew after sending back has its own days, for which the clock of the first
    delivery does not speak. None where nothing was delivered.
    """
    key, delivery = WINDOWS[step]
    clock = about.clock(key)
    told = max((event.on for event in about.events if event.step == delivery), default=None)
    if clock is None or told is None:
        return clock.due_on if clock else None
    rules = load()
    term = rules.clock(key, clock.rule_since).term
    return max(clock.due_on, due(told, term, rules.calendar).on) if term else clock.due_on


def _request_review(about: About, data: dict[str, Any]) -> dict[str, Any]:
    last = window_end(about, about.step.key)
    if last and date.fromisoformat(data["requested_on"]) > last:
        raise Invalid(
            {"requested_on": f"申请期到 {last} 届满，逾期的申请不再受理（条例第35、36条）"}
        )
    return data


def _answer(about: About, data: dict[str, Any]) -> dict[str, Any]:
    if (data["outcome"] == "revoked") != bool(data.get("redo_by")):
        raise Invalid({"redo_by": "撤销重办的须定重新办理期限；维持、变更的不填"})
    return data


def _deliver_review(about: About, data: dict[str, Any]) -> dict[str, Any]:
    answer = about.last(about.step.key.replace("deliver", "answer"))
    return {**data, "redo_by": answer["redo_by"]} if answer.get("redo_by") else data


def _archive(about: About, data: dict[str, Any]) -> dict[str, Any]:
    lacking = [*incomplete(about), *unwritten(about)]
    if lacking:
        raise Refused(f"档案不完整，不能归档：{'；'.join(lacking)}")
    files = (
        select(func.count()).select_from(m.Attachment).where(m.Attachment.case_id == about.case.id)
    )
    papers = select(m.Document.number, m.Document.sha256).where(m.Document.case_id == about.case.id)
    index = [
        [number or "", digest]
        for number, digest in about.session.execute(papers.order_by(m.Document.id))
    ]
    return {**data, "index": index, "attachments": about.session.scalar(files)}


def incomplete(about: About) -> list[str]:
    """What was not done of a case before it can be archived, a sentence each."""
    state, out = about.state, []
    for key, words in (
        ("notified", "受理或不予受理告知"),
        ("deliver", "答复送达"),
        ("called_back", "回访"),
    ):
        if state.concluded_on is None and key != "notified":
            continue
        left = set(state.owed) - set(state.done.get(key, frozenset()))
        if left:
            out.append(f"{len(left)} 个来件的{words}没有完成")
    if state.has("unsubstantiated") and state.track == "report" and "verify" not in state.done:
        out.append("不属实的结论没有经省级核查")
    if state.has("staged") and not state.has("rectified"):
        out.append("整改没有销号")
    if state.orders:
        out.append(f"第 {'、'.join(map(str, sorted(state.orders)))} 号督办没有办结")
    if state.concluded_on and state.sender and not (state.has("passed_on") or state.has("checked")):
        out.append("上级没有办理办结审核")
    if state.actions:
        out.append(f"第 {'、'.join(map(str, sorted(state.actions)))} 项领导事项没有落实")
    last = window_end(about, "request_review")
    if last and last >= about.today and "request_review" not in state.done:
        out.append(f"复查申请期到 {last} 才届满")
    return out


TO_OTHERS = ("petitioner", "organ")


def unwritten(about: About) -> list[str]:
    """The letters to others that the unit's own steps call for and that were not issued."""
    papers = select(m.Document.key).where(m.Document.case_id == about.case.id)
    known, out = set(about.session.scalars(papers)), []
    # A contact that came by a merging later has the letters of its own case.
    joined: dict[int | None, int] = {}
    for event in about.events:
        if event.step == "merge":
            joined |= {one["submission"]: event.id for one in event.data["joined"]}
    for kind in load().letters:
        own = [e for e in about.events if e.step in kind.steps and e.unit == about.state.holder]
        if not own or kind.to not in TO_OTHERS or not kind.fits(about.state.track):
            continue
        last = own[-1]
        owed = [n for n in about.state.owed
                if last.submission in (None, n) and joined.get(n, 0) < last.id]  # fmt: skip
        for whom in owed if kind.to == "petitioner" else [last.submission]:
            if key_of(kind, last.id, whom) not in known:
                out.append(f"“{kind.label}”没有出具")
    return list(dict.fromkeys(out))


CHECKS = {
    "supervise": _supervise, "feedback": _feedback, "accept_feedback": _feedback,
    "instruct": _lead, "charge": _lead, "reception": _lead, "follow_up": _follow_up,
    "request_review": _request_review, "request_re_review": _request_review,
    "answer_review": _answer, "answer_re_review": _answer, "deliver_review": _deliver_review,
    "deliver_re_review": _deliver_review, "archive": _archive,
}  # fmt: skip
