"""The overdue board as a fragment that refreshes itself; its place is in the address."""

import streamlit as st

from domain.scope import scope_of
from services import clock, identity_view
from ui import reads
from ui.board_place import standing
from ui.errors import plain
from ui.navigation import BY_KEY
from ui.page import STRANGER, viewer_now
from ui.reads_board import drawn

EVERY = 60  # seconds


@st.fragment(run_every=EVERY)
def overdue_board() -> None:
    """Draw the board; it runs again by itself, so it asks each time who is there."""
    viewer, now = viewer_now(), clock.now()
    if viewer is None or not BY_KEY["overdue"].open_to(viewer):
        st.warning(STRANGER, icon=":material/lock:")
        return
    for words in identity_view.alerts(viewer, now):
        st.warning(plain(f"{words}，请核实是否工作所需。"), icon=":material/badge:")
    scope = scope_of(viewer)
    place = standing(scope, viewer.unit)
    minute = now.replace(second=0, microsecond=0)
    st.html(drawn(scope, place, viewer.unit, minute, EVERY, reads.recent_version()))
