"""The province's score of a year, beside the same worked out case by case."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial

from bench.bed import Bed
from bench.beside import Plain, plain
from bench.figures import Line, Reference, Timing, at_most, timed
from db.session import reading
from domain.history import Event
from domain.people import Level, level_of
from domain.scope import SYSTEM
from rules import load
from scoring.engine import score
from scoring.measures import find_all
from scoring.model import Result, Versions
from scoring.period import Period
from services.history import STEPS
from services.units import unit_rows
from tests.oracle_scores import Oracle
from tests.score_histories import History

LIMIT, TIMES = 1000.0, 50


def lines(bed: Bed) -> Iterator[Line]:
    """Counted and listed, then how many times faster than case by case."""
    counted = timed(partial(province, bed, listed=False), 3 * bed.effort.seconds, warm=1)
    listed = timed(partial(province, bed, listed=True), 3 * bed.effort.seconds, warm=1)
    slow, sampled = _case_by_case(bed)
    label = f"Python per case ({sampled:,}, scaled)"
    yield at_most(
        "score", f"13 cities, {year(bed)}, numbers", counted, LIMIT, Reference(label, slow)
    )
    yield at_most("score listed", "with every failing item", listed, LIMIT, Reference(label, slow))
    yield _times(slow / counted.median, counted.n)


def _times(times: float, n: int) -> Line:
    return Line(
        "score ×", f"{times:,.0f} times as fast as per case", Timing(n, times, times, times),
        (), f"≥ {TIMES} ×", times < TIMES, "the figure is the factor, not a time",
    )  # fmt: skip


def year(bed: Bed) -> Period:
    """The year the data ends in."""
    return Period.parse(str(bed.today.year))


@cache
def cities() -> tuple[int, ...]:
    """The thirteen cities."""
    codes = (int(row["code"]) for row in unit_rows())
    return tuple(sorted(code for code in codes if level_of(code) is Level.CITY))


def province(bed: Bed, *, listed: bool) -> Result:
    """Findings and points of every city for the year."""
    rules, period = load(), year(bed)
    snapshot = period.snapshot(rules.calendar, rules.scoresheet.snapshot_workdays)
    with reading(bed.url, SYSTEM) as session:
        found = find_all(session, rules, period, snapshot, cities(), listed=listed)
    return score(rules.scoresheet, Versions.of(rules), period, snapshot, cities(), found)


def _case_by_case(bed: Bed) -> tuple[float, int]:
    """Milliseconds of the province in plain Python, scaled from a sample spread over all cases."""
    rules, period = load(), year(bed)
    snapshot = period.snapshot(rules.calendar, rules.scoresheet.snapshot_workdays)
    stride = max(1, bed.built.cases // bed.effort.sample)
    with plain(bed) as own:
        began = time.perf_counter()
        histories = _histories(own, stride)
        Oracle(rules, period, snapshot).ask(histories)
        took = time.perf_counter() - began
    return 1000 * took * bed.built.cases / max(len(histories), 1), len(histories)


def _histories(own: Plain, stride: int) -> list[History]:
    """Every so-manieth case as its history, read the way a service reads one case."""
    found = []
    for case_id, place, channel, reachable, anonymous, missing in own.all(
        "SELECT c.id, c.place_code, s.channel, s.reachable, s.anonymous, s.missing FROM cases c"
        f" JOIN submissions s ON s.case_id = c.id WHERE c.id % {stride} = 0"
    ):
        events = [_event(row) for row in own.all(
            'SELECT kind, at, "on", chain, submission_id, person_id, data, id FROM events'
            f" WHERE case_id = {case_id} ORDER BY id") if row[0] in STEPS]  # fmt: skip
        repeats = own.all(
            'SELECT l."on", l.case_id, c.received_on FROM case_links l'
            f" JOIN cases c ON c.id = l.case_id WHERE l.earlier_id = {case_id}"
        )
        days = [(_moment(on).date(), by, _moment(came).date()) for on, by, came in repeats]
        found.append(History(case_id, place, channel, bool(reachable), bool(anonymous), missing,
                             events, days))  # fmt: skip
    return found


def _event(row: tuple) -> Event:
    kind, at, on, unit, submission, person, data, number = row
    return Event(kind, _moment(at), _moment(on).date(), unit, submission, person,
                 json.loads(data), number)  # fmt: skip


def _moment(value: object) -> datetime:
    """A moment or a day, as a driver gives it or as SQLite's text."""
    return datetime.fromisoformat(str(value))
