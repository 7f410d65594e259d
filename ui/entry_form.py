"""What the entry form holds: plain values in session and draft, and the incoming they say."""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from domain.people import Viewer
from intake.checks import check, missing_stars
from intake.convert import Fault, to_code, to_count, to_degree, to_list, to_time
from intake.model import Incoming, Petitioner
from rules import load
from services import drafts
from services.registration import Registered, new_key
from services.vocabulary import vocabulary

KIND, USUAL = "entry", "entry_usual"
BLANK: Mapping[str, Any] = {
    "subchannel": None, "received_at": "", "source_no": "", "recording_no": "", "receiver": "",
    "visit_outcome": "", "title": "", "content": "", "demands": "", "division": None,
    "address": "", "point": "", "subject": "", "credit_code": "", "categories": [],
    "industry": None, "time_pattern": None, "repeat": "first", "urgency": "normal",
    "group": False, "headcount": "", "representatives": "", "anonymous": False,
    "confidential": False, "electronic_delivery": False, "name": "", "phone": "", "id_number": "",
    "home_address": "",
}  # fmt: skip
_TEXTS = ("title", "content", "address", "subject", "receiver", "visit_outcome", "recording_no")
_FLAGS = ("anonymous", "confidential", "electronic_delivery", "group")
_PERSON = ("name", "phone", "id_number", "home_address")
_TIME = re.compile(r"(?:(今天|昨天|前天)\s*)?(\d{1,2})[:：点](\d{1,2})?分?")
_DAYS = {"今天": 0, "昨天": 1, "前天": 2}


@dataclass
class Sheet:
    """One form on its way: its key, what was chosen about it, what became of it."""

    key: str
    kept: str = field(default="", repr=False)  # hash of the values as last kept in the draft
    kept_at: datetime | None = None
    restored: datetime | None = None
    tried: bool = False
    earlier: int | None = None  # the case it is confirmed to repeat
    earlier_no: str = ""
    done: Registered | None = None
    # The service's refusals, each with the hash of the value refused.
    told: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)


def name_of(field: str) -> str:
    """The session key of a field's widget."""
    return f"entry_{field}"


def sheet(viewer: Viewer, now: datetime) -> Sheet:
    """The form of this session; a draft left behind comes back into it."""
    fresh = name_of("content") not in st.session_state
    held = st.session_state.get("entry")
    if held is None or (fresh and held.done is None):
        held = st.session_state["entry"] = _begin(viewer, now)
    return held


def _begin(viewer: Viewer, now: datetime) -> Sheet:
    draft = drafts.kept(viewer, KIND)
    if draft is None:
        fill(started(viewer, now))
        return Sheet(new_key())
    data = draft.data
    fill({**BLANK, **data["values"]})
    form = Sheet(data["key"], restored=draft.changed_at, kept_at=draft.changed_at)
    form.earlier, form.earlier_no = data.get("earlier"), data.get("earlier_no", "")
    form.kept = _mark(form, {**values(), "_": form.earlier})
    return form


def started(viewer: Viewer, now: datetime) -> dict[str, Any]:
    """A blank form: received now, by the sub-channel this person used last."""
    usual = drafts.kept(viewer, USUAL)
    subchannel = usual.data.get("subchannel") if usual else "bureau_phone"
    return {**BLANK, "received_at": f"{now:%Y-%m-%d %H:%M}", "subchannel": subchannel}


def fill(wanted: Mapping[str, Any]) -> None:
    """Put values into the widgets; before they are drawn, or in a callback."""
    known = {sub.key for sub in load().subchannels}
    for name, value in wanted.items():
        keep = name != "subchannel" or value in known
        st.session_state[name_of(name)] = value if keep else None


def values() -> dict[str, Any]:
    """What the widgets hold now, in JSON terms."""
    return {name: st.session_state.get(name_of(name), blank) for name, blank in BLANK.items()}


def _text(held: Any) -> str:
    return json.dumps(held, ensure_ascii=False, sort_keys=True)


def _mark(form: Sheet, held: Any) -> str:
    """A keyed hash of values, where only sameness matters: no second copy of what was typed."""
    return hmac.new(form.key.encode(), _text(held).encode(), "sha256").hexdigest()


def keep(viewer: Viewer, form: Sheet, now: datetime) -> None:
    """Keep the draft when anything changed since it was last kept."""
    held = values()
    mark = _mark(form, {**held, "_": form.earlier})
    empty = not any(held[name] for name in ("content", "title", "phone", "name", "address"))
    if mark == form.kept or (empty and not form.kept):
        return
    drafts.keep(viewer, KIND, {"key": form.key, "values": held, "earlier": form.earlier,
                               "earlier_no": form.earlier_no}, now)  # fmt: skip
    form.kept, form.kept_at = mark, now


def start_over(viewer: Viewer, now: datetime) -> None:
    """A new form: the draft is forgotten, the usual values come back."""
    drafts.drop(viewer, KIND)
    fill(started(viewer, now))
    st.session_state["entry"] = Sheet(new_key())


def idempotency(form: Sheet) -> str:
    """The key of this very content: a double click is one, another text in a second tab is not."""
    return _mark(form, values())


def moment(text: str, now: datetime) -> datetime | None:
    """A time as clerks write it: 2026-11-23 10:05, 昨天 15:20, or 9:30 of today."""
    text = text.strip()
    if not text:
        return None
    if found := _TIME.fullmatch(text):
        day, hour, minute = found.groups()
        base = now - timedelta(days=_DAYS.get(day or "今天", 0))
        try:
            return base.replace(hour=int(hour), minute=int(minute or 0), second=0, microsecond=0)
        except ValueError as error:
            raise Fault("收到时间应写成 2026-03-01 12:30、昨天 15:20 或 9:30") from error
    return to_time(text)


def incoming_of(held: Mapping[str, Any], now: datetime) -> tuple[Incoming, dict[str, str]]:
    """The incoming the values say, and the faults of single values by field."""
    faults: dict[str, str] = {}

    def turned(name: str, turn: Any) -> Any:
        try:
            return turn(held[name]) if held[name] else None
        except Fault as fault:
            faults[name] = str(fault)
            return None

    sub = held["subchannel"]
    texts = {name: (held[name] or "").strip() for name in _TEXTS}
    texts["title"] = texts["title"] or texts["content"].split("\n")[0].split("。")[0][:40]
    person = {name: (held[name] or "").strip() for name in _PERSON}
    point = turned("point", _point) or (None, None)
    told: dict[str, Any] = _applying(texts, load().subchannel(sub).channel if sub else "")
    told |= {name: bool(held[name]) for name in _FLAGS}
    incoming = Incoming(
        **told,
        received_at=turned("received_at", lambda text: moment(text, now)),
        channel=load().subchannel(sub).channel if sub else "", subchannel=sub or "",
        source_no=turned("source_no", to_code) or "" if sub in vocabulary().external else "",
        demands=turned("demands", to_list) or (), division=held["division"],
        longitude=point[0], latitude=point[1],
        credit_code=turned("credit_code", to_code) or "", categories=tuple(held["categories"]),
        industry=held["industry"] or "", time_pattern=held["time_pattern"] or "",
        repeat=held["repeat"] == "repeat" if held["repeat"] else None,
        urgency=held["urgency"] or "", petitioner=Petitioner(**person),
    )  # fmt: skip
    if incoming.group:
        counts = {name: turned(name, to_count) for name in ("headcount", "representatives")}
        incoming = replace(incoming, **counts)
    codes = {name: turned(name, to_code) or "" for name in ("phone", "id_number")}
    return replace(incoming, petitioner=replace(incoming.petitioner, **codes)), faults


def _applying(texts: dict[str, str], channel: str) -> dict[str, str]:
    """The texts without those of another channel's fields."""
    drop = {"phone": ("receiver", "visit_outcome"), "visit": ("recording_no",)}
    gone = drop.get(channel, ("receiver", "visit_outcome", "recording_no"))
    return {name: "" if name in gone else text for name, text in texts.items()}


def _point(text: str) -> tuple[float, float]:
    parts = re.split(r"[,，\s]+", text.strip())
    if len(parts) != 2:
        raise Fault("坐标应写成“经度,纬度”，如 120.62,31.31")
    return to_degree(parts[0]), to_degree(parts[1])


def problems(incoming: Incoming, faults: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Every hard refusal by field, the value's own fault first."""
    found = {p.field: p.message for p in check(incoming, now, vocabulary())}
    if "longitude" in found:
        found["point"] = found.pop("longitude")
    return {**found, **faults}


def missing(incoming: Incoming) -> list[str]:
    """The labels of the ★ fields not validly filled."""
    keys = missing_stars(incoming, vocabulary())
    return [load().label("field", key) for key in keys]


def remember_channel(viewer: Viewer, subchannel: str, now: datetime) -> None:
    """Offer the same sub-channel next time."""
    drafts.keep(viewer, USUAL, {"subchannel": subchannel}, now)


def shown(form: Sheet, problems: Mapping[str, str]) -> dict[str, str]:
    """The refusals to show: of filled fields at once, of blank ones after the first try."""
    held = values()
    now_wrong = {n: text for n, text in problems.items() if form.tried or held.get(n)}
    still = {n: text for n, (mark, text) in form.told.items()
             if mark == _mark(form, held.get(n))}  # fmt: skip
    return {**still, **now_wrong}


def refused(form: Sheet, problems: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The service's own refusals, each held until its field changes."""
    held = values()
    return {name: (_mark(form, held.get(name)), text) for name, text in problems.items()}


def finish(viewer: Viewer, subchannel: str, now: datetime) -> None:
    """After a registration: the draft goes, the sub-channel is offered again."""
    drafts.drop(viewer, KIND)
    form: Sheet = st.session_state["entry"]
    form.kept, form.told = "", {}
    remember_channel(viewer, subchannel, now)
