"""Scoring a period: measure, score, and keep the run frozen with a signed checkpoint."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from db import statistics
from db.queries import scores as stored
from domain.errors import NotAllowed, NotFound, Refused
from domain.people import Level, Role, Viewer
from domain.scope import SYSTEM
from rules import load
from scoring.engine import score
from scoring.measures import find_all
from scoring.method import freeze, freeze_means, thaw, thaw_means
from scoring.model import (
    Adjustment,
    Bonus,
    Finding,
    Item,
    Line,
    Result,
    Sheet,
    Status,
    Versions,
)
from scoring.period import Period
from services import trace
from services.reader import Machine, Reader, person
from services.store import read, write
from settings import settings

Told = Callable[[int, int, str], None]
Row = dict[str, Any]
PROVISIONAL, PUBLISHED = "provisional", "published"


@dataclass(frozen=True, slots=True)
class Made:
    """A run that was just stored, with what was found."""

    id: int
    ordinal: int
    state: str
    result: Result


def run(viewer: Reader, period: Period, now: datetime, *, tell: Told | None = None) -> Made:
    """Score every city for a period and store the run; `viewer` may be the machine itself.

    Before its snapshot a period is scored as seen now and marked 暂定. Raises `NotAllowed` for
    anybody but an assessor of the province, `Refused` for a period that has not begun.
    """
    if not isinstance(viewer, Machine):
        _may_score(viewer)
    if period.first > now.date():
        raise Refused(f"{period.label}尚未开始，不能考核评分，请选择已经开始的考核期。")
    rules = load()
    final = period.snapshot(rules.calendar, rules.scoresheet.snapshot_workdays)
    snapshot, state = (final, PUBLISHED) if final < now else (now, PROVISIONAL)
    units = scored_units()
    statistics.refresh(settings().database_url)
    with read(SYSTEM) as session:
        found = find_all(session, rules, period, snapshot, units, tell=tell)
    result = score(rules.scoresheet, Versions.of(rules), period, snapshot, units, found)
    if tell:
        tell(1, 1, "保存评分结果")
    return _keep(viewer, result, state, now)


def _may_score(viewer: Viewer) -> None:
    if not viewer.has(Role.ASSESSOR) or viewer.level is not Level.PROVINCE:
        raise NotAllowed("只有省级考核员可以运行考核评分")


def _keep(viewer: Reader, result: Result, state: str, now: datetime) -> Made:
    rules, period, who = load(), str(result.period), person(viewer)
    with write(SYSTEM) as session:
        ordinal = stored.next_ordinal(session, period)
        row = {
            "period": period, "ordinal": ordinal, "state": state,
            "snapshot_at": result.snapshot, "ran_at": now,
            "ran_by": who.person_id if who else None,
            "rules_version": result.versions.rules,
            "rules_digest": result.versions.rules_digest,
            "calendar_version": result.versions.calendar, "digest": result.digest,
            "means": freeze_means(result.means), "method": freeze(rules.scoresheet),
        }  # fmt: skip
        run_id = stored.write(session, row, _sheets(result), list(_lines(result)), _items(result))
        facts = {"run": run_id, "period": period, "ordinal": ordinal, "state": state,
                 "digest": result.digest}  # fmt: skip
        trace.record(session, "score_run", now, viewer=who, data=facts)
        trace.checkpoint(session, now)
    return Made(run_id, ordinal, state, result)


# --- a result as rows


def _sheets(result: Result) -> list[Row]:
    ranked = sum(sheet.rank is not None for sheet in result.sheets)
    return [
        {
            "unit_code": sheet.unit, "total": sheet.total, "rank": sheet.rank,
            "grade": sheet.grade.key if sheet.grade else None, "ranked_of": ranked,
            "enough": sheet.enough, "bonus": sheet.bonus, "adjustment": _adjustment(sheet),
            "note": "" if sheet.enough else "可评分值不足一半，总分只供参考，不评等次、不排名",
        }
        for sheet in result.sheets
    ]  # fmt: skip


def _adjustment(sheet: Sheet) -> str:
    bonuses = [[str(bonus.points), bonus.reason] for bonus in sheet.adjustment.bonuses]
    return json.dumps({"bonuses": bonuses, "vetoes": sorted(sheet.adjustment.vetoes)},
                      ensure_ascii=False)  # fmt: skip


def _lines(result: Result) -> Iterator[Row]:
    for sheet in result.sheets:
        for line in sheet.lines:
            yield {
                "unit_code": sheet.unit, "indicator": line.indicator.code,
                "numerator": line.numerator, "denominator": line.denominator,
                "weight": line.indicator.weight, "effective": str(line.weight),
                "points": line.points, "reference": line.reference,
                "deducted": line.finding.deduction if line.finding else Decimal(0),
                "available": line.finding.available if line.finding else True,
                "status": line.status.value, "note": _note(line),
            }  # fmt: skip


def _note(line: Line) -> str:
    told = [line.note, line.finding.note if line.finding else ""]
    return "；".join(dict.fromkeys(part for part in told if part))[:200]


def _items(result: Result) -> Iterator[Row]:
    for sheet in result.sheets:
        for line in sheet.lines:
            for item in line.items:
                yield {
                    "unit_code": sheet.unit, "indicator": line.indicator.code,
                    "case_id": item.case_id, "submission_id": item.submission_id,
                    "case_no": item.case_no, "responsible": item.unit, "clock_key": item.clock,
                    "started_on": item.started_on, "due_on": item.due_on,
                    "done_on": item.done_on, "reason": item.reason, "points": item.points,
                    "fails": item.fails,
                }  # fmt: skip


# --- rows as a result: a run is scored again from what it kept


def verify(viewer: Viewer, run_id: int) -> list[str]:
    """What of a stored run no longer agrees with its digest, as sentences; empty when sound."""
    if not viewer.has(Role.ASSESSOR, Role.AUDITOR) or viewer.level is not Level.PROVINCE:
        raise NotAllowed("只有省级考核员和纪检监察可以核验评分")
    return faults_of(run_id)


def faults_of(run_id: int) -> list[str]:
    """The faults of a stored run: scored again from its own items, by its own method."""
    with read(SYSTEM) as session:
        run_row = stored.run(session, run_id)
        if run_row is None:
            raise NotFound("没有这次评分")
        sheets, lines = stored.sheets(session, run_id), stored.lines(session, run_id)
        items = stored.items(session, run_id)
    try:
        result = _again(run_row, sheets, lines, items)
    except (ValueError, KeyError) as error:
        return [f"评分记录自相矛盾，不能重新计算：{error}"]
    faults = [] if result.digest == run_row.digest else ["评分记录与保存的摘要不符，记录被改动过"]
    if thaw_means(run_row.means) != result.means:
        faults.append("全省均值与各市得分不符")
    kept = {sheet.unit_code: (sheet.total, sheet.rank, sheet.grade) for sheet in sheets}
    for sheet in result.sheets:
        grade = sheet.grade.key if sheet.grade else None
        if kept[sheet.unit] != (sheet.total, sheet.rank, grade):
            faults.append(f"单位 {sheet.unit} 的总分、名次或等次与各项得分不符")
    points = {(line.unit_code, line.indicator): line.points for line in lines}
    for sheet in result.sheets:
        for line in sheet.lines:
            if points[sheet.unit, line.indicator.code] != line.points:
                faults.append(f"单位 {sheet.unit} 的 {line.indicator.code} 得分与件数不符")
    return faults


def _again(
    run_row: stored.RunRow, sheets: list[stored.SheetRow], lines: list[stored.LineRow],
    items: list[stored.ItemRow],
) -> Result:  # fmt: skip
    lists: dict[tuple[int, str], list[Item]] = {}
    for item in items:
        lists.setdefault((item.unit_code, item.indicator), []).append(_item(item))
    findings = [
        _finding(line, lists.get((line.unit_code, line.indicator), []))
        for line in lines
        if line.status != Status.NO_MODULE
    ]
    versions = Versions(run_row.rules_version, run_row.rules_digest, run_row.calendar_version)
    return score(
        thaw(run_row.method), versions, Period.parse(run_row.period), run_row.snapshot_at,
        [sheet.unit_code for sheet in sheets], findings, _adjustments(sheets),
    )  # fmt: skip


def _finding(line: stored.LineRow, items: list[Item]) -> Finding:
    return Finding(
        line.indicator, line.unit_code, int(line.numerator or 0), line.denominator or 0,
        deduction=line.deducted, items=tuple(items), available=line.available,
    )  # fmt: skip


def _item(row: stored.ItemRow) -> Item:
    return Item(
        row.case_id, row.case_no, row.submission_id, row.responsible, row.clock_key, row.due_on,
        row.done_on, row.reason, row.points, row.fails, row.started_on,
    )  # fmt: skip


def _adjustments(sheets: Iterable[stored.SheetRow]) -> list[Adjustment]:
    found = []
    for sheet in sheets:
        data = json.loads(sheet.adjustment)
        bonuses = tuple(Bonus(Decimal(points), reason) for points, reason in data["bonuses"])
        found.append(Adjustment(sheet.unit_code, bonuses, frozenset(data["vetoes"])))
    return found


def scored_units() -> tuple[int, ...]:
    """The codes of the cities that are scored."""
    with read(SYSTEM) as session:
        return stored.cities(session)
