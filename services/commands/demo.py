"""`demo`: write the demonstration data."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from sqlalchemy import func, select

from db import migrate
from db import models as m
from domain.errors import Refused
from domain.scope import SYSTEM
from services.clock import now
from services.commands import Answer
from services.commands.chinese import day, number, whole
from services.demo import PASSWORD, SHOWN, build
from services.demo.people import prefixes
from services.store import read
from settings import settings

HELP = "生成演示数据（虚构），仅用于演示环境"


def arguments(parser: ArgumentParser) -> None:
    """Size, seed, and what to do with data that is there."""
    parser.add_argument("--cases", type=whole, default=20000, metavar="N", help="件数，默认 20000")
    parser.add_argument(
        "--seed",
        type=number,
        default=1,
        metavar="S",
        help="种子，默认 1；同样的件数、种子和日期生成同样的数据",
    )
    parser.add_argument("--today", type=day, metavar="日期", help="数据截至哪一天零时，默认今天")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--if-empty", action="store_true", help="已有数据时不做任何事")
    kept.add_argument("--fresh", action="store_true", help="已有演示数据时重新生成，原数据被替换")


def run(args: Namespace) -> Answer:
    """Build it unless there is something already."""
    standing = stored()
    if standing and args.if_empty:
        return Answer((f"已有 {standing} 件，未作改动",), {"cases": standing, "built": False})
    if standing and not args.fresh:
        raise Refused(f"数据库中已有 {standing} 件；要重新生成请加 --fresh，原数据将被替换")
    began = time.monotonic()
    built = build(args.cases, args.seed, args.today or now().date(), _progress(args.json))
    seconds = round(time.monotonic() - began, 1)
    logins = "、".join(f"{prefixes()[code]}_…" for code in SHOWN)
    lines = (
        f"已生成 {built.cases} 件、{built.events} 条留痕，"
        f"{built.first} 至 {built.today} 零时，用时 {seconds} 秒",
        f"演示账号（密码均为 {PASSWORD}）：{logins}，如 {prefixes()[320100]}_clerk",
    )
    return Answer(lines, {"cases": built.cases, "events": built.events, "built": True,
                          "seconds": seconds})  # fmt: skip


def stored() -> int:
    """How many cases the database holds; 0 where there is no database yet."""
    if not migrate.stands(settings().database_url):
        return 0
    with read(SYSTEM) as session:
        return int(session.execute(select(func.count(m.Case.__table__.c.id))).scalar_one())


def _progress(quiet: bool) -> Callable[[int, int], None] | None:
    if quiet or not sys.stderr.isatty():
        return None

    def show(done: int, whole_: int) -> None:
        sys.stderr.write(f"\r已生成 {done} / {whole_} 件 ")
        sys.stderr.write("\n" if done == whole_ else "")
        sys.stderr.flush()

    return show
