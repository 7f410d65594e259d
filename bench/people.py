"""A hundred people at work at once: p95 of what they wait for."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.bed import Bed, copied
from bench.figures import Effort, Line, Timing
from bench.pages import login
from bench.serving import Server, serving
from bench.visitor import Failed, Visitor
from domain.people import Role, level_of
from services.demo.people import STAFF, prefixes
from ui.navigation import BY_KEY

LIMIT = 500.0
ROLES = (Role.LEADER, Role.HANDLER, Role.CLERK, Role.SUPERVISOR, Role.REVIEWER)
# Page and query, and how many of a hundred clicks go there; the board is where people live.
CLICKS: tuple[tuple[str, dict[str, str], int], ...] = (
    ("overdue", {}, 50), ("cases", {}, 15), ("cases", {"q": "异味"}, 10),
    ("cases", {"light": "red"}, 10), ("maps", {}, 8), ("monthly", {}, 7),
)  # fmt: skip


@dataclass
class Tally:
    """What all people waited for."""

    think: float
    clicks: list[float] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)


def lines(bed: Bed) -> Iterator[Line]:
    """One server, so many people, each thinking ten seconds between clicks."""
    effort = bed.effort
    with copied(bed) as copy, serving(copy) as server:
        cookies = _signed_in(server, effort.people)
        before, began = server.cpu(), time.monotonic()
        tally = asyncio.run(_work(server.base, cookies, effort))
        busy = (server.cpu() - before) / (time.monotonic() - began)
        memory = server.megabytes()
    timing = Timing.of(tally.clicks or [0.0])
    note = f"{busy:.0%} of a core, {memory:.0f} MB, {len(tally.failures)} failures"
    if tally.failures:
        note += f" ({tally.failures[0]})"
    over = timing.p95 > LIMIT or bool(tally.failures) or not tally.clicks
    what = f"{effort.people} people, {effort.think:g} s think, {effort.work:g} s, clicks"
    yield Line("sessions", what, timing, (), f"p95 ≤ {LIMIT:g} ms", over, note)
    if tally.refreshes:
        yield Line("sessions", "fragments refreshing by themselves", Timing.of(tally.refreshes))
    for page, took in sorted(tally.pages.items()):
        yield Line("sessions", f"of these {page}", Timing.of(took))


def staff(sessions: int) -> list[str]:
    """Logins spread over units and roles."""
    every = [
        (unit, role)
        for role in ROLES
        for unit in sorted(prefixes())
        if role in STAFF[level_of(unit)]
    ]
    random.Random(1).shuffle(every)
    return [login(unit, role) for unit, role in every[:sessions]]


def _signed_in(server: Server, sessions: int) -> list[str]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(server.sign_in, staff(sessions)))


async def _work(base: str, cookies: list[str], effort: Effort) -> Tally:
    tally = Tally(effort.think)
    opening = effort.think  # people come one after the other, not at once
    until = time.monotonic() + opening + effort.work
    await asyncio.gather(
        *(
            _person(base, cookie, at, opening * at / len(cookies), until, tally)
            for at, cookie in enumerate(cookies)
        )
    )
    return tally


async def _person(
    base: str, cookie: str, seed: int, wait: float, until: float, tally: Tally
) -> None:
    chance = random.Random(seed)
    await asyncio.sleep(wait)
    try:
        async with Visitor(base, cookie) as visitor:
            await visitor.go("overdue")
            while await _think(visitor, chance, until, tally):
                await _click(visitor, chance, tally)
    except (Failed, OSError, TimeoutError) as error:
        tally.failures.append(f"{type(error).__name__}: {error}")


async def _think(visitor: Visitor, chance: random.Random, until: float, tally: Tally) -> bool:
    """Wait for the next click, refreshing what refreshes itself; False when the time is over."""
    click = time.monotonic() + chance.uniform(0.5 * tally.think, 1.5 * tally.think)
    while (now := time.monotonic()) < min(click, until):
        every = min(visitor.fragments.values(), default=1e9)
        await asyncio.sleep(min(every, min(click, until) - now))
        if time.monotonic() < min(click, until):
            for fragment in list(visitor.fragments):
                tally.refreshes.append(await visitor.refresh(fragment))
    return time.monotonic() < until


async def _click(visitor: Visitor, chance: random.Random, tally: Tally) -> None:
    known = [click for click in CLICKS if click[0] in BY_KEY]
    page, query, _ = chance.choices(known, [share for *_, share in known])[0]
    took = await visitor.go(page, query)
    tally.clicks.append(took)
    tally.pages[page + ("?" + "&".join(query) if query else "")].append(took)
