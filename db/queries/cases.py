"""The list of cases: one frozen filter, its conditions, a page of rows and a capped count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session

from db import models as m
from db import words
from db.models.clocks import RUNNING
from db.queries import metrics, queues
from db.queries.metrics import METRICS, Period, Shine, shine_of
from db.queries.queues import QUEUES
from db.session import listed
from domain.clocks import Lights

PAGE = 50
MOST = 20_000  # counted exactly up to here; a list longer than this is to be narrowed, not paged
MARKS = ("repeat", "group", "anonymous", "confidential", "urgent")
SORTS = ("received", "oldest", "newest", "due")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is asked for; every field is a key of its address, blank where not asked."""

    q: str = ""  # words of the text
    no: str = ""  # the number of the case or of one of its submissions
    source: str = ""  # the number in the channel's own ledger
    place: int | None = None  # city or county
    unit: int | None = None  # the unit that has it, and those below
    channel: str = ""
    subchannel: str = ""
    category: str = ""  # main or sub
    status: str = ""
    track: str = ""
    first: date | None = None  # received from
    last: date | None = None  # received to
    light: str = ""
    clock: str = ""
    duty: int | None = None  # the unit responsible for the clock, and those below
    own: bool = False  # that unit alone
    due_first: date | None = None
    due_last: date | None = None
    mark: str = ""
    industry: str = ""
    conclusion: str = ""
    metric: str = ""  # a named number, over the received period as its period
    queue: str = ""  # what waits…
    at: int | None = None  # …at this unit
    sort: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "CaseFilter":
        """The filter an address asks for; what cannot be read is left out."""
        read = {f.name: _read(str(f.type), given.get(f.name, "")) for f in fields(cls)}
        return cls(**{name: value for name, value in read.items() if value is not None})

    def address(self) -> dict[str, str]:
        """The keys and texts of an address that asks for this filter."""
        pairs = ((f.name, getattr(self, f.name), f.default) for f in fields(self))
        return {name: _text(value) for name, value, default in pairs if value != default}

    @property
    def by_clock(self) -> bool:
        """Whether a running clock is asked for."""
        if (metric := METRICS.get(self.metric)) and metric.of_clocks:
            return False  # the number says which clocks
        return bool(self.light or self.clock or self.duty or self.due_first or self.due_last)

    @property
    def order(self) -> str:
        """The order of the rows: as asked, or what suits the filter."""
        if self.sort in SORTS and (self.sort != "due" or self.by_clock):
            return self.sort
        return "newest" if self.q else "due" if self.by_clock else "received"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the list; `due_on` is the earliest end of its running clocks."""

    id: int
    no: str
    title: str
    place_code: int
    address: str
    subject_name: str
    channel: str
    subchannel: str
    received_on: date
    status: str
    track: str | None
    holder_unit: int
    is_repeat: bool
    is_group: bool
    confidential: bool
    urgency: str
    submissions: int
    version: int
    conclusion: str | None = None
    ended_on: date | None = None
    merged_into: int | None = None
    clock: str | None = None
    due_on: date | None = None
    shine: Shine | None = None


COLUMNS = (
    m.Case.id, m.Case.no, m.Case.title, m.Case.place_code, m.Case.address, m.Case.subject_name,
    m.Case.channel, m.Case.subchannel, m.Case.received_on, m.Case.status, m.Case.track,
    m.Case.holder_unit, m.Case.is_repeat, m.Case.is_group, m.Case.confidential, m.Case.urgency,
    m.Case.submissions, m.Case.version, m.Case.conclusion, m.Case.ended_on,
    m.Case.merged_into,
)  # fmt: skip


def page(
    session: Session, asked: CaseFilter, limits: Lights, number: int = 1, size: int = PAGE
) -> list[CaseRow]:
    """The rows of one page, in the filter's order, with their most pressing clock."""
    found = _found(session, asked, limits, *COLUMNS)
    query = _ordered(found, asked, limits).limit(size).offset((max(number, 1) - 1) * size)
    rows = [CaseRow(*row[: len(COLUMNS)]) for row in session.execute(query)]
    return _with_clocks(session, rows, limits)


def count(session: Session, asked: CaseFilter, limits: Lights, most: int = MOST) -> int:
    """How many cases the filter finds, counted no further than `most` + 1."""
    found = _found(session, asked, limits, m.Case.id)
    if not (asked.by_clock or asked.metric or asked.queue):  # nothing else to start from
        found = found.where(listed(session))
    found = found.limit(most + 1)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def every(session: Session, asked: CaseFilter, limits: Lights, most: int) -> Iterator[CaseRow]:
    """All rows up to `most`, for an export."""
    for number in range(1, -(-most // 1000) + 1):
        rows = page(session, asked, limits, number, 1000)
        yield from rows
        if len(rows) < 1000:
            return


def conditions(asked: CaseFilter, limits: Lights) -> list[ColumnElement[bool]]:
    """What the filter says of a case, its words apart."""
    out: list[ColumnElement[bool]] = []
    case = m.Case
    for name, target in (
        ("channel", case.channel), ("subchannel", case.subchannel), ("status", case.status),
        ("track", case.track), ("industry", case.industry), ("conclusion", case.conclusion),
    ):  # fmt: skip
        if value := getattr(asked, name):
            out.append(target == value)
    if asked.place:
        out.extend(metrics.lying_in(asked.place))
    if asked.unit:
        out.append(metrics.within(case.holder_unit, asked.unit))
    out.extend(_numbers(asked))
    out.extend(_marks(asked))
    out.extend(_period(asked, limits))
    if asked.category:
        out.append(metrics.of_category(asked.category))
    if asked.by_clock:
        out.append(metrics.has_clock(_clock(asked, limits)))
    if asked.queue in QUEUES and asked.at:
        desk = queues.Desk(asked.at, limits.today)
        out.append(queues.condition(asked.queue, desk))
    return out


def _clock(asked: CaseFilter, limits: Lights) -> ColumnElement[bool]:
    """One running clock that meets everything asked of clocks."""
    light = asked.light in {s.value for s in Shine}
    out = [metrics.light(Shine(asked.light), limits) if light else RUNNING]
    out.extend(metrics.whose(asked.clock, None))
    if asked.duty:
        out.append(metrics.responsible(asked.duty, asked.own))
    if asked.due_first or asked.due_last:
        period = Period(asked.due_first or date.min, asked.due_last or date.max)
        out.append(metrics.falls_due(period))
    return and_(*out)


def _numbers(asked: CaseFilter) -> Iterator[ColumnElement[bool]]:
    """By the number of a contact or of its ledger; else only matters of their own are listed.

    Clocks that ran out stand though their case was merged since, and open as they are counted.
    Words find a merged case as itself, for its own text is indexed under it and nowhere else.
    """
    no, source, contact = asked.no.strip(), asked.source.strip(), m.Submission
    if no:  # a merged case is found by its own number, and so is the one that has its contact
        yield (m.Case.no == no) | m.Case.id.in_(select(contact.case_id).where(contact.no == no))
    if source:
        yield m.Case.id.in_(select(contact.case_id).where(contact.source_no == source))
    metric = METRICS.get(asked.metric)
    if not (no or source or (metric.of_clocks if metric else asked.q)):
        yield metrics.of_its_own()


def _marks(asked: CaseFilter) -> Iterator[ColumnElement[bool]]:
    match asked.mark:
        case "repeat":
            yield m.Case.is_repeat.is_(True)
        case "group":
            yield m.Case.is_group.is_(True)
        case "confidential":
            yield m.Case.confidential.is_(True)
        case "urgent":
            yield m.Case.urgency != "normal"
        case "anonymous":
            own = m.Submission.case_id == m.Case.id
            yield exists().where(own, m.Submission.anonymous)


def _period(asked: CaseFilter, limits: Lights) -> Iterator[ColumnElement[bool]]:
    period = Period(asked.first or date.min, asked.last or date.max)
    metric = METRICS.get(asked.metric)
    if metric and metric.of_clocks:
        whose = metrics.whose(asked.clock, asked.duty, asked.own)
        yield metrics.has_clock(and_(metric.where(period, limits), *whose))
    elif metric:
        yield metric.where(period, limits)
    if (asked.first or asked.last) and not (metric and metric.dated):
        yield metrics.received(period)


# --- words: the index of words drives, newest first, so that a page never reads every hit


def _found(session: Session, asked: CaseFilter, limits: Lights, *columns: Any) -> Select[Any]:
    query = select(*columns).where(*conditions(asked, limits))
    if not asked.q:
        return query
    expression = words.query(session, asked.q)
    if expression is None:  # nothing in it that can be searched
        return query.where(m.Case.id < 0)
    if asked.order != "newest":
        return query.where(words.matching(session, expression))
    return words.newest(session, query, m.Case, expression)


def _ordered(query: Select[Any], asked: CaseFilter, limits: Lights) -> Select[Any]:
    match asked.order:
        case "received":
            return query.order_by(m.Case.received_on.desc(), m.Case.id.desc())
        case "oldest":
            return query.order_by(m.Case.received_on, m.Case.id)
        case "due":
            first = (
                select(m.Clock.case_id, func.min(m.Clock.due_on).label("due"))
                .where(_clock(asked, limits))
                .group_by(m.Clock.case_id)
                .subquery()
            )
            joined = query.join(first, first.c.case_id == m.Case.id)
            return joined.order_by(first.c.due, m.Case.id)
    return query if asked.q else query.order_by(m.Case.id.desc())


def _with_clocks(session: Session, rows: list[CaseRow], limits: Lights) -> list[CaseRow]:
    """Each row with the clock of its that ends first."""
    asked = [row.id for row in rows]
    clock = m.Clock
    query = select(clock.case_id, clock.key, clock.due_on, clock.provisional)
    running = session.execute(
        query.where(clock.case_id.in_(asked), RUNNING).order_by(
            clock.due_on.desc(), clock.id.desc()
        )
    )
    first = {case_id: (key, due, provisional) for case_id, key, due, provisional in running}
    out = []
    for row in rows:
        if found := first.get(row.id):
            shine = shine_of(found[1], found[2], limits)
            row = replace(row, clock=found[0], due_on=found[1], shine=shine)
        out.append(row)
    return out


def _read(kind: str, text: str) -> Any:
    text = text.strip()
    if not text:
        return None
    try:
        if "int" in kind:
            return int(text)
        if "date" in kind:
            return date.fromisoformat(text)
    except ValueError:
        return None
    return text == "1" if "bool" in kind else text


def _text(value: Any) -> str:
    return "1" if value is True else str(value)
