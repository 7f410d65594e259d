"""The proof of a due date, day by day, with the rule, its article and the notice of each day."""

from collections.abc import Sequence
from datetime import date

from domain.clock_rules import ClockRule
from domain.terms import PROVISIONAL, DayLine, Term, TermUnit, explain
from rules import load
from ui.tables import WEEKDAYS, Cell, Column, Html, safe, table

COLUMNS = (Column("日期"), Column("第几日", "xf-num"), Column("说明", "xf-wide"), Column("依据"))
NO_NOTICE = "所在年份的放假安排尚未公布"


def rule_of(key: str, since: date, channel: str, track: str | None) -> ClockRule:
    """The dated rule a clock ran by."""
    fitting = [rule for rule in load().clocks if rule.key == key and rule.since == since]
    own = [
        rule for rule in fitting
        if (not rule.channels or channel in rule.channels)
        and (not rule.tracks or track in rule.tracks)
    ]  # fmt: skip
    return (own or fitting)[0]


def said(rule: ClockRule) -> str:
    """A rule in a sentence: its term and where it comes from."""
    term = rule.term.text if rule.term else "按交办单或整改方案写明的日期"
    rolls = "，届满日逢休息日顺延至下一工作日" if rule.rolls else ""
    own = "（本系统工作设定）" if rule.baseline else ""
    return f"{rule.label}：{term}{rolls}{own}。依据：{rule.basis}。"


def proof(start: date, term: Term) -> str:
    """The days from the start to the due date as a table."""
    return day_table(explain(start, term, load().calendar), term)


def day_table(lines: Sequence[DayLine], term: Term) -> str:
    """The lines of a proof; long runs of plain calendar days are told in one line."""
    rows = [_row(line) for line in lines]
    if term.unit is TermUnit.DAY and len(rows) > 16:
        middle = f"逐日连续计算，休息日和工作日都计入（共 {len(rows) - 10} 天）"
        gap: list[Cell] = [Html("<span class='xf-soft'>……</span>"), "……", middle, ""]
        rows = [*rows[:4], gap, *rows[-6:]]
    return table(COLUMNS, rows, css="xf-proof")


def _row(line: DayLine) -> list[Cell]:
    number = "起算" if line.number == 0 else f"第{line.number}日" if line.number else "不计"
    note = safe(line.note) if line.number else f'<span class="xf-soft">{safe(line.note)}</span>'
    when = f"{line.day:%Y-%m-%d} 周{WEEKDAYS[line.day.weekday()]}"
    return [when, number, Html(note), line.source or ""]


def ending(due_on: date, provisional: bool) -> str:
    """The due date in a sentence, with 暂定 where no notice covers it."""
    shown = f"{due_on:%Y年%m月%d日}（周{WEEKDAYS[due_on.weekday()]}）24时届满"
    return f"{shown}；{PROVISIONAL}，{NO_NOTICE}" if provisional else shown
