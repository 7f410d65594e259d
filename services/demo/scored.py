"""The score runs of a demonstration: of its last closed periods, so that there are trends."""

from collections.abc import Iterator
from datetime import date, datetime, time

from domain.people import Role, Viewer
from rules import load
from scoring.period import Period, PeriodKind
from services import score_runs
from services.demo.people import person_id, prefixes
from services.demo.province import PROVINCE, province

MOST = 100_000  # cases; a larger demonstration is for trying out size, and is scored by hand
MONTHS, QUARTERS = 6, 1


def score_closed(today: date) -> int:
    """Score the closed periods as the province's assessor, the oldest first; how many."""
    now = datetime.combine(today, time())
    periods = sorted(
        [*_closed(today, PeriodKind.MONTH, MONTHS), *_closed(today, PeriodKind.QUARTER, QUARTERS)],
        key=lambda period: (period.last, period.kind.months),
    )
    for period in periods:
        score_runs.run(_assessor(), period, now)
    return len(periods)


def _closed(today: date, kind: PeriodKind, count: int) -> Iterator[Period]:
    """The last periods of a kind whose snapshot is over by midnight before today."""
    rules, now = load(), datetime.combine(today, time())
    period = Period.of(today, kind)
    while period.snapshot(rules.calendar, rules.scoresheet.snapshot_workdays) >= now:
        period = period.previous()
    yield from (period.previous(n) for n in range(count))


def _assessor() -> Viewer:
    number, name = person_id(PROVINCE, Role.ASSESSOR), province().names[PROVINCE]
    return Viewer(number, prefixes()[PROVINCE], PROVINCE, name, frozenset({Role.ASSESSOR}))
