"""The clock rules of a document, checked against the words the domain knows."""

from collections.abc import Iterable

from domain.clock_rules import ClockRule, Owner, Per
from domain.history import MOMENTS
from domain.terms import Term, TermUnit
from domain.workflow import Track
from rules.reading import Table, each

FILE = "clocks.toml"


def clock_rules(doc: Table, channels: Iterable[str]) -> tuple[ClockRule, ...]:
    """All dated rules in the order of the document."""
    doc.text("version")
    tables, known = doc.tables("clock"), frozenset(channels)
    doc.done()
    rules = each(tables, lambda table: _rule(table, known))
    for table, rule in zip(tables, rules, strict=True):
        _fits(table, rule, [r for r in rules if r.key == rule.key and r is not rule], known)
    return rules


def _rule(table: Table, channels: frozenset[str]) -> ClockRule:
    term = _term(table)
    return ClockRule(
        key=table.text("key"),
        label=table.text("label"),
        starts=table.word("starts", MOMENTS),
        stops=table.words("stops", MOMENTS, ()),
        term=term,
        rolls=bool(term and term.rolls),
        per=table.choice("per", Per),
        owner=table.choice("owner", Owner),
        duty=table.flag("duty", True),
        extendable=table.flag("extendable"),
        basis=table.text("basis"),
        since=table.day("since"),
        baseline=table.flag("baseline"),
        reachable=table.flag("reachable"),
        channels=frozenset(table.words("channels", channels, ())),
        tracks=frozenset(table.words("tracks", [str(t) for t in Track], ())),
        simple=table.maybe_flag("simple"),
        suspendable=table.flag("suspendable"),
    )


def _term(table: Table) -> Term | None:
    """Length and unit come together; without them the order names the date."""
    rolls = table.flag("rolls")
    if "length" not in table and "unit" not in table:
        if rolls:
            raise table.fault("rolls", "没有写明期限，无从顺延")
        return None
    term = Term(table.whole("length"), table.choice("unit", TermUnit), rolls)
    if rolls and term.unit is TermUnit.WORKDAY:
        raise table.fault("rolls", "工作日期限不会落在休息日，不用顺延")
    return term


def _fits(table: Table, rule: ClockRule, others: list[ClockRule], known: frozenset[str]) -> None:
    if not rule.stops:
        raise table.fault("stops", "至少写明一个终止事件")
    for other in others:
        same = (other.starts, other.stops, other.per) == (rule.starts, rule.stops, rule.per)
        if not same:
            raise table.fault("starts", "同一时钟的各条规则，起止事件和 per 须一致")
        shared = (rule.channels or known) & (other.channels or known)
        if shared and other.since == rule.since and _meet(rule, other):
            text = f"与同一时钟的另一条规则同日起用且适用范围重叠：{other.since}"
            raise table.fault("since", text)


def _meet(rule: ClockRule, other: ClockRule) -> bool:
    tracks = not rule.tracks or not other.tracks or bool(rule.tracks & other.tracks)
    return tracks and (None in (rule.simple, other.simple) or rule.simple == other.simple)
