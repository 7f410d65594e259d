"""`explain`: the due date of a term, and its proof day by day."""

from argparse import ArgumentParser, Namespace

from domain.errors import Refused
from domain.terms import PROVISIONAL, DayLine, Term, TermUnit, due, explain
from rules import load
from services.commands import Answer
from services.commands.chinese import day, whole

HELP = "计算期限届满日，并逐日说明"


def arguments(parser: ArgumentParser) -> None:
    """Start, length and unit."""
    parser.add_argument(
        "--received", type=day, required=True, metavar="日期", help="起算事件的日期，如 2026-02-12"
    )
    parser.add_argument("--term", type=whole, required=True, metavar="N", help="期限长度")
    parser.add_argument(
        "--unit",
        choices=[unit.value for unit in TermUnit],
        default="workday",
        help="workday 工作日，day 自然日；默认 workday",
    )
    parser.add_argument("--rolls", action="store_true", help="届满日逢休息日顺延（仅用于自然日）")


def run(args: Namespace) -> Answer:
    """The due date alone on the first line, then every day."""
    unit = TermUnit(args.unit)
    if args.rolls and unit is TermUnit.WORKDAY:
        raise Refused("--rolls 只用于自然日期限；工作日期限的届满日总是工作日")
    calendar, term = load().calendar, Term(args.term, unit, args.rolls)
    try:
        end = due(args.received, term, calendar)
        lines = explain(args.received, term, calendar)
    except (ValueError, OverflowError):
        years = f"{calendar.first_year}–{calendar.last_year}"
        raise Refused(
            f"{args.received} 起 {term.text} 超出工作日历 {years} 年可推算的范围"
        ) from None
    head = [end.on.isoformat()]
    if end.provisional:
        head.append(f"provisional（{PROVISIONAL}）")
    rolls = "，逢休息日顺延" if args.rolls else ""
    head.append(f"{args.received} 起 {term.text}{rolls}；工作日历 {calendar.version}")
    data = {
        "due": end.on.isoformat(), "provisional": end.provisional, "calendar": calendar.version,
        "days": [{"day": line.day.isoformat(), "number": line.number, "note": line.note,
                  "source": line.source} for line in lines],
    }  # fmt: skip
    return Answer((*head, *map(_line, lines)), data)


def _line(line: DayLine) -> str:
    number = "     " if line.number is None else f"第{line.number}日"
    return f"{line.day} {number} {line.note}" + (f" [{line.source}]" if line.source else "")
