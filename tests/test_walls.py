"""Walls: what one city must not see of another, and what nobody may see without a role.

Every page is opened by people of 苏州 over a seeded demonstration; whatever it holds (texts,
tables, charts, links) is searched for what belongs to 南京 alone.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.scope import SYSTEM, Scope
from services.identity import unseal
from services.store import read
from tests.seed import Seeded
from tests.serving import as_person, open_as
from ui.navigation import PAGES

SUZHOU = Scope(320500, 320599)
KEYS = [spec.key for spec in PAGES]
LOOKERS = ("sz_handler", "sz_clerk", "sz_city_lead", "sz_leader", "szks_handler")


def held(app: AppTest) -> str:
    """Everything a page holds, as text: elements, their data and their specifications."""
    return "\n".join(_said(node) for node in _nodes(app))


def _nodes(app: AppTest) -> Iterator[object]:
    waiting: list[object] = [app.main, app.sidebar]
    while waiting:
        node = waiting.pop()
        waiting.extend(getattr(node, "children", {}).values())
        yield node


def _said(node: object) -> str:
    value: Any = getattr(node, "value", None)
    if hasattr(value, "to_csv"):
        return str(value.to_csv())
    return f"{getattr(node, 'proto', '')} {value}"


@pytest.fixture
def foreign(seeded: Seeded) -> list[str]:
    """The numbers of all cases that people of 苏州 must not know of."""
    with read(SYSTEM) as session:
        everything = set(session.scalars(select(m.Case.no)))
    with read(SUZHOU) as session:
        own = set(session.scalars(select(m.Case.no)))
    assert len(own) > 50 and len(everything - own) > 500
    return sorted(everything - own)


@pytest.fixture
def identities(seeded: Seeded) -> list[str]:
    """Every phone number in the demonstration, in clear."""
    with read(SYSTEM) as session:
        rows = session.execute(
            select(m.Petitioner.sealed, m.Submission.no).join(
                m.Submission, m.Submission.id == m.Petitioner.submission_id
            )
        )
        phones = {unseal(sealed, no).phone for sealed, no in rows}
    assert len(phones) > 100
    return sorted(phone for phone in phones if phone)


@pytest.mark.parametrize("login", LOOKERS)
@pytest.mark.parametrize("key", KEYS)
def test_one_city_sees_nothing_of_another(
    foreign: list[str], identities: list[str], key: str, login: str
) -> None:
    app = open_as(key, login)
    assert not app.exception
    text = held(app)
    numbers = set(re.findall(r"JS\d{14}[A-Z]\d{5}", text))
    assert numbers.isdisjoint(foreign)
    assert not [phone for phone in identities if phone in text]


@pytest.mark.parametrize("key", KEYS)
def test_a_stranger_sees_nothing(seeded: Seeded, key: str) -> None:
    app = open_as(key, None)
    text = held(app)
    assert not app.exception
    assert "请先登录" in text
    assert not re.search(r"JS\d{14}|苏州|南京|\d{3,}件", text)


def test_a_case_of_another_city_is_not_there(foreign: list[str]) -> None:
    with read(SYSTEM) as session:
        ids = session.scalars(select(m.Case.id).where(m.Case.no.in_(foreign[:3]))).all()
    for case_id in ids:
        app = AppTest.from_file("../pages/case.py", default_timeout=30)
        app.query_params["id"] = str(case_id)
        text = held(as_person(app, "sz_handler").run())
        assert "没有这个事项" in text
        assert not [no for no in foreign if no in text]


def test_the_search_helpers_find_what_is_there(foreign: list[str]) -> None:
    """The wall test can fail: the province's list does hold the numbers looked for."""
    text = held(open_as("cases", "js_clerk"))
    assert set(re.findall(r"JS\d{14}[A-Z]\d{5}", text)) & set(foreign)
