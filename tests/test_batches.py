"""One step on many cases: each by itself, none twice, the refused ones named."""

from datetime import timedelta

from domain.people import Viewer
from services.batches import take_many
from tests.office import NOW, Walk, enter, prepare, viewer


def three() -> list[Walk]:
    prepare()
    walks = [Walk(enter(source_no=f"A{n}").case_id) for n in range(3)]
    for walk in walks:
        walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    return walks


def taken(who: Viewer, walks: list[Walk], shown: dict[int, int], token: str) -> dict[int, str]:
    return take_many(who, shown, "sign", {}, NOW + timedelta(hours=1), token=token)


def test_all_are_signed_and_the_count_is_told() -> None:
    walks = three()
    shown = {walk.case_id: walk.version for walk in walks}
    said: list[tuple[int, int]] = []
    refused = take_many(
        viewer("xw_clerk"), shown, "sign", {}, NOW + timedelta(hours=1), token="t",
        progress=lambda done, all_: said.append((done, all_)),
    )  # fmt: skip
    assert refused == {}
    assert [walk.case.status for walk in walks] == ["handling"] * 3
    assert said == [(1, 3), (2, 3), (3, 3)]


def test_one_that_changed_meanwhile_is_refused_and_the_others_are_not() -> None:
    walks = three()
    shown = {walk.case_id: walk.version for walk in walks}
    walks[1].step("xw_handler", "sign")
    refused = taken(viewer("xw_clerk"), walks, shown, "t")
    assert list(refused) == [walks[1].case_id]
    assert "更新" in refused[walks[1].case_id]
    assert {walk.case.status for walk in walks} == {"handling"}


def test_the_same_batch_again_takes_nothing_twice() -> None:
    walks = three()
    shown = {walk.case_id: walk.version for walk in walks}
    assert taken(viewer("xw_clerk"), walks, shown, "t") == {}
    versions = [walk.version for walk in walks]
    assert taken(viewer("xw_clerk"), walks, shown, "t") == {}
    assert [walk.version for walk in walks] == versions


def test_who_may_not_take_the_step_takes_it_on_none() -> None:
    walks = three()
    shown = {walk.case_id: walk.version for walk in walks}
    refused = taken(viewer("sz_clerk"), walks, shown, "t")
    assert len(refused) == 3, "another city does not even see them"
    assert {walk.case.status for walk in walks} == {"to_sign"}
