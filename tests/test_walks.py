"""Walks over the table of steps: what never breaks, that every case can end, the service agrees."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, product

import pytest

from bench.telling import About, possible, told
from bench.walk_checks import Broken, Counted, kept, nothing_runs
from bench.walking import ROLES, UNITS, Case, Walk, lacking, person, write
from bench.walks import Told, walked
from domain.clocks import Clock
from domain.people import Level, level_of
from domain.statuses import Status, Track
from domain.table import BY_KEY
from domain.workflow import refusal

WALKS = 300


@pytest.fixture(scope="module")
def some() -> Told:
    return walked(range(1, WALKS + 1), 40)


def test_no_walk_breaks_a_rule(some: Told) -> None:
    assert some.walks == WALKS and sum(some.taken.values()) > 20 * WALKS
    assert some.broken == []


def test_walks_take_every_step_and_come_to_every_status(some: Told) -> None:
    assert set(BY_KEY) - set(some.taken) <= {"hold_hearing", "deliver_re_review"}  # the rarest
    seen = {end.partition("（")[0] for end in some.ends}
    assert {status.label for status in Status} - seen <= {"复核中", "退回中", "已登记"}


def test_the_balance_holds_for_every_month_and_division(some: Told) -> None:
    """上月结存 + 收 − 结 − 移送 = 结存, and the last 结存 is what the statuses say is in hand."""
    balances = list(some.counted.balances())
    assert len(balances) > 100 and some.counted.faults() == []
    assert {level_of(unit) for unit, _, _ in balances} == set(Level)


# --- the watch can see: each rule is shown what breaks it

RUNNING = Clock("reply", 1, 1, 320102, date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 5),
                date(2026, 3, 5), False, None, None, True, False, date(2018, 1, 1))  # fmt: skip
LATE = replace(RUNNING, done_on=date(2026, 3, 9), shown_on=date(2026, 3, 9))
SINS = [
    (RUNNING, {"started_on": date(2026, 3, 3)}, "restarted"),
    (RUNNING, {"first_due_on": date(2026, 3, 6)}, "restarted"),
    (LATE, {"done_on": date(2026, 3, 5)}, "another day"),
    (LATE, {"done_on": None}, "another day"),
    (LATE, {"due_on": date(2026, 3, 30)}, "late no more"),
    (RUNNING, {"due_on": date(2026, 3, 30)}, "overdue no more"),
    (RUNNING, {"duty": False}, "overdue no more"),
    (RUNNING, {"due_on": date(2026, 3, 1)}, "made worse"),
    (replace(RUNNING, exempt=True), {"exempt": False}, "made worse"),
]


@pytest.mark.parametrize(("clock", "changes", "words"), SINS)
def test_a_watch_sees_what_is_taken_back(clock: Clock, changes: dict, words: str) -> None:
    kept(("reply", "submission", 1, 1), clock, clock, date(2026, 3, 9))
    with pytest.raises(Broken, match=words):
        kept(("reply", "submission", 1, 1), clock, replace(clock, **changes), date(2026, 3, 9))


def test_an_exemption_and_a_delivery_learned_late_take_nothing_back() -> None:
    for changes in ({"exempt": True}, {"done_on": date(2026, 3, 5), "shown_on": date(2026, 3, 9)}):
        kept(("reply", "submission", 1, 1), RUNNING, replace(RUNNING, **changes), date(2026, 3, 9))


def test_a_watch_sees_a_duty_left_in_the_archive_and_a_stock_that_does_not_add_up() -> None:
    case = Walk(1).cases[0]
    case.clocks = [RUNNING]
    with pytest.raises(Broken, match="still runs"):
        nothing_runs(case)
    counted = Counted()
    counted.add(case)
    case.state = replace(case.state, ended_on=case.state.received_on)  # its status still says open
    counted.add(case)
    assert len(counted.faults()) == len({case.place, case.place // 100 * 100, 320000})


# --- from everywhere a case can get to an end

# What stands beside the way of a case can never bring it to an end.
BESIDE = {"merge", "separate", "instruct", "charge", "reception", "investigate",
          "exempt", "reopen", "rate", "rectify", "supervise"}  # fmt: skip
# Steps that lead towards the end are tried before those that lead round.
FIRST = ("archive", "verify", "pass_check", "follow_up", "feedback", "accept_feedback",
         "verify_rectification", "callback", "notify", "deliver_review", "deliver_re_review",
         "answer_review", "answer_re_review", "deliver", "reply", "approve", "stage", "conclude",
         "accept", "sign", "refuse_return", "transfer", "decline", "classify")  # fmt: skip
DRAWS = 12  # a notice comes back, somebody is not reached, nothing is finished: tried again
WINDOW = timedelta(days=60)  # the time to ask for a review passes by waiting
WAY = [*FIRST, *(key for key in BY_KEY if key not in BESIDE and key not in FIRST)]


def likeness(case: Case) -> tuple[object, ...]:
    """What decides how a case can go on, without who did what when."""
    state = case.state
    done = frozenset((key, *sorted(map(str, ids))) for key, ids in state.done.items())
    return (state.status, state.track, state.flags, state.holder, tuple(state.senders.items()),
            state.organ, state.returned, state.resume, tuple(state.orders.items()), state.owed,
            state.passed, state.actions,
            done)  # fmt: skip


def onward(walk: Walk, case: Case) -> Iterator[Case]:
    """The case after each step that somebody who sees it may really take now."""
    for key in WAY:
        step = BY_KEY[key]
        people = (person(unit, role) for role, unit in product(ROLES, UNITS) if role in step.roles)
        able = (who for who in people if not refusal(step, case.state, who) and case.seen_by(who))
        for viewer in list(islice(able, 1)) * DRAWS:
            about: About = walk.about(case, step, viewer)
            if not possible(about) or (key == "archive" and lacking(case, walk.today + WINDOW)):
                continue
            after = replace(case)
            write(after, walk.event(about, told(about)))
            after.work_out()
            yield after


def ends(walk: Walk, start: Case, known: set[tuple[object, ...]], patience: int = 400) -> bool:
    """Whether a search finds an archived end; `known` remembers from where there is a way."""
    way, seen, today = [(start, onward(walk, start))], {likeness(start)}, walk.today
    while way and patience:
        case, further = way[-1]
        if case.over or likeness(case) in known:
            known.update(likeness(one) for one, _ in way)
            return True
        walk.today = today + timedelta(days=4 * len(way))
        after = next(further, None)
        patience -= 1
        if after is None:
            way.pop()
        elif likeness(after) not in seen or after.state.has("archived"):
            seen.add(likeness(after))
            way.append((after, onward(walk, after)))
    return False


def test_from_every_state_a_case_can_be_archived() -> None:
    """Real states, as random walks come to them: every status, route, level and marks."""
    known: set[tuple[object, ...]] = set()
    met: set[tuple[Status, Track | None]] = set()
    levels, tried = set(), set()
    for seed in range(1, 161):
        walk = Walk(seed)
        for _ in range(40):
            walk.pause()
            for case, _ in walk.step():
                if case.over or (like := likeness(case)) in tried:
                    continue
                tried.add(like)
                met.add((case.state.status, case.state.track))
                levels.add((level_of(case.state.holder), case.state.has("reachable")))
                there = Walk(seed)
                there.today = walk.today
                assert ends(there, replace(case), known), (case.state, case.events)
    assert len(tried) > 2000
    assert {status for status, _ in met} == set(Status) - {Status.ARCHIVED}
    assert {track for _, track in met} == {*Track, None}
    assert levels == set(product(Level, (True, False)))
