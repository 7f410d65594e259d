"""`check`: trace, states, clocks, schema, rules, fonts and calendar."""

from argparse import ArgumentParser, Namespace

from services.checks import check
from services.clock import now
from services.commands import Answer

HELP = "全面检查：留痕、状态、时限、库结构、规则、字体、工作日历；有异常时退出码非零"


def arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace) -> Answer:
    """One line each."""
    findings = check(now())
    good = all(finding.good for finding in findings)
    data = {
        "good": good,
        "findings": [
            {"key": f.key, "label": f.label, "good": f.good, "counted": f.counted,
             "faults": list(f.faults), "notices": list(f.notices)}
            for f in findings
        ],
    }  # fmt: skip
    return Answer(tuple(finding.line for finding in findings), data, 0 if good else 1)
