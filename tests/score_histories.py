"""Random but repeatable case histories, and their rows, for tests of scores."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from db import models as m
from domain.clocks import SubmissionFacts
from domain.history import Event
from domain.people import city_of
from domain.scope import SYSTEM
from domain.table import TABLE
from domain.workflow import fold
from rules import load
from services.rows import clock_row, clocks_of, state_columns, unit_rows
from services.store import write

NANJING, XUANWU, SUZHOU, HUQIU, PROVINCE = 320100, 320102, 320500, 320505, 320000
HORIZON = datetime(2026, 11, 20, 18, 0)
# An arrival that names a contact is that of another case which was merged.
OF_A_CONTACT = {"register"} | {step.key for step in TABLE if step.per_submission}
ROUTES = ("procedure", "petition", "suggestion", "accusation")


@dataclass
class History:
    """A case as plain facts: its one submission, what happened, who repeated it and when."""

    id: int
    place: int
    channel: str = "phone"
    reachable: bool = True
    anonymous: bool = False
    missing: str = ""
    events: list[Event] = field(default_factory=list)
    # When confirmed, which case it is, and when that one was received.
    repeats: list[tuple[date, int, date]] = field(default_factory=list)

    @property
    def no(self) -> str:
        return f"JS{self.events[0].unit}20260101D{self.id:05d}"

    @property
    def submission(self) -> int:
        return self.id + 10_000

    @property
    def facts(self) -> SubmissionFacts:
        return SubmissionFacts(self.submission, self.channel, self.reachable, self.anonymous)

    def add(self, step: str, at: datetime, unit: int, on: date | None = None, **data: Any) -> None:
        """One more event, unless it lies ahead of the horizon."""
        if at <= HORIZON:
            own = self.submission if step in OF_A_CONTACT else None
            event = Event(step, at, on or at.date(), unit, own, None, data)
            self.events.append(event)


def made(count: int, seed: int = 7) -> list[History]:
    """`count` histories with every kind of fault; some begin so late that they end in 2027."""
    random = Random(seed)
    histories = [_one(random, number) for number in range(1, count + 1)]
    for history in histories:
        delivered = [e.on for e in history.events if e.step == "deliver"]
        if delivered and random.random() < 0.4:
            other = random.choice([h for h in histories if _near(h, delivered[0])] or histories)
            received = other.events[0].on if other.events else HORIZON.date()
            on = received + timedelta(days=random.choice((0, 1, 9, 40, 90)))
            if on <= HORIZON.date() and other is not history:
                history.repeats.append((on, other.id, received))
    return histories


def _near(other: History, delivered: date) -> bool:
    """Received about the ninety days after a delivery."""
    return bool(other.events) and -3 <= (other.events[0].on - delivered).days <= 96


def _one(random: Random, number: int) -> History:
    registrar = random.choice((NANJING, NANJING, XUANWU, SUZHOU, SUZHOU, HUQIU, PROVINCE))
    place = random.choice((XUANWU, HUQIU)) if registrar == PROVINCE else registrar
    history = History(
        number, place, random.choice(("phone", "web", "letter", "visit", "other")),
        random.random() < 0.8, random.random() < 0.15,
        random.choice(("", "", "", "subject", "demands,place")),
    )  # fmt: skip
    first = date(2026, 1, 1) if random.random() < 0.85 else date(2026, 10, 1)
    received = datetime.combine(first, datetime.min.time())
    received += timedelta(days=random.randint(0, 170 if first.month == 1 else 45), hours=9)
    at = received + timedelta(days=random.choice((0, 0, 0, 0, 0, 1, 1, 2, 5, 45)))
    history.add("register", at, registrar, received.date(), reachable=history.reachable)
    _decide(random, history, at, registrar)
    return history


def _decide(random: Random, history: History, at: datetime, unit: int) -> None:
    at += timedelta(days=random.choice((0, 1, 2)), minutes=1)
    route = random.choices(ROUTES, (10, 5, 2, 1))[0]
    history.add("classify", at, unit, route=route, track=load().route(route).track)
    at += timedelta(days=random.choice((0, 1, 3, 6, 20)), minutes=1)
    if route == "accusation" or random.random() < 0.1:
        history.add(random.choice(("transfer", "decline")), at, unit)
        return
    if unit % 100 == 0 and random.random() < 0.7:
        below = {NANJING: XUANWU, SUZHOU: HUQIU, PROVINCE: random.choice((NANJING, SUZHOU))}
        to = below[unit]
        history.add("assign", at, unit, to=to)
        unit = to
        at += timedelta(days=random.choice((0, 1, 4, 18)), minutes=1)
        history.add("sign", at, unit)
    if random.random() < 0.08:
        return
    at += timedelta(days=random.choice((0, 1, 5)), minutes=1)
    history.add("accept", at, unit, simple=random.random() < 0.25)
    _handle(random, history, at, unit)


def _handle(random: Random, history: History, at: datetime, unit: int) -> None:
    if random.random() < 0.8 and history.reachable:
        recorded = at + timedelta(days=random.choice((0, 2, 9, 25)), minutes=1)
        told = max(recorded.date() - timedelta(days=random.randint(0, 3)), at.date())
        history.add("notify", recorded, unit, told, delivered_on=told.isoformat(), proof="回执")
        at = max(at, recorded)
    if random.random() < 0.15:
        later = at + timedelta(days=random.randint(1, 40), minutes=1)
        history.add("extend", later, unit, days=random.choice((10, 30)))
        at = later
    if random.random() < 0.03:
        kept = random.sample(["entry", "notice", "reply", "conclude_report", "rating"], 2)
        history.add("exempt", at + timedelta(minutes=1), PROVINCE, clocks=kept)
    at += timedelta(days=random.choice((2, 6, 8, 30, 45, 70, 110)), minutes=2)
    if random.random() < 0.9:
        history.add("approve", at, unit, conclusion="substantiated")
        _answer(random, history, at, unit)


def _answer(random: Random, history: History, at: datetime, unit: int) -> None:
    if not history.reachable or random.random() < 0.05:
        return
    recorded = at + timedelta(days=random.choice((0, 0, 1, 1, 3, 3, 5, 9, 60)), minutes=1)
    on = max(recorded.date() - timedelta(days=random.choice((0, 0, 2, 4, 55))), at.date())
    history.add("deliver", recorded, unit, on, delivered_on=on.isoformat())
    at = recorded + timedelta(days=random.choice((1, 5, 9, 33, 40)), minutes=1)
    score = random.choice((None, None, "1", "2", "3"))
    if random.random() < 0.5:
        history.add("callback", at, unit, reached=bool(score) or random.random() < 0.5,
                    finished=True, rating=score)  # fmt: skip
    elif score:
        history.add("rate", at, unit, rating=score, rated_by="paper")


# --- rows


def store(histories: Iterable[History]) -> None:
    """Write the histories as the services would, in bulk."""
    kept = [history for history in histories if history.events]
    rows: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (m.Case, m.Submission, m.CaseUnit, m.Clock, m.Rating, m.CaseLink)
    }
    for history in kept:
        _rows(rows, history)
    with write(SYSTEM) as session:
        for table, values in rows.items():
            if values:
                session.execute(insert(table.__table__), values)


def _rows(rows: dict[Any, list[dict[str, Any]]], history: History) -> None:
    state, first = fold(history.events), history.events[0]
    rows[m.Case].append(
        {
            "id": history.id, "no": history.no, "title": "恶臭扰民", "place_code": history.place,
            "place_city": city_of(history.place), "address": "某路1号", "subject_name": "某厂",
            "channel": history.channel, "subchannel": "bureau_phone", "urgency": "normal",
            "registered_on": first.at.date(), "changed_at": first.at, "version": 1,
            **state_columns(state),
        }
    )  # fmt: skip
    rows[m.Submission].append(
        {
            "id": history.submission, "case_id": history.id, "no": history.no,
            "query_code": f"Q{history.id:07d}", "channel": history.channel,
            "subchannel": "bureau_phone",
            "received_at": datetime.combine(first.on, datetime.min.time()),
            "registered_at": first.at, "registered_on": first.at.date(),
            "registered_unit": first.unit, "registered_city": city_of(first.unit),
            "content": "恶臭", "urgency": "normal", "first_or_repeat": "first",
            "anonymous": history.anonymous, "reachable": history.reachable,
            "answered_on": _answered(history), "missing": history.missing,
        }
    )  # fmt: skip
    rows[m.CaseUnit].extend(unit_rows(history.id, history.place, state))
    clocks = clocks_of([history.facts], state, history.events)
    rows[m.Clock].extend(clock_row(history.id, clock, state.sealed_on) for clock in clocks)
    rows[m.Rating].extend(_ratings(history))
    rows[m.CaseLink].extend(
        {"case_id": by, "earlier_id": history.id, "kind": "repeat", "reason": "同一人同一事",
         "on": on, "confirmed_by": None}
        for on, by, _ in history.repeats
    )  # fmt: skip


def _answered(history: History) -> date | None:
    reached = (e.on for e in history.events if e.step == "callback" and e.data["reached"])
    return next(reached, None)


def _ratings(history: History) -> list[dict[str, Any]]:
    return [
        {"case_id": history.id, "submission_id": history.submission, "stage": "handling",
         "score": int(event.data["rating"]), "by": "paper", "on": event.on, "at": event.at}
        for event in history.events
        if event.data.get("rating")
    ]  # fmt: skip
