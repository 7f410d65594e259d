"""`recount`: which due dates a new calendar moves; written on the record when confirmed."""

from argparse import ArgumentParser, Namespace

from domain.terms import PROVISIONAL
from services.clock import now
from services.commands import Answer
from services.recount import changes, confirm

HELP = "录入新的放假通知后重算暂定时限：先列出变化，加 --confirm 写入并留痕"


def arguments(parser: ArgumentParser) -> None:
    """Whether to write."""
    parser.add_argument("--confirm", action="store_true", help="确认写入；不加则只列出变化")


def run(args: Namespace) -> Answer:
    """A line for every due date that moves, then what was done."""
    found = changes()
    lines = [
        f"{c.case_no}  {c.clock}  {c.before} → {c.after}"
        + (f"（{PROVISIONAL}）" if c.provisional else "")
        for c in found
    ]
    written = confirm(now()) if args.confirm and found else 0
    done = f"已写入 {written} 处并留痕" if written else "没有写入；确认后请加 --confirm"
    last = f"共 {len(found)} 处变化。{done if found else '没有需要重算的时限'}"
    data = {
        "changes": [
            {"case": c.case_no, "clock": c.clock, "before": c.before.isoformat(),
             "after": c.after.isoformat(), "provisional": c.provisional}
            for c in found
        ],
        "written": written,
    }  # fmt: skip
    return Answer((*lines, last), data)
