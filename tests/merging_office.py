"""Merging in tests: two cases alike, the step as shown now, and every row there is."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from db import models as m
from domain.scope import SYSTEM
from intake.model import Petitioner
from services import checks
from services.store import read
from tests.office import NOW, Walk, enter, viewer

TODAY = NOW.date()
OTHER = Petitioner("李四光", "13900001111", "", "南京市玄武区2号")
# What every change of a case alters, and what its clocks are numbered by.
VOLATILE = {"cases": {"version", "changed_at", "changed_by"}, "clocks": {"id"}}
BESIDE = ("events", "notices")


def enter_other(**changes: Any) -> Walk:
    """Another person about the same plant."""
    given: dict[str, Any] = {
        "petitioner": OTHER,
        "title": "夜间臭味",
        "demands": ("赔偿损失",),
    } | changes
    return Walk(enter(**given).case_id)


def later(minutes: int = 30) -> datetime:
    """Some minutes after NOW."""
    return NOW + timedelta(minutes=minutes)


def do(
    step: Callable[..., None], main: Walk, other: Walk, login: str = "nj_clerk", **given: Any
) -> None:
    """Merge or separate as shown now."""
    asked: dict[str, Any] = {"reason": "同一人同一事", "now": later(), "main_version": main.version,
             "other_version": other.version, "token": secrets.token_hex(8)} | given  # fmt: skip
    step(viewer(login), main.case_id, other.case_id, asked.pop("reason"), asked.pop("now"), **asked)


def everything() -> dict[str, list[Mapping[str, Any]]]:
    """Every row of every table of cases, but the trace and what a change must alter."""
    out: dict[str, list[Mapping[str, Any]]] = {}
    with read(SYSTEM) as session:
        for table in m.Base.metadata.sorted_tables:
            if table.name in BESIDE or not ({"case_id", "submission_id"} & set(table.c.keys())
                                            or table.name == "cases"):  # fmt: skip
                continue
            columns = [c for c in table.c if c.name not in VOLATILE.get(table.name, ())]
            rows = session.execute(select(*columns)).mappings()
            out[table.name] = sorted(({**row} for row in rows), key=str)
    return out


def sound() -> None:
    """What the operators' check says of trace, states and clocks."""
    faults = [f.line for f in checks.check(later(60))
              if f.key in ("trace", "states", "clocks") and not f.good]  # fmt: skip
    assert faults == []


def contact(walk: Walk) -> int:
    """The first contact of a case."""
    return int(walk.stored(m.Submission, lambda s: s.id)[0])
