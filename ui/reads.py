"""The only caching of the board and the lists: scope and data version are arguments, never hidden.

A cache is shared by everyone; what is not an argument here must not change what is returned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import streamlit as st

from db.queries import board as boards
from db.queries import case_file as files
from db.queries import cases as lists
from db.queries.board import Matrix, Running
from db.queries.case_file import CaseFile
from db.queries.cases import MOST as MOST
from db.queries.cases import PAGE as PAGE
from db.queries.cases import CaseFilter, CaseRow
from db.queries.metrics import Period, Shine
from domain.clocks import Lights
from domain.people import Level, level_of
from domain.scope import SYSTEM, Scope
from rules import load
from services.store import read


@dataclass(frozen=True)
class Board:
    """Everything the board shows of one unit's subtree."""

    totals: dict[Shine, int]
    in_hand: int
    matrix: Matrix
    longest: list[Running]
    falling: dict[date, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's names: 南京市 the division, 南京 in short, 南京·玄武 in a list, and in full."""

    code: int
    division: str
    short: str
    listed: str
    name: str
    level: Level
    words: str  # pinyin and initials, for finding it


def limits(today: date) -> Lights:
    """The limits of the lights for a day."""
    return Lights.on(today, load().calendar)


def version() -> int:
    """The version of the data: read for each run, never cached."""
    with read(SYSTEM) as session:
        return boards.version(session)


@st.cache_data(ttl=2, max_entries=4, show_spinner=False)
def recent_version() -> int:
    """The version at most two seconds old: a hundred boards beside busy clerks count once."""
    return version()


@st.cache_data(ttl=60, max_entries=400, show_spinner=False)
def board(scope: Scope, root: int, shine: str, days: int, today: date, version: int) -> Board:
    """The board of a unit for one scope, day and data version."""
    lights, calendar = limits(today), load().calendar
    soon = Period(today, calendar.advance(today, days))
    with read(scope) as session:
        return Board(
            boards.totals(session, root, lights),
            boards.in_hand(session, root),
            boards.matrix(session, root, Shine(shine), lights),
            boards.longest(session, root, Shine(shine), lights),
            boards.falling_due(session, root, soon),
        )


@st.cache_data(ttl=60, max_entries=400, show_spinner=False)
def case_page(
    scope: Scope, asked: CaseFilter, number: int, today: date, version: int
) -> list[CaseRow]:
    """One page of the list of cases."""
    with read(scope) as session:
        return lists.page(session, asked, limits(today), number)


@st.cache_data(ttl=60, max_entries=400, show_spinner=False)
def case_count(scope: Scope, asked: CaseFilter, today: date, version: int) -> int:
    """How many cases a filter finds, up to the list's most."""
    with read(scope) as session:
        return lists.count(session, asked, limits(today))


def case_file(scope: Scope, case_id: int) -> CaseFile | None:
    """A case as it stands now: never cached, for steps are taken on what is shown."""
    with read(scope) as session:
        return files.case_file(session, case_id)


# As a resource: the same frozen rows for all, not unpickled anew at each of many calls a page.
@st.cache_resource(ttl=600, max_entries=2, show_spinner=False)
def units() -> Mapping[int, Unit]:
    """All units by code, the province first, each city before its counties."""
    with read(SYSTEM) as session:
        rows = boards.units(session)
    short = {row.code: row.short_name for row in rows}
    out = {}
    for row in rows:
        level = level_of(row.code)
        city = short.get(row.code // 100 * 100, "")
        listed = {Level.PROVINCE: "省厅", Level.CITY: row.short_name}.get(
            level, f"{city}·{row.short_name}"
        )
        words = f"{row.pinyin} {row.initials}".strip()
        out[row.code] = Unit(row.code, row.division, row.short_name, listed, row.name, level, words)
    return MappingProxyType(out)


def unit(code: int | None) -> str:
    """A unit's name in a list."""
    found = units().get(code or 0)
    return found.listed if found else "—"


def place(code: int) -> str:
    """A division in full: 南京市玄武区."""
    known = units()
    found = known.get(code)
    if found is None:
        return str(code)
    city = known.get(code // 100 * 100)
    return (
        found.division
        if found.level is not Level.COUNTY or city is None
        else (city.division + found.division)
    )
