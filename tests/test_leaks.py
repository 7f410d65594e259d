"""What may not come through by a side door: names to other petitioners, accusations to anybody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import models as m
from domain.errors import Invalid, Refused
from domain.scope import SYSTEM
from services import attachments, letters, visits
from services.merging import merge, separate
from services.relating import link
from services.store import read
from tests.merging_office import OTHER, contact, do, enter_other
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.test_visits import keep, picture

TODAY = NOW.date()


@pytest.fixture
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def first(office: None) -> Walk:
    return Walk(enter(demands=("停止排放", f"我是{PETITIONER.name}")).case_id)


SAID = f"我是{OTHER.name}，电话 139 0000 1111，请赔偿"


@pytest.mark.parametrize(("mine", "why"), [(True, "to the first"), (False, "to the joined one")])
def test_a_letter_names_no_other_petitioner_of_the_case(first: Walk, mine: bool, why: str) -> None:
    second = enter_other(demands=(SAID,))
    own, other = contact(first), contact(second)
    do(merge, first, second)
    first.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "accept", simple=False)
    made = letters.draft(
        viewer("nj_clerk"), first.case_id, "accept", NOW, own if mine else other
    ).to_json()
    assert (OTHER.name in made, "139 0000 1111" in made) == (not mine, not mine), why
    assert (PETITIONER.name in made) is mine, why


def accused(walk: Walk) -> Walk:
    return walk.step("nj_clerk", "classify", route="accusation")


def test_an_accusation_is_not_told_of_to_who_may_not_see_it(first: Walk) -> None:
    accused(first).step("province_supervisor", "charge", leader="王厅长")
    with read(SYSTEM) as session:
        told = session.scalars(select(m.Notice.person_id).where(m.Notice.kind == "charge")).all()
    assert told == []


def test_an_open_cases_history_names_no_accusation(first: Walk) -> None:
    other = enter_other()
    accused(first)
    with pytest.raises(Refused, match="密封"):
        link(viewer("province_supervisor"), other.case_id, first.case_id, "related", "同人", NOW)


@pytest.mark.parametrize("said", [PETITIONER.name, PETITIONER.phone])
def test_a_note_that_goes_to_the_site_names_no_petitioner(first: Walk, said: str) -> None:
    first.to_handling()
    with pytest.raises(Invalid, match="信访人"):
        visits.plan(viewer("xw_handler"), first.case_id, TODAY, f"先联系{said}", NOW)
    visits.plan(viewer("xw_handler"), first.case_id, TODAY, "先联系李四光", NOW)
    do(merge, first, enter_other())
    [shown] = visits.of_unit(viewer("xw_handler"), TODAY)
    assert OTHER.name not in shown.note, "who joined later is masked as well"


def test_a_photo_of_a_merged_case_goes_where_that_went(first: Walk) -> None:
    second = enter_other()
    sent = keep(second, login="nj_clerk")
    do(merge, first, second)
    assert keep(second, login="nj_clerk") == sent, "an answer lost on the way costs nothing"
    later = keep(second, "f" * 32, "nj_clerk", data=picture(quality=50))
    assert set(first.stored(m.Attachment, lambda one: one.id)) == {sent, later}
    assert attachments.fetch(viewer("nj_clerk"), later).data
    do(separate, first, second, now=NOW + timedelta(hours=1))
    assert second.stored(m.Attachment, lambda one: one.id) == [sent], "what it had comes back"
