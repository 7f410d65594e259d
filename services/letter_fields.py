"""The fields of each kind of letter, in words, from what the steps of the case recorded."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from documents.letter_model import PETITIONER
from domain.errors import Refused
from domain.statuses import CONCLUSIONS, OPINIONS, RATINGS, Track
from domain.wording import REMEDY, Values
from rules import load
from services.letter_facts import Facts
from services.records import choices

ELSEWHERE = ("in_progress", "duplicate")  # reasons to decline that name another matter
Made = dict[str, Any]


def day(value: Any) -> str:
    """A date as letters write it: 2026年11月24日."""
    if not value:
        return ""
    known = value if isinstance(value, date) else date.fromisoformat(str(value))
    return f"{known.year}年{known.month}月{known.day}日"


def values(facts: Facts, masked_text: str, today: date) -> Values:
    """Every field of the letter's kind; raises `Refused` where something it needs is not there."""
    made = {**_common(facts, today), **BUILDERS[facts.kind.key](facts)}
    if facts.kind.masked:
        made["事项概要"] = masked_text
    for name in facts.kind.asks:
        made[name] = made.get(name) or facts.given.get(name, "").strip()
    if facts.data.get("decline_reason") in ELSEWHERE and not made["在办编号"]:
        raise Refused("该事项已在办理或者重复的，告知书须写明在办事项的编号，请填写“在办编号”")
    return made


def lacking(facts: Facts, made: Values) -> list[str]:
    """The fields without content that this kind of letter cannot do without."""
    inner = {name for names in facts.kind.lists.values() for name in names}
    needed = [n for n in facts.kind.must if n not in facts.kind.optional and n not in inner]
    return [name for name in needed if not made[name]]


def _common(facts: Facts, today: date) -> Made:
    case, contact, rules = facts.file.case, facts.contact, load()
    return {
        "单位": facts.organ.name, "出具日期": day(today), "事项编号": case.no,
        "事项标题": case.title, "收件日期": day(contact.received_at.date()),
        "反映方式": rules.label("subchannel", contact.subchannel),
        "属地": facts.place, "地点": case.address, "被反映对象": case.subject_name,
        "信访人": PETITIONER,
    }  # fmt: skip


def _accept(facts: Facts) -> Made:
    case, rules = facts.file.case, load()
    due = [c.first_due_on for c in facts.file.clocks if c.key.startswith("conclude")]
    last, route = day(max(due, default=None)), rules.route(case.route)
    return {
        "受理日期": day(facts.event.on),
        "办结期限": "" if case.simple else last, "简易办理期限": last if case.simple else "",
        "程序名称": route.label, "程序依据": route.basis,
        "诉求": [{"序号": str(d.ordinal), "内容": d.text} for d in facts.file.demands],
    }  # fmt: skip


def _decline(facts: Facts) -> Made:
    reason = load().decline(facts.data["decline_reason"])
    earlier = [link.no for link in facts.file.links if link.kind == "repeat" and link.earlier]
    note = str(facts.data["basis_note"])
    _no_remedy(facts, [note])
    return {
        "决定日期": day(facts.event.on), "不予受理理由": reason.label, "事实说明": note,
        "依据条款": facts.data.get("article") or reason.article, "去处": reason.direction,
        "在办编号": "、".join(earlier),
    }  # fmt: skip


def _decline_final(facts: Facts) -> Made:
    data = facts.data
    return {
        "决定日期": day(facts.event.on), "复核意见文号": data.get("final_no", ""),
        "复核意见日期": day(data.get("final_on")), "依据条款": data.get("article", ""),
    }  # fmt: skip


def _transfer(facts: Facts) -> Made:
    data, route = facts.data, facts.file.case.route
    below = data.get("to")  # passed on to a unit of the system
    return {
        "受送单位": facts.names[int(below)] if below else data["transfer_to"],
        "受送单位电话": data.get("telephone", ""),
        "转送日期": day(facts.event.on), "程序依据": load().route(route).basis,
        "来源编号": _source(facts), "办理要求": data.get("note", ""),
    }  # fmt: skip


def _assign(facts: Facts) -> Made:
    """A unit that gets it by 改派 has the limit and the demands of the order it takes over."""
    order = facts.before("assign") if facts.event.kind == "reassign" else facts.data
    data = facts.data
    assist = [facts.names[int(unit)] for unit in data.get("assist") or ()]
    return {
        "主办单位": facts.names[int(data["to"])], "协办单位": "、".join(assist) or "无",
        "来源编号": _source(facts), "办理期限": day(order.get("limit")) or "依照法定期限",
        "办理要求": order.get("note", ""),
    }  # fmt: skip


def _source(facts: Facts) -> str:
    return "、".join(s.source_no for s in facts.file.submissions if s.source_no)


def _extend(facts: Facts) -> Made:
    asked = {**facts.before("apply_extension"), **facts.data}
    clocks = [c for c in facts.file.clocks if c.key.startswith("conclude")]
    moved = next((c for c in clocks if c.due_on != c.first_due_on), None)
    return {
        "原办结期限": day(moved and moved.first_due_on), "延长天数": str(asked["days"]),
        "新办结期限": day(moved and moved.due_on), "延期理由": str(asked["reason"]).rstrip("。"),
        "批准人": facts.event.person_name,
    }  # fmt: skip


def _reply(facts: Facts) -> Made:
    concluded, decided = facts.before("conclude"), facts.before("approve", "stage")
    basis, plan = str(facts.data.get("reply_basis", "")), _plan(decided)
    made = {
        "逐项": demands(facts), "依据": basis, "调查事实": concluded.get("facts", ""),
        "处理措施": "、".join(load().label("measure", k) for k in decided.get("measures", ())),
        "总体认定": CONCLUSIONS.get(str(decided.get("conclusion")), ""), "整改计划": plan,
        "上级机关": facts.organ.upper,
    }  # fmt: skip
    _no_remedy(facts, [basis, made["调查事实"], plan, *(d["答复"] for d in made["逐项"])])
    return made


def demands(facts: Facts) -> list[dict[str, str]]:
    """Each demand with finding, answer and opinion; refuses one that is not answered."""
    said: Mapping[str, str] = facts.data.get("answers", {})
    silent = [d.ordinal for d in facts.file.demands if not said.get(str(d.ordinal), "").strip()]
    if silent:
        numbers = "、".join(map(str, silent))
        raise Refused(f"第 {numbers} 项诉求还没有答复，须逐项答复后才能出具“{facts.kind.label}”")
    return [
        {
            "序号": "一二三四五六七八九十"[n] if n < 10 else str(n + 1), "诉求": d.text,
            "认定": CONCLUSIONS.get(d.finding or "", "已作说明"), "答复": said[str(d.ordinal)],
            "处理意见": _opinion(facts, d.ordinal),
        }
        for n, d in enumerate(facts.file.demands)
    ]  # fmt: skip


def opinion_name(ordinal: int) -> str:
    """The name by which an issuer gives the opinion on a demand."""
    return f"第{ordinal}项处理意见"


def _opinion(facts: Facts, ordinal: int) -> str:
    recorded = dict(facts.data.get("opinions", {})).get(str(ordinal), "")
    opinion = recorded or facts.given.get(opinion_name(ordinal), "")
    if facts.kind.key == "opinion" and opinion not in OPINIONS:
        raise Refused(f"请选择第 {ordinal} 项诉求的处理意见：{'、'.join(OPINIONS)}")
    return opinion


def _plan(decided: Mapping[str, Any]) -> str:
    if not decided.get("plan_due"):
        return ""
    item, unit, check = (decided.get(f"plan_{part}", "") for part in ("item", "unit", "check"))
    what = f"整改内容：{str(item).rstrip('。')}；" if item else ""
    who = f"整改责任单位：{unit}；" if unit else ""
    how = f"；验收方式：{str(check).rstrip('。')}" if check else ""
    return f"{what}{who}整改完成期限：{day(decided['plan_due'])}{how}。"


def _no_remedy(facts: Facts, own_words: Iterable[str]) -> None:
    """The organ's own words of a complaint's letter offer no remedy of the petition track."""
    found = REMEDY.search("\n".join(own_words))
    if facts.file.case.track == Track.REPORT and found:
        raise Refused(f"举报投诉途径的文书不得告知复查、复核，请改写“{found.group()}”")


def _supervise(facts: Facts) -> Made:
    data = facts.data
    lines = [line.strip() for line in str(data["order_demands"]).splitlines() if line.strip()]
    return {
        "督办对象": facts.names[int(data["to"])], "督办次序": str(data["order"]),
        "督办方式": choices("order_kind")[data["order_kind"]],
        "发现问题": data["order_reason"], "反馈期限": day(data["order_limit"]),
        "督办要求": [{"序号": str(n), "内容": line} for n, line in enumerate(lines, 1)],
    }  # fmt: skip


def _callback(facts: Facts) -> Made:
    data, way = facts.data, facts.data.get("way")
    return {
        "回访时间": f"{facts.event.at:%Y-%m-%d %H:%M}", "回访人": facts.event.person_name,
        "回访方式": choices("way")[way] if way else "",
        "是否联系上": "是" if data["reached"] else "否",
        "是否解决": choices("solved").get(str(data.get("solved")), "—"),
        "满意度": RATINGS.get(int(data.get("rating") or 0), "—"),
        "回访内容": data.get("note", ""), "新的诉求": data.get("new_demands", ""),
    }  # fmt: skip


def _review(facts: Facts) -> Made:
    step = facts.event.kind.replace("answer", "request")
    asked, data = facts.before(step), facts.data
    earlier = [p for p in facts.papers if p.kind == _ANSWERED_BEFORE[facts.kind.key]]
    numbered = earlier[-1] if earlier else None
    answered = "answer_review" if facts.kind.key == "re_review" else "reply"
    units = [e.unit for e in facts.file.history if e.kind == answered]
    return {
        "申请日期": day(asked.get("requested_on")), "申请内容": asked.get("request", ""),
        "原意见机关": facts.names[units[-1]] if units else "原办理机关",
        "原意见文号": numbered.number if numbered else "", "查明情况": data["review_findings"],
        "审查结论": OUTCOMES[data['outcome']], "依据": data["review_basis"],
        "上级机关": facts.organ.upper,
    }  # fmt: skip


_ANSWERED_BEFORE = {"review": "opinion", "re_review": "review"}
OUTCOMES = {
    "maintained": "经审查，原意见认定事实清楚，适用依据正确，程序合法，决定予以维持。",
    "changed": "经审查，原意见部分内容不当，决定予以变更，变更内容以本意见书查明的情况为准。",
    "revoked": "经审查，原意见认定事实不清或者适用依据不当，决定予以撤销，由原办理机关重新办理。",
}


# Which letters a delivery delivers: those that tell of these steps.
_DELIVERED = {
    "notify": {"accept", "decline", "decline_final", "transfer"}, "deliver": {"reply"},
    "deliver_review": {"answer_review"}, "deliver_re_review": {"answer_re_review"},
}  # fmt: skip


def _receipt(facts: Facts) -> Made:
    data, letters = facts.data, {k.key: k for k in load().letters}
    steps = _DELIVERED[facts.event.kind]
    told = [
        p for p in facts.papers
        if letters[p.kind].to == "petitioner" and steps & set(letters[p.kind].steps)
        and p.submission_id == facts.contact.id
    ]  # fmt: skip
    return {
        "送达文书": "\n".join(f"{letters[p.kind].label}（{p.number}）" for p in told),
        "送达方式": choices("way")[data["way"]], "送达日期": day(data.get("delivered_on")),
        "送达凭证": data.get("proof", ""), "送达人": facts.event.person_name,
    }  # fmt: skip


def _archive(facts: Facts) -> Made:
    letters = {kind.key: kind.label for kind in load().letters}
    papers = [
        (letters.get(p.kind, p.kind), p.number or "", p.at, p.sha256[:12])
        for p in facts.papers if p.kind != facts.kind.key
    ]  # fmt: skip
    files = [(a.name, "附件", a.at, "") for a in facts.file.attachments]
    rows = [
        {"序号": str(n), "名称": name, "文号": number, "日期": f"{at:%Y-%m-%d}", "摘要": digest}
        for n, (name, number, at, digest) in enumerate([*papers, *files], 1)
    ]
    return {
        "归档日期": day(facts.event.on), "归档人": facts.event.person_name,
        "保管期限": choices("retention")[str(facts.data["retention"])],
        "卷内说明": facts.data.get("note", ""), "件数": str(len(rows)), "卷内文件": rows,
    }  # fmt: skip


BUILDERS: Mapping[str, Callable[[Facts], Made]] = {
    "accept": _accept, "decline": _decline, "decline_final": _decline_final,
    "transfer_notice": _transfer, "transfer_letter": _transfer, "assign_order": _assign,
    "extend": _extend, "opinion": _reply, "answer": _reply, "response": _reply,
    "inform": _reply, "supervision": _supervise, "callback": _callback, "review": _review,
    "re_review": _review, "receipt": _receipt, "catalogue": _archive,
}  # fmt: skip
