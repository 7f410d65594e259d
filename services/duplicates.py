"""Suggestions while typing: earlier cases this one may repeat, each with its reasons.

Nothing is decided here: a clerk compares side by side and says 独立 or 重复于….
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from db.queries import duplicates as found
from db.queries.duplicates import Candidate
from db.words import pairs
from domain.people import Viewer, city_of
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
    """An earlier case and why it may be the same matter; `weight` orders them."""

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


def suggest(viewer: Viewer, incoming: Incoming, now: datetime) -> list[Suggestion]:
    """The most likely earlier cases within the viewer's scope, likeliest first; for clerks."""
    may_register(viewer)
    since = now.date() - WITHIN
    place = incoming.division or 0
    hashes = matches(identity_of(incoming), city_of(place))
    if not place:
        hashes["person_hash"] = None  # a name counts within its city only
    with store.read(scope_of(viewer)) as session:
        person = found.same_person(session, hashes)
        ids = set(person)
        if place:
            ids |= _nearby(session, incoming, place, since)
        rows = found.candidates(session, ids)
    judged = (_judge(row, incoming, person.get(row.id, set()), since) for row in rows)
    return sorted((one for one in judged if one), key=lambda s: (-s.weight, -s.case_id))[:MOST]


def _nearby(session: Session, incoming: Incoming, place: int, since: date) -> set[int]:
    ids: set[int] = set()
    subject = incoming.subject.strip()
    if subject not in UNKNOWN:
        ids |= found.of_subject(session, place, subject, since)
        ids |= found.of_words(session, place, subject, since)
    if len(incoming.address.strip()) >= 4:
        ids |= found.of_words(session, place, incoming.address, since)
    if len(_text(incoming.title, incoming.content)) >= ENOUGH:
        ids |= found.newest(session, place, since)
    return ids


def _judge(row: Candidate, incoming: Incoming, same: set[str], since: date) -> Suggestion | None:
    reasons = [PERSON[name] for name in PERSON if name in same]
    weight = sum(_WEIGHTS[name] for name in same)
    recent = row.received_on >= since
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
                      tuple(reasons), weight)  # fmt: skip


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
