"""Frozen records of papers as canonical JSON: the same record is the same text, and back."""

import json
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.errors import Refused
from domain.labelled import Labelled

R = TypeVar("R")


def to_json(record: Any) -> str:
    """A record as canonical JSON."""
    return json.dumps(
        asdict(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )


def from_json(kind: type[R], text: str, unreadable: str) -> R:
    """The record of a stored JSON; refuses keys it does not know, with `unreadable` as sentence.

    `unreadable` has one `{}` for what is wrong.
    """
    try:
        record = _read(kind, json.loads(text))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Refused(unreadable.format(error)) from error
    assert isinstance(record, kind)
    return record


def texts(record: Any) -> list[str]:
    """Every text of a record, to be checked against the fonts before drawing."""
    return _strings(asdict(record))


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _strings(part)]
    if isinstance(value, (tuple, list)):
        return [text for part in value for text in _strings(part)]
    return []


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} 不能存档")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    """The value of a JSON node as the annotated type."""
    if get_origin(kind) in (Union, UnionType):
        inner = next(arg for arg in get_args(kind) if arg is not type(None))
        return None if value is None else _read(inner, value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], part) for part in value)
    if is_dataclass(kind):
        return _record(kind, value)
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Labelled)):
        return kind(value)
    if type(value) is not kind:
        raise TypeError(f"应为 {kind.__name__}，实为 {value!r}")
    return value


def _record(kind: Any, value: dict[str, Any]) -> Any:
    hints = _hints(kind)
    unknown = set(value) - {field.name for field in fields(kind)}
    if unknown:
        raise KeyError("、".join(sorted(unknown)))
    return kind(**{name: _read(hints[name], part) for name, part in value.items()})
