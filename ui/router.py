"""The entry script: the list of pages as this person sees it, then the page itself."""

import streamlit as st

from ui.frame import side_bar
from ui.navigation import ROOT, by_section, home_of, shown
from ui.page import STRANGER, viewer_now

st.set_page_config(
    page_title="信访举报工作台",
    page_icon=str(ROOT / "ui" / "static" / "favicon.png"),
    layout="wide",
)  # fmt: skip

viewer = viewer_now()
start = home_of(viewer) if viewer else None


def go_home() -> None:
    """The address "/": on to the first page open to this person."""
    if viewer is None or start is None:
        st.warning(STRANGER if viewer is None else "您还没有可用的页面，请联系系统管理员。")
        st.stop()
    st.switch_page(f"../pages/{start.key}.py")


sections = {"": [st.Page(go_home, title="首页", default=True, visibility="hidden")]} | {
    section: [
        st.Page(
            spec.path, title=spec.title, icon=spec.icon, url_path=spec.key,
            visibility="visible" if shown(spec, viewer) else "hidden",
        )
        for spec in specs
    ]
    for section, specs in by_section(viewer).items()
}  # fmt: skip
current = st.navigation(sections, expanded=True)
if viewer:
    side_bar(viewer)
current.run()
