"""What each step records: the fields a form draws and a service checks, from one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Any

from domain.errors import Invalid
from domain.workflow import CONCLUSIONS, RATINGS, Step
from rules import load


class Kind(Enum):
    """How a field is drawn and what its value is."""

    CHOICE = auto()  # one key of `choices()`
    CHOICES = auto()  # a list of keys
    TEXT = auto()  # one line
    NOTE = auto()  # several lines
    DATE = auto()  # ISO text
    FLAG = auto()  # true or false
    UNIT = auto()  # a unit code
    FINDINGS = auto()  # demand ordinal → conclusion key
    ANSWERS = auto()  # demand ordinal → text


@dataclass(frozen=True, slots=True)
class Record:
    """One field of a step. `future` dates may lie ahead; others are facts and may not."""

    key: str
    label: str
    kind: Kind
    help: str = ""
    limit: int = 200
    future: bool = False


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
    Record("reason", "退回原因", Kind.NOTE, limit=2000),
    Record("answers", "逐项答复", Kind.ANSWERS, limit=5000),
    Record("reply_basis", "依据", Kind.NOTE, limit=2000),
    Record("reached", "是否联系上", Kind.FLAG),
    Record("solved", "问题是否解决", Kind.CHOICE),
    Record("rating", "满意度", Kind.CHOICE),
    Record("upheld", "核查结果", Kind.CHOICE),
)
RECORDS: Mapping[str, Record] = {record.key: record for record in _ALL}


def choices(key: str) -> dict[str, str]:
    """The keys and labels a choice field offers."""
    rules = load()
    lists: dict[str, Any] = {
        "route": rules.routes,
        "decline_reason": rules.declines,
        "way": rules.ways,
        "measures": rules.measures,
    }
    if key in lists:
        return {entry.key: entry.label for entry in lists[key]}
    return {
        "conclusion": CONCLUSIONS,
        "findings": {k: v for k, v in CONCLUSIONS.items() if k != "mostly"},
        "rating": {str(k): v for k, v in RATINGS.items()},
        "solved": {"yes": "已解决", "partly": "部分解决", "no": "未解决"},
        "upheld": {"upheld": "维持不属实", "overturned": "推翻"},
    }[key]


def fields_of(step: Step) -> list[tuple[Record, bool]]:
    """The fields of a step, each with whether it must be filled."""
    return [(RECORDS[name.rstrip("?")], not name.endswith("?")) for name in step.records]


def clean(
    step: Step, data: Mapping[str, Any], demands: tuple[int, ...], today: date, earliest: date
) -> dict[str, Any]:
    """The recorded values in JSON terms; raises `Invalid` with a sentence per wrong field."""
    out: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for record, needed in fields_of(step):
        value = data.get(record.key)
        if value in (None, "", [], {}):
            if needed and record.kind is not Kind.FLAG:
                problems[record.key] = f"请填写“{record.label}”"
            elif record.kind is Kind.FLAG:
                out[record.key] = False
            continue
        fault, out[record.key] = _value(record, value, demands, today, earliest)
        if fault:
            problems[record.key] = fault
    if problems:
        raise Invalid(problems)
    return out


def _value(
    record: Record, value: Any, demands: tuple[int, ...], today: date, earliest: date
) -> tuple[str, Any]:
    match record.kind:
        case Kind.CHOICE:
            return (
                "" if str(value) in choices(record.key) else f"“{record.label}”不在清单内"
            ), str(value)
        case Kind.CHOICES:
            keys = [str(v) for v in value]
            bad = [k for k in keys if k not in choices(record.key)]
            return (f"“{record.label}”不在清单内" if bad else ""), keys
        case Kind.DATE:
            return _date(record, value, today, earliest)
        case Kind.FLAG:
            return "", bool(value)
        case Kind.UNIT:
            return "", int(value)
        case Kind.FINDINGS | Kind.ANSWERS:
            return _per_demand(record, value, demands)
        case _:
            text = str(value).strip()
            long = len(text) > record.limit
            return (
                f"“{record.label}”有 {len(text)} 字，超过 {record.limit} 字，请缩短" if long else ""
            ), text


def _date(record: Record, value: Any, today: date, earliest: date) -> tuple[str, str]:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return f"“{record.label}”不是有效日期，请按 2026-01-31 填写", ""
    if record.future and day < today:
        return f"“{record.label}”不能早于今天", day.isoformat()
    if not record.future and day > today:
        return f"“{record.label}”不能晚于今天", day.isoformat()
    if not record.future and day < earliest:
        return f"“{record.label}”不能早于 {earliest}", day.isoformat()
    return "", day.isoformat()


def _per_demand(record: Record, value: Any, demands: tuple[int, ...]) -> tuple[str, dict[str, str]]:
    said = {str(k): str(v).strip() for k, v in dict(value).items()}
    given = {str(n): said.get(str(n), "") for n in demands}
    blank = [n for n in demands if not given[str(n)]]
    if blank:
        return f"“{record.label}”缺第 {'、'.join(map(str, blank))} 项诉求", given
    if record.kind is Kind.FINDINGS:
        wrong = [v for v in given.values() if v not in choices("findings")]
        return ("“逐项认定”不在清单内" if wrong else ""), given
    long = max(len(v) for v in given.values()) > record.limit
    return (f"“{record.label}”单项超过 {record.limit} 字，请缩短" if long else ""), given
