"""What superiors, leaders and upper organs ask of a case: one row each, for lists and boards.

The trace says the same at length; a row is written with its event.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Code, Id, Line, Ref, Word


class Supervision(Base):
    """A superior's order on a case with its own limit; `ordinal` counts those of a case."""

    __tablename__ = "supervisions"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[Word]
    source: Mapped[Word]
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))  # who is to answer
    reason: Mapped[Line]
    delivered_on: Mapped[date]
    due_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    ordinal: Mapped[int] = mapped_column(server_default=text("1"))
    ordered_by: Mapped[int | None]  # the superior's unit
    answered_on: Mapped[date | None]  # a feedback waits for its acceptance
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        Index("ix_supervisions_open", "unit_code", "due_on",
              sqlite_where=text("closed_on IS NULL"), postgresql_where=text("closed_on IS NULL")),
    )  # fmt: skip


class LeaderAction(Base):
    """批示, 包案 or 接访: what a leader asked or promised, by when, and how it ended."""

    __tablename__ = "leader_actions"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[Word]
    ordinal: Mapped[int]
    leader: Mapped[Word]
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))  # the leader's
    text: Mapped[str] = mapped_column(Text)
    on: Mapped[date]
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        CheckConstraint("kind IN ('instruct', 'charge', 'reception')", name="kind"),
    )


class Review(Base):
    """A 复查 or 复核 of a handling opinion by an upper organ."""

    __tablename__ = "reviews"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[Word]
    organ_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    requested_on: Mapped[date]
    outcome: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    __table_args__ = (
        CheckConstraint("kind IN ('review', 're_review')", name="kind"),
        Index("ix_reviews_open", "organ_code",
              sqlite_where=text("answered_on IS NULL"),
              postgresql_where=text("answered_on IS NULL")),
    )  # fmt: skip
