"""`score`: score a period and keep the run; every line with its failing items."""

from argparse import ArgumentParser, Namespace
from typing import Any

from domain.errors import Refused
from rules import load
from scoring.model import Item, Line, Result, Sheet
from scoring.numbers import percent, plain
from scoring.period import Period
from services import score_runs
from services.clock import now
from services.commands import Answer
from services.commands.chinese import whole
from services.reader import MACHINE

HELP = "考核评分：对一个月、季度或年度评分并保存，列出各市各项指标和扣分事项"


def arguments(parser: ArgumentParser) -> None:
    """Period, and one city where the others are not asked for."""
    parser.add_argument(
        "--period", required=True, metavar="考核期", help="如 2026-10、2026Q3、2026"
    )
    parser.add_argument("--city", type=whole, metavar="代码", help="只列一个市，如 320100")


def run(args: Namespace) -> Answer:
    """Score all cities, store the run, show it."""
    period = Period.parse(args.period)
    cities = set(_cities(args.city)) if args.city else set[int]()
    made = score_runs.run(MACHINE, period, now())
    shown = [s for s in made.result.league if not cities or s.unit in cities]
    head = f"{period.label}第{made.ordinal}次评分（编号 {made.id}）摘要 {made.result.digest}"
    lines = tuple(_sentence(sheet) for sheet in shown)
    state = "本期未到取数时间，按现在的情况暂定" if made.state == "provisional" else ""
    return Answer((head, *([state] if state else []), *lines), _data(made, shown))


def _cities(city: int) -> tuple[int, ...]:
    if city not in score_runs.scored_units():
        raise Refused(f"没有代码为 {city} 的设区市，请填写如 320100 的六位代码。")
    return (city,)


def _sentence(sheet: Sheet) -> str:
    total = _number(sheet.total) or "—"
    grade = sheet.grade.label if sheet.grade else "不评等次"
    return f"{sheet.rank or '—'}　{sheet.unit}　{total}分　{grade}"


def _data(made: score_runs.Made, shown: list[Sheet]) -> dict[str, Any]:
    result: Result = made.result
    versions = result.versions
    return {
        "run": made.id, "period": str(result.period), "ordinal": made.ordinal,
        "state": made.state, "snapshot": result.snapshot.isoformat(), "digest": result.digest,
        "versions": {"rules": versions.rules, "rules_digest": versions.rules_digest,
                     "method": load().scoresheet.version, "calendar": versions.calendar},
        "cities": [_city(sheet) for sheet in shown],
    }  # fmt: skip


def _city(sheet: Sheet) -> dict[str, Any]:
    return {
        "city": sheet.unit, "rank": sheet.rank, "grade": sheet.grade.label if sheet.grade else None,
        "total": _number(sheet.total), "lines": [_line(line) for line in sheet.lines],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {
        "indicator": line.indicator.code, "label": line.indicator.label,
        "numerator": line.numerator, "denominator": line.denominator,
        "rate": percent(line.rate) if line.rate is not None else None,
        "weight": plain(line.indicator.weight), "effective": str(line.weight),
        "points": _number(line.points), "reference": _number(line.reference),
        "status": line.status.value, "status_label": line.status.label, "note": line.note,
        "items": [_item(item) for item in line.items],
    }  # fmt: skip


def _item(item: Item) -> dict[str, Any]:
    return {
        "case_no": item.case_no, "unit": item.unit, "clock": item.clock, "due_on": item.due_on,
        "done_on": item.done_on, "reason": item.reason, "points": plain(item.points),
    }  # fmt: skip


def _number(value: Any) -> str | None:
    return None if value is None else format(value, ".2f")
