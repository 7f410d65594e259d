"""Engines and sessions. A session is opened under a scope, and the scope is under every read.

The visible-rows rule stands in this file and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Engine, create_engine, event, exists, false, select, true
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    sessionmaker,
    with_loader_criteria,
)  # fmt: skip
from sqlalchemy.sql.base import ExecutableOption

from db import models as m
from domain.errors import Crowded
from domain.scope import Scope

# Tables whose rows are visible with their case.
BY_CASE = (
    m.CaseCategory, m.CaseMeasure, m.Submission, m.Demand, m.Rating, m.Attachment, m.Supervision,
    m.LeaderAction, m.Review, m.Visit,
)  # fmt: skip

PATIENCE = 30_000  # milliseconds a writer waits for another: a long import holds the lock

_made: list[Engine] = []


@lru_cache(maxsize=8)
def engine(url: str) -> Engine:
    """The engine of a database address; one per process and address."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    made = _sqlite(url) if sqlite else _server(url)
    _made.append(made)
    return made


def _server(url: str) -> Engine:
    return create_engine(
        url, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=5, hide_parameters=True
    )


def _sqlite(url: str) -> Engine:
    made = create_engine(url, pool_size=10, max_overflow=20, hide_parameters=True)

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL loses acknowledged rows in a power cut
            "foreign_keys=ON",
            f"busy_timeout={PATIENCE}",
            "cache_size=-65536",
            "mmap_size=1073741824",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(made, "begin")
    def _begin(connection: Any) -> None:
        # A deferred BEGIN that writes later shows "database is locked" in spite of the timeout.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


@lru_cache(maxsize=8)
def _maker(url: str) -> sessionmaker[Session]:
    return sessionmaker(engine(url), expire_on_commit=False)


def close_all() -> None:
    """Close every pooled connection of this process; the next session opens anew."""
    for made in _made:
        made.dispose()
    _made.clear()
    _maker.cache_clear()
    engine.cache_clear()


@contextmanager
def reading(url: str, scope: Scope) -> Iterator[Session]:
    """A session that reads what `scope` shows, all of it in one state; nothing is written."""
    with _maker(url)(info={"scope": scope}) as session:
        if engine(url).dialect.name != "sqlite":  # where a transaction reads one state anyway
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


@contextmanager
def writing(url: str, scope: Scope) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error.

    Raises `Crowded` where others who write at the same time left no room for it.
    """
    with _alone(), _maker(url)(info={"scope": scope}) as session:
        session.connection(execution_options={"writes": True})
        with session.begin() if not session.in_transaction() else _committing(session):
            yield session


WAITED = "可能正在导入大文件，没有写入；请稍候再试"
CROSSED = "刚才有人同时办理，没有写入；请再试一次"


@contextmanager
def _alone() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if said := _crowded(error.orig):
            raise Crowded(said) from error
        raise


def _crowded(error: Any) -> str:
    """What to tell when a database gave way to others, or nothing."""
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return WAITED
    # deadlock detected, could not serialize
    return CROSSED if getattr(error, "sqlstate", None) in ("40P01", "40001") else ""


@contextmanager
def _committing(session: Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.rollback()
        raise
    session.commit()


@event.listens_for(Session, "do_orm_execute")
def _under_scope(state: ORMExecuteState) -> None:
    """Add the visible-rows rule to every ORM read; a session without a scope reads nothing."""
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    scope: Scope | None = state.session.info.get("scope")
    if scope is None:
        raise RuntimeError("a session without a scope reads nothing")
    if scope.system:
        return
    state.statement = state.statement.options(*_rules(scope))


@lru_cache(maxsize=512)
def _rules(scope: Scope) -> tuple[ExecutableOption, ...]:
    """The visible-rows rule of a scope for every table that has one; built once a scope."""
    rules: list[tuple[Any, ColumnElement[bool]]] = [
        (m.Case, visible_case(scope)),
        (m.Clock, visible_clock(scope)),
        (m.Event, visible_event(scope)),
        (m.Document, visible_document(scope)),
        (m.Petitioner, _visible_petitioner(scope)),
        (m.CaseLink, _with_case(m.CaseLink.case_id, scope)),
        *((table, _scored(table, scope)) for table in (m.ScoreItem, m.ScoreLine, m.ScoreSheet)),
        *((table, _with_case(table.case_id, scope)) for table in BY_CASE),
    ]
    return tuple(with_loader_criteria(table, rule, include_aliases=True) for table, rule in rules)


def _in_units(case_id: Any, scope: Scope) -> ColumnElement[bool]:
    units = m.CaseUnit.__table__.c
    return exists(
        select(units.case_id).where(
            units.case_id == case_id, units.unit_code.between(scope.low, scope.high)
        )
    )


def listed(session: Session) -> ColumnElement[bool]:
    """What every visible case meets, as a list of the scope's cases to start from.

    It shows no more than the rule does; SQLite would else ask the rule of each case there is, which
    for counting many cases of a county takes fifty times as long. True for who sees every unit.
    """
    scope: Scope = session.info["scope"]
    if scope.system or scope.whole or scope.empty:
        return true()
    units = m.CaseUnit.__table__.c
    return m.Case.id.in_(
        select(units.case_id).where(units.unit_code.between(scope.low, scope.high))
    )


def _sealed_cases() -> Any:
    cases = m.Case.__table__.c
    return select(cases.id).where(cases.sealed)


def visible_case(scope: Scope) -> ColumnElement[bool]:
    """The rule: it lies in, was registered by, or was held by the scope's units; sealed apart."""
    if scope.empty:
        return false()
    seen = ~m.Case.sealed if not scope.sealed else m.Case.id.is_not(None)
    return seen if scope.whole else seen & _in_units(m.Case.id, scope)


def visible_clock(scope: Scope) -> ColumnElement[bool]:
    """A clock is visible with its case."""
    if scope.empty:
        return false()
    seen = ~m.Clock.sealed if not scope.sealed else m.Clock.id.is_not(None)
    return seen if scope.whole else seen & _in_units(m.Clock.case_id, scope)


def _with_case(case_id: Any, scope: Scope) -> ColumnElement[bool]:
    if scope.empty:
        return false()
    rule = case_id.is_not(None) if scope.sealed else case_id.not_in(_sealed_cases())
    return rule if scope.whole else rule & _in_units(case_id, scope)


def visible_event(scope: Scope) -> ColumnElement[bool]:
    """Events of visible cases; events without a case by the acting unit."""
    if scope.empty:
        return false()
    system = m.Event.case_id.is_(None) & m.Event.chain.between(
        0 if scope.whole else scope.low, scope.high
    )
    return system | _with_case(m.Event.case_id, scope)


def visible_document(scope: Scope) -> ColumnElement[bool]:
    """Documents of visible cases; scorecards by their unit."""
    if scope.empty:
        return false()
    other = m.Document.case_id.is_(None) & m.Document.unit_code.between(scope.low, scope.high)
    return other | _with_case(m.Document.case_id, scope)


def _visible_petitioner(scope: Scope) -> ColumnElement[bool]:
    if scope.empty:
        return false()
    submissions = m.Submission.__table__.c
    return m.Petitioner.submission_id.in_(
        select(submissions.id).where(_with_case(submissions.case_id, scope))
    )


def _scored(table: Any, scope: Scope) -> ColumnElement[bool]:
    """Score rows belong to the city scored; a county's people see their city's sheet not."""
    if scope.empty:
        return false()
    return table.unit_code.between(scope.low, scope.high)
