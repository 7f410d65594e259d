"""所在地: one box that finds a county by name, code, pinyin or initials."""

from functools import cache

import streamlit as st

from domain.people import Level, Viewer, city_of, level_of
from services.units import spelled
from services.vocabulary import divisions


@cache
def labels() -> dict[int, str]:
    """Division → the label it is found by: 姑苏区 · 苏州市 320508 gusuqu gsq."""
    names = {int(row["code"]): row["name"] for row in divisions()}
    return {code: _label(code, name, names) for code, name in names.items() if code % 10000}


def _label(code: int, name: str, names: dict[int, str]) -> str:
    above = names.get(city_of(code), "") if level_of(code) is Level.COUNTY else "区县不明"
    return f"{name} · {above} {code} {' '.join(spelled(name))}"


@cache
def codes(unit: int) -> tuple[int, ...]:
    """The divisions to choose from: one's own city first, counties before whole cities."""
    own = city_of(unit)
    return tuple(
        sorted(labels(), key=lambda c: (level_of(c) is not Level.COUNTY, city_of(c) != own, c))
    )


def place_name(code: int | None) -> str:
    """苏州市姑苏区, for reading."""
    names = {int(row["code"]): row["name"] for row in divisions()}
    if code not in names:
        return "—"
    above = names.get(city_of(code), "") if level_of(code) is Level.COUNTY else ""
    return above + names[code]


def division_picker(viewer: Viewer, label: str, key: str) -> int | None:
    """The chosen division's code, or None."""
    return st.selectbox(
        label, codes(viewer.unit), index=None, key=key,
        format_func=lambda code: labels()[code], placeholder="名称、拼音、首字母或代码，如 gs",
        filter_mode="contains", required=True,  # keeps the order: one's own city first
    )  # fmt: skip
