"""An empty Streamlit page."""

import streamlit  # noqa: F401  what every page pays for
