"""A3 登记要素完整率: submissions whose ★ fields were all valid when first saved."""

from collections import Counter

from sqlalchemy import ColumnElement, and_, func, literal_column, select
from sqlalchemy.orm import Session

from db import models as m
from rules.rulebook import Rules
from scoring.measures import Asked
from scoring.measures._cohort import Condition
from scoring.model import Finding, Item

SUBMISSIONS = m.Submission.__table__
LACKING = SUBMISSIONS.c.missing != literal_column("''")  # as the partial index says it
REMEDY = "登记时逐项填写带★的要素；文件导入前按问题清单改好再确认"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Submissions registered in the period, and those of them that lacked something."""
    judged = _registered_by(session, asked)
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in _items(session, asked) if asked.listed else ():
        lists[asked.unit_of(one.unit)].append(one)
    lacking = (
        {unit: len(items) for unit, items in lists.items()}
        if asked.listed
        else _registered_by(session, asked, LACKING)
    )
    return [
        Finding(
            asked.indicator.code, unit, judged[unit] - lacking[unit], judged[unit],
            items=tuple(lists[unit]), listed=asked.listed, remedy=REMEDY,
        )
        for unit in asked.units
    ]  # fmt: skip


def _unit(asked: Asked) -> ColumnElement[int]:
    return SUBMISSIONS.c.registered_city if asked.by_city else SUBMISSIONS.c.registered_unit


def _registered(asked: Asked) -> Condition:
    """Registered in the period and before the snapshot, by the units asked."""
    c = SUBMISSIONS.c
    days = c.registered_on.between(asked.period.first, min(asked.period.last, asked.known))
    if asked.by_city:
        return and_(days, c.registered_city.in_(asked.units))
    return and_(days, c.registered_city == asked.city, c.registered_unit.in_(asked.units))


def _registered_by(session: Session, asked: Asked, *also: Condition) -> Counter[int]:
    unit = _unit(asked)
    query = select(unit, func.count()).where(_registered(asked), *also).group_by(unit)
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _items(session: Session, asked: Asked) -> list[Item]:
    c = SUBMISSIONS.c
    query = select(c.case_id, c.no, c.id, c.registered_unit, c.missing)
    query = query.where(_registered(asked), LACKING).order_by(c.no)
    return [
        Item(case_id, no, submission, unit, None, None, None, _reason(asked.rules, missing))
        for case_id, no, submission, unit, missing in session.execute(query)
    ]


def _reason(rules: Rules, missing: str) -> str:
    labels = "、".join(rules.label("field", key) for key in missing.split(","))
    return f"首次保存时缺少或填写无效：{labels}"[:200]
