"""Issued documents, their templates, and the numbers they bear."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Line, Ref, Word


class Document(Base):
    """An issued document: its number and the frozen record that gives the same bytes again.

    `key` is kind, event, submission and face of what it tells of: the same is issued once.
    """

    __tablename__ = "documents"
    id: Mapped[Id]
    kind: Mapped[Word]
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    case_id: Mapped[int | None] = mapped_column(Big, ForeignKey("cases.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(Big, ForeignKey("score_runs.id"), index=True)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    record: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    at: Mapped[datetime]
    submission_id: Mapped[int | None] = mapped_column(Big, ForeignKey("submissions.id"))
    template_id: Mapped[int | None] = mapped_column(Big, ForeignKey("templates.id"))
    key: Mapped[str | None] = mapped_column(String(100), unique=True)


class Template(Base):
    """One version of a document's text; the newest of a kind and track is in force."""

    __tablename__ = "templates"
    id: Mapped[Id]
    kind: Mapped[Word]
    track: Mapped[Word]  # "" where all tracks have the same
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    note: Mapped[Line]  # why it was changed
    made_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("kind", "track", "version"),)


class Number(Base):
    """The last number given out of a series, so that numbers have neither gap nor double."""

    __tablename__ = "numbers"
    series: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int]


class Notice(Base):
    """A line that tells a person of work handed over or of a change (站内提醒)."""

    __tablename__ = "notices"
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("people.id"))
    case_id: Mapped[int | None] = mapped_column(Big, ForeignKey("cases.id"))
    kind: Mapped[Word]
    text: Mapped[Line]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_notices_person", "person_id", "id"),
        Index("ix_notices_unread", "person_id",
              sqlite_where=sql("read_at IS NULL"), postgresql_where=sql("read_at IS NULL")),
    )  # fmt: skip


class Visit(Base):
    """A visit planned for a day (移动办理); done when the investigation was recorded."""

    __tablename__ = "visits"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"), index=True)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    on: Mapped[date]
    note: Mapped[Line]
    planned_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    done_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "unit_code", "on"),)
