"""Cases of the demonstration by index: what each is about and what happened to it."""

from dataclasses import dataclass, replace
from random import Random

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.history import Event
from domain.people import city_of
from domain.workflow import CaseState, fold
from rules import Rules, load
from services.demo.days import DAY, Days
from services.demo.petitioners import petitioner
from services.demo.plan import Plan, Planner
from services.demo.province import province
from services.demo.side import since_when
from services.demo.story import Story
from services.demo.turns import ORDINARY, placed
from services.demo.words import Words
from services.identity import Identity
from services.keys import Keys

LINKED = 0.24  # how often an earlier case is looked for; most finds do not fit


@dataclass(frozen=True, slots=True)
class Made:
    """One case with its history, before it becomes rows."""

    plan: Plan
    words: Words
    identity: Identity
    events: list[tuple[int, Event]]
    state: CaseState


class Maker:
    """Makes cases by index; everything follows from (cases, seed, today) and the key."""

    def __init__(self, seed: int, days: Days, keys: Keys, rules: Rules | None = None) -> None:
        self.days, self.keys, self.rules = days, keys, rules or load()
        channels = {s.key: s.channel for s in self.rules.subchannels}
        self.letters = {c.key: c.letter for c in self.rules.channels}
        self.planner = Planner(seed, days, channels)
        self.cipher = AESGCM(keys.seal)
        self.examples = placed(days)
        self.told_since = since_when(days)

    def made(self, index: int, no: str = "") -> Made:
        """The case of an index, with its number once it is known."""
        return self.tell(self.plan(index), no)

    def plan(self, index: int) -> Plan:
        """What the case is about; a repeat takes its matter from an earlier one."""
        return self._linked(self._own(index), 0)

    def _own(self, index: int) -> Plan:
        """The plan before it is known whether it is a repeat."""
        plan, example = self.planner.plan(index), self.examples.get(index)
        if example is None:
            return plan
        route = "petition" if "petition" in example.turns else "procedure"
        return replace(plan, unit=city_of(plan.county), route=route, silent=False)

    def _linked(self, plan: Plan, depth: int) -> Plan:
        if plan.index in self.examples:
            return plan
        if plan.rng.random() < LINKED and depth < 3:
            earlier = self._earlier(plan, depth)
            if earlier:
                return self.planner.repeat(plan, earlier)
        return plan

    def _earlier(self, plan: Plan, depth: int) -> Plan | None:
        """A delivered case some weeks back, in a place that sees many repeats."""
        day = plan.received // DAY - 20 - int(plan.rng.random() * 75)
        share, accept = plan.rng.random(), plan.rng.random()
        if day <= self.days.first:
            return None
        low, high = self.days.first_of(day), self.days.ends[day - self.days.first]
        if high <= low:
            return None
        index = low + int(share * (high - low))
        first = self._own(index)
        if accept > province().habits[first.county].repeat * 4.5:
            return None
        earlier = self.tell(self._linked(first, depth + 1), "")
        told = earlier.state.delivered_on
        if told is None or earlier.plan.route != "procedure":
            return None
        gap = plan.received // DAY - told.toordinal()
        return earlier.plan if 0 < gap <= 90 else None

    def tell(self, plan: Plan, no: str) -> Made:
        """The case of a plan."""
        words = Words(plan)
        steady = Random(plan.person * 7 + 1)  # a repeat is by the same person
        address = plan.subject.address
        identity = petitioner(steady, plan.person, address, plan.anonymous, plan.silent)
        story = Story(plan, self.days, words, identity.reachable, plan.index + 1, no,
                        len(words.demands), self.examples.get(plan.index, ORDINARY))  # fmt: skip
        events = story.tell()
        return Made(plan, words, identity, events, fold([event for _, event in events]))
