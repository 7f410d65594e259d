"""The checks of a registration that the entry form and the files share."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from operator import attrgetter, gt

from domain.people import Level, level_of
from intake.fields import FIELDS, GROUP_FROM, MAX_DEMANDS, MAX_REPRESENTATIVES, Field, Kind
from intake.model import STARS, FieldProblem, Incoming, Vocabulary
from intake.words import Words, words_of

_PHONE = re.compile(
    r"(?:\+?86-?|0)?1[3-9]\d{9}"  # mobile
    r"|(?:\(?0\d{2,3}\)?-?)?[2-9]\d{6,7}(?:[-转]\d{1,6})?"  # fixed line, with extension
    r"|[48]00-?\d{3}-?\d{4}"
)
_ID = re.compile(r"[1-9]\d{16}[\dX]")
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: without I O S V Z
_USCC = re.compile(rf"[{_USCC_SIGNS}]{{18}}")
_ID_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_TEXTS = sorted(
    (
        field
        for field in FIELDS.values()
        if field.kind is Kind.TEXT and field.key not in ("phone", "id_number", "credit_code")
    ),
    key=attrgetter("sealed"),
)
_READ = attrgetter(*(f"petitioner.{f.key}" if f.sealed else f.key for f in _TEXTS))
_LIMITS = tuple(field.limit for field in _TEXTS)


def check(
    incoming: Incoming,
    now: datetime,
    vocabulary: Vocabulary,
    registered_at: datetime | None = None,
) -> list[FieldProblem]:
    """The hard refusals of a registration; empty when it may be written.

    `registered_at` is given when a standing registration is edited; otherwise it is `now`.
    """
    words = words_of(vocabulary)
    return [
        *_time(incoming.received_at, now, registered_at or now),
        *_origin(incoming, words),
        *_place(incoming, words),
        *_keys(incoming, words),
        *_people(incoming),
        *_identity(incoming, now),
        *_lengths(incoming),
    ]


def missing_stars(incoming: Incoming, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The ★ fields not validly filled, in the order of the form (indicator A3).

    The source number counts only in the sub-channels that carry one, a main pollution type
    without its sub-type does not count, nor does a division above the county.
    """
    filled = {key: bool(getattr(incoming, key)) for key in STARS}
    filled["repeat"] = incoming.repeat is not None
    filled["longitude"] = incoming.longitude is not None and incoming.latitude is not None
    filled["source_no"] |= incoming.subchannel not in vocabulary.external
    filled["division"] &= level_of(incoming.division or 0) is Level.COUNTY
    filled["categories"] &= vocabulary.mains.isdisjoint(incoming.categories)
    return tuple(key for key in STARS if key in vocabulary.stars and not filled[key])


def phone_fault(text: str) -> str:
    """What is wrong with a phone number, or nothing."""
    if "*" in text:
        return "联系电话是打码后的号码（含 *），无法联系；请填写完整号码，或不填"
    if _PHONE.fullmatch(text.replace(" ", "")):
        return ""
    return "联系电话格式不对；请填写 11 位手机号，或带区号的固定电话（如 025-86266111）"


def id_fault(text: str, now: datetime) -> str:
    """What is wrong with a resident's ID number (GB 11643), or nothing."""
    if not _ID.fullmatch(text):
        return "身份证号应为 18 位（前 17 位为数字，末位为数字或 X）；请核对"
    if not _born(text[6:14], now):
        return "身份证号第 7 至 14 位不是有效的出生日期；请核对"
    total = sum(int(sign) * weight for sign, weight in zip(text, _ID_WEIGHTS, strict=False))
    return "" if text[17] == "10X98765432"[total % 11] else "身份证号校验位不符；请逐位核对"


@lru_cache(maxsize=4096)
def uscc_fault(text: str) -> str:
    """What is wrong with a unified social credit code (GB 32100), or nothing."""
    if not _USCC.fullmatch(text):
        return "统一社会信用代码应为 18 位数字和大写字母（不含 I、O、S、V、Z）；请核对"
    total = sum(
        _USCC_SIGNS.index(sign) * weight for sign, weight in zip(text, _USCC_WEIGHTS, strict=False)
    )
    good = text[17] == _USCC_SIGNS[-total % 31]
    return "" if good else "统一社会信用代码校验位不符；请逐位核对"


def _born(digits: str, now: datetime) -> bool:
    try:
        return datetime(1850, 1, 1) < datetime.strptime(digits, "%Y%m%d") <= now
    except ValueError:
        return False


def _time(received: datetime | None, now: datetime, registered: datetime) -> Iterator[FieldProblem]:
    if received is None:
        yield FieldProblem("received_at", "没有收到时间；请填写日期和时间")
    elif received > now:
        yield FieldProblem("received_at", f"收到时间 {received:%Y-%m-%d %H:%M} 晚于现在；请改正")
    elif received > registered:
        yield FieldProblem(
            "received_at",
            f"收到时间 {received:%Y-%m-%d %H:%M} 晚于登记时间 {registered:%Y-%m-%d %H:%M}；请改正",
        )


def _origin(incoming: Incoming, words: Words) -> Iterator[FieldProblem]:
    pair = (incoming.channel, incoming.subchannel)
    if pair not in words.origins:
        yield FieldProblem("subchannel", "渠道或子渠道不在清单内；请从列表中选择")
    if not incoming.source_no and incoming.subchannel in words.external:
        yield FieldProblem("source_no", "该子渠道的来件须有来源编号；请填写工单号或来文编号")
    if not incoming.title and not incoming.content:
        yield FieldProblem("content", "标题和内容都是空的；请至少填写反映的内容")


def _place(incoming: Incoming, words: Words) -> Iterator[FieldProblem]:
    code = incoming.division
    if code is None:
        yield FieldProblem("division", "没有所在地；请填写区划代码或县(市、区)名称")
    elif code not in words.divisions:
        yield FieldProblem("division", words.code_fault(code))
    if (incoming.longitude is None) != (incoming.latitude is None):
        yield FieldProblem("longitude", "经度和纬度须同时填写；请补全，或都不填")
    elif abs(incoming.longitude or 0) > 180 or abs(incoming.latitude or 0) > 90:
        yield FieldProblem("longitude", "经纬度超出范围；请检查是否填反")


def _keys(incoming: Incoming, words: Words) -> Iterator[FieldProblem]:
    for category in incoming.categories:
        if category not in words.keys["categories"]:
            yield FieldProblem("categories", f"污染类型“{category[:30]}”不在清单内；请从列表中选择")
    for key in ("industry", "urgency", "time_pattern"):
        value = getattr(incoming, key)
        if value and value not in words.keys[key]:
            message = f"{FIELDS[key].label}“{value[:30]}”不在清单内；请从列表中选择"
            yield FieldProblem(key, message)


def _people(incoming: Incoming) -> Iterator[FieldProblem]:
    count, sent = incoming.headcount, incoming.representatives
    if count is not None and count < 1:
        yield FieldProblem("headcount", "人数应不少于 1；请改正")
    elif incoming.group and (count or 0) < GROUP_FROM:
        yield FieldProblem("headcount", "集体来访应不少于 5 人；请填写人数，或取消“集体”")
    if sent is not None and not 0 <= sent <= min(MAX_REPRESENTATIVES, count or sent):
        yield FieldProblem("representatives", "代表不得超过 5 人，也不能多于来访人数；请改正")


def _identity(incoming: Incoming, now: datetime) -> Iterator[FieldProblem]:
    person = incoming.petitioner
    if person.phone and (fault := phone_fault(person.phone)):
        yield FieldProblem("phone", fault)
    if person.id_number and (fault := id_fault(person.id_number, now)):
        yield FieldProblem("id_number", fault)
    if incoming.credit_code and (fault := uscc_fault(incoming.credit_code)):
        yield FieldProblem("credit_code", fault)


def _lengths(incoming: Incoming) -> Iterator[FieldProblem]:
    lengths = tuple(map(len, _READ(incoming)))
    if any(map(gt, lengths, _LIMITS)):
        told = zip(_TEXTS, lengths, strict=True)
        yield from (_long(field, length) for field, length in told if length > field.limit)
    limit = FIELDS["demands"].limit
    if len(incoming.demands) > MAX_DEMANDS:
        yield FieldProblem("demands", f"诉求超过 {MAX_DEMANDS} 项；请合并")
    yield from (_long(FIELDS["demands"], len(d)) for d in incoming.demands if len(d) > limit)


def _long(field: Field, length: int) -> FieldProblem:
    message = f"{field.label}有 {length} 字，超过 {field.limit} 字；请缩短"
    return FieldProblem(field.key, message)
