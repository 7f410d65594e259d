"""The reference for pages: the same server and warm-up, one empty page."""

from pathlib import Path

import streamlit as st

from ui import web

app = st.App(Path(__file__).resolve().parent / "empty_page.py", lifespan=web.lifespan)
