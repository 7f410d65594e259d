"""The tree of units; people, their roles, passwords and sign-ins; one-use downloads."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import Base, Big, Code, Id, Line, Ref, Word


class Unit(Base):
    """A unit and its division: province, city or county; the code is the division's."""

    __tablename__ = "units"
    code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Line]  # 苏州市生态环境局
    division: Mapped[Line]  # 苏州市
    short_name: Mapped[Word]  # 苏州
    level: Mapped[Word]
    parent_code: Mapped[int | None] = mapped_column(ForeignKey("units.code"))
    pinyin: Mapped[Line]  # suzhoushi
    initials: Mapped[Word]  # szs
    lon: Mapped[Decimal] = mapped_column(Numeric(9, 5))
    lat: Mapped[Decimal] = mapped_column(Numeric(9, 5))
    population_wan: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    __table_args__ = (
        CheckConstraint("level IN ('province', 'city', 'county')", name="level"),
        CheckConstraint("code BETWEEN 100000 AND 999999", name="code"),
    )


class Person(Base):
    """A person of one unit. `demo` people work on loopback only."""

    __tablename__ = "people"
    id: Mapped[Id]
    login: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Word]
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"), index=True)
    password_hash: Mapped[Line]
    password_set_at: Mapped[datetime]
    must_change: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    roles: Mapped[list["PersonRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PersonRole(Base):
    """One role of a person."""

    __tablename__ = "person_roles"
    person_id: Mapped[Ref] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[Word] = mapped_column(primary_key=True)
    __table_args__ = (
        CheckConstraint(
            "role IN ('clerk', 'handler', 'reviewer', 'supervisor', 'assessor', 'city_lead',"
            " 'leader', 'auditor', 'admin')",
            name="role",
        ),
    )


class OldPassword(Base):
    """A former password, so that none of the last five comes back."""

    __tablename__ = "old_passwords"
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("people.id"), index=True)
    password_hash: Mapped[Line]
    set_at: Mapped[datetime]


class SignIn(Base):
    """A sign-in session; only the hash of its token is kept."""

    __tablename__ = "sign_ins"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ip: Mapped[Word]
    agent: Mapped[Line]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(40))


class SignInAttempt(Base):
    """A failed sign-in by name and address, for slowing the next one down."""

    __tablename__ = "sign_in_attempts"
    id: Mapped[Id]
    login: Mapped[Word]
    ip: Mapped[Word]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "login", "ip", "at"), Index(None, "ip", "at"))


class Download(Base):
    """A file made for one sign-in session: one use, short life, its bytes in the spool folder."""

    __tablename__ = "downloads"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sign_in: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("people.id"))
    name: Mapped[Line]
    mime: Mapped[Line]
    spool: Mapped[Line]
    what: Mapped[str] = mapped_column(Text)  # what the audit event says was exported
    inline: Mapped[bool] = mapped_column(default=False)
    case_id: Mapped[int | None] = mapped_column(Big, ForeignKey("cases.id"))  # the one it is of
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
