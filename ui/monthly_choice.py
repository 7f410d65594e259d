"""Which month and which division a summary is of, as its address says it."""

from datetime import date

import streamlit as st

from domain.people import Level, level_of
from domain.scope import Scope
from scoring.period import Period, PeriodKind
from ui import reads

MONTHS = 18


def months(today: date) -> dict[str, str]:
    """The months on offer: the last full one first, then this one so far, then back."""
    now = Period.of(today, PeriodKind.MONTH)
    found = [now.previous(n) for n in range(MONTHS)]
    labels = {str(month): month.label for month in found}
    return labels | {str(now): f"{now.label}（本月至今）"}


def month_of(today: date) -> Period:
    """The month the address asks for; the last full one otherwise."""
    text = st.query_params.get("month", "")
    now = Period.of(today, PeriodKind.MONTH)
    return Period.parse(text) if text in months(today) else now.previous()


def units(scope: Scope, home: int) -> dict[str, str]:
    """The divisions on offer: within the viewer's own city or county, or cities and counties."""
    seen = {c: u for c, u in reads.units().items() if scope.covers(c)}
    return {str(c): _named(c) for c in sorted(seen, key=lambda c: (c != home, c))}


def _named(code: int) -> str:
    return reads.place(code) if level_of(code) is Level.COUNTY else reads.units()[code].division


def unit_of(scope: Scope, home: int) -> int:
    """The division the address asks for, where it is the viewer's; their own otherwise."""
    text = st.query_params.get("unit", "")
    return int(text) if text in units(scope, home) else home
