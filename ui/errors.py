"""Errors at the edge: a refusal is shown as its sentence, anything else as a number."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from domain.errors import BadRules, Refused
from ui.log import incident

SORRY = "系统出错，这一步没有完成。请稍后再试；如仍出错，请把编号 {} 告诉系统管理员。"


@contextmanager
def refusals() -> Iterator[None]:
    """Show a refusal as its sentence and any other error as an incident number; go on after.

    Streamlit's own stop and rerun pass through untouched.
    """
    try:
        yield
    except Refused as error:
        st.error(plain(str(error)), icon=":material/block:")
    except Exception as error:  # noqa: BLE001 - this is the edge
        st.error(SORRY.format(incident(error)), icon=":material/error:")


def handle(error: Exception) -> bool:
    """What `st.App` calls for an error no page caught; True keeps Streamlit's own display away."""
    if isinstance(error, Refused | BadRules):
        st.error(plain(str(error)), icon=":material/block:")
    else:
        st.error(SORRY.format(incident(error)), icon=":material/error:")
    return True


def plain(text: str) -> str:
    """Text for a Streamlit element that reads Markdown, so that it shows as typed."""
    return "".join(f"\\{sign}" if sign in MARKS else sign for sign in text)


# Every ASCII sign with a meaning in Markdown, in directives (:red[]) or in formulas ($).
MARKS = frozenset("\\`*_{}[]<>()#+-.!|~$:^=&@\"'/%")
