"""来件登记: the form as it is drawn, in the order of a telephone call."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

from domain.people import Viewer
from rules import load
from services.units import spelled
from ui.division_picker import division_picker
from ui.entry_form import BLANK, name_of
from ui.errors import plain

HOURS = {"first": "初次", "repeat": "重复"}
AUTO = "不填则取内容首句"


class Form:
    """Draws fields with their ★, their help and their refusal beneath."""

    def __init__(self, viewer: Viewer, faults: Mapping[str, str]) -> None:
        self.viewer, self.faults = viewer, faults

    def draw(self) -> None:
        """The whole form; the order of drawing is the order of the tab key."""
        self._origin()
        self.area(
            "content",
            "反映内容",
            height=130,
            placeholder="信访人反映的原话：何时、何处、何人何事、影响",
        )
        self.area("demands", "诉求", height=80, placeholder="要求解决的事，一行一条，至少一条")
        self._place()
        self._kinds()
        self._person()
        self._more()

    def _origin(self) -> None:
        sub = st.session_state.get(name_of("subchannel"))
        channel = load().subchannel(sub).channel if sub else ""
        columns = st.columns([5, 4, 4])
        with columns[0]:
            self.choice("subchannel", "子渠道", subchannels(), required=True)
        with columns[1]:
            self.text("received_at", "收到时间", placeholder="9:30 或 昨天 15:20")
        with columns[2]:
            if sub and load().subchannel(sub).external:
                self.text("source_no", "来源编号", placeholder="该渠道台账上的编号")
            elif channel == "phone":
                self.text("recording_no", "录音编号")
        if channel == "phone" and sub and load().subchannel(sub).external:
            self.text("recording_no", "录音编号")
        if channel == "visit":
            left, right = st.columns([1, 2])
            with left:
                self.text("receiver", "接待人")
            with right:
                self.text("visit_outcome", "接访结果")

    def _place(self) -> None:
        left, right = st.columns(2)
        with left:
            division_picker(self.viewer, starred("division"), name_of("division"))
            self.fault("division")
        with right:
            self.text("address", "详细地址", placeholder="路名门牌、小区、参照物")
        left, right = st.columns(2)
        with left:
            self.text("subject", "被反映对象", placeholder="单位名称；确实不知道的写“不明”")
        with right:
            self.text("title", "标题", placeholder=AUTO)

    def _kinds(self) -> None:
        left, right = st.columns(2)
        with left:
            st.multiselect(
                starred("categories"), list(categories()), key=name_of("categories"),
                format_func=lambda key: categories()[key], placeholder="名称或首字母，如：恶臭、ec",
                on_change=suggest_industry, select_all=False,
            )  # fmt: skip
            self.fault("categories")
        with right:
            self.choice("industry", "行业", load().options("industry"))

    def _person(self) -> None:
        left, right = st.columns(2)
        with left:
            self.text("name", "信访人姓名", autocomplete="off", placeholder="加密存放")
        with right:
            self.text("phone", "联系电话", autocomplete="off", placeholder="手机11位；固话带区号")
        columns = st.columns([3, 4, 3])
        with columns[0]:
            self.segments("repeat", "初次或重复", HOURS)
        with columns[1]:
            self.segments("urgency", "紧急程度", load().options("urgency"))
        with columns[2]:
            st.checkbox("匿名", key=name_of("anonymous"))
            st.checkbox("要求保密", key=name_of("confidential"))

    def _more(self) -> None:
        with st.expander(
            "更多：群体、身份证号、住址、信用代码、时段、坐标", expanded=self._wanted()
        ):
            st.checkbox("群体反映（5人及以上）", key=name_of("group"))
            if st.session_state.get(name_of("group")):
                left, right = st.columns(2)
                with left:
                    self.text("headcount", "人数")
                with right:
                    self.text("representatives", "代表人数")
            for pair in (("id_number", "home_address"), ("credit_code", "point")):
                for column, name in zip(st.columns(2), pair, strict=True):
                    with column:
                        self.text(name, MORE[name], autocomplete="off")
            self.choice("time_pattern", "发生时段", load().options("time_pattern"))
            st.checkbox("同意电子送达", key=name_of("electronic_delivery"))

    def _wanted(self) -> bool:
        """Open when something in it is wrong."""
        return bool({"headcount", "representatives", *MORE} & set(self.faults))

    def text(self, name: str, label: str, **more: Any) -> None:
        """One line of text."""
        st.text_input(starred(name, label), key=name_of(name), **more)
        self.fault(name)

    def area(self, name: str, label: str, **more: Any) -> None:
        """Several lines of text."""
        st.text_area(starred(name, label), key=name_of(name), **more)
        self.fault(name)

    def choice(
        self, name: str, label: str, options: Mapping[str, str], required: bool = False
    ) -> None:
        """One of a list, found by typing; a required one has no button to clear it."""
        st.selectbox(
            starred(name, label), list(options), index=None, key=name_of(name),
            format_func=lambda key: options[key], placeholder="请选择", required=required,
        )  # fmt: skip
        self.fault(name)

    def segments(self, name: str, label: str, options: Mapping[str, str]) -> None:
        """One of a few, side by side; never none, even where typing outran the first drawing."""
        if st.session_state.get(name_of(name)) is None:
            st.session_state[name_of(name)] = BLANK[name]
        st.segmented_control(
            starred(name, label), list(options), key=name_of(name), required=True,
            format_func=lambda key: options[key],
        )  # fmt: skip
        self.fault(name)

    def fault(self, name: str) -> None:
        """The refusal of a field, beneath it."""
        if message := self.faults.get(name):
            st.markdown(f":red[{plain(message)}]")


MORE = {"id_number": "身份证号", "home_address": "信访人住址", "credit_code": "统一社会信用代码",
        "point": "坐标（经度,纬度）"}  # fmt: skip


def starred(name: str, label: str = "") -> str:
    """The label of a field, with ★ where its absence counts."""
    known = {f.key: f for f in load().fields}
    star = name in known and known[name].star
    return ("★ " if star else "") + (label or known[name].label)


def guide() -> list[tuple[str, str]]:
    """Every ★ field with what makes it valid.

    It stands beside the form and not in tooltips, which would be stops of the tab key.
    """
    return [(field.label, field.help) for field in load().fields if field.star and field.help]


@cache
def subchannels() -> dict[str, str]:
    """Sub-channel → 电 · 12369热线."""
    rules = load()
    return {s.key: f"{rules.label('channel', s.channel)} · {s.label}" for s in rules.subchannels}


@cache
def categories() -> dict[str, str]:
    """Sub-category → 恶臭异味（大气） ecyw, to be found by its initials too."""
    return {
        sub.key: f"{sub.label}（{main.label}） {spelled(sub.label)[1]}"
        for main in load().categories
        for sub in main.subcategories
    }


def suggest_industry() -> None:
    """Fill a blank industry with the usual one of the chosen type."""
    chosen = st.session_state[name_of("categories")]
    if chosen and not st.session_state.get(name_of("industry")):
        usual = load().subcategory(chosen[-1]).industry
        st.session_state[name_of("industry")] = usual or None
