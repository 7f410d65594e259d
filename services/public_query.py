"""What a petitioner may ask and say with the query code of their papers, without signing in.

A code that was never given out and one of a sealed case get the same words after the same work:
every look is one transaction that writes one row, whatever it finds. Misses slow the address they
come from, and very many of them everybody, for a guessed code would show a stranger's case.
"""

import hmac
import ipaddress
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db import models as m
from db.queries.public_query import Asked, by_code
from domain.errors import Invalid, NotFound, Refused
from domain.history import Event
from domain.scope import SYSTEM
from domain.statuses import PUBLIC, RATINGS, Status
from domain.table import BY_KEY
from services import steps, trace
from services.keys import keys
from services.numbers import QUERY_SIGNS
from services.store import write

STAGES = {"intake": "登记受理单位", "handling": "承办单位"}
HIT, MISS = "查询码", "查询码不符"  # names no sign-in attempt is kept under: those are digests
WINDOW = timedelta(hours=1)
FROM_ONE_ADDRESS = 20  # misses within the window; a mobile network shares an address among many
FROM_ALL = 200  # at a million codes less than two hits a year by guessing without a pause
FORM_LIFE, BEGAN = timedelta(hours=2), datetime(2018, 1, 1)
WRONG_FORM = "查询码是 8 位字母和数字（不含 0、1、I、L、O），请对照受理告知书核对"
UNKNOWN = "没有查到这个查询码。请对照受理告知书核对；仍查不到的，请向登记受理单位询问"
# After the archive too: filing it does not end the petitioner's thirty days.
RATEABLE = BY_KEY["rate"].sources | {Status.ARCHIVED}


class TooMany(Refused):
    """Too many codes that were not found; `seconds` says how long to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, int(wait.total_seconds()))
        super().__init__(f"查询次数过多，请在 {-(-self.seconds // 60)} 分钟后再试")


class NotRated(Refused):
    """A stage that cannot be rated; `seen` is the case as the petitioner sees it."""

    def __init__(self, why: str, seen: "PublicCase") -> None:
        super().__init__(why)
        self.seen = seen


@dataclass(frozen=True, slots=True)
class PublicCase:
    """All a petitioner sees: one of four words, the days of the main steps, and their ratings.

    `rate_until` is None when nothing can be rated, now or any more; `open_stages` may be rated now.
    """

    status: str
    days: tuple[tuple[str, date], ...]
    rate_until: date | None
    ratings: dict[str, int]
    open_stages: tuple[str, ...]
    ended: bool  # the days for rating are over


def clean(text: str) -> str:
    """A code as it is kept: capitals without spaces; raises `Invalid` for what cannot be one."""
    code = "".join(unicodedata.normalize("NFKC", text).upper().replace("-", "").split())
    if len(code) != 8 or not set(code) <= set(QUERY_SIGNS):
        raise Invalid({"code": WRONG_FORM})
    return code


def look(code: str, ip: str, now: datetime) -> PublicCase | None:
    """The public state of the case of a code as `clean` gives it; None when there is none.

    Raises `TooMany` when this address, or all together, missed too often within the hour.
    """
    found = _asked(code, ip, now)
    return public(found, now.date()) if found else None


def _asked(code: str, ip: str, now: datetime) -> Asked | None:
    with write(SYSTEM) as session:
        _not_too_many(session, ip, now)
        found = by_code(session, code)
        _note(session, MISS if found is None else HIT, ip, now)
    return found


def rate(code: str, stage: str, score: int, ip: str, now: datetime) -> PublicCase:
    """Rate one stage once, and see the case after it.

    Raises `NotRated` with why and what there is, `NotFound` for no such code, `TooMany` as `look`.
    """
    seen = _asked(code, ip, now)
    if seen is None:
        raise NotFound(UNKNOWN)
    if stage not in STAGES or score not in RATINGS:
        raise NotRated("请选择满意、基本满意或不满意", public(seen, now.date()))
    with write(SYSTEM) as session:
        case, events = steps.opened(session, seen.case_id)
        found = by_code(session, code)  # as it stands now that nobody else can write to the case
        if found is None or found.case_id != case.id:  # sealed or merged a moment ago
            raise NotFound(UNKNOWN)
        if why := _refusal(found, stage, now.date()):
            raise NotRated(why, public(found, now.date()))
        data = {"rating": str(score), "stage": stage, "rated_by": "query_code"}
        if stage == "handling":
            event = Event("rate", now, now.date(), case.holder_unit, found.submission, None, data)
            steps.record_event(session, case, events, event, None, now)
        else:
            _rate_intake(session, found, score, data, now)
    rated = replace(found, rated={**found.rated, stage: score})
    return public(rated, now.date())


def public(found: Asked, today: date) -> PublicCase:
    """What of a case the petitioner sees today."""
    word = next(word for word, statuses in PUBLIC.items() if found.status in statuses)
    decided = "决定不予受理或移送" if word == "不受理" else "受理"
    delivered = found.window[0] if found.window and found.delivered_on else None
    days = (
        ("收到来件", found.received_on), ("登记", found.registered_on),
        (decided, found.decided_on), ("办结", found.concluded_on), ("答复送达", delivered),
    )  # fmt: skip
    rateable = found.window is not None and found.status in RATEABLE
    return PublicCase(
        status=word,
        days=tuple((label, day) for label, day in days if day),
        rate_until=found.window[1] if found.window and rateable else None,
        ratings={stage: found.rated[stage] for stage in STAGES if stage in found.rated},
        open_stages=tuple(stage for stage in STAGES if not _refusal(found, stage, today)),
        ended=rateable and found.window is not None and today > found.window[1],
    )


def _refusal(found: Asked, stage: str, today: date) -> str:
    """Why a stage cannot be rated on a day; empty when it can."""
    if found.window is None or found.status not in RATEABLE:
        return "答复送达后才能评价"
    if today > found.window[1]:
        return f"评价期已于 {found.window[1]} 结束"
    return f"{STAGES[stage]}已经评价过，每个环节只能评价一次" if stage in found.rated else ""


def _rate_intake(
    session: Session, found: Asked, score: int, data: dict[str, str], now: datetime
) -> None:
    """The unit that registered it is rated beside the case: its own rating is the handling's."""
    session.execute(
        insert(m.Rating.__table__).values(
            case_id=found.case_id, submission_id=found.submission, stage="intake", score=score,
            by="query_code", on=now.date(), at=now,
        )
    )  # fmt: skip
    trace.record(session, "rate_intake", now, chain=found.registered_unit, case_id=found.case_id,
                 submission_id=found.submission, data=data)  # fmt: skip


# --- how often


def _not_too_many(session: Session, ip: str, now: datetime) -> None:
    attempt = m.SignInAttempt
    recent = select(attempt.at).where(attempt.login == MISS, attempt.at > now - WINDOW)
    for query, most in (
        (recent.where(attempt.ip == address(ip)), FROM_ONE_ADDRESS),
        (recent, FROM_ALL),
    ):
        newest = session.scalars(query.order_by(attempt.at.desc()).limit(most)).all()
        if len(newest) == most:
            raise TooMany(newest[-1] + WINDOW - now)


def _note(session: Session, what: str, ip: str, now: datetime) -> None:
    """One row for every look, and the older ones away: nobody's address is kept for long."""
    attempt = m.SignInAttempt
    old = (attempt.login.in_((HIT, MISS)), attempt.at <= now - WINDOW)
    session.execute(delete(attempt).where(*old))
    session.add(attempt(login=what, ip=address(ip), at=now))


def address(ip: str) -> str:
    """What one address counts as: a network of IPv6, which one person has whole; marked as ours,
    so that a petitioner's misses never slow the sign-in of an office behind the same address."""
    try:
        known = ipaddress.ip_address(ip)
    except ValueError:
        return f"查询 {ip}"[:40]
    known = getattr(known, "ipv4_mapped", None) or known  # ::ffff:203.0.113.7 is 203.0.113.7
    if known.version == 6:
        return f"查询 {ipaddress.ip_network((int(known), 64), strict=False)}"
    return f"查询 {known}"


# --- the token of a form: it was made here, for this code, not long ago


def token(code: str, now: datetime) -> str:
    """The token of a form; an empty code for the form that asks for one."""
    at = f"{int((now - BEGAN).total_seconds())}"
    return f"{at}.{_mac(code, at)}"


def fits(given: str, code: str, now: datetime) -> bool:
    """Whether a form's token was made for this code within the last two hours."""
    at, _, mac = given.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 12):
        return False
    fresh = timedelta(0) <= now - (BEGAN + timedelta(seconds=int(at))) <= FORM_LIFE
    return fresh and hmac.compare_digest(mac.encode(), _mac(code, at).encode())


def _mac(code: str, at: str) -> str:
    own = hmac.digest(keys().match, b"public query form", "sha256")
    return hmac.digest(own, f"{code}.{at}".encode(), "sha256").hex()[:32]
