"""What follows from a step, and the checks across its values: from classifying to calling back."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from db import models as m
from domain.errors import Invalid, Refused
from domain.history import moments
from domain.statuses import Track
from domain.wording import REMEDY
from domain.workflow import may_assign, overall
from rules import load
from services.oversight_checks import CHECKS as OVERSIGHT
from services.step_about import About

TRIES = 3  # callbacks; after that 无法联系
RETURN_WITHIN = 5  # workdays from arrival, 条例 第23条
MOST_DAYS = 30  # of an extension, 条例 第34条


def completed(about: About, data: dict[str, Any]) -> dict[str, Any]:
    """The data of the event; raises `Invalid` or `Refused` with what to mend."""
    check = CHECKS.get(about.step.key)
    return check(about, data) if check else data


def _classify(_about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "track": load().route(data["route"]).track}


def _accept(about: About, data: dict[str, Any]) -> dict[str, Any]:
    if data["simple"] and not about.state.has("reachable"):
        raise Invalid({"simple": "信访人无法联系，不能答复送达，不适用简易办理"})
    return data


def _assign(about: About, data: dict[str, Any]) -> dict[str, Any]:
    _below(about, "to", [data["to"]])
    _below(about, "assist", data.get("assist", []))
    if data["to"] in data.get("assist", []):
        raise Invalid({"assist": "协办单位不能同时是承办单位"})
    return data


def _below(about: About, field: str, units: list[int]) -> None:
    for unit in units:
        known = about.session.get(m.Unit, unit)
        if known is None or not may_assign(about.viewer.unit, unit):
            raise Invalid({field: "只能交办给下级单位，请重新选择"})


def _reassign(about: About, data: dict[str, Any]) -> dict[str, Any]:
    _below(about, "to", [data["to"]])
    if data["to"] == about.state.holder:
        raise Invalid({"to": "该件正在此单位，请选择其他单位"})
    return {**data, "from": about.state.holder}


def _return(about: About, data: dict[str, Any]) -> dict[str, Any]:
    arrived = (x for x in moments(about.events) if x.kind == "arrived" and x.submission is None)
    held = [x for x in arrived if x.unit == about.viewer.unit]
    calendar = load().calendar
    last = calendar.advance(held[-1].on, RETURN_WITHIN)
    if about.today > last:
        raise Refused(
            f"该件 {held[-1].on} 到达本单位，须在5个工作日内（至 {last}）提出异议，现已超过"
        )
    return data


def _accept_return(about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "from": about.state.holder}


def _decline(about: About, data: dict[str, Any]) -> dict[str, Any]:
    reason = load().decline(data["decline_reason"])
    if reason.tracks and about.state.track not in reason.tracks:
        raise Invalid({"decline_reason": f"“{reason.label}”不适用于该件的法定途径，请选择其他理由"})
    if reason.needs_contact_attempt and not data.get("contact_attempt"):
        raise Invalid(
            {"contact_attempt": f"以“{reason.label}”不予受理，须先联系信访人并填写联系记录"}
        )
    return {**data, "article": reason.article}


def _decline_final(_about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "article": "《信访工作条例》第36条"}


def _pass_on(about: About, data: dict[str, Any]) -> dict[str, Any]:
    _below(about, "to", [data["to"]])
    return data


def _undeliverable(about: About, data: dict[str, Any]) -> dict[str, Any]:
    if data["tried_again_on"] <= data["tried_on"]:
        raise Invalid({"tried_again_on": "须在第一次之后的另一天再次送达，仍送不到的才能认定"})
    if about.submission in about.state.done.get("deliver", frozenset()):
        raise Refused("该来件的答复已经送达")
    _evidence(about, "evidence", "无法送达须附证据，请先在“附件”中上传退件、公告等材料")
    return data


def _evidence(about: About, field: str, words: str) -> None:
    kept = select(m.Attachment.id).where(m.Attachment.case_id == about.case.id)
    if about.session.scalars(kept).first() is None:
        raise Invalid({field: words})


def _notify(_about: About, data: dict[str, Any]) -> dict[str, Any]:
    if data.get("failure"):
        if data.get("delivered_on"):
            raise Invalid({"failure": "已填送达日期，不应再填未送达原因"})
        return data
    lacking = {k: "请填写；没有送达的，写明未送达原因"
               for k in ("delivered_on", "proof") if not data.get(k)}  # fmt: skip
    if lacking:
        raise Invalid(lacking)
    return data


def _investigate(about: About, data: dict[str, Any]) -> dict[str, Any]:
    names = [
        n for n in data["officers"].replace("，", "、").replace(",", "、").split("、") if n.strip()
    ]
    if len(dict.fromkeys(n.strip() for n in names)) < 2:
        raise Invalid({"officers": "现场检查不少于两人，请写全检查人员，用顿号分开"})
    return data


def _conclude(_about: About, data: dict[str, Any]) -> dict[str, Any]:
    fined = [one.key for one in load().measures if one.fine and one.key in data["measures"]]
    if fined:
        lacking = {k: "立案处罚、按日计罚须填写案号和金额"
                   for k in ("penalty_no", "amount") if not data.get(k)}  # fmt: skip
        if lacking:
            raise Invalid(lacking)
    if "none" in data["measures"] and len(data["measures"]) > 1:
        raise Invalid({"measures": "“无需整改”不能与其他措施同时选择"})
    return data


def _apply_extension(about: About, data: dict[str, Any]) -> dict[str, Any]:
    if not 1 <= data["days"] <= MOST_DAYS:
        raise Invalid({"days": f"延期为1至{MOST_DAYS}日"})
    _before_due(about)
    return data


def _extend(about: About, data: dict[str, Any]) -> dict[str, Any]:
    _before_due(about)
    if about.state.has("reachable") and not (data.get("told_on") and data.get("told_way")):
        raise Invalid({"told_on": "延期须在原期限届满前告知信访人，请填写告知日期和方式"})
    applied = about.last("apply_extension")
    return {**data, "days": applied["days"], "reason": applied["reason"]}


def _before_due(about: About) -> None:
    clock = about.clock("conclude_petition", "conclude_report")
    if clock is None:
        raise Refused("该件没有可以延期的办结期限")
    if about.today > clock.due_on:
        raise Refused(f"办结期限 {clock.due_on} 已经届满，不能延期（条例第34条）")


def _approve(about: About, data: dict[str, Any]) -> dict[str, Any]:
    draft = about.last("conclude")
    derived = overall(draft["findings"].values())
    if data["conclusion"] not in (derived, "mostly" if derived == "partly" else derived):
        raise Invalid(
            {"conclusion": "总体认定须与逐项认定一致；部分属实的可以认定为基本属实，请写明理由"}
        )
    if data["conclusion"] == "mostly" and not data.get("opinion"):
        raise Invalid({"opinion": "认定为基本属实的，请在审定意见中写明理由"})
    if data["conclusion"] == "unsubstantiated":
        if about.step.key == "stage":
            raise Invalid({"conclusion": "认定不属实的，没有整改内容，不适用阶段性办结"})
        _evidence(about, "conclusion", "认定不属实须附证据，请先在“附件”中上传现场检查或监测材料")
    carried = ("findings", "measures", "penalty_no", "amount", "talked", "accountable")
    out = {**data, **{k: draft[k] for k in carried if k in draft}}
    return {**out, "staged": True} if about.step.key == "stage" else out


def _reply(about: About, data: dict[str, Any]) -> dict[str, Any]:
    petition = about.state.track is Track.PETITION
    if petition and not data.get("opinions"):
        raise Invalid({"opinions": "信访程序的答复须逐项写明处理意见：支持、解释说明或不予支持"})
    told = REMEDY.search("\n".join([*data["answers"].values(), data["reply_basis"]]))
    if about.state.track is Track.REPORT and told:
        raise Invalid({"answers": f"举报投诉途径不得告知复查、复核，请改写“{told.group()}”"})
    return data


def _callback(about: About, data: dict[str, Any]) -> dict[str, Any]:
    """A callback ends when the petitioner was reached, or with the third try on a third day."""
    earlier = [e for e in about.events if e.step == "callback" and e.submission == about.submission]
    if any(event.on == about.today for event in earlier):
        raise Refused("今天已经回访过一次，没有联系上的请改日再试")
    if data.get("rating") and not data["reached"]:
        raise Invalid({"rating": "没有联系上信访人，不能登记满意度"})
    if data.get("rating") and about.submission in about.state.done.get("rated", frozenset()):
        raise Invalid({"rating": "该来件已有评价，不再登记满意度"})
    return {**data, "finished": data["reached"] or len(earlier) + 1 >= TRIES}


Check = Callable[[About, dict[str, Any]], dict[str, Any]]
CHECKS: dict[str, Check] = {
    "classify": _classify, "reclassify": _classify, "pass_on": _pass_on,
    "undeliverable": _undeliverable, "accept": _accept, "assign": _assign, "reassign": _reassign,
    "return": _return, "accept_return": _accept_return, "decline": _decline,
    "decline_final": _decline_final, "notify": _notify, "investigate": _investigate,
    "conclude": _conclude, "apply_extension": _apply_extension, "extend": _extend,
    "approve": _approve, "stage": _approve, "reply": _reply, "callback": _callback, **OVERSIGHT,
}  # fmt: skip
