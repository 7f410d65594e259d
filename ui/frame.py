"""What stands around every page: the person, the way to the password and the way out."""

from html import escape

import streamlit as st

from domain.people import Viewer


def side_bar(viewer: Viewer) -> None:
    """Unit, person and roles, then the two links; signing out is a form, never a link."""
    roles = "、".join(sorted(role.label for role in viewer.roles))
    with st.sidebar:
        st.html(
            '<div class="xf-me">'
            f'<div class="xf-me-unit">{escape(viewer.unit_name)}</div>'
            f'<div class="xf-me-name">{escape(viewer.name)}</div>'
            f'<div class="xf-me-roles">{escape(roles)}</div>'
            '<div class="xf-me-ways"><a href="/password" target="_self">修改密码</a>'
            '<form method="post" action="/logout"><button type="submit">退出登录</button></form>'
            "</div></div>"
        )
