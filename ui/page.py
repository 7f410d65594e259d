"""The frame of a page: who it is for, what they see, and files handed out.

`page = open_page(__file__)` is the first statement of every page. It checks sign-in, role and
scope by itself, because a page can be reached without the router.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import NoReturn

import streamlit as st

from domain.people import Viewer
from domain.scope import Scope, scope_of
from services import clock, downloads, sessions
from settings import settings
from ui.errors import plain, refusals
from ui.navigation import PLANNED, PageSpec

STRANGER = "请先登录。您的登录可能已过期或已在别处退出。"
NOT_YOURS = "您的角色（{roles}）不能打开“{title}”。如工作需要，请联系系统管理员。"
DEMO = "演示数据：人员与事项均为虚构，请勿录入真实信息"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page may lean on for this run: the person re-read just now, their scope, the time."""

    viewer: Viewer
    scope: Scope
    now: datetime
    spec: PageSpec

    @property
    def today(self) -> date:
        """The day of this run."""
        return self.now.date()


def viewer_now() -> Viewer | None:
    """The person behind this browser, re-read; callbacks and fragments ask again with this."""
    uid, sid = st.user.get("uid"), st.user.get("sid")
    return sessions.viewer_of(str(uid or ""), str(sid or ""), clock.now())


def open_page(file: str) -> Page:
    """Check who is there and whether the page is theirs, draw its head; stops the run otherwise."""
    spec = _spec(Path(file).stem)
    viewer = viewer_now()
    if viewer is None:
        _turn_away(STRANGER, "/login", "去登录")
    if not spec.open_to(viewer):
        roles = "、".join(sorted(role.label for role in viewer.roles)) or "无"
        _turn_away(NOT_YOURS.format(roles=roles, title=spec.title), "/", "回到首页")
    _head(spec, viewer)
    return Page(viewer, scope_of(viewer), clock.now(), spec)


def _spec(key: str) -> PageSpec:
    return next(spec for spec in PLANNED if spec.key == key)


def _turn_away(words: str, where: str, label: str) -> NoReturn:
    st.warning(words, icon=":material/lock:")
    st.html(f'<a class="xf-link" href="{where}" target="_self">{label}</a>')
    st.stop()


def _head(spec: PageSpec, viewer: Viewer) -> None:
    if settings().demo:
        st.html(f'<div class="xf-demo" role="note">{DEMO}</div>')
    unit = escape(viewer.unit_name)
    st.html(
        f'<header class="xf-head"><h1>{escape(spec.title)}</h1>'
        f'<span class="xf-who">{unit}<i></i>{escape(viewer.name)}</span></header>'
    )


def offer(
    page: Page, label: str, name: str, mime: str, data: bytes | Callable[[], bytes], what: str,
    *, key: str | None = None, inline: bool = False, primary: bool = False,
    case_id: int | None = None,
) -> None:  # fmt: skip
    """A button that makes a file and hands it over once, to this session, on the record.

    `data` is bytes or what makes them (called on the click only); `what` is the sentence for the
    trace: what was exported, over which rows, no identities. `inline` opens it in a new tab;
    `case_id` is the one case the file is of.
    """
    clicked = st.button(
        plain(label),
        key=key or f"offer_{name}",
        type="primary" if primary else "secondary",
        icon=":material/download:",
    )
    if not clicked:
        return
    with refusals():
        made = data() if callable(data) else data
        token = downloads.keep(page.viewer, name, mime, made, what, page.now, inline=inline,
                               case_id=case_id)  # fmt: skip
        hand_over(token, name, inline=inline)


def hand_over(token: str, name: str, *, inline: bool = False) -> None:
    """The link to a kept file; the frame's script follows it at once unless it opens inline."""
    shown = escape(name)
    if inline:
        st.html(
            f'<a class="xf-link" href="/files/{token}" target="_blank" rel="noopener">'
            f"打开 {shown}</a>"
        )
        return
    st.html(
        f'<a class="xf-link xf-offer" href="/files/{token}" target="_self">下载 {shown}</a>'
        '<span class="xf-note">链接仅可使用一次，10 分钟内有效</span>'
    )
