"""Cases of the demonstration as rows: the same fold, clocks and columns as the services."""

import hmac
import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from db.words import pairs
from domain.clocks import SubmissionFacts
from domain.history import Event
from domain.people import Role, city_of
from services import trace
from services.demo.cases import Made, Maker
from services.demo.days import CLOCK, DAY, Days
from services.demo.people import person_id
from services.demo.province import province
from services.demo.side import measure_rows, notice_rows, side_rows
from services.demo.tables import TABLES
from services.identity import matches
from services.numbers import QUERY_SIGNS, series_of
from services.rows import clock_row, clocks_of, state_columns, unit_rows

# The moment of an event, its chain, its text after the number as bytes, and its columns.
Told = tuple[int, int, bytes, tuple[Any, ...]]
SELDOM = frozenset({"supervise", "instruct", "charge", "reception", "request_review"})
RATED = ("callback", "rate")
STARS = ("point", "industry", "address", "demands", "category", "urgency")
GROUPS = {"visit": 0.35, "letter": 0.12}  # five persons or more
_ALL = len(QUERY_SIGNS) ** 8
_OFFSET = int.from_bytes(sha256(b"query code").digest()[:6], "big")


@dataclass(slots=True)
class Batch:
    """Rows by table as tuples, events by moment, and the last numbers of each series."""

    cases: int
    rows: dict[str, list[tuple[Any, ...]]]
    events: list[Told]
    words: list[tuple[int, str]]
    numbers: dict[str, int]
    begins: int  # no later batch has events before this day


def batch(maker: Maker, first_day: int, last_day: int) -> Batch:
    """All cases registered on some days, both included."""
    out = Batch(0, {name: [] for name in TABLES}, [], [], {}, first_day)
    days = maker.days
    for index in range(days.first_of(first_day), days.ends[last_day - days.first]):
        plan = maker.plan(index)
        head = series_of(plan.unit, days.date(plan.registered // DAY), maker.letters[plan.channel])
        out.numbers[head] = out.numbers.get(head, 0) + 1
        made = maker.tell(plan, f"{head}{out.numbers[head]:05d}")
        Rows(maker, made, f"{head}{out.numbers[head]:05d}", out).write()
        out.cases += 1
    return out


class Rows:
    """Writes one case into a batch."""

    def __init__(self, maker: Maker, made: Made, no: str, out: Batch) -> None:
        self.maker, self.made, self.no, self.out = maker, made, no, out
        self.plan, self.days = made.plan, maker.days
        self.id = made.plan.index + 1
        self.rng = made.plan.rng  # after all that the story drew

    def write(self) -> None:
        """All rows of the case."""
        plan, state, out = self.plan, self.made.state, self.out.rows
        events = [event for _, event in self.made.events]
        missing = self._missing()
        self.subs = () if "category" in missing else tuple(dict.fromkeys(plan.subs))
        self._case(missing)
        self._submission(missing, events)
        self._petitioner()
        out["case_categories"] += [(self.id, sub, sub[0]) for sub in self.subs]
        out["case_units"] += [tuple(r.values()) for r in unit_rows(self.id, plan.county, state)]
        self._clocks(events)
        self._outcome(events)
        self._events()
        self.out.words.append((self.id, self._searched(missing)))
        if plan.repeats is not None:
            on = self.days.text(plan.registered // DAY)
            clerk = person_id(plan.unit, Role.CLERK)
            out["case_links"].append((self.id, plan.repeats + 1, "repeat", "登记时确认", on, clerk))

    def _searched(self, missing: tuple[str, ...]) -> str:
        plan, words = self.plan, self.made.words
        subject = plan.subject.name if plan.route != "elsewhere" else "不明"
        address = "" if "address" in missing else plan.subject.address
        return pairs(f"{words.title} {words.content} {subject} {address}")

    def _missing(self) -> tuple[str, ...]:
        """The ★ fields that were not valid in the first version."""
        chance = self.rng.random
        if chance() >= province().habits[self.plan.unit].complete:
            return ()
        found = {STARS[int(chance() ** 1.6 * len(STARS))] for _ in range(1 + (chance() < 0.2))}
        return tuple(star for star in STARS if star in found)

    def _case(self, missing: tuple[str, ...]) -> None:
        plan, state, days, chance = self.plan, self.made.state, self.days, self.rng.random
        columns = {k: _plain(v) for k, v in state_columns(state).items()}
        moment, last = self.made.events[-1]
        self.group = chance() < GROUPS.get(plan.channel, 0.0)
        self.confidential = chance() < 0.06 or plan.route == "accusation"
        share = chance()
        self.urgency = "critical" if share < 0.006 else "urgent" if share < 0.05 else "normal"
        point = "point" not in missing
        columns |= {
            "id": self.id, "no": self.no, "title": self.made.words.title[:200],
            "place_code": plan.county, "place_city": city_of(plan.county),
            "address": "" if "address" in missing else plan.subject.address,
            "lon": plan.subject.lon if point else None, "lat": plan.subject.lat if point else None,
            "subject_name": plan.subject.name if plan.route != "elsewhere" else "不明",
            "subject_code": plan.subject.code if plan.route != "elsewhere" else None,
            "industry": None if "industry" in missing else plan.industry,
            "channel": plan.channel, "subchannel": plan.subchannel,
            "registered_on": days.text(plan.registered // DAY), "is_group": self.group,
            "is_repeat": plan.repeats is not None, "confidential": self.confidential,
            "urgency": self.urgency, "kinds": ",".join(sorted(self.subs)),
            "submissions": 1, "changed_at": _spaced(days, moment),
            "changed_by": last.person, "version": len(self.made.events),
        }  # fmt: skip
        self.out.rows["cases"].append(tuple(columns[name] for name in TABLES["cases"]))

    def _submission(self, missing: tuple[str, ...], events: list[Event]) -> None:
        plan, days, chance = self.plan, self.days, self.rng.random
        visit, call = plan.channel == "visit", plan.channel == "phone"
        night = plan.subs[0] in ("N02", "N03", "A01", "A03") and chance() < 0.6
        pattern = "night" if night else ("day", "always", None)[int(chance() * 3)]
        self.out.rows["submissions"].append((
            self.id, self.id, self.no, query_code(self.id), plan.channel, plan.subchannel,
            self.made.words.source_no or None, _spaced(days, plan.received),
            _spaced(days, plan.registered), days.text(plan.registered // DAY), plan.unit,
            city_of(plan.unit), person_id(plan.unit, Role.CLERK), self.made.words.content, pattern,
            self.urgency, "repeat" if plan.repeats is not None else "first",
            5 + int(chance() * 30) if self.group else 1, plan.anonymous, self.confidential,
            chance() < 0.3, self.made.identity.reachable, _answered(events),
            "值班接待员" if visit else None,
            "已当面说明办理程序和期限" if visit else None,
            f"REC{self.id:09d}" if call else None, ",".join(missing), None, None,
        ))  # fmt: skip

    def _petitioner(self) -> None:
        who, keys = self.made.identity, self.maker.keys
        if not (who.name or who.phone or who.id_no or who.address):
            return
        fields = {"name": who.name, "phone": who.phone, "id_no": who.id_no, "address": who.address}
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        bound = self.no.encode()
        # The nonce follows from key and text, so that a build can be repeated byte for byte.
        nonce = hmac.digest(keys.match, bound + text, "sha256")[:12]
        sealed = nonce + self.maker.cipher.encrypt(nonce, text, bound)
        hashes = matches(who, city_of(self.plan.county), keys)
        self.out.rows["petitioners"].append((self.id, sealed, keys.id, *hashes.values()))

    def _outcome(self, events: list[Event]) -> None:
        """The rows beside the case: demands, measures, ratings, orders, reviews, notices."""
        rows, last = self.out.rows, {event.step: event.data for event in events}
        concluded = last.get("stage") or last.get("approve") or {}
        answers = last.get("reply", {}).get("answers", {})
        rows["demands"] += [
            (self.id, n, text, concluded.get("findings", {}).get(str(n)), answers.get(str(n)))
            for n, text in enumerate(self.made.words.demands, 1)
        ]
        if concluded:
            rows["case_measures"] += measure_rows(self.id, concluded)
        for event in events:
            if event.step in RATED and event.data.get("rating"):
                by = "callback" if event.step == "callback" else event.data["rated_by"]
                rows["ratings"].append((self.id, self.id, "handling", int(event.data["rating"]), by,
                                        event.on.isoformat(), _stored(event)))  # fmt: skip
        if not SELDOM.isdisjoint(last):
            for table, row in side_rows(self.id, events):
                rows[table].append(row)
        if self.made.events[-1][0] >= self.maker.told_since:
            recent = sum(moment >= self.maker.told_since for moment, _ in self.made.events)
            rows["notices"] += notice_rows(self.id, self.no, events, recent)

    def _clocks(self, events: list[Event]) -> None:
        state, plan = self.made.state, self.plan
        facts = SubmissionFacts(self.id, plan.channel, self.made.identity.reachable, plan.anonymous)
        rows = self.out.rows["clocks"]
        for clock in clocks_of([facts], state, events, self.maker.rules):
            row = clock_row(self.id, clock, state.sealed_on)
            rows.append(tuple([v.isoformat() if type(v) is date else v for v in row.values()]))

    def _events(self) -> None:
        for moment, event in self.made.events:
            self._event(moment, event.unit, event.step, event.on.isoformat(), event.submission,
                        event.person, trace.canonical(event.data))  # fmt: skip
        plan = self.plan
        if plan.repeats is not None:
            on = self.days.text(plan.registered // DAY)
            data = trace.canonical({"earlier": plan.repeats + 1})
            self._event(plan.registered, plan.unit, "confirm_repeat", on, None,
                        person_id(plan.unit, Role.CLERK), data)  # fmt: skip

    def _event(
        self, moment: int, chain: int, kind: str, on: str, submission: int | None,
        person: int | None, data: str,
    ) -> None:  # fmt: skip
        # The text is that of trace.digest, which `check` computes anew from the stored row.
        day, clock = self.days.text(moment // DAY), CLOCK[moment % DAY]
        text = (
            f'"{kind}","{day}T{clock}.000000","{on}",{self.id},{submission or "null"},'
            f'{person or "null"},"",{encode_basestring(data)}]'
        )
        columns = (kind, f"{day} {clock}.000000", on, self.id, submission, person, "", data)
        self.out.events.append((moment, chain, text.encode(), columns))


def _answered(events: list[Event]) -> str | None:
    """The day a callback last reached the petitioner."""
    reached = [e.on for e in events if e.step == "callback" and e.data["reached"]]
    return reached[-1].isoformat() if reached else None


def _plain(value: Any) -> Any:
    return value.isoformat() if type(value) is date else value


def _spaced(days: Days, moment: int) -> str:
    """A moment as both databases store it."""
    return f"{days.text(moment // DAY)} {CLOCK[moment % DAY]}.000000"


def _stored(event: Event) -> str:
    return event.at.isoformat(sep=" ", timespec="microseconds")


def query_code(number: int) -> str:
    """A code that no other number has; the digest only sets where the sequence begins."""
    value = (number * 363_847_159_211 + _OFFSET) % _ALL
    signs = []
    for _ in range(8):
        value, rest = divmod(value, len(QUERY_SIGNS))
        signs.append(QUERY_SIGNS[rest])
    return "".join(signs)
