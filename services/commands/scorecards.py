"""`scorecards`: the PDF scorecards of a period's newest run, into a folder."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from domain.errors import Refused
from scoring.period import Period
from services import scorecards, scoring
from services.clock import now
from services.commands import Answer
from services.reader import MACHINE

HELP = "评分单：把一个考核期最近一次评分的各市评分单（PDF）写到文件夹"


def arguments(parser: ArgumentParser) -> None:
    """Period and folder."""
    parser.add_argument(
        "--period", required=True, metavar="考核期", help="如 2026-10、2026Q3、2026"
    )
    parser.add_argument("--out", required=True, metavar="文件夹", help="不存在时新建")


def run(args: Namespace) -> Answer:
    """Write one file a city; files of an earlier call are replaced by the same bytes."""
    period = Period.parse(args.period)
    runs = scoring.runs(MACHINE, period)
    if not runs:
        raise Refused(f"{period.label}还没有评分，请先执行 score --period {period}。")
    folder = Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    files = scorecards.scorecards(MACHINE, runs[0], now())
    for name, pdf in files.items():
        path = folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pdf)
    head = f"{period.label}第{runs[0].ordinal}次评分，{len(files)}份评分单写入 {folder}"
    data = {"run": runs[0].id, "digest": runs[0].digest, "files": sorted(files)}
    return Answer((head, *sorted(files)), data)
