"""The overdue board: its list and its counts, for the province and for a city."""

from collections.abc import Iterator
from functools import partial

from bench.bed import Bed
from bench.beside import Plain, duck, plain
from bench.figures import Line, at_most, reference, timed
from db.queries import board
from db.queries.metrics import Shine
from db.session import reading
from domain.people import Role, Viewer
from domain.scope import Scope, scope_of
from services.demo.people import person_id

PROVINCE, CITY = 320000, 320500


def viewer(unit: int, role: Role = Role.LEADER) -> Viewer:
    """The demonstration person of a unit who has a role."""
    return Viewer(person_id(unit, role), role.label, unit, str(unit), frozenset({role}))


def scope(unit: int) -> Scope:
    """What the leader of a unit sees."""
    return scope_of(viewer(unit))


def lines(bed: Bed) -> Iterator[Line]:
    """The list of the longest missed, then units by clock."""
    with plain(bed) as own, duck(bed) as other:
        for unit in (PROVINCE, CITY):
            ask, sql = partial(_longest, bed, unit), _longest_sql(bed, unit)
            yield _line(bed, "board", 5, unit, ask, sql, own, other)
        for unit in (PROVINCE, CITY):
            ask, sql = partial(_matrix, bed, unit), _matrix_sql(bed, unit)
            yield _line(bed, "counts", 10, unit, ask, sql, own, other)


def _line(
    bed: Bed, name: str, limit: float, unit: int, ask: partial, sql: str, own: Plain, other: Plain
) -> Line:
    what = {"board": "longest overdue, 100 rows", "counts": "overdue cases, unit × clock"}[name]
    where = "province" if unit == PROVINCE else "one city"
    return at_most(
        name, f"{what}, {where}", timed(ask, bed.effort.seconds), limit,
        reference("hand-written SQL", partial(own.all, sql), bed.effort.seconds / 2),
        reference("DuckDB", partial(other.all, sql), bed.effort.seconds / 2),
    )  # fmt: skip


def _longest(bed: Bed, unit: int) -> None:
    with reading(bed.url, scope(unit)) as session:
        board.longest(session, unit, Shine.RED, bed.lights)


def _matrix(bed: Bed, unit: int) -> None:
    with reading(bed.url, scope(unit)) as session:
        board.matrix(session, unit, Shine.RED, bed.lights)


def red(bed: Bed, unit: int = PROVINCE) -> str:
    """The red clocks of a unit, said as the partial index says it, so that it is used."""
    yes, no = ("1", "0") if bed.sqlite else ("true", "false")
    own = "" if unit == PROVINCE else f" AND clocks.city_code + 0 = {unit}"
    return (
        f"clocks.done_on IS NULL AND clocks.duty = {yes} AND clocks.exempt = {no}"
        f" AND clocks.provisional = {no} AND clocks.sealed = {no}"
        f" AND clocks.due_on < '{bed.today}'{own}"
    )


def _longest_sql(bed: Bed, unit: int) -> str:
    return (
        "SELECT clocks.case_id, cases.no, cases.title, cases.place_code, clocks.unit_code,"
        " clocks.key, clocks.started_on, clocks.due_on FROM clocks"
        " JOIN cases ON cases.id = clocks.case_id"
        f" WHERE {red(bed, unit)}"
        " ORDER BY clocks.due_on, clocks.city_code, clocks.key, clocks.unit_code, clocks.case_id"
        " LIMIT 100"
    )


def _matrix_sql(bed: Bed, unit: int) -> str:
    row = "city_code" if unit == PROVINCE else "unit_code"
    return (
        f"SELECT {row} + 0, key, count(DISTINCT case_id) FROM clocks"
        f" WHERE {red(bed, unit)} GROUP BY {row} + 0, key"
    )
