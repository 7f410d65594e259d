"""What may not come through by a side door: names to other petitioners, accusations to anybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from db import models as m
from db.queries.case_file import CaseFile, case_file
from domain.errors import Invalid, Refused
from domain.people import Role, Viewer
from domain.scope import SYSTEM, scope_of
from services import attachments, audit, letters, visits
from services.merging import merge, separate
from services.relating import link, unlink
from services.reopening import reopen
from services.store import read
from tests.merging_office import OTHER, contact, do, enter_other
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.test_visits import keep, picture
from ui import related_view

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


def shown(login: str, walk: Walk) -> CaseFile:
    with read(scope_of(viewer(login))) as session:
        file = case_file(session, walk.case_id)
    assert file
    return file


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


def repeated(open_: Walk, other: Walk) -> None:
    link(viewer("nj_clerk"), open_.case_id, other.case_id, "repeat", "同一人同一事", NOW)


def unrelated(open_: Walk, other: Walk) -> None:
    repeated(open_, other)
    unlink(viewer("nj_clerk"), open_.case_id, other.case_id, f"与{other.case.no}无关", NOW)


def joined(open_: Walk, other: Walk) -> None:
    do(merge, other, open_)


def parted(open_: Walk, other: Walk) -> None:
    do(merge, open_, other)
    do(separate, open_, other, now=NOW + timedelta(hours=1))


RELATED: list[tuple[Callable[[Walk, Walk], None], set[str], str]] = [
    (repeated, set(), "what was decided of the two is not told"),
    (unrelated, set(), "nor that it was taken back, with the number in the reason"),
    (joined, {"merged"}, "it has gone, but not where"),
    (parted, {"merge", "separate"}, "it had another's contacts for an hour, but not whose"),
]


@pytest.mark.parametrize(("relate", "kept", "why"), RELATED, ids=[row[2] for row in RELATED])
def test_what_became_an_accusation_is_not_told_of_by_what_it_was_related_to(
    first: Walk, relate: Callable[[Walk, Walk], None], kept: set[str], why: str
) -> None:
    other = enter_other()
    relate(first, other)
    accused(other)
    for login, sees in (("nj_clerk", False), ("xw_clerk", False), ("province_supervisor", True)):
        file = shown(login, first)
        assert (other.case.no in repr(file)) is sees, (login, why)
        told = {entry.kind for entry in file.history} - {"register"}
        assert told >= kept if sees else told == kept, (login, why)
        assert (other.case.no in related_view.gone(file)) is (sees and relate is joined), login


def test_what_is_reopened_as_an_accusation_is_not_named_by_what_ended(first: Walk) -> None:
    first.step("nj_clerk", "classify", route="procedure")
    first.step("nj_clerk", "transfer", transfer_to="市城市管理局")
    made = reopen(viewer("nj_clerk"), first.case_id, "又有反映", NOW + timedelta(hours=1),
                  version=first.version, token="again")  # fmt: skip
    accused(Walk(made.case_id))
    for login, sees in (("nj_clerk", False), ("xw_clerk", False), ("auditor", True)):
        file = shown(login, first)
        assert (made.no in repr(file)) is sees, login
        assert file.history[-1].kind == "reopen", "that it was stands: it is done once"


def test_the_trace_names_no_case_its_reader_does_not_see(first: Walk) -> None:
    other = enter_other(division=320104)
    repeated(first, other)
    accused(other)
    county = Viewer(99, "区纪检", 320102, "玄武", frozenset({Role.AUDITOR}))
    for who, sees in ((county, False), (viewer("auditor"), True)):
        found, _ = audit.lines(who, audit.Wanted(TODAY, TODAY, "link_repeat"))
        assert [other.case.no in line.details for line in found] == [sees], who.name


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
