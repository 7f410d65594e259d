"""The method of the scoresheet: weights, thresholds and faults, checked for consistency."""

from collections.abc import Collection
from decimal import Decimal

from rules.model import Area, Fault, Grade, Indicator, Kind, Scoresheet, Veto
from rules.reading import Table, each, unique

FILE = "indicators.toml"


def scoresheet(doc: Table, clocks: Collection[str]) -> Scoresheet:
    """The whole method; areas must add up to 100, and indicators to their areas."""
    version = doc.text("version")
    sheet = doc.table("sheet")
    areas = each(doc.tables("area"), _area)
    grades = each(doc.tables("grade"), _grade)
    vetoes = each(doc.tables("veto"), lambda t: _veto(t, [g.key for g in grades]))
    tables = doc.tables("indicator", "code")
    doc.done()
    indicators = each(tables, lambda t: _indicator(t, [a.key for a in areas], clocks))
    _sums(doc, areas, indicators)
    unique(doc, "veto.key", [v.key for v in vetoes])
    _falling(doc, grades)
    made = Scoresheet(
        version=version,
        areas=areas,
        indicators=indicators,
        grades=grades,
        vetoes=vetoes,
        ties=sheet.words("ties", [i.code for i in indicators], ()),
        total_cap=sheet.number("total_cap"),
        bonus_cap=sheet.number("bonus_cap"),
        snapshot_workdays=sheet.whole("snapshot_workdays"),
        self_check_workdays=sheet.whole("self_check_workdays"),
        publish_workdays=sheet.whole("publish_workdays"),
        exemption_workdays=sheet.whole("exemption_workdays"),
        answer_workdays=sheet.whole("answer_workdays"),
    )
    sheet.done()
    return made


def _area(table: Table) -> Area:
    return Area(table.text("key"), table.text("label"), table.number("weight"))


def _grade(table: Table) -> Grade:
    return Grade(table.text("key"), table.text("label"), table.number("least"))


def _veto(table: Table, grades: list[str]) -> Veto:
    return Veto(table.text("key"), table.text("label"), table.word("grade", grades))


def _indicator(table: Table, areas: list[str], clocks: Collection[str]) -> Indicator:
    kind = table.choice("kind", Kind)
    faults = each(table.tables("faults", default=()), _fault)
    unique(table, "faults.key", [f.key for f in faults])
    if kind is Kind.DEDUCTION and not faults:
        raise table.fault("faults", "扣分项至少写明一种情形")
    made = Indicator(
        code=table.text("code"),
        area=table.word("area", areas),
        label=table.text("label"),
        weight=table.number("weight"),
        kind=kind,
        measure=table.text("measure"),
        ready=table.flag("ready", True),
        numerator=table.text("numerator"),
        denominator=(
            table.text("denominator", "") if kind is Kind.DEDUCTION else table.text("denominator")
        ),
        source=table.text("source"),
        clocks=table.words("clocks", clocks, ()),
        target=None if kind is Kind.DEDUCTION else table.share("target"),
        step=table.number("step") if kind is Kind.RATE else None,
        floor=table.share("floor") if kind is Kind.LINEAR else None,
        complement=table.flag("complement"),
        minimum=table.maybe_whole("minimum"),
        sampled=table.flag("sampled"),
        window_days=table.maybe_whole("window_days"),
        faults=faults,
        heaviest_per_case=table.flag("heaviest_per_case"),
    )
    if made.floor is not None and made.target is not None and made.floor >= made.target:
        raise table.fault("floor", "须小于 target")
    return made


def _fault(table: Table) -> Fault:
    return Fault(
        key=table.text("key"),
        label=table.text("label"),
        points=table.number("points"),
        days=table.maybe_whole("days"),
        additional=table.flag("additional"),
    )


def _sums(doc: Table, areas: tuple[Area, ...], indicators: tuple[Indicator, ...]) -> None:
    unique(doc, "area.key", [a.key for a in areas])
    unique(doc, "indicator.code", [i.code for i in indicators])
    unique(doc, "indicator.measure", [i.measure for i in indicators])
    total = sum((a.weight for a in areas), Decimal(0))
    if total != 100:
        raise doc.fault("area.weight", f"各方面分值合计须为 100，现为 {total}")
    for area in areas:
        own = sum((i.weight for i in indicators if i.area == area.key), Decimal(0))
        if own != area.weight:
            raise doc.fault(
                f"area[{area.key}].weight", f"为 {area.weight}，其指标分值合计为 {own}，须相等"
            )


def _falling(doc: Table, grades: tuple[Grade, ...]) -> None:
    unique(doc, "grade.key", [g.key for g in grades])
    least = [g.least for g in grades]
    if least != sorted(set(least), reverse=True) or least[-1:] != [Decimal(0)]:
        raise doc.fault("grade.least", "须由高到低排列，最后一等为 0")
