"""The scoresheet as JSON, frozen with a run, so that its score can be worked out again."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rules.model import Area, Fault, Grade, Indicator, Kind, Scoresheet, Veto
from scoring.model import Means
from scoring.numbers import plain

NUMBERS = ("weight", "target", "step", "floor")


def freeze(scoresheet: Scoresheet) -> str:
    """The canonical JSON of a scoresheet."""
    return json.dumps(
        asdict(scoresheet), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_text
    )


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{type(value).__name__} in a scoresheet")


def thaw(text: str) -> Scoresheet:
    """The scoresheet of a frozen JSON."""
    data = json.loads(text)
    return Scoresheet(
        **{
            **data,
            "areas": tuple(_area(a) for a in data["areas"]),
            "indicators": tuple(_indicator(i) for i in data["indicators"]),
            "grades": tuple(Grade(g["key"], g["label"], Decimal(g["least"]))
                            for g in data["grades"]),
            "vetoes": tuple(Veto(**v) for v in data["vetoes"]),
            "ties": tuple(data["ties"]),
            "total_cap": Decimal(data["total_cap"]),
            "bonus_cap": Decimal(data["bonus_cap"]),
        }
    )  # fmt: skip


def _area(data: dict[str, Any]) -> Area:
    return Area(data["key"], data["label"], Decimal(data["weight"]))


def _indicator(data: dict[str, Any]) -> Indicator:
    faults = tuple(Fault(**{**f, "points": Decimal(f["points"])}) for f in data["faults"])
    numbers = {name: _maybe(data[name]) for name in NUMBERS}
    kind, clocks = Kind(data["kind"]), tuple(data["clocks"])
    return Indicator(**{**data, **numbers, "kind": kind, "clocks": clocks, "faults": faults})


def _maybe(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def freeze_means(means: Means) -> str:
    """The means of a run as JSON; no number where nothing was judged."""
    parts = {"total": means.total, "areas": dict(means.areas), "lines": dict(means.lines)}
    return json.dumps(
        parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_text
    )


def thaw_means(text: str) -> Means:
    """The means of a frozen JSON."""
    data = json.loads(text)
    lines, areas = (
        {key: _maybe(value) for key, value in data[part].items()} for part in ("lines", "areas")
    )
    return Means(lines, areas, _maybe(data["total"]))
