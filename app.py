"""The front door: Streamlit over `ui/router.py`, with our own routes and our own gate before it.

`streamlit run app.py` and `uvicorn app:app` both serve it.
"""

import os
from pathlib import Path

import streamlit as st

import ui.web as web
from ui import errors

os.umask(0o077)  # what is written here is the owner's alone
web.prepare()

app = st.App(
    Path(__file__).resolve().parent / "ui" / "router.py",
    lifespan=web.lifespan,
    routes=web.routes,
    middleware=web.middleware,
    exception_handlers=web.exception_handlers,
    on_script_error=errors.handle,
)

if __name__ == "__main__":
    app.run()
