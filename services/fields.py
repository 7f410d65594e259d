"""The fields steps record: one table from which a form is drawn and a service checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How a field is drawn and what its value is."""

    CHOICE = auto()  # one key of `choices()`
    CHOICES = auto()  # a list of keys
    TEXT = auto()  # one line
    NOTE = auto()  # several lines
    DATE = auto()  # ISO text
    FLAG = auto()  # true or false
    UNIT = auto()  # a unit code
    UNITS = auto()  # a list of unit codes
    COUNT = auto()  # a whole number from 0
    AMOUNT = auto()  # yuan, as text with two decimals
    FINDINGS = auto()  # demand ordinal → one key of `choices()`
    ANSWERS = auto()  # demand ordinal → text
    NOTES = auto()  # the same, where some may stay empty


@dataclass(frozen=True, slots=True)
class Record:
    """One field of a step. `future` dates may lie ahead; others are facts and may not.

    No fact lies before the case came, but those that are `earlier`.

    `limit` is the most characters of a text, and the greatest value of a count.
    """

    key: str
    label: str
    kind: Kind
    help: str = ""
    limit: int = 200
    future: bool = False
    earlier: bool = False


_ALL = (
    Record("route", "法定途径", Kind.CHOICE, "依法分类（《信访工作条例》第31条）"),
    Record("simple", "适用简易办理", Kind.FLAG, "事实清楚、责任明确的，10个工作日内答复"),
    Record("decline_reason", "不予受理理由", Kind.CHOICE),
    Record("basis_note", "事实和说明", Kind.NOTE, "写入告知书", 2000),
    Record("contact_attempt", "联系记录", Kind.TEXT, "线索不详的，须写明何时以何方式联系信访人"),
    Record("transfer_to", "转送单位", Kind.TEXT, "受送单位名称"),
    Record("telephone", "受送单位电话", Kind.TEXT, limit=40),
    Record("note", "说明", Kind.NOTE, limit=2000),
    Record("to", "承办单位", Kind.UNIT),
    Record("limit", "办理期限", Kind.DATE, "交办单另定期限时填写", future=True),
    Record("way", "方式", Kind.CHOICE),
    Record("delivered_on", "送达日期", Kind.DATE, "信访人收到的日期"),
    Record("proof", "送达凭证", Kind.TEXT, "签收单号、短信回执、录音编号等"),
    Record("findings", "逐项认定", Kind.FINDINGS),
    Record("measures", "处理措施", Kind.CHOICES),
    Record("facts", "调查事实", Kind.NOTE, "查明的事实、监测数据和依据", 5000),
    Record(
        "conclusion", "总体认定", Kind.CHOICE, "全部属实为属实，全部不属实为不属实，其余为部分属实"
    ),
    Record("opinion", "审定意见", Kind.NOTE, limit=2000),
    Record("reason", "理由", Kind.NOTE, limit=2000),
    Record("answers", "逐项答复", Kind.ANSWERS, limit=5000),
    Record("opinions", "逐项处理意见", Kind.FINDINGS, "信访程序的逐项写明支持、解释说明或不予支持"),
    Record("new_demands", "新的诉求", Kind.NOTE, limit=2000),
    Record("reply_basis", "依据", Kind.NOTE, limit=2000),
    Record("reached", "是否联系上", Kind.FLAG),
    Record("solved", "问题是否解决", Kind.CHOICE),
    Record("rating", "满意度", Kind.CHOICE),
    Record("upheld", "核查结果", Kind.CHOICE),
    Record("failure", "未送达原因", Kind.TEXT, "没有送达的写明原因，可改日再次告知"),
    Record("tried_on", "第一次送达日期", Kind.DATE),
    Record("tried_again_on", "再次送达日期", Kind.DATE, "与第一次不在同一天"),
    Record("attempts", "送达经过", Kind.NOTE, "每次以何方式送达、结果如何；不写信访人身份", 2000),
    Record("final_no", "复核意见文号", Kind.TEXT, "如 苏政复核〔2026〕3号", 60),
    Record("final_on", "复核意见日期", Kind.DATE, earlier=True),
    Record("copies", "抄送", Kind.TEXT, "抄送单位，多个用顿号分开"),
    Record("assist", "协办单位", Kind.UNITS),
    Record("objection", "退回理由", Kind.NOTE, "到达5个工作日内提出，写明依据和应由谁办理", 2000),
    Record("visited_on", "现场检查日期", Kind.DATE),
    Record("officers", "检查人员", Kind.TEXT, "不少于两人，用顿号分开"),
    Record("site_notes", "检查情况", Kind.NOTE, "不得写入信访人的姓名、电话、住址", 5000),
    Record("demand_notes", "逐项情况", Kind.NOTES, limit=2000),
    Record("monitoring", "监测数据", Kind.NOTE, "点位、项目、数值和单位", 2000),
    Record("standard", "执行标准", Kind.TEXT),
    Record("statement", "被反映对象陈述", Kind.NOTE, limit=2000),
    Record("contacted", "与信访人沟通情况", Kind.NOTE, "何时、以何方式沟通，不写身份信息", 2000),
    Record("days", "天数", Kind.COUNT, "延期不超过30日", 30),
    Record("told_on", "告知信访人日期", Kind.DATE, "须在原期限届满前告知"),
    Record("told_way", "告知方式", Kind.CHOICE),
    Record("penalty_no", "处罚案号", Kind.TEXT, "立案处罚、按日计罚须填写"),
    Record("amount", "罚款金额（元）", Kind.AMOUNT),
    Record("talked", "约谈人次", Kind.COUNT, limit=9999),
    Record("accountable", "问责人次", Kind.COUNT, limit=9999),
    Record("plan_item", "整改内容", Kind.NOTE, limit=2000),
    Record("plan_unit", "整改责任单位", Kind.TEXT, "落实整改的企业或单位"),
    Record("plan_due", "整改完成日期", Kind.DATE, future=True),
    Record("plan_check", "验收方式", Kind.TEXT),
    Record(
        "redo_by", "重新办理期限", Kind.DATE, "退回重办另定期限，原已超期的仍计超期", future=True
    ),
    Record("order_kind", "督办方式", Kind.CHOICE),
    Record("order_reason", "督办事由", Kind.TEXT),
    Record("order_demands", "督办要求", Kind.NOTE, "逐条写，一行一条", 2000),
    Record("order_limit", "反馈期限", Kind.DATE, future=True),
    Record("order", "第几号督办", Kind.COUNT, "只有一件督办时不用填", 999),
    Record("feedback", "反馈情况", Kind.NOTE, limit=5000),
    Record("leader", "领导姓名职务", Kind.TEXT, limit=40),
    Record("instruction", "批示内容", Kind.NOTE, limit=2000),
    Record("instructed_on", "日期", Kind.DATE),
    Record("charge_note", "包案要求", Kind.NOTE, limit=2000),
    Record("promise", "接访承诺", Kind.NOTE, limit=2000),
    Record("action", "第几项", Kind.COUNT, "只有一项时不用填", 999),
    Record("progress", "进展情况", Kind.NOTE, limit=2000),
    Record("finished", "已经落实", Kind.FLAG),
    Record("verified_on", "验收日期", Kind.DATE),
    Record("requested_on", "申请日期", Kind.DATE),
    Record("request", "申请事项和理由", Kind.NOTE, limit=2000),
    Record("outcome", "审查结果", Kind.CHOICE),
    Record("review_findings", "审查认定", Kind.NOTE, limit=5000),
    Record("review_basis", "依据", Kind.NOTE, limit=2000),
    Record("retention", "保管期限", Kind.CHOICE),
    Record("clocks", "不计的时限", Kind.CHOICES),
    Record("evidence", "证据", Kind.TEXT, "附件名称或文号"),
)
RECORDS: Mapping[str, Record] = {record.key: record for record in _ALL}
