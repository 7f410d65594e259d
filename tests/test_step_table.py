"""The table of steps against tables/steps.csv, which an office can sign, over every combination.

A row says in the office's words from where, by whom, at which level, on which route and under
which conditions a step may be taken. Every (step, status, role, level, relation, track) is asked,
and every condition is broken once.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.telling import About, told
from bench.walking import UNITS
from domain.history import Event
from domain.labelled import Labelled
from domain.people import Level, Role, Viewer, level_of
from domain.statuses import Status, Track
from domain.table import BY_KEY, Step
from domain.workflow import CaseState, apply, refusal
from services.commands.steps import diagram, page
from services.records import RECORDS
from settings import ROOT

TABLE = Path(__file__).parent / "tables" / "steps.csv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
PERSON, SOMEBODY = 1, 2
TODAY = date(2026, 3, 2)
GONE = {Status.DECLINED, Status.TRANSFERRED}

# What a condition asks of a state: flags that hold, and those that hold where it is broken.
FLAGS: dict[str, tuple[set[str], set[str]]] = {
    "已分类": ({"classified"}, set()),
    "未受理": (set(), {"accepted"}),
    "已受理": ({"accepted"}, set()),
    "已作决定": ({"decided"}, set()),
    "可联系": ({"reachable"}, set()),
    "未密封": (set(), {"sealed"}),
    "未重办": (set(), {"redone"}),
    "有并入事项": ({"merged"}, set()),
    "未归档": (set(), {"archived"}),
    "上级交来": ({"sent"}, set()),
    "本单位未退回过": (set(), {"returned"}),
    "未延期": (set(), {"extended"}),
    "没有待批延期": (set(), {"extension_applied"}),
    "有待批延期": ({"extension_applied"}, set()),
    "交办的": (set(), {"passed_on"}),
    "办结审核未通过": (set(), {"checked"}),
    "认定不属实": ({"unsubstantiated"}, set()),
    "有未结督办": ({"supervised"}, set()),
    "督办已反馈": ({"fed_back"}, set()),
    "有领导事项": ({"led"}, set()),
    "阶段性办结过": ({"staged"}, set()),
    "整改未销号": (set(), {"rectified"}),
    "意见未作出": (set(), {"answered"}),
    "意见已作出": ({"answered"}, set()),
    "已经复查": ({"reviewed"}, set()),
}
# Conditions on more than a flag.
ONCE, EACH, OTHERS, TOLD = "一件一次", "每个来件一次", "非办理人", "可联系的已送达"
ROUND = "一轮一次"


def words(text: str) -> list[str]:
    return re.split(r"、(?![^(]*\))", text) if text else []  # 县(市、区) is one word


def members(kind: type[Labelled], text: str, every: str) -> set[Any]:
    """The members a cell names; `every` alone is all of them, 全部除… all but those named."""
    if text == every:
        return set(kind)
    named = {one for one in kind if one.label in words(text.removeprefix("全部除"))}
    assert len(named) == len(words(text)), text
    return set(kind) - named if text.startswith("全部除") else named


@dataclass(frozen=True)
class Row:
    """A row of the table, read."""

    step: Step
    sources: set[Status]
    roles: set[Role]
    unit: str
    levels: set[Level]
    tracks: set[Track | None]
    conditions: list[str]

    @classmethod
    def of(cls, row: dict[str, str]) -> "Row":
        every = row["法定途径"] == "不限"
        tracks = {*Track, None} if every else members(Track, row["法定途径"], "不限")
        return cls(
            BY_KEY[row["步骤代号"]], members(Status, row["可办状态"], "全部"),
            members(Role, row["办理角色"], "全部"), row["办理单位"],
            members(Level, row["层级"], "全部"), set(tracks), words(row["前提"]),
        )  # fmt: skip

    def state(self, broken: str = "") -> CaseState:
        """A state that fulfils every condition, or all but one."""
        flags: set[str] = set()
        for condition in self.conditions:
            good, bad = FLAGS.get(condition, (set(), set()))
            flags |= bad if condition == broken else good
        # What says nothing of being done once may be done again.
        limited = {ONCE, ROUND, EACH} & {*self.conditions}
        taken = {10, 20} if broken in limited or not limited else {10} if EACH in limited else set()
        done = {self.step.counted: frozenset(taken)} if taken else {}
        if broken == TOLD:
            flags |= {"reachable"}
        return CaseState(
            flags=frozenset(flags), owed=(10, 20), done=done, registrar=UNITS[0],
            handlers=frozenset({PERSON if broken == OTHERS else SOMEBODY}),
        )  # fmt: skip


READ = [Row.of(row) for row in ROWS]


# --- who a unit is to a case, by the digits of their codes alone


@dataclass(frozen=True)
class Parties:
    """The viewer's unit, and the units of a case."""

    unit: int
    holder: int
    sender: int | None = None
    assisting: tuple[int, ...] = ()
    organ: int | None = None
    orderer: int | None = None

    def state(self, state: CaseState, status: Status, track: Track | None) -> CaseState:
        senders = {self.holder: self.sender} if self.sender else {}
        return replace(state, status=status, track=track, holder=self.holder, senders=senders,
                       assisting=self.assisting, organ=self.organ,
                       orders={1: self.orderer} if self.orderer else {})  # fmt: skip


def digits(unit: int | None) -> str:
    """320000 is 32, 320100 is 3201: a unit stands above those whose code begins with its own."""
    return str(unit or "").replace("00", " ").split(" ")[0]


def over(unit: int, below: int | None) -> bool:
    return below is not None and unit != below and digits(below).startswith(digits(unit))


RELATIONS = {
    "承办单位": lambda p: p.unit == p.holder,
    "承办或协办单位": lambda p: p.unit == p.holder or p.unit in p.assisting,
    "承办单位或其上级": lambda p: p.unit == p.holder or over(p.unit, p.holder),
    "承办单位的上级": lambda p: over(p.unit, p.holder),
    "承办单位的上一级": lambda p: digits(p.holder)[:-2] == digits(p.unit),
    "发出督办的单位或其上级": lambda p: p.unit == p.orderer or over(p.unit, p.orderer),
    "交来单位": lambda p: p.unit == p.sender,
    "复查机关": lambda p: p.unit == p.organ,
    "复查机关的上级": lambda p: over(p.unit, p.organ),
    "省厅": lambda p: digits(p.unit) == "32",
}
P, A, B, A1, A2, B1 = 320000, 320100, 320500, 320102, 320104, 320505
PARTIES = [
    Parties(P, P), Parties(P, A, P), Parties(P, A1, A), Parties(P, B1, B, (P,)),
    Parties(P, A, P, organ=P), Parties(P, A1, A, organ=A), Parties(P, A1, P, organ=P),
    Parties(A, A), Parties(A, A, P), Parties(A, A1, A), Parties(A, A1, P), Parties(A, B, P, (A,)),
    Parties(A, B1, B), Parties(A, P), Parties(A, A1, A, organ=A), Parties(A, A1, A, organ=P),
    Parties(A1, A1), Parties(A1, A1, A), Parties(A1, A2, A), Parties(A1, A2, A, (A1,)),
    Parties(A1, A, P), Parties(A1, P), Parties(A1, A1, A, organ=A),
    Parties(A1, A1, A, organ=A1), Parties(P, P, orderer=P), Parties(A, A, P, orderer=P),
    Parties(P, P, orderer=A), Parties(P, A1, A, orderer=A), Parties(A, A1, A, orderer=P),
    Parties(A, A1, A, orderer=A), Parties(A1, A1, A, orderer=A),
]  # fmt: skip


def viewer(unit: int, role: Role) -> Viewer:
    return Viewer(PERSON, "某", unit, "某局", frozenset({role}))


def asked() -> Iterator[tuple[Status, Role, Track | None, Parties]]:
    yield from product(Status, Role, (*Track, None), PARTIES)


def may(row: Row, status: Status, role: Role, track: Track | None, parties: Parties) -> bool:
    """What the row says where its conditions hold."""
    return (status in row.sources and role in row.roles and level_of(parties.unit) in row.levels
            and track in row.tracks and RELATIONS[row.unit](parties))  # fmt: skip


def test_the_table_speaks_of_every_step_and_says_why() -> None:
    assert [row["步骤代号"] for row in ROWS] == list(BY_KEY)
    assert [row["步骤"] for row in ROWS] == [step.label for step in BY_KEY.values()]
    assert all(row["理由"] for row in ROWS)
    assert {one for row in READ for one in row.conditions} == {*FLAGS, ONCE, ROUND, EACH, OTHERS,
                                                               TOLD}  # fmt: skip
    assert {row.unit for row in READ} == RELATIONS.keys()


@pytest.mark.parametrize("row", READ, ids=[row.step.key for row in READ])
def test_yes_or_no_over_every_status_role_level_track_and_relation(row: Row) -> None:
    state, yes = row.state(), 0
    for status, role, track, parties in asked():
        expected = may(row, status, role, track, parties)
        said = refusal(row.step, parties.state(state, status, track), viewer(parties.unit, role))
        assert (said is None) is expected, (status, role, track, parties, said)
        yes += expected
    assert yes > 0


@pytest.mark.parametrize("row", READ, ids=[row.step.key for row in READ])
def test_every_condition_is_asked_for(row: Row) -> None:
    for broken in (*row.conditions, "并入他件"):
        state = replace(row.state(broken), merged_into=9 if broken == "并入他件" else None)
        answers = {
            refusal(row.step, parties.state(state, status, track), viewer(parties.unit, role))
            for status, role, track, parties in asked()
            if may(row, status, role, track, parties)
            and (broken != TOLD or status in (Status.CONCLUDED, Status.STAGED))
        }
        # A merged case is handled in the one it went to; only a clock may be set aside.
        stays = broken == "并入他件" and row.step.key == "exempt"
        assert (None in answers) is stays and answers, broken
        assert all(said is None or "一" <= said[-1] <= "鿿" or said[-1] == "”" for said in answers)


def test_what_was_delivered_is_archived() -> None:
    row = next(row for row in READ if row.step.key == "archive")
    state = replace(row.state(TOLD), status=Status.DELIVERED, holder=A1)
    assert refusal(row.step, state, viewer(A1, Role.CLERK)) is None


@pytest.mark.parametrize("row", ROWS, ids=[row["步骤代号"] for row in ROWS])
def test_a_step_leads_where_the_table_says(row: dict[str, str]) -> None:
    read = Row.of(row)
    if read.step.key in ("merge", "separate"):
        assert row["办后状态"] == "不变"  # of two cases: see test_walks and test_merging
        return
    for status in read.sources:
        before = replace(read.state(), status=status, holder=A, resume=Status.HANDLING,
                         orders={1: P})  # fmt: skip
        asker = Viewer(PERSON, "某", P, "某厅", frozenset(read.roles))
        about = About(read.step, before, EARLIER, asker, TODAY, UNITS, 10, Random(1))
        event = Event(read.step.key, NOW, TODAY, P, 10, PERSON, {**told(about), **STEADY})
        assert apply(before, event).status.label == _leads(row["办后状态"], status), status


NOW = datetime(2026, 3, 2, 9)
PAST: dict[str, dict[str, Any]] = {
    "register": {},
    "apply_extension": {"days": 10},
    "conclude": {"findings": {"1": "substantiated"}},
    "instruct": {"action": 1},
    "supervise": {"order": 1},
    "feedback": {"order": 1},
    "answer_review": {"outcome": "maintained"},
    "answer_re_review": {"outcome": "maintained"},
}
EARLIER = [Event(step, NOW, TODAY, P, 10, SOMEBODY, data) for step, data in PAST.items()]
STEADY = {"route": "procedure", "track": "report", "conclusion": "substantiated"}


def _leads(cell: str, status: Status) -> str:
    if cell == "归档":
        return status.label if status in GONE else Status.ARCHIVED.label
    return {"不变": status.label, "恢复": Status.HANDLING.label}.get(cell, cell)


@pytest.mark.parametrize("row", ROWS, ids=[row["步骤代号"] for row in ROWS])
def test_what_must_be_filled_in(row: dict[str, str]) -> None:
    needed = [key for key in BY_KEY[row["步骤代号"]].records if not key.endswith("?")]
    # The other case is chosen side by side, in no field of a form.
    assert ["并入事项" if key == "other" else RECORDS[key].label for key in needed] == words(
        row["必填"]
    )


def test_the_page_of_all_steps_is_up_to_date() -> None:
    written = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
    assert written == page(), "python -m services steps > docs/steps.md"


def test_the_diagram_draws_every_status_and_every_change_of_one() -> None:
    drawn = diagram()
    assert all(f'"{status.label}" as {status}' in drawn for status in Status)
    assert all(f"--> {status}" in drawn for status in Status)
    changing = {row["步骤"] for row in ROWS if row["办后状态"] not in ("不变", row["可办状态"])}
    assert {label for label in changing if label not in drawn} == set()
