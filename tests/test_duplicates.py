"""Suggestions of earlier cases: which reasons are given, and that scope holds under them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db import models as m
from domain.errors import NotAllowed, Refused
from domain.scope import SYSTEM
from intake.model import NOBODY, Petitioner
from services.duplicates import Suggestion, suggest
from services.registration import register
from services.store import read
from tests.office import INCOMING, NOW, PETITIONER, enter, prepare, viewer

BLANK = replace(
    INCOMING, petitioner=NOBODY, subject="", title="", content="", address="", categories=()
)


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


def found(login: str = "nj_clerk", now: Any = NOW, **changes: Any) -> list[Suggestion]:
    return suggest(viewer(login), replace(BLANK, **changes), now)


REASONS = [
    ({"petitioner": Petitioner(phone="13812345678")}, "同一联系电话", "the same telephone"),
    ({"petitioner": Petitioner(name="张三丰")}, "同城同名信访人", "the same name in the city"),
    ({"subject": "某化工有限公司", "categories": ("A01",)}, "同类型", "subject, place and type"),
    ({"subject": "某化工有限公司", "categories": ("N01",)}, "同一对象", "another type still"),
    (
        {"title": "化工厂恶臭扰民", "content": "夜间有恶臭，无法开窗"},
        "文字相似",
        "much the same text",
    ),
]


@pytest.mark.parametrize(("changes", "reason", "why"), REASONS, ids=[r[2] for r in REASONS])
def test_an_earlier_case_is_suggested_with_its_reason(
    changes: dict[str, Any], reason: str, why: str
) -> None:
    made = enter()
    suggestions = found(**changes)
    assert [one.case_id for one in suggestions] == [made.case_id], why
    assert reason in "；".join(suggestions[0].reasons)


NOTHING = [
    ({}, "nothing said"),
    ({"subject": "不明"}, "an unknown subject is no subject"),
    ({"content": "恶臭"}, "too short to compare"),
    ({"content": "建筑工地夜间施工，打桩机噪声很大，孩子无法入睡"}, "another matter"),
    ({"petitioner": Petitioner(phone="13900000000")}, "another telephone"),
    ({"division": 320104, "subject": "某化工有限公司"}, "another county"),
]


@pytest.mark.parametrize(("changes", "why"), NOTHING, ids=[n[1] for n in NOTHING])
def test_nothing_is_suggested_without_a_reason(changes: dict[str, Any], why: str) -> None:
    enter()
    assert found(**changes) == [], why


def test_a_matter_older_than_ninety_days_counts_by_person_only() -> None:
    enter(categories=("A01",))
    later = NOW + timedelta(days=91)
    assert found(now=later, subject="某化工有限公司", received_at=later) == []
    assert found(now=later, petitioner=PETITIONER, received_at=later) != []


def test_another_citys_case_is_never_suggested() -> None:
    enter("sz_clerk", division=320508)
    same = {"division": 320508, "petitioner": PETITIONER, "subject": "某化工有限公司"}
    assert found("nj_clerk", **same) == []
    assert len(found("sz_clerk", **same)) == 1


def test_a_confirmed_repeat_is_linked_and_in_the_trace() -> None:
    first = enter()
    second = register(viewer("nj_clerk"), INCOMING, NOW, repeats=first.case_id)
    with read(SYSTEM) as session:
        link = session.query(m.CaseLink).one()
        kinds = [event.kind for event in session.query(m.Event).order_by(m.Event.id)]
    assert (link.case_id, link.earlier_id) == (second.case_id, first.case_id)
    assert kinds == ["register", "register", "confirm_repeat"]


def test_a_repeat_of_an_unseen_case_is_refused_and_nothing_written() -> None:
    hidden = enter("sz_clerk", division=320508)
    with pytest.raises(Refused, match="可见范围"):
        register(viewer("nj_clerk"), INCOMING, NOW, repeats=hidden.case_id)
    with read(SYSTEM) as session:
        assert session.query(m.Case).count() == 1


@pytest.mark.parametrize("login", ["auditor", "xw_handler", "admin"])
def test_only_a_clerk_is_told_of_earlier_cases(login: str) -> None:
    with pytest.raises(NotAllowed):
        found(login)
