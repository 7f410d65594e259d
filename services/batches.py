"""One step on many cases: each in its own transaction, by the one function that takes steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain.errors import Refused
from domain.people import Viewer
from services.steps import take_step

Progress = Callable[[int, int], None]


def take_many(
    viewer: Viewer,
    shown: Mapping[int, int],
    step: str,
    data: Mapping[str, Any],
    now: datetime,
    *,
    token: str,
    progress: Progress | None = None,
) -> dict[int, str]:
    """Take a step on cases as shown (id → version); returns why, for each that was not taken.

    A repeated `token` takes nothing twice, so that a batch that was cut off can be run again.
    """
    refused = {}
    for number, (case_id, version) in enumerate(shown.items(), 1):
        try:
            take_step(viewer, case_id, step, data, now, version=version,
                      token=f"{token}.{case_id}")  # fmt: skip
        except Refused as error:
            problems = getattr(error, "problems", {})
            refused[case_id] = "；".join(problems.values()) or str(error)
        if progress:
            progress(number, len(shown))
    return refused
