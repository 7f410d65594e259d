"""Cases that may be the same matter, each with its reasons: while typing, and of a case that is.

Nothing is decided here: a clerk compares side by side and says what they are to each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from db.queries import duplicates as found
from db.queries.duplicates import Candidate, Window
from db.words import pairs
from domain.errors import NotAllowed
from domain.people import Role, Viewer, city_of
from domain.scope import scope_of
from intake.model import Incoming
from services import store
from services.identity import matches
from services.incoming_rows import identity_of
from services.registration import may_register

WITHIN = timedelta(days=90)
SIMILAR = 58  # per cent of shared pairs of characters from which a text counts as similar
ENOUGH = 12  # characters a text must have before it is compared
MOST = 5
UNKNOWN = frozenset({"", "不明", "未知", "无"})
PERSON = {"phone_hash": "同一联系电话", "id_hash": "同一身份证号", "person_hash": "同城同名信访人"}
_WEIGHTS = {"phone_hash": 60, "id_hash": 60, "person_hash": 25}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another case and why it may be the same matter; `weight` orders them."""

    case_id: int
    no: str
    title: str
    content: str = field(repr=False)
    address: str
    subject: str
    place: int
    received_on: date
    status: str
    holder: int
    reasons: tuple[str, ...]
    weight: int
    version: int
    categories: frozenset[str]


def suggest(viewer: Viewer, incoming: Incoming, now: datetime) -> list[Suggestion]:
    """The most likely earlier cases within the viewer's scope, likeliest first; for clerks."""
    may_register(viewer)
    window = now.date() - WITHIN, now.date()
    place = incoming.division or 0
    hashes = matches(identity_of(incoming), city_of(place))
    if not place:
        hashes["person_hash"] = None  # a name counts within its city only
    with store.read(scope_of(viewer)) as session:
        return _suggested(session, incoming, [hashes], window, frozenset())


def beside(viewer: Viewer, case_id: int) -> list[Suggestion]:
    """The most likely other cases of one that is registered, those decided on left out.

    Petitioners are compared by their keyed hashes alone; for clerks and supervisors.
    """
    if not viewer.has(Role.CLERK, Role.SUPERVISOR):
        raise NotAllowed("只有登记员和督办员可以查看疑似重复事项")
    with store.read(scope_of(viewer)) as session:
        own = found.candidates(session, {case_id})
        if not own:
            return []
        case, around = own[0], own[0].received_on
        incoming = Incoming(
            title=case.title, content=case.content, division=case.place_code,
            address=case.address, subject=case.subject_name, categories=tuple(case.categories),
        )  # fmt: skip
        known = found.decided(session, case_id) | {case_id}
        hashes = found.hashes_of(session, case_id)
        return _suggested(session, incoming, hashes, (around - WITHIN, around + WITHIN), known)


def _suggested(
    session: Session,
    incoming: Incoming,
    persons: Sequence[Mapping[str, bytes | None]],
    window: Window,
    known: Collection[int],
) -> list[Suggestion]:
    """The likeliest cases by petitioner at any time, by matter within the window."""
    same: dict[int, set[str]] = {}
    for hashes in persons:
        for case_id, names in found.same_person(session, hashes).items():
            same.setdefault(case_id, set()).update(names)
    ids = set(same)
    if incoming.division:
        ids |= _nearby(session, incoming, incoming.division, window)
    rows = found.candidates(session, ids.difference(known))
    judged = (_judge(row, incoming, same.get(row.id, set()), window) for row in rows)
    return sorted((one for one in judged if one), key=lambda s: (-s.weight, -s.case_id))[:MOST]


def _nearby(session: Session, incoming: Incoming, place: int, window: Window) -> set[int]:
    ids: set[int] = set()
    subject = incoming.subject.strip()
    if subject not in UNKNOWN:
        ids |= found.of_subject(session, place, subject, window)
        ids |= found.of_words(session, place, subject, window)
    if len(incoming.address.strip()) >= 4:
        ids |= found.of_words(session, place, incoming.address, window)
    if len(_text(incoming.title, incoming.content)) >= ENOUGH:
        ids |= found.newest(session, place, window)
    return ids


def _judge(row: Candidate, incoming: Incoming, same: set[str], window: Window) -> Suggestion | None:
    reasons = [PERSON[name] for name in PERSON if name in same]
    weight = sum(_WEIGHTS[name] for name in same)
    recent = window[0] <= row.received_on <= window[1]
    if recent and row.place_code == incoming.division and _same_subject(row, incoming):
        alike = not incoming.categories or bool(row.categories & set(incoming.categories))
        reasons.append("90天内同一地区、同一对象" + ("、同类型" if alike else ""))
        weight += 45 if alike else 30
    if recent and (shared := _similar(row, incoming)) >= SIMILAR:
        reasons.append(f"文字相似 {shared}%")
        weight += shared // 2
    if not reasons:
        return None
    return Suggestion(row.id, row.no, row.title, row.content, row.address, row.subject_name,
                      row.place_code, row.received_on, row.status, row.holder_unit,
                      tuple(reasons), weight, row.version, row.categories)  # fmt: skip


def _same_subject(row: Candidate, incoming: Incoming) -> bool:
    mine, theirs = incoming.subject.strip(), row.subject_name.strip()
    if mine in UNKNOWN or theirs in UNKNOWN:
        return False
    short, long = sorted((mine, theirs), key=len)
    return fuzz.ratio(mine, theirs) >= 85 or (len(short) >= 4 and short in long)


def _similar(row: Candidate, incoming: Incoming) -> int:
    """How much of the texts is shared, in per cent of their pairs of characters."""
    mine = _text(incoming.title, incoming.content)
    if len(mine) < ENOUGH:
        return 0
    return round(fuzz.token_sort_ratio(pairs(mine), pairs(_text(row.title, row.content))))


def _text(title: str, content: str) -> str:
    return content if title and title in content else title + content
