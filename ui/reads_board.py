"""The drawn board, kept for its minute: a rerun sends it again and builds nothing."""

from datetime import datetime

import streamlit as st

from domain.scope import Scope
from ui import board_parts as parts
from ui import reads
from ui.board_place import Place


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def drawn(scope: Scope, place: Place, home: int, minute: datetime, every: int, version: int) -> str:
    """The board of a place as one piece of HTML, for one scope, minute and data version."""
    today = minute.date()
    found = reads.board(scope, place.unit, place.shine.value, place.days, today, version)
    return "".join(
        (
            f'<div class="xf-board{" xf-wall" if place.wall else ""}">',
            parts.path(place, home, minute, every),
            parts.tiles(found, place),
            f'<div class="xf-two"><section>{parts.matrix(found, place)}</section>',
            f"<section>{parts.falling(found, place, today)}</section></div>",
            f"<section>{parts.longest(found, place, today)}</section></div>",
        )
    )
