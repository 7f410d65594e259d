"""Clocks of whole case histories, and what no history may ever do."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import CaseFacts, Clock, Light, Lights, SubmissionFacts, work_out
from domain.history import MOMENTS, Event, moments
from domain.table import GIVING
from rules import load

RULES = load()
TABLES = Path(__file__).parent / "tables"
HISTORIES = list(csv.DictReader((TABLES / "clock_histories.csv").read_text("utf-8").splitlines()))


def event(text: str) -> Event:
    """An event written as `on[/recorded] step unit key=value …`."""
    when, step, unit, *rest = text.split()
    on, _, recorded = when.partition("/")
    values: dict[str, Any] = dict(part.split("=") for part in rest)
    submission = values.pop("s", None)
    at = datetime.combine(date.fromisoformat(recorded or on), time(9))
    if "clocks" in values:
        values["clocks"] = values["clocks"].split("+")
    number = int(submission) if submission else None
    return Event(step, at, date.fromisoformat(on), int(unit), number, data=values)


def history(text: str) -> list[Event]:
    return [event(part.strip()) for part in text.split(";")]


def facts(row: dict[str, str]) -> CaseFacts:
    flags = row["flags"].split()
    ids = (1, 2) if "two" in flags else (1,)
    reachable = "unreachable" not in flags
    submissions = tuple(SubmissionFacts(n, row["channel"], reachable) for n in ids)
    return CaseFacts(submissions, row["track"], "simple" in flags)


def clocks(known: CaseFacts, events: Sequence[Event]) -> list[Clock]:
    return work_out(known, events, RULES.clocks, RULES.calendar)


def found(row: dict[str, str]) -> list[Clock]:
    """The clock a row names: key, key/ordinal or key#submission."""
    key, _, ordinal = row["clock"].partition("/")
    key, _, submission = key.partition("#")
    return [
        clock
        for clock in clocks(facts(row), history(row["events"]))
        if clock.key == key
        and (not ordinal or clock.ordinal == int(ordinal))
        and (not submission or clock.submission == int(submission))
    ]


@pytest.mark.parametrize("row", HISTORIES, ids=lambda row: row["why"])
def test_history(row: dict[str, str]) -> None:
    clock = found(row)[:1]
    assert bool(clock) == (row["says"] != "none")
    for one in clock:
        done = one.done_on.isoformat() if one.done_on else ""
        dates = (one.started_on.isoformat(), one.due_on.isoformat(), done)
        assert dates == (row["start"], row["due"], row["done"])
        said = {"late": one.late, "exempt": one.exempt, "provisional": one.provisional}
        said["window"] = not one.duty
        assert {word for word, true in said.items() if true} == set(row["says"].split())
        assert str(one.unit) == row["unit"]


def test_the_table_speaks_of_every_clock() -> None:
    spoken = {row["clock"].split("/")[0].split("#")[0] for row in HISTORIES if row["due"]}
    assert {r.key for r in RULES.clocks} - spoken == {"re_review_request"}


def test_the_time_to_ask_for_a_re_review_runs_from_the_delivered_answer() -> None:
    events = history(
        "2026-03-02 register 320100 s=1; 2026-04-01 request_review 320000;"
        "2026-04-20 answer_review 320000; 2026-04-21 deliver_review 320000;"
        "2026-05-11 request_re_review 320000; 2026-05-12 answer_re_review 320000"
    )
    by_key = {c.key: c for c in clocks(CaseFacts((SUBMISSION,), "petition"), events)}
    window = by_key["re_review_request"]
    assert (window.due_on, window.done_on) == (date(2026, 5, 21), date(2026, 5, 11))
    assert by_key["review"].done_on == date(2026, 4, 20)
    assert by_key["re_review"].done_on == date(2026, 5, 12)


def test_the_first_due_date_is_kept_beside_the_extended_one() -> None:
    events = history(
        "2026-03-02 register 320100 s=1; 2026-03-02 accept 320100;2026-04-20 extend 320100 days=20"
    )
    clock = next(c for c in clocks(CASE, events) if c.key == "conclude_report")
    assert (clock.first_due_on, clock.due_on) == (date(2026, 5, 6), date(2026, 5, 21))


def test_a_new_order_is_a_new_clock_and_a_new_address_is_not() -> None:
    order = "2026-03-02 register 320000 s=1; 2026-03-03 assign 320000 to=320100 limit=2026-03-28;"
    again = order + "2026-03-09 reassign 320000 to=320200 limit=2026-04-30"
    onward = order + "2026-03-09 assign 320100 to=320102 limit=2026-03-20"
    dues = [
        [c.due_on.isoformat() for c in clocks(CASE, history(text)) if c.key == "ordered"]
        for text in (again, onward)
    ]
    assert dues == [["2026-03-28"], ["2026-03-28", "2026-03-20"]]


def test_what_was_known_when_is_kept() -> None:
    events = history(
        "2026-03-02/2026-03-05 register 320100 s=1; 2026-03-03/2026-03-09 accept 320100"
    )
    clock = next(c for c in clocks(CASE, events) if c.key == "dispatch")
    assert (clock.started_on, clock.known_on) == (date(2026, 3, 2), date(2026, 3, 5))
    assert (clock.done_on, clock.shown_on) == (date(2026, 3, 3), date(2026, 3, 9))


def test_the_rule_in_force_when_the_clock_started_counts() -> None:
    old = RULES.clock("sign")
    assert old.term is not None
    new = replace(old, since=date(2026, 4, 1), term=replace(old.term, length=2))
    rules = (new, *RULES.clocks)
    before = history("2026-03-02 register 320000 s=1; 2026-03-31 assign 320000 to=320100")
    after = history("2026-03-02 register 320000 s=1; 2026-04-01 assign 320000 to=320100")
    dues = [
        next(c for c in work_out(CASE, e, rules, RULES.calendar) if c.key == "sign")
        for e in (before, after)
    ]
    assert [(c.due_on, c.rule_since) for c in dues] == [
        (date(2026, 4, 1), old.since),
        (date(2026, 4, 3), new.since),
    ]


@pytest.mark.parametrize(
    ("due_on", "light", "why"),
    [
        ("2026-03-05", Light.RED, "yesterday is past"),
        ("2026-03-06", Light.ORANGE, "due today"),
        ("2026-03-08", Light.ORANGE, "on the weekend between"),
        ("2026-03-09", Light.ORANGE, "the next workday"),
        ("2026-03-11", Light.YELLOW, "within three workdays"),
        ("2026-03-12", Light.GREEN, "later"),
    ],
)
def test_lights_on_a_friday(due_on: str, light: Light, why: str) -> None:
    lights = Lights.on(date(2026, 3, 6), RULES.calendar)
    assert lights.of(date.fromisoformat(due_on)) is light, why


def test_overdue_is_a_running_duty_past_its_day() -> None:
    clock = next(
        c for c in clocks(CASE, history("2026-03-02 register 320100 s=1")) if not c.done_on
    )
    assert not clock.overdue(clock.due_on)
    assert clock.overdue(clock.due_on + timedelta(1))
    later = clock.due_on + timedelta(1)
    assert not replace(clock, exempt=True).overdue(later)
    assert not replace(clock, duty=False).overdue(later)
    assert not replace(clock, done_on=later).overdue(later)
    assert replace(clock, done_on=later).late


SUBMISSION = SubmissionFacts(1, "phone", True)
CASE = CaseFacts((SUBMISSION,), "report")
UNITS = (320000, 320100, 320102, 320200, 320205)
PLAIN = [
    "sign", "accept", "decline", "transfer", "accept_return", "verify", "report", "rate",
    "request_review", "answer_review", "deliver_review", "request_re_review", "answer_re_review",
    "accept_feedback", "verify_rectification", "classify", "conclude", "reject",
    "undeliverable",
]  # fmt: skip
STEPS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "pass_on": st.fixed_dictionaries({"to": st.sampled_from(UNITS)}),
    **{step: st.just({}) for step in PLAIN},
    "assign": st.fixed_dictionaries(
        {"to": st.sampled_from(UNITS), "limit": st.sampled_from([None, "2026-04-01"])}
    ),
    "reassign": st.fixed_dictionaries({"to": st.sampled_from(UNITS)}),
    "supervise": st.fixed_dictionaries(
        {"to": st.sampled_from(UNITS), "limit": st.just("2026-04-20")}
    ),
    "notify": st.fixed_dictionaries({"delivered_on": st.sampled_from([None, "2026-03-20"])}),
    "deliver": st.fixed_dictionaries({"delivered_on": st.sampled_from([None, "2026-03-20"])}),
    "approve": st.fixed_dictionaries(
        {
            "conclusion": st.sampled_from(["substantiated", "unsubstantiated"]),
            "plan_due": st.sampled_from([None, "2026-09-30"]),
        }
    ),
    "callback": st.fixed_dictionaries({"finished": st.booleans(), "rating": st.just(1)}),
    "extend": st.fixed_dictionaries({"days": st.integers(-5, 60)}),
    "hold_hearing": st.fixed_dictionaries({"days": st.integers(-5, 20)}),
    "exempt": st.fixed_dictionaries({"clocks": st.just([r.key for r in RULES.clocks])}),
}


@st.composite
def histories(draw: st.DrawFn) -> tuple[CaseFacts, list[Event]]:
    """A registered case and any steps after it, in the order they were recorded."""
    start = draw(st.dates(date(2018, 1, 2), date(2026, 12, 31)))
    at = datetime.combine(start, time(9))
    unit = draw(st.sampled_from(UNITS))
    events = [Event("register", at, start, unit, 1, data={"forwarded": draw(st.booleans())})]
    for _ in range(draw(st.integers(1, 14))):
        at += timedelta(days=draw(st.integers(0, 25)))
        step = draw(st.sampled_from(sorted(STEPS)))
        on = max(start, at.date() - timedelta(days=draw(st.sampled_from([0, 0, 0, 3]))))
        submission = draw(st.sampled_from([None, 1]))
        unit = draw(st.sampled_from(UNITS))
        whole = step in GIVING  # of the case, never of one contact
        about = None if whole else submission
        events.append(Event(step, at, on, unit, about, data=draw(STEPS[step])))
    track = draw(st.sampled_from(["report", "petition", "suggestion", None]))
    known = SubmissionFacts(1, draw(st.sampled_from(["phone", "letter"])), draw(st.booleans()))
    return CaseFacts((known,), track, draw(st.booleans())), events


def _by_name(found: list[Clock]) -> dict[tuple[str, int | None, int], Clock]:
    return {(c.key, c.submission, c.ordinal): c for c in found}


@given(histories())
def test_one_more_event_takes_nothing_back(case: tuple[CaseFacts, list[Event]]) -> None:
    known, events = case
    before = _by_name(clocks(known, events[:-1]))
    after = _by_name(clocks(known, events))
    assert before.keys() <= after.keys()
    for name, old in before.items():
        new = after[name]
        assert (new.started_on, new.first_due_on) == (old.started_on, old.first_due_on)
        assert new.done_on == old.done_on or old.done_on is None
        assert new.late or not old.late
        assert new.exempt or not old.exempt
        assert new.due_on >= old.due_on


@given(histories())
def test_a_due_date_moves_only_by_an_extension_or_a_hearing(
    case: tuple[CaseFacts, list[Event]],
) -> None:
    moved = {c.key for c in clocks(*case) if c.due_on != c.first_due_on}
    steps = {e.step for e in case[1]}
    allowed = {"conclude_report", "conclude_petition"} if "extend" in steps else set()
    assert moved <= allowed | ({"re_review"} if "hold_hearing" in steps else set())


@given(histories())
def test_every_clock_is_once_and_by_the_calendar(case: tuple[CaseFacts, list[Event]]) -> None:
    found = clocks(*case)
    assert len(_by_name(found)) == len(found)
    for clock in found:
        assert clock.provisional == (clock.due_on.year > 2026)
        assert clock.rule_since <= clock.started_on


@given(histories())
def test_every_moment_is_a_known_word(case: tuple[CaseFacts, list[Event]]) -> None:
    assert {m.kind for m in moments(case[1])} <= MOMENTS


def test_every_known_moment_can_happen() -> None:
    day, at = date(2026, 3, 3), datetime(2026, 3, 3)
    events = [Event("register", at, day, 320100, 1, data={"forwarded": True})]
    full = {
        "to": 320102,
        "delivered_on": "2026-03-03",
        "finished": True,
        "rating": 1,
        "conclusion": "unsubstantiated",
        "plan_due": "2026-09-30",
        "days": 1,
        "clocks": [],
        "joined": [],
        "units": [],
        "other": 9,
        "into": 9,
    }
    for step in [*STEPS, "merged"]:
        events.append(Event(step, at, day, 320100, data=full))
    again = {**full, "conclusion": "partly", "plan_due": None}
    events.append(Event("approve", at, day, 320100, data=again))
    assert {m.kind for m in moments(events)} == MOMENTS
