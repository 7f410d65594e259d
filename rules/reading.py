"""Reading a rule document strictly: every fault names file, key and what is wrong."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar

from domain.errors import BadRules

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
MISSING: Any = object()


class Table:
    """A table of a document whose keys are taken one by one; what is left over is a fault."""

    def __init__(self, data: dict[str, Any], file: str, where: str = "") -> None:
        self.file, self.where = file, where
        self._left = dict(data)

    def fault(self, key: str, text: str) -> BadRules:
        """The refusal that names file, key and fault."""
        return BadRules(f"{self.file}：{self.where}{key}：{text}")

    def text(self, key: str, default: str = MISSING) -> str:
        """A text; empty only where it may be absent."""
        value = self._take(key, str, "文字", default)
        if default is MISSING and not value.strip():
            raise self.fault(key, "不能为空")
        return str(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false; absent is the default."""
        return bool(self._take(key, bool, "true 或 false", default))

    def maybe_flag(self, key: str) -> bool | None:
        """True, false or absent."""
        value = self._take(key, bool, "true 或 false", None)
        return None if value is None else bool(value)

    def whole(self, key: str, least: int = 1) -> int:
        """A whole number not below `least`."""
        value = int(self._take(key, int, "整数"))
        if value < least:
            raise self.fault(key, f"不能小于 {least}")
        return value

    def maybe_whole(self, key: str) -> int | None:
        """A positive whole number or absent."""
        return self.whole(key) if key in self else None

    def number(self, key: str, least: Decimal = Decimal(0)) -> Decimal:
        """An exact number not below `least`."""
        value = Decimal(self._take(key, (int, Decimal), "数字"))
        if not value.is_finite() or value < least:
            raise self.fault(key, f"须为不小于 {least} 的数字")
        return value

    def share(self, key: str) -> Decimal:
        """A fraction between 0 and 1."""
        value = self.number(key)
        if value > 1:
            raise self.fault(key, "须写成 0 到 1 之间的小数，98% 写作 0.98")
        return value

    def day(self, key: str) -> date:
        """A date without time."""
        value = self._take(key, date, "日期（如 2018-01-01）")
        if isinstance(value, datetime):
            raise self.fault(key, "须为日期，不带时间")
        assert isinstance(value, date)
        return value

    def days(self, key: str) -> tuple[date, ...]:
        """A list of dates; absent is empty."""
        return tuple(self._list(key, date, "日期", ()))

    def texts(self, key: str, default: tuple[str, ...] = MISSING) -> tuple[str, ...]:
        """A list of different texts."""
        values = tuple(str(v) for v in self._list(key, str, "文字", default))
        twice = repeated(values)
        if twice:
            raise self.fault(key, f"“{twice}”重复")
        return values

    def choice(self, key: str, kind: type[E]) -> E:
        """One word of a vocabulary."""
        return kind(self.word(key, [str(m) for m in kind]))

    def word(self, key: str, allowed: Iterable[str]) -> str:
        """One of the allowed words."""
        value, words = self.text(key), list(allowed)
        if value not in words:
            raise self.fault(key, f"“{value}”不在允许的取值之内：{'、'.join(sorted(words))}")
        return value

    def words(self, key: str, allowed: Iterable[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of allowed words."""
        values, words = self.texts(key, default), set(allowed)
        for value in values:
            if value not in words:
                raise self.fault(key, f"“{value}”不在允许的取值之内：{'、'.join(sorted(words))}")
        return values

    def table(self, key: str) -> "Table":
        """The single table of that name."""
        return Table(dict(self._take(key, dict, "表")), self.file, f"{self.where}{key}.")

    def tables(self, key: str, name: str = "key", default: Any = MISSING) -> list[Self]:
        """The tables of an array; each is named in messages by its `name`."""
        rows = list(self._list(key, dict, "表", default))
        return [
            type(self)(row, self.file, f"{self.where}{key}[{row.get(name, n)}].")
            for n, row in enumerate(rows, 1)
        ]

    def done(self) -> None:
        """Refuse keys nobody asked for."""
        for key in self._left:
            raise self.fault(key, "不认识的键，请核对拼写")

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def __iter__(self) -> Iterator[str]:
        """The keys not yet taken."""
        return iter(tuple(self._left))

    def _take(self, key: str, kind: Any, name: str, default: Any = MISSING) -> Any:
        value = self._left.pop(key, default)
        if value is MISSING:
            raise self.fault(key, "缺少这个键")
        if value is default:
            return value
        wrong_flag = isinstance(value, bool) and kind is not bool
        if wrong_flag or not isinstance(value, kind):
            raise self.fault(key, f"须为{name}，现为 {value!r}")
        return value

    def _list(self, key: str, kind: type, name: str, default: Any) -> list[Any]:
        values = self._take(key, (list, tuple), f"{name}的列表", default)
        for value in values:
            if not isinstance(value, kind) or isinstance(value, (bool, datetime)):
                raise self.fault(key, f"列表中的每一项须为{name}，现有 {value!r}")
        return list(values)


def repeated(values: Iterable[Any]) -> Any | None:
    """The first value that occurs twice, or None."""
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def read(folder: Path, name: str) -> dict[str, Any]:
    """The parsed document, decimals exact."""
    path = folder / name
    try:
        return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise BadRules(f"{name}：文件不存在（{folder}）") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRules(f"{name}：无法读取：{error}") from error


def unique(table: Table, key: str, values: Iterable[Any]) -> None:
    """Refuse a value that occurs twice in a list of tables."""
    twice = repeated(values)
    if twice is not None:
        raise table.fault(key, f"“{twice}”重复")


def each(tables: list[Table], build: Callable[[Table], T]) -> tuple[T, ...]:
    """Build a value from every table and refuse keys left over."""
    out = []
    for table in tables:
        out.append(build(table))
        table.done()
    return tuple(out)
