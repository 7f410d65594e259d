"""What each step records, checked: values in JSON terms or a sentence per wrong field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.errors import Invalid
from domain.statuses import CONCLUSIONS, OPINIONS, RATINGS
from domain.table import Step
from rules import load
from services.fields import RECORDS as RECORDS
from services.fields import Kind as Kind
from services.fields import Record as Record


def choices(key: str) -> dict[str, str]:
    """The keys and labels a choice field offers."""
    rules = load()
    lists: dict[str, Any] = {
        "route": rules.routes,
        "decline_reason": rules.declines,
        "way": rules.ways,
        "told_way": rules.ways,
        "measures": rules.measures,
    }
    if key in lists:
        return {entry.key: entry.label for entry in lists[key]}
    if key == "clocks":
        return dict(rules.clock_labels)
    return {
        "conclusion": CONCLUSIONS,
        "findings": {k: v for k, v in CONCLUSIONS.items() if k != "mostly"},
        "opinions": {one: one for one in OPINIONS},
        "rating": {str(k): v for k, v in RATINGS.items()},
        "solved": {"yes": "已解决", "partly": "部分解决", "no": "未解决"},
        "upheld": {"upheld": "维持不属实", "overturned": "推翻"},
        "outcome": {"maintained": "维持", "changed": "变更", "revoked": "撤销重办"},
        "order_kind": {
            "warning": "预警",
            "order": "督办单",
            "on_site": "现场督办",
            "listed": "挂牌督办",
            "talk": "约谈",
        },
        "retention": {"10": "10年", "30": "30年", "permanent": "永久"},
    }[key]


def fields_of(step: Step) -> list[tuple[Record, bool]]:
    """The fields of a step, each with whether it must be filled."""
    return [(RECORDS[name.rstrip("?")], not name.endswith("?")) for name in step.records]


def reason_of(said: str, most: int = RECORDS["reason"].limit) -> str:
    """The reason a person gave; raises `Invalid` where there is none, or too much of it."""
    record, text = RECORDS["reason"], said.strip()
    if not text:
        raise Invalid({"reason": f"请填写“{record.label}”"})
    if len(text) > most:
        raise Invalid({"reason": f"“{record.label}”超过 {most} 字，请缩短"})
    return text


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
        case Kind.UNITS:
            return "", [int(unit) for unit in value]
        case Kind.COUNT:
            return _count(record, value)
        case Kind.AMOUNT:
            return _amount(record, value)
        case Kind.NOTES:
            given = {str(k): str(v).strip() for k, v in dict(value).items()}
            return _per_demand(record, given, tuple(n for n in demands if given.get(str(n))))
        case Kind.FINDINGS | Kind.ANSWERS:
            return _per_demand(record, value, demands)
        case _:
            text = str(value).strip()
            long = len(text) > record.limit
            return (
                f"“{record.label}”有 {len(text)} 字，超过 {record.limit} 字，请缩短" if long else ""
            ), text


def _count(record: Record, value: Any) -> tuple[str, int]:
    text = str(value).strip()
    if not text.isdecimal() or int(text) > record.limit:
        return f"“{record.label}”请填写不超过 {record.limit} 的整数", 0
    return "", int(text)


def _amount(record: Record, value: Any) -> tuple[str, str]:
    try:
        yuan = Decimal(str(value).replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return f"“{record.label}”请填写数字，如 20000 或 20000.50", ""
    if not 0 <= yuan < Decimal(10) ** 12:
        return f"“{record.label}”超出范围，请核对", ""
    return "", f"{yuan:.2f}"


def _date(record: Record, value: Any, today: date, earliest: date) -> tuple[str, str]:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return f"“{record.label}”不是有效日期，请按 2026-01-31 填写", ""
    if record.future and day < today:
        return f"“{record.label}”不能早于今天", day.isoformat()
    if not record.future and day > today:
        return f"“{record.label}”不能晚于今天", day.isoformat()
    if not (record.future or record.earlier) and day < earliest:
        return f"“{record.label}”不能早于 {earliest}", day.isoformat()
    return "", day.isoformat()


def _per_demand(record: Record, value: Any, demands: tuple[int, ...]) -> tuple[str, dict[str, str]]:
    said = {str(k): str(v).strip() for k, v in dict(value).items()}
    given = {str(n): said.get(str(n), "") for n in demands}
    blank = [n for n in demands if not given[str(n)]]
    if blank:
        return f"“{record.label}”缺第 {'、'.join(map(str, blank))} 项诉求", given
    if record.kind is Kind.FINDINGS:
        wrong = [v for v in given.values() if v not in choices(record.key)]
        return (f"“{record.label}”不在清单内" if wrong else ""), given
    long = any(len(v) > record.limit for v in given.values())
    return (f"“{record.label}”单项超过 {record.limit} 字，请缩短" if long else ""), given
