"""Stored score runs: written once and never changed, read under the viewer's scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db import models as m

Row = dict[str, Any]
CHUNK = 5000


@dataclass(frozen=True, slots=True)
class RunRow:
    """A stored run; `means` and `method` are JSON."""

    id: int
    period: str
    ordinal: int
    state: str
    snapshot_at: datetime
    ran_at: datetime
    ran_by: int | None
    rules_version: str
    rules_digest: str
    calendar_version: str
    digest: str
    means: str
    method: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The total of one unit."""

    unit_code: int
    total: Decimal | None
    grade: str | None
    rank: int | None
    ranked_of: int
    enough: bool
    bonus: Decimal
    adjustment: str
    note: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a unit's sheet; `effective` is an exact fraction as text."""

    unit_code: int
    indicator: str
    numerator: int | None
    denominator: int | None
    weight: Decimal
    effective: str
    points: Decimal | None
    deducted: Decimal
    reference: Decimal | None
    available: bool
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item that cost points on a line."""

    id: int
    unit_code: int
    indicator: str
    case_id: int
    submission_id: int | None
    case_no: str
    responsible: int
    clock_key: str | None
    started_on: date | None
    due_on: date | None
    done_on: date | None
    reason: str
    points: Decimal
    fails: bool


def _columns(table: Any, row: Any) -> list[Any]:
    return [getattr(table, field.name) for field in fields(row)]


def next_ordinal(session: Session, period: str) -> int:
    """The number of the period's next run."""
    query = select(func.max(m.ScoreRun.ordinal)).where(m.ScoreRun.period == period)
    return (session.scalar(query) or 0) + 1


def write(
    session: Session, run: Row, sheets: Sequence[Row], lines: Sequence[Row], items: Iterable[Row]
) -> int:
    """Store a run with all that hangs on it; returns its id."""
    stored = m.ScoreRun(**run)
    session.add(stored)
    session.flush()
    mark = {"run_id": stored.id}
    for table, rows in ((m.ScoreSheet, sheets), (m.ScoreLine, lines), (m.ScoreItem, items)):
        marked = iter(row | mark for row in rows)
        while part := list(islice(marked, CHUNK)):
            session.execute(insert(table.__table__), part)
    return stored.id


def run(session: Session, run_id: int) -> RunRow | None:
    """A run by its id."""
    query = select(*_columns(m.ScoreRun, RunRow)).where(m.ScoreRun.id == run_id)
    found = session.execute(query).one_or_none()
    return RunRow(*found) if found else None


def runs(session: Session, period: str) -> list[RunRow]:
    """The runs of a period, the newest first."""
    query = select(*_columns(m.ScoreRun, RunRow)).where(m.ScoreRun.period == period)
    return [RunRow(*row) for row in session.execute(query.order_by(m.ScoreRun.ordinal.desc()))]


def latest(session: Session, periods: Sequence[str]) -> dict[str, int]:
    """The newest run of each of these periods that has one."""
    newest = select(func.max(m.ScoreRun.id)).where(m.ScoreRun.period.in_(periods))
    newest = newest.group_by(m.ScoreRun.period)
    query = select(m.ScoreRun.period, m.ScoreRun.id).where(m.ScoreRun.id.in_(newest))
    return {row.period: row.id for row in session.execute(query)}


def sheets(session: Session, run_id: int) -> list[SheetRow]:
    """The sheets of a run that the viewer may see, by rank and unit."""
    query = select(*_columns(m.ScoreSheet, SheetRow)).where(m.ScoreSheet.run_id == run_id)
    rows = [SheetRow(*row) for row in session.execute(query)]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.unit_code))


def lines(session: Session, run_id: int, unit: int | None = None) -> list[LineRow]:
    """The lines of a run, or of one unit's sheet, that the viewer may see."""
    query = select(*_columns(m.ScoreLine, LineRow)).where(m.ScoreLine.run_id == run_id)
    if unit is not None:
        query = query.where(m.ScoreLine.unit_code == unit)
    query = query.order_by(m.ScoreLine.unit_code, m.ScoreLine.indicator)
    return [LineRow(*row) for row in session.execute(query)]


def items(
    session: Session, run_id: int, unit: int | None = None, indicator: str | None = None
) -> list[ItemRow]:
    """The stored items that the viewer may see, as they were listed when the run was made."""
    query = select(*_columns(m.ScoreItem, ItemRow)).where(m.ScoreItem.run_id == run_id)
    if unit is not None:
        query = query.where(m.ScoreItem.unit_code == unit)
    if indicator is not None:
        query = query.where(m.ScoreItem.indicator == indicator)
    return [ItemRow(*row) for row in session.execute(query.order_by(m.ScoreItem.id))]


def item(session: Session, run_id: int, item_id: int) -> ItemRow | None:
    """One item of a run, if the viewer may see it."""
    query = select(*_columns(m.ScoreItem, ItemRow))
    query = query.where(m.ScoreItem.run_id == run_id, m.ScoreItem.id == item_id)
    found = session.execute(query).one_or_none()
    return ItemRow(*found) if found else None


def channel_of(session: Session, submission_id: int | None, case_id: int) -> str | None:
    """The channel a clock's rule was chosen by: of the submission, or of the case."""
    if submission_id is not None:
        return session.scalar(select(m.Submission.channel).where(m.Submission.id == submission_id))
    return session.scalar(select(m.Case.channel).where(m.Case.id == case_id))


def totals(session: Session, run_ids: Sequence[int], unit: int) -> dict[int, Decimal | None]:
    """The totals of a unit in several runs."""
    query = select(m.ScoreSheet.run_id, m.ScoreSheet.total)
    query = query.where(m.ScoreSheet.run_id.in_(run_ids), m.ScoreSheet.unit_code == unit)
    return {row.run_id: row.total for row in session.execute(query)}


def unit_names(session: Session, low: int, high: int) -> dict[int, str]:
    """The names of units by code."""
    query = select(m.Unit.code, m.Unit.name).where(m.Unit.code.between(low, high))
    return {row.code: row.name for row in session.execute(query)}


def cities(session: Session) -> tuple[int, ...]:
    """The codes of the cities that are scored."""
    query = select(m.Unit.code).where(m.Unit.level == "city").order_by(m.Unit.code)
    return tuple(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Issued:
    """The frozen record of an issued document and the hash of its bytes."""

    record: str
    sha256: str


def document(session: Session, kind: str, run_id: int, unit: int) -> Issued | None:
    """The document of a run for a unit, if it was issued."""
    query = select(m.Document.record, m.Document.sha256).where(
        m.Document.kind == kind, m.Document.run_id == run_id, m.Document.unit_code == unit
    )
    found = session.execute(query).first()
    return Issued(*found) if found else None


def issue(
    session: Session, kind: str, number: str | None, run_id: int, unit: int, issued: Issued,
    person: int | None, at: datetime,
) -> None:  # fmt: skip
    """Store an issued document."""
    values = {"kind": kind, "number": number, "run_id": run_id, "unit_code": unit,
              "record": issued.record, "sha256": issued.sha256, "made_by": person, "at": at,
              "case_id": None}  # fmt: skip
    session.execute(insert(m.Document.__table__), values)
