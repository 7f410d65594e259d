"""The only caching of maps and months: scope, day and data version are arguments, never hidden."""

from datetime import date, datetime, time

import streamlit as st

from db.queries import regions
from db.queries.metrics import Period
from db.queries.regions import Measure, Part
from domain.people import Level, city_of, level_of
from domain.scope import SYSTEM, Scope
from scoring.period import Period as Month
from services import monthly
from services.monthly_model import Summary
from services.store import read
from ui.reads import limits


@st.cache_data(ttl=300, max_entries=400, show_spinner=False)
def figures(
    scope: Scope, measure: Measure, root: int, period: Period, category: str, today: date,
    version: int,
) -> dict[int, Part]:  # fmt: skip
    """The numbers of the regions below `root` that a scope covers."""
    narrow = level_of(root) is Level.PROVINCE and not scope.whole
    asked = city_of(scope.low) if narrow else root
    with read(scope) as session:
        found = regions.numbers(session, measure, asked, period, category, limits(today))
    if not narrow:
        return {code: part for code, part in found.items() if scope.covers(code)}
    if level_of(scope.low) is Level.COUNTY:  # a county sees no number of its whole city
        return {}
    return {asked: _sum(list(found.values()))}


def _sum(parts: list[Part]) -> Part:
    wholes = [part.whole for part in parts if part.whole is not None]
    return Part(sum(part.part for part in parts), sum(wholes) if wholes else None)


@st.cache_data(ttl=300, max_entries=200, show_spinner=False)
def summary(scope: Scope, month: str, unit: int, today: date, version: int) -> Summary:
    """The summary of a month and a division for one scope, day and data version."""
    at = datetime.combine(today, time())
    return monthly.summary(scope, Month.parse(month), unit, at)


@st.cache_data(ttl=3600, max_entries=4, show_spinner=False)
def places() -> dict[int, tuple[float, float, float | None]]:
    """Where a division's label stands, and its residents in ten thousands where known."""
    with read(SYSTEM) as session:
        return regions.places(session)
