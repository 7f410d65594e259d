"""One durable entry at a time, as a clerk's form makes it: case, event, clocks, words, trace."""

import itertools
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.bed import Bed, copied
from bench.boards import viewer
from bench.figures import Line, Reference, Timing
from bench.scores import cities
from domain.people import Role
from intake.model import Incoming, Petitioner
from services.registration import new_key, register

WARM = 30
PER_SECOND = 300


def lines(bed: Bed) -> Iterator[Line]:
    """Entries a second, beside bare committed inserts of one row in the same file."""
    with copied(bed) as copy:
        took, busy = _entries(copy)
        bare = Timing.of(_bare_inserts(copy))
    rate = len(took) / sum(took)
    target, over = f"≥ {PER_SECOND} /s", rate < PER_SECOND
    yield Line("entry", f"{rate:,.0f} durable entries a second", Timing.of(took, busy),
               (Reference("one row, one commit", bare.median),), target, over)  # fmt: skip


def incoming(number: int, at: datetime) -> Incoming:
    """An ordinary call, no two alike."""
    place = cities()[number % 13]
    return Incoming(
        received_at=at - timedelta(hours=3), channel="phone", subchannel="bureau_phone",
        title=f"第{number}号厂夜间恶臭扰民",
        content=f"{number}号车间夜间排放刺激性气味，无法开窗，多次反映未改。",
        demands=("停止夜间排放", "公开监测结果"), division=place, address=f"工业园{number}号",
        longitude=118.8, latitude=32.0, subject=f"第{number}号化工有限公司", categories=("A01",),
        industry="chemicals", repeat=False, urgency="normal",
        petitioner=Petitioner("张三丰", f"138{number:08d}", "", "梅园新村街道1号"),
    )  # fmt: skip


def _entries(bed: Bed) -> tuple[list[float], list[float]]:
    now = datetime.combine(bed.today, clock_time(10))
    clerks = [viewer(city, Role.CLERK) for city in cities()]
    took: list[float] = []
    busy: list[float] = []
    until = 0.0
    for number in itertools.count():
        if number == WARM:
            until = time.perf_counter() + 2 * bed.effort.seconds
        elif until and time.perf_counter() > until:
            return took, busy
        what = incoming(number, now)
        began, idle = time.perf_counter(), time.process_time()
        register(clerks[number % 13], what, now, key=new_key())
        if until:
            took.append(time.perf_counter() - began)
            busy.append(time.process_time() - idle)
    return took, busy


def _bare_inserts(bed: Bed, count: int = 400) -> list[float]:
    """The least a durable write can cost here: one row, one commit."""
    if bed.sqlite:
        door: Any = sqlite3.connect(bed.file, isolation_level=None)
        door.execute("PRAGMA synchronous=FULL")
        insert = "INSERT INTO bare VALUES (?, ?)"
    else:
        plain = make_url(bed.url).set(drivername="postgresql")
        door = psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)
        insert = "INSERT INTO bare VALUES (%s, %s)"
    door.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text VARCHAR(500))")
    took = []
    for number in range(count):
        began = time.perf_counter()
        door.execute(insert, (number, "x" * 400))
        took.append(time.perf_counter() - began)
    door.close()
    return took
