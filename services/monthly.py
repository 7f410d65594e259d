"""The monthly summary (月度汇总) of a division, as far as a viewer's scope shows it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.queries import metrics, monthly, regions
from domain.clocks import Lights
from domain.errors import NotAllowed, Refused
from domain.people import Level, level_of
from domain.scope import Scope
from domain.statuses import CONCLUSIONS
from rules import Rules, load
from scoring.period import Period, PeriodKind
from services import monthly_titles as titles
from services import monthly_words as words
from services.monthly_model import Flow, Kind, Line, Outcome, Row, Share, Summary, Verified
from services.store import read

TRUE = ("substantiated", "mostly", "partly")
BACK = 12  # months of the line
NOT_YOURS = "您只能查看本单位范围内的月度汇总"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: which month of which division, with what the answer leans on."""

    session: Session
    month: Period
    unit: int
    today: date
    rules: Rules

    @property
    def days(self) -> metrics.Period:
        """The days of the month."""
        return metrics.Period(self.month.first, self.month.last)

    @property
    def lights(self) -> Lights:
        """What is overdue today."""
        return Lights.on(self.today, self.rules.calendar)


def summary(scope: Scope, month: Period, unit: int, now: datetime) -> Summary:
    """The summary of a month and a division; refuses what is outside the scope or to come."""
    if month.kind is not PeriodKind.MONTH:
        raise Refused("月度汇总按月统计，月份请写 2026-10。")
    if scope.empty or not scope.covers(unit):
        raise NotAllowed(NOT_YOURS)
    if month.first > now.date():
        raise Refused(f"{month.label}还没有开始。")
    with read(scope) as session:
        return _summary(Asked(session, month, unit, now.date(), load()))


def key_of(month: Period) -> int:
    """202610 of a month."""
    return month.year * 100 + month.number


def _summary(asked: Asked) -> Summary:
    session, month, unit = asked.session, asked.month, asked.unit
    came, left = _movements(asked)
    holding = monthly.in_hand(session, unit)
    series = _series(asked, came, left, sum(holding.values()))
    own = regions.named(session, unit)
    flows = {flow.month: flow for flow in series}
    sorts = monthly.sorts(session, unit, key_of(month))
    rows = _rows(asked, came, left, sorts, holding)
    total = _total(rows, own.division, asked)
    outcomes, outcome = _outcomes(asked)
    checked = monthly.verified(session, unit, asked.days)
    turned = words.share(checked["overturned"], sum(checked.values()))
    found = Summary(
        month=month, unit=unit, unit_name=own.division, level=own.level,
        until=min(month.last, asked.today), whole=month.last < asked.today,
        flow=flows[month], before=flows[month.previous()], year_ago=flows[month.previous(BACK)],
        accepted=total.accepted, staged=sum(monthly.staged(session, unit, asked.days).values()),
        series=tuple(series[1 : BACK + 1]),
        channels=_channels(asked, came), kinds=_kinds(asked, sorts),
        industries=_industries(asked, sorts), rows=rows, total=total,
        outcomes=outcomes, outcome=outcome,
        verified=Verified(**checked, text=turned),
        titles={}, notes=(),
    )  # fmt: skip
    return titles.told(found)


def _movements(asked: Asked) -> tuple[list[monthly.Came], list[monthly.Left]]:
    """What came and left in the month and in those it is compared with."""
    months = [key_of(asked.month.previous(n)) for n in (0, 1, BACK)]
    came = monthly.received(asked.session, asked.unit, months)
    return came, monthly.ended(asked.session, asked.unit, months)


def _months(asked: Asked) -> list[Period]:
    last, out = Period.of(asked.today, PeriodKind.MONTH), [asked.month.previous(BACK)]
    while out[-1].first < last.first:
        out.append(out[-1].previous(-1))
    return out


def _series(
    asked: Asked, came: list[monthly.Came], left: list[monthly.Left], stock: int
) -> list[Flow]:
    """The flow of every month, its stock counted back from what is in hand now."""
    months = _months(asked)
    counts = monthly.totals(asked.session, asked.unit, list(map(key_of, months)), came, left)
    flows: list[Flow] = []
    for month in reversed(months):
        into, ended, declined, passed = counts[key_of(month)]
        opening = stock - into + ended
        concluded = ended - declined - passed
        flows.append(Flow(month, opening, into, concluded, declined, passed))
        stock = opening
    return flows[::-1]


def _channels(asked: Asked, came: list[monthly.Came]) -> tuple[Line, ...]:
    counts = monthly.tally(((c.month, c.channel), c.number) for c in came)
    at = [key_of(asked.month.previous(n)) for n in (0, 1, BACK)]
    total = sum(number for (month, _), number in counts.items() if month == at[0])
    return tuple(
        _line(key, label, *(counts[(month, key)] for month in at), total=total)
        for key, label in asked.rules.options("channel").items()
    )


def _line(key: str, label: str, number: int, before: int, year_ago: int, *, total: int) -> Line:
    on_month, on_year = words.change(number, before), words.change(number, year_ago)
    return Line(key, label, number, words.share(number, total), before, year_ago, on_month, on_year)


def _kinds(asked: Asked, sorts: list[monthly.Sort]) -> tuple[Kind, ...]:
    """Main types and sub-types, most first; a case counts once in each that it has."""
    total = sum(sort.number for sort in sorts)
    subs: Counter[str] = Counter()
    mains: Counter[str] = Counter()
    for sort in sorts:
        subs.update(dict.fromkeys(sort.subs, sort.number))
        mains.update(dict.fromkeys({sub[0] for sub in sort.subs}, sort.number))
    return tuple(
        Kind(
            Line(main.key, main.label, mains[main.key], words.share(mains[main.key], total)),
            tuple(sorted(
                (Line(sub.key, sub.label, subs[sub.key], words.share(subs[sub.key], total))
                 for sub in main.subcategories if subs[sub.key]),
                key=lambda line: -line.number,
            )),
        )
        for main in sorted(asked.rules.categories, key=lambda c: -mains[c.key])
    )  # fmt: skip


def _industries(asked: Asked, sorts: list[monthly.Sort]) -> tuple[Line, ...]:
    counts = monthly.tally((sort.industry or "", sort.number) for sort in sorts)
    total = sum(counts.values())
    labels = asked.rules.options("industry") | {"": "未填写"}
    lines = (Line(key, labels[key], counts[key], words.share(counts[key], total))
             for key in labels if counts[key] or key)  # fmt: skip
    return tuple(sorted(lines, key=lambda line: -line.number))


def _rows(
    asked: Asked, came: list[monthly.Came], left: list[monthly.Left], sorts: list[monthly.Sort],
    holding: Mapping[int, int],
) -> tuple[Row, ...]:  # fmt: skip
    session, unit, days, lights = asked.session, asked.unit, asked.days, asked.lights
    at = key_of(asked.month)
    received = monthly.tally((c.row, c.number) for c in came if c.month == at)
    concluded = monthly.tally(
        (e.row, e.number) for e in left if e.month == at and e.status not in monthly.GONE
    )
    repeats = monthly.tally((sort.row, sort.number) for sort in sorts if sort.repeat)
    accepted = monthly.accepted(session, unit, days)
    overdue = regions.overdue_in_hand(session, unit, lights)
    rated = monthly.ratings(session, unit, days, lights)
    rates = monthly.rates(session, unit, days, lights)
    units = regions.children(session, unit)
    own = _has_own(unit, received, holding, rates)
    extra = {unit: regions.named(session, unit)} if own else {}
    none = regions.Part(0, 0)
    return tuple(
        Row(
            code, "本级" if code == unit and code not in units else one.division, received[code],
            words.per_ten_thousand(received[code], one.population_wan if code != unit else None),
            accepted.get(code, 0), concluded[code], repeats[code], overdue.get(code, 0),
            holding.get(code, 0), _share(rated.get(code, none).part, rated.get(code, none).whole),
            {key: _rate(rate, code) for key, rate in rates.items()},
        )
        for code, one in [*sorted(units.items()), *extra.items()]
    )  # fmt: skip


def _has_own(
    unit: int, received: Mapping[int, int], holding: Mapping[int, int],
    rates: Mapping[str, monthly.Rate],
) -> bool:  # fmt: skip
    """Whether the bureau itself has cases or clocks beside those of the units below."""
    if level_of(unit) is Level.COUNTY:
        return False
    judged = any(rate.due.get(unit) for rate in rates.values())
    return bool(received.get(unit) or holding.get(unit) or judged)


def _share(part: int, whole: int | None) -> Share:
    return Share(part, whole or 0, words.share(part, whole))


def _rate(rate: monthly.Rate, code: int) -> Share:
    due = rate.due.get(code, 0)
    return _share(due - rate.missed.get(code, 0), due)


def _total(rows: tuple[Row, ...], name: str, asked: Asked) -> Row:
    """The row of the whole division: the sum of its rows."""
    people = regions.named(asked.session, asked.unit).population_wan
    received = sum(row.received for row in rows)
    return Row(
        asked.unit, name, received, words.per_ten_thousand(received, people),
        sum(row.accepted for row in rows), sum(row.concluded for row in rows),
        sum(row.repeats for row in rows), sum(row.overdue for row in rows),
        sum(row.in_hand for row in rows), _added([row.satisfaction for row in rows]),
        {key: _added([row.rates[key] for row in rows]) for key in metrics.RATES},
    )  # fmt: skip


def _added(shares: list[Share]) -> Share:
    return _share(sum(s.part for s in shares), sum(s.whole for s in shares))


def _outcomes(asked: Asked) -> tuple[tuple[Outcome, ...], Outcome]:
    """Conclusions by main type, and of all; a case of two types counts in both, once in all."""
    found = monthly.found(asked.session, asked.unit, key_of(asked.month))
    every = monthly.tally((one.conclusion, one.number) for one in found)
    by: Counter[tuple[str, str]] = Counter()
    for one in found:
        for main in {sub[0] for sub in one.subs}:
            by[(main, one.conclusion)] += one.number
    lines = [
        _outcome(c.key, c.label, {key: by[(c.key, key)] for key in CONCLUSIONS})
        for c in asked.rules.categories
    ]
    kept = sorted((line for line in lines if line.concluded), key=lambda line: -line.concluded)
    return tuple(kept), _outcome("", "全部", {key: every[key] for key in CONCLUSIONS})


def _outcome(key: str, label: str, by: Mapping[str, int]) -> Outcome:
    total = sum(by.values())
    return Outcome(key, label, total, by, _share(sum(by[one] for one in TRUE), total))
