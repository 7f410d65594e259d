"""Merging a case into another (合并) and undoing it; every contact keeps its petitioner.

Contacts, demands and attachments become the main case's, for it has to answer each of them; the
event says which they were, and undoing puts the same rows back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import NotAllowed, Refused
from domain.history import Event, moments
from domain.people import Viewer
from domain.scope import scope_of
from domain.statuses import Status
from domain.table import BY_KEY
from domain.workflow import fold, may_assign, refusal
from services.merged_rows import Side, counted, give_back, marks_joined, standing, take
from services.records import reason_of
from services.steps import opened, record_event, unchanged
from services.store import write


def merge(
    viewer: Viewer, main_id: int, other_id: int, reason: str, now: datetime, *,
    main_version: int, other_version: int, token: str,
) -> None:  # fmt: skip
    """Merge the other case into the main one, both as they were shown at their versions.

    A repeated `token` is the same merging. Raises `NotFound`, `NotAllowed`, `Stale`, `Invalid`,
    or `Refused` with why these two are not to be merged.
    """
    why = reason_of(reason)
    with write(scope_of(viewer)) as session:
        main, other = _both(session, main_id, other_id)
        if _seen(main, token):
            return
        unchanged(session, main.case, main_version)
        unchanged(session, other.case, other_version)
        _may(viewer, "merge", main, other)
        if fault := _unfit(session, main, other):
            raise Refused(fault)
        moved = take(session, main, other)
        told = {"reason": why, "token": token, "other": other_id, "other_no": other.case.no}
        into = {"into": main_id, "into_no": main.case.no}
        counted(main, [*marks_joined(main), moved["marks"]], len(moved["joined"]))
        _record(session, viewer, main, "merge", now, {**told, **moved})
        other.case.submissions = 0
        _record(session, viewer, other, "merged", now, {**told, **into, **_named(main)})


def separate(
    viewer: Viewer, main_id: int, other_id: int, reason: str, now: datetime, *,
    main_version: int, other_version: int, token: str,
) -> None:  # fmt: skip
    """Undo a merging: both cases are as if it had never been, but for the trace.

    Refused once the joined petitioners were told anything by the main case, or their demands
    judged: what was said to them would belong to no case. Raises as `merge` does.
    """
    why = reason_of(reason)
    with write(scope_of(viewer)) as session:
        main, other = _both(session, main_id, other_id)
        if _seen(main, token):
            return
        unchanged(session, main.case, main_version)
        unchanged(session, other.case, other_version)
        _may(viewer, "separate", main, other)
        made = next((e for e in standing(main.events) if e.data["other"] == other_id), None)
        if made is None:
            raise Refused(f"{other.case.no} 没有并入本件，不能撤销合并")
        if fault := _too_late(main, made):
            raise Refused(fault)
        give_back(session, main, other, made.data)
        told = {"reason": why, "token": token, "other": other_id, "other_no": other.case.no}
        joined = len(made.data["joined"])
        counted(main, marks_joined(main, but=made), -joined, made.data["own"])
        _record(session, viewer, main, "separate", now, told)
        other.case.submissions = joined
        _record(session, viewer, other, "separated", now, {**told, **_named(main)})


def _both(session: Session, main_id: int, other_id: int) -> tuple[Side, Side]:
    """Both cases, locked in the order of their ids so that no two mergings wait for each other."""
    if main_id == other_id:
        raise Refused("一件事项不能与自己合并")
    sides = {}
    for case_id in sorted((main_id, other_id)):
        case, events = opened(session, case_id)
        sides[case_id] = Side(case, events, fold(events))
    return sides[main_id], sides[other_id]


def _seen(main: Side, token: str) -> bool:
    return any(event.data.get("token") == token for event in main.events)


def _named(main: Side) -> dict[str, Any]:
    return {"other": main.case.id, "other_no": main.case.no}


def _may(viewer: Viewer, step: str, main: Side, other: Side) -> None:
    """The step is this person's on the main case, and the other lies with their unit or below."""
    if why := refusal(BY_KEY[step], main.state, viewer):
        raise NotAllowed(why)
    holder = other.state.holder
    if viewer.unit != holder and not may_assign(viewer.unit, holder):
        raise NotAllowed(f"{other.case.no} 现由其他单位承办，请由双方共同的上级办理合并")


def _unfit(session: Session, main: Side, other: Side) -> str | None:
    """Why the other case is not to be merged into this one, as a sentence."""
    no, state, ours = other.case.no, other.state, main.state
    happened = {moment.kind for moment in moments(other.events)}
    faults = (
        (state.merged_into is not None, f"{no} 已经并入其他事项"),
        (state.has("merged"), f"{no} 已有并入的来件，请以它为主件，或先撤销它的合并"),
        (state.sealed_on is not None, f"{no} 是密封的检举控告件，不能合并"),
        (state.status not in BY_KEY["merge"].sources or "concluded" in happened,
         f"{no} 已经办结或者离办，不能并入；确有联系的可以认定为“重复”或“关联”"),
        (bool(state.track and ours.track and state.track != ours.track),
         f"{no} 与本件的法定途径不同，不能合并；可以认定为“关联”"),
        (state.has("decided") and not ours.has("decided"),
         f"{no} 已经受理而本件尚未受理，请以它为主件"),
        ("forwarded" in happened, f"{no} 是督察转办件，须单独反馈，请以它为主件"),
        (bool(state.orders), f"{no} 有未办结的督办，请以它为主件，或先办结督办"),
    )  # fmt: skip
    fault = next((words for wrong, words in faults if wrong), None)
    if fault is None and _led(session, other):
        return f"{no} 有未落实的批示、包案或接访，请以它为主件，或先落实"
    return fault


def _led(session: Session, other: Side) -> bool:
    own = (m.LeaderAction.case_id == other.case.id, m.LeaderAction.done_on.is_(None))
    return session.scalars(select(m.LeaderAction.id).where(*own)).first() is not None


def _too_late(main: Side, made: Event) -> str | None:
    """What the main case did for the joined contacts since, which undoing would leave hanging."""
    joined = {one["submission"] for one in made.data["joined"]}
    for event in main.events[main.events.index(made) + 1 :]:
        if event.step in ("approve", "stage"):
            return "合并后已对并入的诉求作出认定，不能撤销合并；确属两件的，请另行登记"
        # A notice that did not reach anybody told nobody anything.
        told = event.step != "notify" or event.data.get("delivered_on")
        if event.submission in joined and told:
            label = BY_KEY[event.step].label
            return f"合并后已对并入的来件办理“{label}”，不能撤销合并；确属两件的，请另行登记"
    if main.state.simple and joined.issuperset(main.state.owed):
        return "本件已按简易办理受理，撤销合并后没有可以答复的信访人，不能撤销"
    if main.state.status is Status.TO_APPROVE:
        return "结论正在审定，请先退回承办人，再撤销合并"
    return None


def _record(
    session: Session, viewer: Viewer, side: Side, step: str, now: datetime, data: Mapping[str, Any]
) -> None:
    event = Event(step, now, now.date(), viewer.unit, None, viewer.person_id, data)
    record_event(session, side.case, side.events, event, viewer, now)
