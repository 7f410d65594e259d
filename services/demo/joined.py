"""Mergings in a demonstration: the services make them, for they change two cases at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from db import models as m
from domain.errors import Refused
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from domain.table import BY_KEY
from services.demo.people import person_id
from services.demo.province import province
from services.merging import merge, separate
from services.store import read

ENOUGH = 1000  # cases, so that some in hand are alike
FEWEST, MOST = 3, 40
REASON = "同一地点同类问题，合并办理"
MISTAKEN = "经核实污染源不同，分开办理"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases in hand of one unit, the earlier first."""

    unit: int
    main: int
    other: int


def join_some(cases: int, today: date) -> int:
    """Merge a few cases in hand that are alike, and undo the last of it; how many stand."""
    if cases < ENOUGH:
        return 0
    wanted, done = min(max(FEWEST, cases // 1000), MOST), list[Pair]()
    now = datetime.combine(today, time())
    for pair in _pairs():
        if len(done) == wanted:
            break
        try:
            merge(_clerk(pair.unit), pair.main, pair.other, REASON, now, token=f"merge{pair.other}",
                  **_versions(pair))  # fmt: skip
        except Refused:  # these two are no pair for a reason that the service knows
            continue
        done.append(pair)
    if done:
        last = done.pop()
        separate(_clerk(last.unit), last.main, last.other, MISTAKEN, now + timedelta(minutes=1),
                 token=f"separate{last.other}", **_versions(last))  # fmt: skip
    return len(done)


def _pairs() -> Iterator[Pair]:
    """Pairs of one unit, place and track, those about the same subject first; no case twice."""
    columns = m.Case.__table__.c
    query = (
        select(columns.id, columns.holder_unit, columns.place_code, columns.track, columns.kinds,
               columns.subject_name)
        .where(columns.ended_on.is_(None), columns.sealed.is_(False), columns.track.is_not(None))
        .where(columns.status.in_(BY_KEY["merge"].sources))
        .order_by(columns.id)
    )  # fmt: skip
    with read(SYSTEM) as session:
        rows = session.execute(query).all()
    used: set[int] = set()
    for same in (slice(1, 6), slice(1, 5), slice(1, 4)):
        waiting: dict[object, int] = {}
        for row in rows:
            if row.id in used:
                continue
            earlier = waiting.setdefault(tuple(row[same]), row.id)
            if earlier != row.id and earlier not in used:
                used |= {earlier, row.id}
                yield Pair(row.holder_unit, earlier, row.id)


def _versions(pair: Pair) -> dict[str, int]:
    cases = m.Case.__table__.c
    query = select(cases.id, cases.version).where(cases.id.in_((pair.main, pair.other)))
    with read(SYSTEM) as session:
        found = {row.id: row.version for row in session.execute(query)}
    return {"main_version": found[pair.main], "other_version": found[pair.other]}


def _clerk(unit: int) -> Viewer:
    number = person_id(unit, Role.CLERK)
    return Viewer(number, "", unit, province().names[unit], frozenset({Role.CLERK}))
