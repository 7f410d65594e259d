"""Stored score runs, frozen with their items, versions and digest; versions of rules."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Line, Points, Ref, Word


class ScoreRun(Base):
    """One scoring of a period as seen at its snapshot; `ordinal` counts runs of the period."""

    __tablename__ = "score_runs"
    id: Mapped[Id]
    period: Mapped[Word]
    ordinal: Mapped[int]
    state: Mapped[Word]
    snapshot_at: Mapped[datetime]
    ran_at: Mapped[datetime]
    ran_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    rules_version: Mapped[Word]
    rules_digest: Mapped[str] = mapped_column(String(64))
    calendar_version: Mapped[Word]
    digest: Mapped[str] = mapped_column(String(64))
    means: Mapped[str] = mapped_column(Text)  # JSON: the province mean of total, areas and lines
    method: Mapped[str] = mapped_column(Text)  # JSON: the scoresheet it was scored by
    __table_args__ = (
        UniqueConstraint("period", "ordinal"),
        CheckConstraint("state IN ('provisional', 'published', 'locked')", name="state"),
    )


class ScoreSheet(Base):
    """The total of one unit in a run."""

    __tablename__ = "score_sheets"
    run_id: Mapped[Ref] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"), primary_key=True)
    total: Mapped[Points | None]
    grade: Mapped[str | None] = mapped_column(String(20))
    rank: Mapped[int | None]
    ranked_of: Mapped[int]
    enough: Mapped[bool]
    bonus: Mapped[Points] = mapped_column(default=Decimal(0))
    adjustment: Mapped[str] = mapped_column(Text, default="{}")  # JSON: bonuses and vetoes
    note: Mapped[Line] = mapped_column(default="")


class ScoreLine(Base):
    """One line of a unit's sheet; `rate` is an exact fraction as text, 371/400."""

    __tablename__ = "score_lines"
    run_id: Mapped[Ref] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(4), primary_key=True)
    numerator: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    denominator: Mapped[int | None]
    weight: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    effective: Mapped[str] = mapped_column(String(40))  # exact fraction after redistribution
    points: Mapped[Points | None]
    deducted: Mapped[Points] = mapped_column(default=Decimal(0))
    reference: Mapped[Points | None]  # what a line with too few items would have scored
    available: Mapped[bool] = mapped_column(default=True)  # whether its source was there
    status: Mapped[Word]
    note: Mapped[Line] = mapped_column(default="")


class ScoreItem(Base):
    """One item that cost a unit points on a line, as it stood at the snapshot."""

    __tablename__ = "score_items"
    id: Mapped[Id]
    run_id: Mapped[Ref] = mapped_column(ForeignKey("score_runs.id"))
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))  # the city scored
    indicator: Mapped[str] = mapped_column(String(4))
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"))
    submission_id: Mapped[int | None] = mapped_column(Big, ForeignKey("submissions.id"))
    case_no: Mapped[Word]
    responsible: Mapped[Code]
    clock_key: Mapped[str | None] = mapped_column(String(40))
    started_on: Mapped[date | None]
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    reason: Mapped[Line]
    points: Mapped[Points]
    fails: Mapped[bool] = mapped_column(default=True)  # one of the failing items of the rate
    __table_args__ = (Index(None, "run_id", "unit_code", "indicator"), Index(None, "case_id"))


class RuleVersion(Base):
    """A version of a rule document later than the shipped one, with who, why and digest."""

    __tablename__ = "rule_versions"
    id: Mapped[Id]
    document: Mapped[Word]
    version: Mapped[Word]
    from_date: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    author: Mapped[Ref] = mapped_column(ForeignKey("people.id"))
    approver: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    reason: Mapped[Line]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("document", "version"),)
