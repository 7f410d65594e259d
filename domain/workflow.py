"""The life of a case as one declared table, and the fold of its events into a state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.history import Event
from domain.people import Level, Role, Viewer, last_below
from domain.state import CaseState as CaseState
from domain.state import Draft
from domain.statuses import CONCLUSIONS as CONCLUSIONS
from domain.statuses import ENDED as ENDED
from domain.statuses import PUBLIC as PUBLIC
from domain.statuses import RATINGS as RATINGS
from domain.statuses import Status as Status
from domain.statuses import Track as Track

C, H, R, S = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR


class Acts(StrEnum):
    """Which unit may take a step: the holder of the case, a unit above it, or the registrar."""

    HOLDER = "holder"
    HOLDER_OR_ABOVE = "holder_or_above"
    REGISTRAR = "registrar"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: from which statuses to which, by whom, what it must record.

    `to` None keeps the status. `once` steps are taken at most once in a case.
    `records` are field keys of `ui.forms`/`services.steps`; a trailing ? marks an optional one.
    """

    key: str
    label: str
    sources: frozenset[Status]
    to: Status | None
    roles: frozenset[Role]
    acts: Acts = Acts.HOLDER
    levels: frozenset[Level] = frozenset(Level)
    tracks: frozenset[Track] = frozenset()  # empty: all, and before classification
    records: tuple[str, ...] = ()
    once: bool = False
    per_submission: bool = False
    needs: tuple[str, ...] = ()  # flags of the state that must be set, "!" negates


def _of(*members: Status) -> frozenset[Status]:
    return frozenset(members)


ST = Status
OPEN = _of(ST.REGISTERED, ST.TO_ASSIGN)
AFTER = _of(ST.CONCLUDED, ST.STAGED, ST.TO_DELIVER, ST.DELIVERED)
ANY = frozenset(Status)

TABLE: tuple[Step, ...] = (
    Step("classify", "分类", OPEN, ST.TO_ASSIGN, frozenset({C, S}), records=("route",)),
    Step("accept", "受理", _of(ST.TO_ASSIGN, ST.HANDLING), ST.HANDLING, frozenset({C, H, R}),
         tracks=frozenset({Track.REPORT, Track.PETITION, Track.SUGGESTION}),
         records=("simple",), once=True, needs=("classified", "!accepted")),
    Step("decline", "不予受理", _of(ST.TO_ASSIGN, ST.HANDLING), ST.DECLINED, frozenset({R, S}),
         records=("decline_reason", "basis_note", "contact_attempt?"),
         needs=("classified", "!accepted")),
    Step("transfer", "转送", _of(ST.TO_ASSIGN, ST.HANDLING), ST.TRANSFERRED, frozenset({C, R, S}),
         records=("transfer_to", "telephone?", "note?"), needs=("classified", "!accepted")),
    Step("assign", "交办", _of(ST.TO_ASSIGN, ST.HANDLING), ST.TO_SIGN, frozenset({C, S}),
         levels=frozenset({Level.PROVINCE, Level.CITY}),
         records=("to", "limit?", "note?"), needs=("classified", "!accepted")),
    Step("sign", "签收", _of(ST.TO_SIGN), ST.HANDLING, frozenset({C, H})),
    Step("notify", "告知", ANY - OPEN, None, frozenset({C, H}), Acts.HOLDER_OR_ABOVE,
         records=("way", "delivered_on", "proof"), once=True, per_submission=True,
         needs=("decided", "reachable")),
    Step("conclude", "提交结论", _of(ST.HANDLING), ST.TO_APPROVE, frozenset({H}),
         records=("findings", "measures", "facts"), needs=("accepted",)),
    Step("approve", "办结审定", _of(ST.TO_APPROVE), ST.CONCLUDED, frozenset({R}),
         records=("conclusion", "opinion?")),
    Step("reject", "退回承办人", _of(ST.TO_APPROVE), ST.HANDLING, frozenset({R}),
         records=("reason",)),
    Step("reply", "答复", _of(ST.CONCLUDED, ST.STAGED), ST.TO_DELIVER, frozenset({R}),
         records=("answers", "reply_basis"), needs=("reachable",)),
    Step("deliver", "送达", _of(ST.TO_DELIVER), ST.DELIVERED, frozenset({H, C}),
         records=("way", "delivered_on", "proof"), once=True, per_submission=True),
    Step("callback", "回访", _of(ST.DELIVERED), None, frozenset({C, S}), Acts.HOLDER_OR_ABOVE,
         records=("reached", "solved?", "rating?", "note?"), per_submission=True,
         needs=("!called_back",)),
    Step("rate", "评价", _of(ST.DELIVERED), None, frozenset({C, S}), Acts.HOLDER_OR_ABOVE,
         records=("rating", "proof"), once=True, per_submission=True, needs=("!rated",)),
    Step("verify", "核查", AFTER, None, frozenset({S}), Acts.PROVINCE,
         levels=frozenset({Level.PROVINCE}), tracks=frozenset({Track.REPORT}),
         records=("upheld", "note"), once=True, needs=("unsubstantiated",)),
)  # fmt: skip
BY_KEY: Mapping[str, Step] = {step.key: step for step in TABLE}


def fold(events: Iterable[Event]) -> CaseState:
    """The state of a case after all its events."""
    draft = Draft(CaseState())
    for event in events:
        draft.take(event, _to(event.step))
    return draft.state()


def apply(state: CaseState, event: Event) -> CaseState:
    """The state after one more event. Pure; the table says the status, the event the rest."""
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
    if step.once and not step.per_submission and step.key in state.done:
        return f"“{step.label}”已经办理过"
    if step.key in _NOT_BY_HANDLER and state.handler == viewer.person_id:
        return _NOT_BY_HANDLER[step.key]
    return None


# Who handled a matter judges it nowhere (domain: privacy).
_NOT_BY_HANDLER = {
    "approve": "承办人不得审定自己办理的事项",
    "callback": "承办人不得回访自己办理的事项",
    "rate": "承办人不得登记自己办理事项的评价",
}


_NEEDS = {
    "classified": "请先完成分类",
    "!accepted": "该件已经受理",
    "accepted": "请先办理受理",
    "decided": "请先作出受理决定",
    "reachable": "信访人无法联系，不需要此步骤",
    "unsubstantiated": "只有认定不属实的事项需要核查",
    "!called_back": "回访已经完成",
    "!rated": "该件已有评价",
}


def _may_act(step: Step, state: CaseState, viewer: Viewer) -> bool:
    if step.acts is Acts.HOLDER:
        return viewer.unit == state.holder
    if step.acts is Acts.HOLDER_OR_ABOVE:
        return viewer.unit <= state.holder <= last_below(viewer.unit)
    if step.acts is Acts.REGISTRAR:
        return viewer.unit == state.registrar
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
