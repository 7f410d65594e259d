"""Who may take which step on a case now, and the fold of its events into a state."""

from collections.abc import Iterable, Sequence

from domain.history import Event, live
from domain.people import Level, Viewer, above, last_below
from domain.state import CaseState as CaseState
from domain.state import Draft
from domain.statuses import CONCLUSIONS as CONCLUSIONS
from domain.statuses import ENDED as ENDED
from domain.statuses import PUBLIC as PUBLIC
from domain.statuses import RATINGS as RATINGS
from domain.statuses import Status as Status
from domain.statuses import Track as Track
from domain.table import BY_KEY as BY_KEY
from domain.table import TABLE as TABLE
from domain.table import Acts, Step


def fold(events: Sequence[Event]) -> CaseState:
    """The state of a case after all its events."""
    draft = Draft(CaseState())
    for event in live(events):
        draft.take(event, _to(event.step))
    return draft.state()


def apply(state: CaseState, event: Event) -> CaseState:
    """The state after one more event that undoes none. Pure."""
    draft = Draft(state)
    draft.take(event, _to(event.step))
    return draft.state()


def _to(key: str) -> Status | None:
    """The status a step leads to by the table; None keeps the one there is."""
    step = BY_KEY.get(key)
    return step.to if step else None


def open_steps(state: CaseState, viewer: Viewer) -> list[Step]:
    """The steps this person may take on a case now, in the order of the table."""
    return [step for step in TABLE if refusal(step, state, viewer) is None]


def refusal(step: Step, state: CaseState, viewer: Viewer) -> str | None:
    """Why this person may not take this step now, as a Chinese sentence; None when they may."""
    if state.merged_into and step.key != "exempt":
        return "该件已并入其他事项，请在并入的事项中办理"
    if not viewer.has(*step.roles):
        return f"“{step.label}”须由{'、'.join(r.label for r in sorted(step.roles))}办理"
    if viewer.level not in step.levels:
        return f"“{step.label}”不由{viewer.level.label}单位办理"
    if not _may_act(step, state, viewer):
        return f"该件现由其他单位承办，您所在单位不能“{step.label}”"
    if state.status not in step.sources:
        return f"该件当前状态为“{state.status.label}”，不能“{step.label}”"
    if step.tracks and state.track not in step.tracks:
        return f"该件的法定途径不适用“{step.label}”"
    missing = [need for need in step.needs if not state.has(need)]
    if missing:
        return _NEEDS.get(missing[0], f"现阶段不能“{step.label}”")
    if step.once and _taken(step, state):
        return _TAKEN.get(step.key, f"“{step.label}”已经办理过")
    if step.key == "archive" and state.has("reachable") and state.status in _UNANSWERED:
        return "信访人可以联系，须先答复并送达"
    if step.key in _NOT_BY_HANDLER and viewer.person_id in state.handlers:
        return _NOT_BY_HANDLER[step.key]
    return None


def _taken(step: Step, state: CaseState) -> bool:
    """Whether it was taken: of each person's contact that it is owed to, or of the case."""
    done = state.done.get(step.counted, frozenset())
    return done >= frozenset(state.owed) if step.per_submission and state.owed else bool(done)


_TAKEN = {"callback": "回访已经完成", "rate": "该件已有评价"}
_UNANSWERED = frozenset({Status.CONCLUDED, Status.STAGED})
# Who handled a matter judges it nowhere (domain: privacy).
_NOT_BY_HANDLER = {
    "approve": "承办人不得审定自己办理的事项",
    "stage": "承办人不得审定自己办理的事项",
    "extend": "承办人不得批准自己申请的延期",
    "callback": "承办人不得回访自己办理的事项",
    "rate": "承办人不得登记自己办理事项的评价",
    "verify": "承办人不得核查自己办理的事项",
    "pass_check": "承办人不得审核自己办理的事项",
    "answer_review": "承办人不得复查自己办理的事项",
    "answer_re_review": "承办人不得复核自己办理的事项",
    "verify_rectification": "承办人不得验收自己办理的整改",
}


_NEEDS = {
    "classified": "请先完成分类",
    "!accepted": "该件已经受理",
    "accepted": "请先办理受理",
    "decided": "请先作出受理决定",
    "reachable": "信访人无法联系，不需要此步骤",
    "unsubstantiated": "只有认定不属实的事项需要核查",
    "merged": "该件没有并入的事项",
    "sent": "该件不是上级交办，不能退回",
    "!returned": "本单位已经退回过一次，不能再次退回",
    "!extended": "延期只能办理一次",
    "!extension_applied": "延期申请正在审批",
    "extension_applied": "没有待审批的延期申请",
    "!passed_on": "该件是转送的，由承办单位直接答复，不报办理结果",
    "!checked": "办结审核已经通过",
    "supervised": "该件没有未办结的督办",
    "fed_back": "督办尚未反馈",
    "led": "该件没有待落实的批示、包案或接访事项",
    "staged": "只有阶段性办结的事项需要整改",
    "!rectified": "整改已经销号",
    "answered": "请先作出复查或复核意见",
    "!answered": "复查或复核意见已经作出",
    "reviewed": "未经复查，不能申请复核",
    "!archived": "该件已经归档",
    "!redone": "该件办结后又重新办理，不能再合并",
    "!sealed": "检举控告已经密封，不能合并或者交办",
}


def _may_act(step: Step, state: CaseState, viewer: Viewer) -> bool:
    unit, holder = viewer.unit, state.holder
    match step.acts:
        case Acts.HOLDER:
            return unit == holder
        case Acts.TEAM:
            return unit == holder or unit in state.assisting
        case Acts.HOLDER_OR_ABOVE:
            return unit == holder or may_assign(unit, holder)
        case Acts.ABOVE:
            return may_assign(unit, holder)
        case Acts.NEXT_ABOVE:
            return unit == above(holder)
        case Acts.ORDERER:
            return any(unit == by or may_assign(unit, by) for by in state.orders.values())
        case Acts.SENDER:
            return unit == state.sender
        case Acts.ORGAN:
            return unit == state.organ
        case Acts.ABOVE_ORGAN:
            return state.organ is not None and may_assign(unit, state.organ)
        case Acts.PROVINCE:
            return viewer.level is Level.PROVINCE


def may_assign(viewer_unit: int, to: int) -> bool:
    """A unit assigns to a unit below it: province to city or county, city to its counties."""
    return to != viewer_unit and viewer_unit < to <= last_below(viewer_unit)


def overall(findings: Iterable[str]) -> str:
    """The overall conclusion: all substantiated; none; else partly (domain: lifecycle 10)."""
    found = set(findings)
    if found == {"substantiated"}:
        return "substantiated"
    return "unsubstantiated" if found == {"unsubstantiated"} else "partly"
