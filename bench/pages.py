"""Reruns of pages over the web socket of a real server, beside an empty page in one like it."""

import asyncio
from collections.abc import Iterator

from bench.bed import Bed, copied
from bench.boards import PROVINCE
from bench.figures import Line, Reference, Timing, at_most
from bench.serving import serving
from bench.visitor import Visitor
from domain.people import Role
from services.demo.people import prefixes
from ui.navigation import BY_KEY

WARM = 5
TIMES = 4  # a rerun of the board may take this many times as long as of an empty page
# What else is shown beside the board, without a target of its own.
OTHERS = ("cases", "maps", "monthly", "scores")


def login(unit: int, role: Role) -> str:
    """The login of the demonstration person of a unit who has a role."""
    return f"{prefixes()[unit]}_{role.value}"


def lines(bed: Bed) -> Iterator[Line]:
    """The board, then the other pages that stand."""
    with serving(bed, "bench/empty_app.py", "/_stcore/health") as server:
        empty = asyncio.run(_reruns(server.base, "", "", bed.effort.reruns))
    yield at_most("page", "an empty page", empty, None)
    limit = TIMES * empty.median
    with copied(bed) as copy, serving(copy) as server:
        cookie = server.sign_in(login(PROVINCE, Role.LEADER))
        for key in ("overdue", *OTHERS):
            if key in BY_KEY:
                took = asyncio.run(_reruns(server.base, cookie, key, bed.effort.reruns))
                yield _line(key, took, empty, limit if key == "overdue" else None)


def _line(key: str, took: Timing, empty: Timing, limit: float | None) -> Line:
    made = at_most("page", f"rerun of {BY_KEY[key].path.name}", took, limit,
                   Reference("empty page", empty.median))  # fmt: skip
    if limit is None:
        return made
    return Line(made.name, made.what, took, made.references, f"≤ {TIMES} × empty", made.over)


async def _reruns(base: str, cookie: str, page: str, repeats: int) -> Timing:
    async with Visitor(base, cookie) as visitor:
        await visitor.go(page)
        for _ in range(WARM):
            await visitor.rerun()
        return Timing.of([await visitor.rerun() for _ in range(repeats)])
