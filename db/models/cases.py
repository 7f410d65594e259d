"""Cases and all that hangs on them. Petitioners' identities are in one sealed table only."""

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
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Line, Ref, Word

CASE = "cases.id"
CONCLUSIONS = "('substantiated', 'mostly', 'partly', 'unsubstantiated')"


class Case(Base):
    """One matter being handled: its place, subject, types and present state.

    The state columns are the fold of its events (domain.workflow.fold); `check` compares them.
    """

    __tablename__ = "cases"
    id: Mapped[Id]
    no: Mapped[Word] = mapped_column(unique=True)
    title: Mapped[Line]
    place_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    place_city: Mapped[Code]
    address: Mapped[str] = mapped_column(String(300))
    lon: Mapped[Decimal | None] = mapped_column(Numeric(9, 5))
    lat: Mapped[Decimal | None] = mapped_column(Numeric(9, 5))
    subject_name: Mapped[Line]
    subject_code: Mapped[str | None] = mapped_column(String(18))
    industry: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[Word]  # of the first submission
    subchannel: Mapped[Word]
    received_on: Mapped[date]
    received_month: Mapped[int]  # 202610; 0 of a case merged into another: no matter of its own
    registered_on: Mapped[date]
    registered_unit: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    status: Mapped[Word]
    track: Mapped[str | None] = mapped_column(String(40))
    route: Mapped[str | None] = mapped_column(String(40))
    holder_unit: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    handler_id: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    decided_on: Mapped[date | None]
    ended_on: Mapped[date | None]  # left hand: concluded, declined or transferred
    ended_month: Mapped[int | None]
    concluded_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    conclusion: Mapped[str | None] = mapped_column(String(40))
    rating: Mapped[int | None]
    simple: Mapped[bool] = mapped_column(default=False)
    sealed: Mapped[bool] = mapped_column(default=False)
    sender_unit: Mapped[int | None]  # who gave it to the holder, and decides its return
    checked_on: Mapped[date | None]  # the sender passed the conclusion (办结审核)
    archived_on: Mapped[date | None]
    merged_into: Mapped[int | None] = mapped_column(Big, ForeignKey(CASE))
    supervised: Mapped[bool] = mapped_column(server_default=false())  # an order is open
    instructed: Mapped[bool] = mapped_column(server_default=false())  # 批示
    charged: Mapped[bool] = mapped_column(server_default=false())  # 包案
    is_group: Mapped[bool] = mapped_column(default=False)
    is_repeat: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    urgency: Mapped[Word]
    kinds: Mapped[str] = mapped_column(String(300), server_default="")  # its CaseCategory: A01,N02
    submissions: Mapped[int] = mapped_column(default=1)  # how many contacts it has (件次)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        CheckConstraint("place_city = place_code / 100 * 100", name="place_city"),
        CheckConstraint(f"conclusion IS NULL OR conclusion IN {CONCLUSIONS}", name="conclusion"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 3", name="rating"),
        CheckConstraint("(ended_on IS NULL) = (ended_month IS NULL)", name="ended"),
        CheckConstraint("registered_on >= received_on", name="registered"),
        # Sealed stands second: a month's count is then one walk that looks at no row.
        Index("ix_cases_month", "received_month", "sealed", "place_city", "channel", "place_code"),
        # In the order in which a month is counted by types, so that nothing is sorted.
        Index("ix_cases_sorts", "received_month", "sealed", "place_city", "kinds", "industry",
              "is_repeat", "place_code"),
        Index("ix_cases_ended", "ended_month", "sealed", "place_city", "status", "conclusion",
              "kinds", "place_code",
              sqlite_where=text("ended_month IS NOT NULL"),
              postgresql_where=text("ended_month IS NOT NULL")),
        # SQLite reads the columns of a partial index's condition too: only with them it covers.
        Index("ix_cases_in_hand", "place_city", "place_code", "sealed", "ended_on",
              sqlite_where=text("ended_on IS NULL"), postgresql_where=text("ended_on IS NULL")),
        Index("ix_cases_delivered", "delivered_on", "holder_unit", "sealed"),
        Index("ix_cases_watched", "holder_unit", "delivered_on",
              sqlite_where=text("delivered_on IS NOT NULL"),
              postgresql_where=text("delivered_on IS NOT NULL")),
        Index("ix_cases_decided", "decided_on", "place_city", "place_code", "status", "sealed"),
        Index("ix_cases_rated", "place_city", "delivered_on", "place_code", "rating", "sealed",
              sqlite_where=text("rating IS NOT NULL"),
              postgresql_where=text("rating IS NOT NULL")),
        Index("ix_cases_received", "received_on", "id"),
        Index("ix_cases_place", "place_code", "received_on"),
        Index("ix_cases_holder", "holder_unit", "status"),
        Index("ix_cases_status", "status", "received_on"),
        Index("ix_cases_sender", "sender_unit", "status",
              sqlite_where=text("sender_unit IS NOT NULL"),
              postgresql_where=text("sender_unit IS NOT NULL")),
        Index("ix_cases_merged", "merged_into",
              sqlite_where=text("merged_into IS NOT NULL"),
              postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_cases_sealed", "sealed",
              sqlite_where=text("sealed = 1"), postgresql_where=text("sealed")),
    )  # fmt: skip


class CaseUnit(Base):
    """A unit for which a case is visible: where it lies, who registered it, who had it."""

    __tablename__ = "case_units"
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE), primary_key=True)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"), primary_key=True)
    __table_args__ = (Index(None, "unit_code", "case_id"),)


class CaseCategory(Base):
    """One pollution type of a case; a case has one or more."""

    __tablename__ = "case_categories"
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE), primary_key=True)
    sub: Mapped[Word] = mapped_column(primary_key=True)
    main: Mapped[str] = mapped_column(String(4))
    __table_args__ = (Index(None, "main", "case_id"),)


class CaseMeasure(Base):
    """One measure taken (处理), with its amount or case number where it has one."""

    __tablename__ = "case_measures"
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE), primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))  # yuan
    note: Mapped[str | None] = mapped_column(String(200))


class CaseLink(Base):
    """A decided relation: `case_id` repeats, is related to or reopens the earlier case.

    `separate` says that a candidate was looked at and is another matter (独立).
    """

    __tablename__ = "case_links"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE))
    earlier_id: Mapped[Ref] = mapped_column(ForeignKey(CASE), index=True)
    kind: Mapped[Word]
    reason: Mapped[Line]
    on: Mapped[date]
    confirmed_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    __table_args__ = (
        UniqueConstraint("case_id", "earlier_id"),
        CheckConstraint("kind IN ('repeat', 'related', 'reopened', 'separate')", name="kind"),
        CheckConstraint("case_id <> earlier_id", name="other"),
    )


class Demand(Base):
    """One thing asked for; found and answered one by one."""

    __tablename__ = "demands"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE))
    ordinal: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    finding: Mapped[str | None] = mapped_column(String(40))
    answer: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        CheckConstraint(f"finding IS NULL OR finding IN {CONCLUSIONS}", name="finding"),
    )


class Rating(Base):
    """A petitioner's rating of one stage: 1 满意, 2 基本满意, 3 不满意."""

    __tablename__ = "ratings"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE), index=True)
    submission_id: Mapped[Ref] = mapped_column(ForeignKey("submissions.id"))
    stage: Mapped[Word]
    score: Mapped[int]
    by: Mapped[Word]
    on: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("submission_id", "stage"),
        CheckConstraint("stage IN ('intake', 'handling')", name="stage"),
        CheckConstraint("score BETWEEN 1 AND 3", name="score"),
        CheckConstraint("\"by\" IN ('callback', 'query_code', 'paper')", name="by"),
        Index("ix_ratings_unsatisfied", "submission_id", "case_id",
              sqlite_where=text("stage = 'handling' AND score = 3"),
              postgresql_where=text("stage = 'handling' AND score = 3")),
    )  # fmt: skip


class Attachment(Base):
    """A file of a case, stored outside the web root under its hash."""

    __tablename__ = "attachments"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey(CASE), index=True)
    name: Mapped[Line]
    mime: Mapped[Line]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    at: Mapped[datetime]
    taken_at: Mapped[datetime | None]  # of a photo, by the device
    lon: Mapped[Decimal | None] = mapped_column(Numeric(9, 5))  # where it was taken, WGS-84
    lat: Mapped[Decimal | None] = mapped_column(Numeric(9, 5))
    client_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # sent again: the same
