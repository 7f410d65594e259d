"""Drafts: kept sealed, one person's alone, gone when dropped."""

from datetime import timedelta

import pytest

from db import models as m
from domain.errors import Invalid
from domain.scope import SYSTEM
from services import drafts
from services.store import read
from tests.office import NOW, prepare, viewer

TYPED = {"name": "张三丰", "content": "![](http://x) <script> =1+1 <para>", "categories": ["A01"]}


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


def test_a_draft_comes_back_as_typed() -> None:
    drafts.keep(viewer("nj_clerk"), "entry", TYPED, NOW)
    drafts.keep(viewer("nj_clerk"), "entry", {**TYPED, "phone": "138"}, NOW + timedelta(seconds=1))
    found = drafts.kept(viewer("nj_clerk"), "entry")
    assert found is not None
    assert found.data == {**TYPED, "phone": "138"}
    assert found.changed_at == NOW + timedelta(seconds=1)


def test_a_draft_is_sealed_in_the_database() -> None:
    drafts.keep(viewer("nj_clerk"), "entry", TYPED, NOW)
    with read(SYSTEM) as session:
        sealed = session.query(m.Draft).one().sealed
    assert "张三丰".encode() not in sealed and b"script" not in sealed


def test_nobody_else_opens_it_even_with_the_row() -> None:
    drafts.keep(viewer("nj_clerk"), "entry", TYPED, NOW)
    assert drafts.kept(viewer("xw_clerk"), "entry") is None
    with read(SYSTEM) as session:
        row = session.query(m.Draft).one()
        row.person_id = viewer("xw_clerk").person_id
        session.commit()
    assert drafts.kept(viewer("xw_clerk"), "entry") is None


def test_a_dropped_draft_is_gone_and_kinds_are_apart() -> None:
    drafts.keep(viewer("nj_clerk"), "entry", TYPED, NOW)
    drafts.keep(viewer("nj_clerk"), "entry_usual", {"subchannel": "mail"}, NOW)
    drafts.drop(viewer("nj_clerk"), "entry")
    assert drafts.kept(viewer("nj_clerk"), "entry") is None
    assert drafts.kept(viewer("nj_clerk"), "entry_usual") is not None


def test_a_draft_out_of_all_proportion_is_refused() -> None:
    with pytest.raises(Invalid, match="过长"):
        drafts.keep(viewer("nj_clerk"), "entry", {"content": "长" * 100_000}, NOW)
