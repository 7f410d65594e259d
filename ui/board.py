"""The overdue board as a fragment that refreshes itself; its place is in the address."""

from datetime import datetime

import streamlit as st

from domain.people import Viewer
from domain.scope import scope_of
from services import clock
from ui import board_parts as parts
from ui import reads
from ui.board_place import Place, standing
from ui.navigation import BY_KEY
from ui.page import STRANGER, viewer_now
from ui.reads import Board

EVERY = 60  # seconds


@st.fragment(run_every=EVERY)
def overdue_board() -> None:
    """Draw the board; it runs again by itself, so it asks each time who is there."""
    viewer, now = viewer_now(), clock.now()
    if viewer is None or not BY_KEY["overdue"].open_to(viewer):
        st.warning(STRANGER, icon=":material/lock:")
        return
    scope = scope_of(viewer)
    place = standing(scope, viewer.unit)
    found = reads.board(scope, place.unit, place.shine.value, place.days, now.date(),
                        reads.recent_version())  # fmt: skip
    st.html(whole(found, place, viewer, now))


def whole(found: Board, place: Place, viewer: Viewer, now: datetime) -> str:
    """The board as one piece: a small message, and nothing built twice."""
    return "".join(
        (
            f'<div class="xf-board{" xf-wall" if place.wall else ""}">',
            parts.path(place, viewer.unit, now, EVERY),
            parts.tiles(found, place),
            f'<div class="xf-two"><section>{parts.matrix(found, place)}</section>',
            f"<section>{parts.falling(found, place, now.date())}</section></div>",
            f"<section>{parts.longest(found, place, now.date())}</section></div>",
        )
    )
