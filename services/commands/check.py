"""`check`: trace, states, clocks, scores, schema, rules, fonts and calendar."""

from argparse import ArgumentParser, Namespace
from datetime import datetime
from typing import Any

from domain.scope import SYSTEM
from services import trace
from services.checks import check
from services.clock import now
from services.commands import Answer
from services.store import write

HELP = "全面检查：留痕、状态、时限、考核、库结构、规则、字体、工作日历；有异常时退出码非零"


def arguments(parser: ArgumentParser) -> None:
    """Whether to sign what was found sound."""
    parser.add_argument(
        "--checkpoint", action="store_true", help="检查通过后写入留痕存证并打印其签名，供另行保存"
    )


def run(args: Namespace) -> Answer:
    """One line each."""
    at = now()
    findings = check(at)
    good = all(finding.good for finding in findings)
    data: dict[str, Any] = {
        "good": good,
        "findings": [
            {"key": f.key, "label": f.label, "good": f.good, "counted": f.counted,
             "faults": list(f.faults), "notices": list(f.notices)}
            for f in findings
        ],
    }  # fmt: skip
    lines = [finding.line for finding in findings]
    if args.checkpoint and good:
        data["checkpoint"] = signed = _sign(at)
        lines.append(f"留痕存证：编号 {signed['id']}，{at:%Y-%m-%d %H:%M}，签名 {signed['mac']}")
    return Answer(tuple(lines), data, 0 if good else 1)


def _sign(at: datetime) -> dict[str, Any]:
    """A checkpoint over all chains as they stand: what is kept elsewhere of it."""
    with write(SYSTEM) as session:
        made = trace.checkpoint(session, at)
        return {"id": made.id, "at": at, "mac": made.mac.hex(), "heads": made.heads}
