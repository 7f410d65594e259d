"""One fingerprint of a run: its versions, its findings with every item, and its points.

It does not depend on the order of the input, on row ids, or on how a database writes a number.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from rules.model import Indicator
from scoring.model import Finding, Item, Line, Sheet, Versions
from scoring.numbers import plain
from scoring.period import Period


def digest_of(
    period: Period, snapshot: datetime, versions: Versions, sheets: Sequence[Sheet]
) -> str:
    """The sha256 of the canonical JSON text of a run, in hex."""
    return _hash(
        {
            "period": str(period),
            "snapshot": snapshot.isoformat(),
            "rules": [versions.rules, versions.rules_digest],
            "calendar": versions.calendar,
            "sheets": [_sheet(sheet) for sheet in sorted(sheets, key=lambda s: s.unit)],
        }
    )


def _hash(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _maybe(number: Decimal | None) -> str:
    return "" if number is None else plain(number)


def _sheet(sheet: Sheet) -> dict[str, object]:
    bonuses = sheet.adjustment.bonuses
    return {
        "unit": sheet.unit,
        "lines": {line.indicator.code: _line(line) for line in sheet.lines},
        "bonuses": sorted([plain(bonus.points), bonus.reason] for bonus in bonuses),
        "vetoes": sorted(sheet.adjustment.vetoes),
        "total": _maybe(sheet.total),
        "grade": sheet.grade.key if sheet.grade else "",
        "rank": sheet.rank,
    }


def _line(line: Line) -> list[object]:
    judged = [line.status.value, str(line.weight), _maybe(line.points), _maybe(line.reference)]
    found = _finding(line.finding) if line.finding else None
    return [_indicator(line.indicator), judged, found]


def _indicator(indicator: Indicator) -> list[str]:
    # Named one by one: a field added to the rules later must not change an old run's digest.
    numbers = (indicator.weight, indicator.target, indicator.step, indicator.floor)
    flags = (indicator.complement, indicator.sampled, indicator.minimum or 0)
    kind = indicator.kind.value
    return [indicator.area, kind, *map(_maybe, numbers), *(str(int(flag)) for flag in flags)]


def _finding(finding: Finding) -> list[object]:
    numbers = [finding.numerator, finding.denominator, plain(finding.deduction)]
    items = _hash(sorted(_item(item) for item in finding.items))
    return [*numbers, finding.available, finding.listed, items]


def _item(item: Item) -> list[str]:
    return [
        item.case_no,
        str(item.unit),
        item.clock or "",
        item.due_on.isoformat() if item.due_on else "",
        item.done_on.isoformat() if item.done_on else "",
        item.reason,
        plain(item.points),
        "1" if item.fails else "0",
    ]
