"""The check of an installation: trace, states, clocks, scores, schema, rules, fonts, calendar."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import migrate
from db import models as m
from documents import fonts
from domain.clocks import SubmissionFacts
from domain.errors import Refused
from domain.history import Event
from domain.scope import SYSTEM
from domain.workflow import CaseState, fold
from rules import check as rules_check
from rules import load
from services import score_runs, trace
from services.history import STEPS
from services.rows import clock_row, clocks_of, state_columns
from services.store import read
from services.units import unit_rows
from settings import settings

BATCH = 2000  # cases compared at a time
SHOWN = 5  # faults named in a line
AHEAD = 60  # days the calendar should cover
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check: what was looked at, how much of it, its faults and notices."""

    key: str
    label: str
    counted: str
    faults: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def line(self) -> str:
        """The line an operator reads."""
        text = f"{'通过' if self.good else '异常'}  {self.label}：{self.counted}"
        if self.faults:
            more = f"等 {len(self.faults)} 处" if len(self.faults) > SHOWN else ""
            text += f"；{'；'.join(self.faults[:SHOWN])}{more}"
        return text + "".join(f"；提示：{notice}" for notice in self.notices)


def check(now: datetime) -> list[Finding]:
    """Look at everything; one finding each, good or bad. Refuses where there is no database."""
    if not migrate.stands(settings().database_url):
        raise Refused("还没有数据库，请先执行 python -m services setup")
    beside = [_schema(), _rules(), _fonts(), _calendar(now)]
    if not migrate.is_current(settings().database_url):
        return beside
    with read(SYSTEM) as session:
        return [_trace(session), *_cases(session), _scores(session), *beside]


def _schema() -> Finding:
    url = settings().database_url
    faults = (
        [] if migrate.is_current(url) else ["数据库结构不是最新，请先执行 python -m services setup"]
    )
    faults += migrate.differences(url) if not faults else []
    tables = len(m.Base.metadata.tables)
    return Finding("schema", "库结构与模型", f"{tables} 张表", tuple(faults))


def _trace(session: Session) -> Finding:
    chains = len(session.execute(select(m.ChainHead.chain)).all())
    events = m.Event.__table__
    count = session.execute(select(func.count(events.c.id))).scalar_one()
    return Finding("trace", "留痕链", f"{chains} 条链 {count} 条记录", tuple(trace.check(session)))


# --- cases: what is stored is what the events give


def _cases(session: Session) -> Iterator[Finding]:
    cases = clocks = 0
    states: list[str] = []
    times: list[str] = []
    for case, events, submissions, stored in _stored(session):
        state = fold(events)
        cases += 1
        clocks += len(stored)
        states += _state_faults(case, state)
        times += _clock_faults(case, state, events, submissions, stored)
    stray = _strays(session)
    yield Finding("states", "事项状态与留痕", f"{cases} 件", tuple(states + stray))
    yield Finding("clocks", "时限与留痕", f"{clocks} 个时限", tuple(times))


def _state_faults(case: Row, state: CaseState) -> Iterator[str]:
    if not state.registrar:
        yield f"{case['no']} 没有登记留痕"
        return
    wrong = [name for name, value in state_columns(state).items() if case[name] != value]
    if wrong:
        yield f"{case['no']} 的 {'、'.join(wrong)} 与留痕不符"


def _clock_faults(
    case: Row, state: CaseState, events: list[Event], submissions: list[Row], stored: list[Row]
) -> Iterator[str]:
    facts = [
        SubmissionFacts(s["id"], s["channel"], s["reachable"], s["anonymous"]) for s in submissions
    ]
    clocks = clocks_of(facts, state, events, channel=case["channel"])
    wanted = [clock_row(case["id"], clock, state.sealed_on) for clock in clocks]
    names = list(wanted[0]) if wanted else []
    expected = sorted(tuple(str(row[name]) for name in names) for row in wanted)
    found = sorted(tuple(str(row[name]) for name in names) for row in stored)
    if expected != found:
        keys = {row[names.index("key")] for row in set(expected) ^ set(found)} if names else set()
        yield f"{case['no']} 的时限 {'、'.join(sorted(keys))} 与留痕不符"


def _stored(session: Session) -> Iterator[tuple[Row, list[Event], list[Row], list[Row]]]:
    """Every case with its events, submissions and clocks, a batch of ids at a time."""
    cases = m.Case.__table__
    last = 0
    while True:
        query = select(cases).where(cases.c.id > last).order_by(cases.c.id).limit(BATCH)
        batch = session.execute(query).mappings().all()
        if not batch:
            return
        first, last = batch[0]["id"], batch[-1]["id"]
        events = _by_case(session, m.Event.__table__, first, last)
        submissions = _by_case(session, m.Submission.__table__, first, last)
        clocks = _by_case(session, m.Clock.__table__, first, last)
        for case in batch:
            steps = [_event(row) for row in events.get(case["id"], []) if row["kind"] in STEPS]
            yield dict(case), steps, submissions.get(case["id"], []), clocks.get(case["id"], [])


def _by_case(session: Session, table: Any, first: int, last: int) -> dict[int, list[Row]]:
    query = select(table).where(table.c.case_id.between(first, last))
    rows = session.execute(query.order_by(table.c.case_id, table.c.id)).mappings()
    return {
        case: [dict(row) for row in found]
        for case, found in groupby(rows, key=itemgetter("case_id"))
    }


def _event(row: Row) -> Event:
    return Event(row["kind"], row["at"], row["on"], row["chain"], row["submission_id"],
                 row["person_id"], json.loads(row["data"]), row["id"])  # fmt: skip


def _strays(session: Session) -> list[str]:
    """Events of cases that are not there."""
    events, cases = m.Event.__table__, m.Case.__table__
    query = select(events.c.case_id).distinct().where(
        events.c.case_id.is_not(None), events.c.case_id.not_in(select(cases.c.id))
    )  # fmt: skip
    return [f"留痕中的事项 {case} 不存在" for case in session.scalars(query)]


# --- score runs: what is stored gives the same result again, and the trace tells of it


def _scores(session: Session) -> Finding:
    runs = m.ScoreRun.__table__.c
    query = select(runs.id, runs.period, runs.ordinal, runs.digest).order_by(runs.id)
    traced = _traced_digests(session)
    faults = []
    stored = session.execute(query).all()
    for run_id, period, ordinal, digest in stored:
        name = f"{period} 第 {ordinal} 次评分"
        faults += [f"{name}：{fault}" for fault in score_runs.faults_of(run_id)]
        if traced.get(run_id) != digest:
            faults.append(f"{name}的摘要与留痕不符")
    return Finding("scores", "考核", f"{len(stored)} 次评分", tuple(faults))


def _traced_digests(session: Session) -> dict[int, str]:
    """Run → the digest that the trace recorded when it was made."""
    events = m.Event.__table__.c
    told = session.scalars(select(events.data).where(events.kind == "score_run"))
    found = (json.loads(text) for text in told)
    return {data["run"]: data["digest"] for data in found}


# --- what stands beside the database


def _rules() -> Finding:
    rules = load()
    counted = f"版本 {rules.version}，摘要 {rules.digest[:12]}"
    return Finding("rules", "规则", counted, tuple(rules_check(rules)))


def _fonts() -> Finding:
    """Every font can be read, and together they draw the units' names."""
    folder = settings().font_dir
    faults = []
    try:
        fonts.use(folder)
        if lacking := fonts.missing("".join(row["name"] for row in unit_rows())):
            faults.append(f"缺字：{lacking}")
    except Refused as error:
        faults.append(str(error))
    return Finding("fonts", "字体", f"{len(fonts.Face)} 种字面，目录 {folder}", tuple(faults))


def _calendar(now: datetime) -> Finding:
    calendar = load().calendar
    end = now.date() + timedelta(days=AHEAD)
    notice = (
        f"{AHEAD} 日内的期限会用到 {end.year} 年，国务院办公厅通知尚未录入，"
        "按周一至周五推算，标为暂定"
    )
    notices = (notice,) if calendar.is_provisional(end) else ()
    counted = f"{calendar.first_year}–{calendar.last_year} 年，版本 {calendar.version}"
    return Finding("calendar", "工作日历", counted, (), notices)
