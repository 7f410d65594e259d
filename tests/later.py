"""`streamlit` with the one clock ahead of the wall by the seconds a file says.

`python -m tests.later FILE run app.py …`. What is shipped has no such way: this lives in the tests.
"""

import sys
from datetime import timedelta
from pathlib import Path

from streamlit.web.cli import main

from services import clock

ahead, wall = Path(sys.argv.pop(1)), clock.now
clock.now = lambda: wall() + timedelta(seconds=float(ahead.read_text()))
main()
