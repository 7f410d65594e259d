"""Numbers by region: each equals a plain recomputation and the list that it opens."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from db.queries import cases, regions
from db.queries.metrics import CONCLUDING, Period
from db.queries.regions import Measure, Part
from db.session import reading
from domain.clocks import Lights
from domain.people import Viewer, city_of
from domain.scope import NOTHING, SYSTEM, Scope, scope_of
from rules import load
from tests.seed import Seeded

PROVINCE, NANJING, SUZHOU = 320000, 320100, 320500
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
WHOLE = Scope(PROVINCE, 329999)


@pytest.fixture
def lights(seeded: Seeded) -> Lights:
    return Lights.on(seeded.today, load().calendar)


@pytest.fixture
def every(seeded: Seeded) -> Iterator[Session]:
    with reading(seeded.url, SYSTEM) as session:
        yield session


def numbers(seeded: Seeded, scope: Scope, measure: Measure, root: int, period: Period,
            category: str, lights: Lights) -> dict[int, Part]:  # fmt: skip
    with reading(seeded.url, scope) as session:
        return regions.numbers(session, measure, root, period, category, lights)


def plain(session: Session, measure: Measure, root: int, period: Period, category: str,
          today: date) -> dict[int, Part]:  # fmt: skip
    """The same by reading every row and counting in Python."""
    kinds: dict[int, set[str]] = {}
    for kind in session.scalars(select(m.CaseCategory)):
        kinds.setdefault(kind.case_id, set()).add(kind.main)
    found = {
        c.id: c for c in session.scalars(select(m.Case))
        if not c.sealed and not c.merged_into  # merged, it is no matter of its own
        and (not category or category in kinds.get(c.id, set()))
        and (root == PROVINCE or c.place_city == root)
    }  # fmt: skip
    rows = {i: c.place_city if root == PROVINCE else c.place_code for i, c in found.items()}
    clocks = [c for c in session.scalars(select(m.Clock)) if not c.exempt and not c.provisional]
    if measure is Measure.OVERDUE:
        whole = {i for i, c in found.items() if c.ended_on is None}
        late = {c.case_id for c in clocks if c.duty and not c.done_on and c.due_on < today}
        return _parts(Counter(rows[i] for i in whole & late), Counter(rows[i] for i in whole))
    if measure is Measure.SATISFACTION:
        held = {i for i, c in found.items() if c.rating and c.delivered_on
                and period.first <= c.delivered_on <= period.last}  # fmt: skip
        happy = Counter(rows[i] for i in held if found[i].rating in (1, 2))
        return _parts(happy, Counter(rows[i] for i in held))
    if measure is Measure.ON_TIME:
        ours = [
            c for c in clocks
            if c.key in CONCLUDING and period.first <= c.due_on <= period.last
            and c.due_on < today and (root == PROVINCE or c.city_code == root)
            and (not category or category in kinds.get(c.case_id, set()))
        ]  # fmt: skip
        of = [c.city_code if root == PROVINCE else c.unit_code for c in ours]
        good = [row for row, c in zip(of, ours, strict=True) if c.done_on and c.done_on <= c.due_on]
        return _parts(Counter(good), Counter(of))
    came = (i for i, c in found.items() if period.first <= c.received_on <= period.last)
    return {row: Part(n) for row, n in Counter(rows[i] for i in came).items()}


def _parts(part: Counter[int], whole: Counter[int]) -> dict[int, Part]:
    return {row: Part(part[row], number) for row, number in whole.items()}


@pytest.mark.parametrize("category", ["", "A", "N"])
@pytest.mark.parametrize("period", [YEAR, QUARTER], ids=["year", "quarter"])
@pytest.mark.parametrize("root", [PROVINCE, NANJING])
@pytest.mark.parametrize("measure", list(Measure))
def test_a_measure_is_what_counting_every_row_gives(
    seeded: Seeded, every: Session, lights: Lights, measure: Measure, root: int, period: Period,
    category: str,
) -> None:  # fmt: skip
    found = numbers(seeded, WHOLE, measure, root, period, category, lights)
    assert found == plain(every, measure, root, period, category, seeded.today)
    assert found


def test_there_is_something_overdue_and_something_late_to_find(
    seeded: Seeded, lights: Lights
) -> None:
    for measure in (Measure.OVERDUE, Measure.ON_TIME, Measure.SATISFACTION):
        found = numbers(seeded, WHOLE, measure, PROVINCE, YEAR, "", lights)
        assert any(0 < part.part < (part.whole or 0) for part in found.values()), measure


@pytest.mark.parametrize("who", ["nj_clerk", "sz_handler", "nobody"])
@pytest.mark.parametrize("measure", list(Measure))
def test_a_region_s_number_is_the_count_of_the_list_it_opens(
    seeded: Seeded, lights: Lights, measure: Measure, who: str, request: pytest.FixtureRequest
) -> None:
    viewer: Viewer = request.getfixturevalue(who)
    scope = scope_of(viewer)
    root = viewer.unit if scope != NOTHING else PROVINCE
    found = numbers(seeded, scope, measure, root, YEAR, "", lights)
    assert bool(found) == (scope != NOTHING)
    with reading(seeded.url, scope) as session:
        for code, part in found.items():
            own = code == root
            asked = regions.asked(measure, code, YEAR, "", own=own)
            assert cases.count(session, asked, lights) == part.part, (measure, code)
            if part.whole is not None:
                asked = regions.asked(measure, code, YEAR, "", own=own, whole=True)
                assert cases.count(session, asked, lights) == part.whole, (measure, code)


@pytest.mark.parametrize("measure", list(Measure))
def test_a_city_counts_the_same_for_its_people_as_for_the_province(
    seeded: Seeded, lights: Lights, measure: Measure
) -> None:
    own = numbers(seeded, Scope(SUZHOU, 320599), measure, SUZHOU, YEAR, "", lights)
    assert own == numbers(seeded, WHOLE, measure, SUZHOU, YEAR, "", lights)
    assert {city_of(code) for code in own} == {SUZHOU}


def test_the_address_of_a_list_reads_back_as_the_same_filter() -> None:
    for measure in Measure:
        asked = regions.asked(measure, NANJING, QUARTER, "A", own=True, whole=True)
        assert cases.CaseFilter.of(asked.address()) == asked


def test_months_of_a_period_cross_the_year() -> None:
    found = regions.months_of(Period(date(2025, 11, 1), date(2026, 2, 28)))
    assert found == [202511, 202512, 202601, 202602]
