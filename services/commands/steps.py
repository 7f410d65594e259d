"""`steps`: the table of steps as a page with its diagram, as it stands in docs/steps.md."""

from argparse import ArgumentParser, Namespace
from collections.abc import Collection

from domain.labelled import Labelled
from domain.people import Level, Role
from domain.statuses import Status, Track
from domain.table import ANY, TABLE, Acts, Step
from services.commands import Answer
from services.fields import RECORDS

HELP = "列出全部步骤：状态图和步骤表（Markdown）"

HEAD = """# The life of a case

Made from `domain/table.py` by `python -m services steps`; a test holds it to the table.
`tests/tables/steps.csv` says the same in an office's words, with the reasons.

Statuses are boxes, steps are arrows. What does not change the status is in the table alone.
"""
FOOT = """A field with ? may be left empty. Further conditions of a step are `needs`, `once` and
`per_submission` in the table; who worked on a matter judges it nowhere.
"""
ACTS = {
    Acts.HOLDER: "承办单位",
    Acts.TEAM: "承办或协办单位",
    Acts.HOLDER_OR_ABOVE: "承办单位或其上级",
    Acts.ABOVE: "承办单位的上级",
    Acts.NEXT_ABOVE: "承办单位的上一级",
    Acts.ORDERER: "发出督办的单位或其上级",
    Acts.SENDER: "交来单位",
    Acts.ORGAN: "复查（复核）机关",
    Acts.ABOVE_ORGAN: "复查机关的上级",
    Acts.PROVINCE: "省厅",
}
# Where the state decides, not the table: a refused return goes on where it stood, a revoked
# opinion is handled again, an archived case that was declined or passed on keeps its status.
LATER = {
    "refuse_return": (Status.TO_SIGN, Status.HANDLING),
    "deliver_review": (Status.DELIVERED, Status.HANDLING),
    "deliver_re_review": (Status.DELIVERED, Status.HANDLING),
}
STAYS = frozenset({Status.DECLINED, Status.TRANSFERRED})  # when archived
COLUMNS = ("Step", "Key", "From", "To", "Roles", "Unit", "Levels", "Tracks", "Records")


def arguments(_parser: ArgumentParser) -> None:
    """None."""


def run(_args: Namespace) -> Answer:
    """The whole page."""
    text = page()
    return Answer(tuple(text.splitlines()), {"page": text})


def page() -> str:
    """The page as it stands in docs/steps.md."""
    rows = (COLUMNS, ("---",) * len(COLUMNS), *map(_row, TABLE))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{HEAD}\n```mermaid\n{diagram()}\n```\n\n{table}\n\n{FOOT}"


def diagram() -> str:
    """The statuses and the steps between them as a Mermaid state diagram."""
    names = [f'    state "{status.label}" as {status}' for status in Status]
    arrows: dict[tuple[Status, Status], list[str]] = {}
    for step in TABLE:
        for source in (one for one in Status if one in step.sources):
            for to in _leads(step, source):
                arrows.setdefault((source, to), []).append(step.label)
    drawn = [f"    {one} --> {two}: {'、'.join(by)}" for (one, two), by in arrows.items()]
    first = f"    [*] --> {Status.REGISTERED}: 登记"
    return "\n".join(["stateDiagram-v2", *names, first, *drawn, f"    {Status.ARCHIVED} --> [*]"])


def _leads(step: Step, source: Status) -> tuple[Status, ...]:
    """The other statuses a step leads to from one."""
    if step.key == "archive" and source in STAYS:
        return ()
    to = LATER.get(step.key) or ((step.to,) if step.to else ())
    return tuple(one for one in to if one is not source)


def _row(step: Step) -> tuple[str, ...]:
    to = "、".join(one.label for one in LATER.get(step.key, (step.to,) if step.to else ()))
    return (
        step.label, f"`{step.key}`", _sources(step.sources), to or "—",
        _labels(Role, step.roles), ACTS[step.acts], _labels(Level, step.levels, "全部"),
        _labels(Track, step.tracks) or "不限",
        "、".join(_field(name) for name in step.records) or "—",
    )  # fmt: skip


def _sources(sources: frozenset[Status]) -> str:
    """The statuses a step starts from, or those it does not where these are fewer."""
    left = ANY - sources
    if left and len(left) < 5:
        return f"全部，除{_labels(Status, left)}"
    return _labels(Status, sources, "全部")


def _labels(kind: type[Labelled], members: Collection[Labelled], every: str = "") -> str:
    """The labels of some members in their order, or one word for all of them."""
    if every and len(members) == len(kind):
        return every
    return "、".join(one.label for one in kind if one in members)


def _field(name: str) -> str:
    """The label of a field; the other case of a merging is chosen side by side."""
    key, optional = name.rstrip("?"), name.endswith("?")
    label = RECORDS[key].label if key in RECORDS else "并入的事项"
    return label + ("?" if optional else "")
