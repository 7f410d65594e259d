"""One cell into one value: text, time, number. A `Fault` says what to mend."""

import re
import unicodedata
from datetime import datetime, timedelta

from intake.model import Cell

_EPOCH = datetime(1899, 12, 30)  # Excel's day 0, its imaginary 1900-02-29 included
_SERIALS = range(20_000, 80_000)  # 1954 to 2119: other numbers are not meant as dates
_EXACT = 10**15  # Excel keeps fifteen digits of a number
_BLANKS = re.compile(r"\s+")
_LIST = re.compile(r"[\n;；]+")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*[日号]|(?!\d))")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[ T]?(\d\d):?(\d\d)(?::?(\d\d))?)?")
_CLOCK = re.compile(
    r"(am|pm|上午|下午|晚上|凌晨)?(\d{1,2})[:时点](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)?"
    r"(am|pm)?(z|[+-]\d\d:?\d\d)?"
)
_WEEKDAY = re.compile(r"\(?(?:星期|周)[一二三四五六日天]\)?")


class Fault(ValueError):
    """A cell that cannot be the value its column promises; the text says what to mend."""


def half_width(text: str) -> str:
    """Full-width letters, digits and signs made half-width, outer blanks off."""
    return unicodedata.normalize("NFKC", text).strip()


def to_text(cell: Cell) -> str:
    """A cell as a reader of the sheet would copy it."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e21:
        return str(int(cell))
    return "" if cell is None else str(cell)


def to_code(cell: Cell) -> str:
    """A number that is a name (work order, phone, ID): half-width, upper case, no blanks."""
    if isinstance(cell, int | float) and abs(cell) >= _EXACT:
        raise Fault("数字超过 15 位，Excel 已改动末几位；请把该列设为文本格式后重新录入")
    return "".join(half_width(to_text(cell)).split()).upper()


def to_list(cell: Cell) -> tuple[str, ...]:
    """A cell's lines, or what it parts by semicolons."""
    return tuple(part.strip() for part in _LIST.split(to_text(cell)) if part.strip())


def to_count(cell: Cell) -> int:
    """A whole number of persons, 12 or １２人."""
    text = half_width(to_text(cell)).removesuffix("人").removesuffix("名").strip()
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise Fault(f"“{to_text(cell)[:20]}”不是整数；请填写人数")
    return int(text)


def to_degree(cell: Cell) -> float:
    """A longitude or latitude in degrees."""
    text = half_width(to_text(cell)).rstrip("°ENen")
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,20})?", text):
        raise Fault(f"“{to_text(cell)[:20]}”不是经纬度；请填写如 118.796877 的度数")
    return float(text)


def to_time(cell: Cell, order: str = "ymd") -> datetime:
    """A date and time in any of the usual spellings; `order` reads dates that end in the year."""
    try:
        if isinstance(cell, datetime):
            return _second(cell)
        if isinstance(cell, int | float) and int(cell) in _SERIALS:
            return _second(_EPOCH + timedelta(days=float(cell)))
        return _written(half_width(to_text(cell)), order)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Fault):
            raise
        raise _not_a_date(cell) from error


def _not_a_date(cell: Cell) -> Fault:
    return Fault(f"“{to_text(cell)[:30]}”不是有效日期；请写成 2026-03-01 12:30")


def _written(text: str, order: str) -> datetime:
    """A date written out; a bare number is Excel's serial or yyyymmdd."""
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text) and int(text[:5]) in _SERIALS:
        return _second(_EPOCH + timedelta(days=float(text)))
    if compact := _COMPACT.fullmatch(text):
        return datetime(*(int(part or 0) for part in compact.groups()))  # type: ignore[arg-type]
    if found := _YEAR_FIRST.match(text):
        year, month, day = map(int, found.groups())
    elif found := _YEAR_LAST.match(text):
        year, month, day = _ordered(found, order)
    else:
        raise _not_a_date(text)
    return _at(datetime(year, month, day), text[found.end() :], text)


def _ordered(found: re.Match[str], order: str) -> tuple[int, int, int]:
    first, second, year = map(int, found.groups())
    if order == "ymd":
        message = f"“{found[0]}”分不清月和日；请在列对应中选“月在前”或“日在前”，或写成 2026-03-01"
        raise Fault(message)
    return (year, first, second) if order == "mdy" else (year, second, first)


def _at(day: datetime, rest: str, whole: str) -> datetime:
    """The day with the time of day that follows it, if any does."""
    rest = _BLANKS.sub("", _WEEKDAY.sub("", rest)).casefold().removeprefix("t")
    if not rest:
        return day
    found = _CLOCK.fullmatch(rest)
    if not found:
        raise _not_a_date(whole)
    half, hour, minute, second, after, zone = found.groups()
    moment = day.replace(
        hour=_hour(int(hour), half or after or "", whole),
        minute=int(minute or 0), second=int(second or 0),
    )  # fmt: skip
    return moment + _to_shanghai(zone) if zone else moment


def _hour(hour: int, half: str, whole: str) -> int:
    """The hour of a 24-hour day; 12 AM is midnight, 下午 15 时 stays 15."""
    if half in ("am", "pm") and not 1 <= hour <= 12:
        raise _not_a_date(whole)
    if half in ("pm", "下午", "晚上") and hour < 12:
        return hour + 12
    return 0 if half in ("am", "上午", "凌晨") and hour == 12 else hour


def _to_shanghai(zone: str) -> timedelta:
    if zone == "z":
        return timedelta(hours=8)
    away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timedelta(hours=8) - (away if zone[0] == "+" else -away)


def _second(moment: datetime) -> datetime:
    """To the nearest second: a serial's last digit is noise."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
