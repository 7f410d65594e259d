"""The monthly summary and the maps: of the province and of a city's counties."""

from collections.abc import Iterator
from datetime import datetime
from datetime import time as clock_time
from functools import partial

from bench.bed import Bed
from bench.beside import Plain, duck, plain
from bench.boards import CITY, PROVINCE, red, scope
from bench.figures import Line, at_most, reference, timed
from db.queries import metrics, regions
from db.session import reading
from scoring.period import Period, PeriodKind
from services import monthly

SUMMARY, MAP = 300.0, 100.0


def lines(bed: Bed) -> Iterator[Line]:
    """The last whole month's summary, then every measure a map can show over the year so far."""
    with plain(bed) as own, duck(bed) as other:
        for unit in (PROVINCE, CITY):
            yield _summary(bed, unit, own, other)
        for unit in (CITY, PROVINCE):
            for measure in regions.Measure:
                yield _map(bed, unit, measure, "", own, other)
            yield _map(bed, unit, regions.Measure.OVERDUE, "A", own, other)


def month(bed: Bed) -> Period:
    """The last month that is over."""
    return Period.of(bed.today, PeriodKind.MONTH).previous()


def year(bed: Bed) -> metrics.Period:
    """The months of this year that are over."""
    last = month(bed).last
    return metrics.Period(last.replace(month=1, day=1), last)


def _summary(bed: Bed, unit: int, own: Plain, other: Plain) -> Line:
    statements, half = _summary_sql(bed, unit), bed.effort.seconds / 2
    return at_most(
        "summary", f"all sections, {_where(unit)}, {month(bed)}",
        timed(partial(_summarise, bed, unit), bed.effort.seconds), SUMMARY,
        reference(f"hand-written SQL ({len(statements)})", partial(_each, own, statements), half),
        reference("DuckDB", partial(_each, other, statements), half),
    )  # fmt: skip


def _summarise(bed: Bed, unit: int) -> None:
    monthly.summary(scope(unit), month(bed), unit, datetime.combine(bed.today, clock_time(10)))


def _map(
    bed: Bed, unit: int, measure: regions.Measure, category: str, own: Plain, other: Plain
) -> Line:
    sql = _map_sql(bed, unit, measure, category)
    return at_most(
        "map", f"{measure.value}{' of type ' + category if category else ''}, {_where(unit)}",
        timed(partial(_numbers, bed, unit, measure, category), bed.effort.seconds / 2),
        MAP if unit == CITY else None,
        reference("hand-written SQL", partial(own.all, sql), bed.effort.seconds / 4),
        reference("DuckDB", partial(other.all, sql), bed.effort.seconds / 4),
    )  # fmt: skip


def _numbers(bed: Bed, unit: int, measure: regions.Measure, category: str) -> None:
    with reading(bed.url, scope(unit)) as session:
        regions.numbers(session, measure, unit, year(bed), category, bed.lights)


def _where(unit: int) -> str:
    return "13 cities" if unit == PROVINCE else "counties of a city"


def _row(unit: int) -> tuple[str, str]:
    """The column of a row, and which cases."""
    if unit == PROVINCE:
        return "place_city", "NOT cases.sealed"
    return "place_code", f"NOT cases.sealed AND place_city = {unit}"


def _each(door: Plain, statements: list[str]) -> None:
    for sql in statements:
        door.all(sql)


def _summary_sql(bed: Bed, unit: int) -> list[str]:
    """The counts the sections rest on."""
    row, seen = _row(unit)
    now = month(bed)
    keys = [p.year * 100 + p.number for p in (now.previous(n) for n in range(13))]
    months = ", ".join(map(str, keys))
    days = f"BETWEEN '{now.first}' AND '{now.last}'"
    of_month = f"received_month = {keys[0]} AND {seen}"
    kinds = f"FROM cases JOIN case_categories k ON k.case_id = cases.id WHERE {of_month}"
    found = "concluded_on IS NOT NULL AND ended_month"
    return [
        f"SELECT received_month, {row}, channel, count(*) FROM cases"
        f" WHERE received_month IN ({months}) AND {seen} GROUP BY received_month, {row}, channel",
        f"SELECT ended_month, {row}, status, count(*) FROM cases"
        f" WHERE ended_month IN ({months}) AND {seen} GROUP BY ended_month, {row}, status",
        f"SELECT {row}, count(*) FROM cases WHERE ended_on IS NULL AND {seen} GROUP BY {row}",
        f"SELECT k.main, {row}, count(DISTINCT cases.id) {kinds} GROUP BY k.main, {row}",
        f"SELECT {row}, count(*) FROM cases WHERE {of_month} AND is_repeat GROUP BY {row}",
        f"SELECT {row}, rating, count(*) FROM cases WHERE delivered_on {days} AND {seen}"
        f" GROUP BY {row}, rating",
        f"SELECT k.main, count(DISTINCT cases.id) FROM cases JOIN case_categories k"
        f" ON k.case_id = cases.id WHERE {found} = {keys[0]} AND {seen} GROUP BY k.main",
        _overdue_sql(bed, unit, ""),
    ]


def _map_sql(bed: Bed, unit: int, measure: regions.Measure, category: str) -> str:
    row, seen = _row(unit)
    days = year(bed)
    match measure:
        case regions.Measure.OVERDUE:
            return _overdue_sql(bed, unit, category)
        case regions.Measure.ON_TIME:
            return _on_time_sql(bed, unit)
        case regions.Measure.SATISFACTION:
            return (
                f"SELECT {row}, rating, count(*) FROM cases WHERE rating IS NOT NULL AND {seen}"
                f" AND delivered_on BETWEEN '{days.first}' AND '{days.last}' GROUP BY {row}, rating"
            )
    months = ", ".join(map(str, regions.months_of(days)))
    return (
        f"SELECT {row}, count(*) FROM cases WHERE received_month IN ({months}) AND {seen}"
        f" GROUP BY {row}"
    )


def _on_time_sql(bed: Bed, unit: int) -> str:
    row = "city_code" if unit == PROVINCE else "unit_code"
    own = "" if unit == PROVINCE else f" AND city_code = {unit}"
    days = year(bed)
    return (
        f"SELECT {row}, count(*), sum(CASE WHEN done_on <= due_on THEN 1 ELSE 0 END) FROM clocks"
        " WHERE key IN ('conclude_petition', 'conclude_report', 'conclude_simple')"
        f" AND due_on BETWEEN '{days.first}' AND '{days.last}' AND NOT sealed AND NOT exempt"
        f" AND NOT provisional{own} GROUP BY {row}"
    )


def _overdue_sql(bed: Bed, unit: int, category: str) -> str:
    row, seen = _row(unit)
    kind = (
        f" AND EXISTS (SELECT 1 FROM case_categories k WHERE k.case_id = cases.id"
        f" AND k.main = '{category}')" if category else ""
    )  # fmt: skip
    return (
        f"SELECT {row}, count(*) FROM cases WHERE ended_on IS NULL AND {seen}{kind}"
        f" AND id IN (SELECT case_id FROM clocks WHERE {red(bed)})"
        f" GROUP BY {row}"
    )
