"""`summary`: the monthly summary of the province, a city or a county."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

from domain.people import last_below
from domain.scope import Scope
from scoring.period import Period
from services.clock import now
from services.commands import Answer
from services.commands.chinese import whole
from services.monthly import summary
from services.monthly_model import Summary

HELP = "月度汇总：一个月的总体、渠道、类型、行业、地区和属实率"
PROVINCE = 320000
# What a leader of the province sees: everything but what is sealed.
SCOPE = Scope(PROVINCE, last_below(PROVINCE))


def arguments(parser: ArgumentParser) -> None:
    """Month and division."""
    parser.add_argument("--period", required=True, metavar="月份", help="如 2026-10")
    parser.add_argument(
        "--unit", type=whole, default=PROVINCE, metavar="代码", help="区划代码，默认全省 320000"
    )


def run(args: Namespace) -> Answer:
    """The findings for people, everything for machines."""
    found = summary(SCOPE, Period.parse(args.period), args.unit, now())
    head = f"{found.unit_name}{found.month.label}月度汇总"
    lines = [f"{number}. {title}" for number, title in found.titles.items()]
    return Answer((head, *lines, *found.notes), plain(found))


def plain(found: Summary) -> dict[str, Any]:
    """The summary as a machine reads it; months as 2026-10."""
    made = asdict(found)
    made["month"] = str(found.month)
    for name in ("flow", "before", "year_ago"):
        flow = getattr(found, name)
        made[name] |= {"month": str(flow.month), "ended": flow.ended, "closing": flow.closing}
    for one, flow in zip(made["series"], found.series, strict=True):
        one |= {"month": str(flow.month), "ended": flow.ended, "closing": flow.closing}
    return made
