"""What a case of the demonstration is about: when, where, by whom, about what."""

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from domain.people import city_of
from services.demo.days import DAY, Days, months_before
from services.demo.province import PROVINCE, asset, province
from services.demo.subjects import Subject, subject

# Main types of a case in percent; with two types the shares add up to more than a hundred.
TYPES = {
    "A": 27, "N": 25, "AN": 20, "W": 8.5, "AW": 3.5, "S": 4, "AS": 3, "WS": 1.5, "NW": 1.5,
    "ANW": 1, "E": 1.8, "ES": 0.7, "R": 1, "P": 1, "AP": 0.5, "T": 0.3, "O": 0.9,
}  # fmt: skip
SUBS: dict[str, dict[str, float]] = {
    "A": {"A01": 45, "A02": 11, "A03": 15, "A04": 10, "A05": 9, "A06": 1, "A07": 3, "A08": 4,
          "A09": 1, "A10": 1},
    "N": {"N01": 24, "N02": 34, "N03": 27, "N04": 6, "N05": 7, "N06": 2},
    "W": {"W01": 36, "W02": 18, "W03": 12, "W04": 16, "W05": 3, "W06": 2, "W07": 10, "W08": 3},
    "S": {"S01": 22, "S02": 10, "S03": 22, "S04": 24, "S05": 1, "S06": 7, "S07": 14},
    "T": {"T01": 50, "T02": 35, "T03": 15},
    "E": {"E01": 36, "E02": 22, "E03": 24, "E04": 8, "E05": 10},
    "R": {"R01": 55, "R02": 38, "R03": 7},
    "P": {"P01": 38, "P02": 25, "P03": 15, "P04": 12, "P05": 10},
    "O": {"O01": 12, "O02": 15, "O03": 30, "O04": 25, "O05": 18},
}  # fmt: skip
CHANNELS = {
    "hotline_12369": 17, "hotline_12345": 30, "bureau_phone": 1.7, "duty_phone": 0.5,
    "police_110": 0.6, "wechat_12369": 35.4, "web_12369": 4.6, "national_platform": 2.2,
    "bureau_site": 1.2, "director_mailbox": 0.8, "petition_online": 1.2, "people_daily_board": 0.6,
    "internet_inspection": 0.3, "mobile_app": 0.4, "email": 0.2, "mail": 0.9, "fax": 0.05,
    "leader_mailbox": 0.2, "petition_bureau_letter": 0.4, "ministry_letter": 0.15,
    "congress_letter": 0.1, "discipline_letter": 0.05, "visit_here": 0.6, "visit_joint": 0.1,
    "visit_leader": 0.1, "visit_down": 0.1, "visit_province": 0.1, "visit_beijing": 0.02,
    "provincial_inspection": 0.2, "grid_worker": 0.4, "media": 0.2, "tour_inspection": 0.03,
    "other_department": 0.3, "central_inspection": 0.02,
}  # fmt: skip
# The month of a central inspection: letters and its own orders by the thousand.
INSPECTED = CHANNELS | {"mail": 22, "petition_bureau_letter": 6, "central_inspection": 18}
# What any firm may cause besides.
BESIDE = {"A": "A10", "N": "N01", "W": "W07", "S": "S01", "E": "E05", "P": "P05"}
ROUTES = {"procedure": 890, "petition": 36, "suggestion": 20, "litigation": 6, "accusation": 3,
          "elsewhere": 45}  # fmt: skip
INSPECTION_BEFORE = 7  # months before the last one
HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 13, 9, 7, 8, 11, 12, 11, 9, 8, 9, 9, 8, 6, 4)
NIGHT = (9, 5, 3, 2, 2, 4, 6, 7, 7, 7, 6, 5, 5, 5, 5, 5, 5, 5, 6, 8, 10, 13, 14, 12)


class Dice:
    """A weighted choice from one share between 0 and 1."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.keys = tuple(weights)
        self.sums = list(accumulate(weights.values()))

    def __call__(self, share: float) -> str:
        """The key at a share of all weights."""
        return self.keys[bisect(self.sums, share * self.sums[-1])]


@dataclass(frozen=True, slots=True)
class Plan:
    """The facts of one case; moments are minutes, `index` counts from 0."""

    index: int
    rng: Random
    county: int
    unit: int  # that registers it
    received: int
    registered: int
    channel: str
    subchannel: str
    subs: tuple[str, ...]
    industry: str
    subject: Subject
    route: str
    person: int  # number of the petitioner
    anonymous: bool
    silent: bool
    repeats: int | None = None  # index of the earlier case


class Planner:
    """Plans of cases for one (cases, seed, today); the same index gives the same plan."""

    def __init__(self, seed: int, days: Days, channels: dict[str, str]) -> None:
        self.seed, self.days, self.channels = seed, days, channels
        self.texts = asset("texts.json")["subs"]
        self.usual, self.inspected = Dice(CHANNELS), Dice(INSPECTED)
        self.subs = {main: Dice(weights) for main, weights in SUBS.items()}
        self.fitting = self._fitting()
        self.routes = Dice(ROUTES)
        self.hours = Dice({str(h): w for h, w in enumerate(HOURS)})
        self.night = Dice({str(h): w for h, w in enumerate(NIGHT)})
        self.types = {month: Dice(_types(month)) for month in range(1, 13)}
        self.gaokao = Dice(TYPES | {"N": 45, "AN": 26})
        self.inspection = months_before(days.today, INSPECTION_BEFORE)
        self.pool = max(6, days.cases // 2600)

    def plan(self, index: int) -> Plan:
        """The plan of a case, apart from what a repeat takes over from the earlier one."""
        rng = Random(self.seed * 100_000_007 + index)
        chance = rng.random
        day = self.days.day_of(index)
        county = province().pick(chance())
        subs, industry = self._subs(rng, day)
        on = self.days.date(day)
        inspected = (on.year, on.month) == (self.inspection.year, self.inspection.month)
        sub = (self.inspected if inspected else self.usual)(chance())
        unit = _registrar(chance(), county, sub)
        received, registered = self._moments(rng, day, unit, subs[0], self.channels[sub])
        anonymous = chance() < 0.13
        silent = chance() < (0.42 if anonymous else 0.015)
        return Plan(
            index, rng, county, unit, received, registered, self.channels[sub], sub, subs,
            industry, subject(self.seed, county, industry, self._number(chance())),
            self.routes(chance()), index, anonymous, silent,
        )  # fmt: skip

    def _fitting(self) -> dict[tuple[str, str], Dice]:
        """The sub-types of a main type that an industry may well cause."""
        industries = {i for text in self.texts.values() for i in text["industries"]}
        found = {}
        for main, weights in SUBS.items():
            for industry in industries:
                own = {k: w for k, w in weights.items() if industry in self.texts[k]["industries"]}
                if own:
                    found[main, industry] = Dice(own)
        return found

    def _subs(self, rng: Random, day: int) -> tuple[tuple[str, ...], str]:
        """The sub-types, and the industry that fits the first of them."""
        on, chance = self.days.date(day), rng.random
        before_exams = (5, 20) <= (on.month, on.day) <= (6, 8)
        mains = (self.gaokao if before_exams else self.types[on.month])(chance())
        first = self.subs[mains[0]](chance())
        if before_exams and mains[0] == "N" and chance() < 0.5:
            first = "N02"
        industries = self.texts[first]["industries"]
        industry = industries[int(chance() * len(industries))]
        rest = [self._beside(main, industry, chance()) for main in mains[1:]]
        return (first, *rest), industry

    def _beside(self, main: str, industry: str, share: float) -> str:
        dice = self.fitting.get((main, industry))
        return dice(share) if dice else BESIDE[main]

    def _number(self, share: float) -> int:
        return int(self.pool * share**2.6)

    def _moments(self, rng: Random, day: int, unit: int, sub: str, channel: str) -> tuple[int, int]:
        """When it was received and registered; late for the share of the unit's habits."""
        chance = rng.random
        dice = self.night if sub in ("N02", "N03", "A01") and channel != "letter" else self.hours
        minute = int(dice(chance())) * 60 + int(chance() * 60)
        late, share = chance() < province().habits[unit].entry, chance()
        if channel in ("letter", "visit"):
            minute = 520 + int(chance() * 500)
        if late or share > 0.68:
            back = self._back(day, late, chance())
            if back:
                return (day - back) * DAY + minute, day * DAY + 510 + int(chance() * 540)
        registered = min(minute + 4 + int(chance() * 75), DAY - 1)
        return day * DAY + minute, day * DAY + registered

    def _back(self, day: int, late: bool, share: float) -> int:
        """How many days before its registration it came in."""
        back = 1
        while self.days.between(day - back - 1, day) <= 1:
            back += 1
        return back + 1 + int(share * share * 9) if late else int(share * (back + 1))

    def repeat(self, plan: Plan, earlier: Plan) -> Plan:
        """The plan as a repeat: same person, same matter, a little later."""
        unit = plan.unit if plan.unit == PROVINCE else (
            earlier.county if plan.unit == plan.county else city_of(earlier.county)
        )  # fmt: skip
        return replace(
            plan, county=earlier.county, unit=unit, subs=earlier.subs, industry=earlier.industry,
            subject=earlier.subject, person=earlier.person, anonymous=earlier.anonymous,
            silent=earlier.silent, route="procedure", repeats=earlier.index,
        )  # fmt: skip


def _types(month: int) -> dict[str, float]:
    """Odour and water in summer, dust and noise in the dry months."""
    summer = month in (6, 7, 8, 9)
    factors = {"A": 1.15 if summer else 0.95, "W": 1.3 if summer else 0.85}
    return {mains: weight * factors.get(mains[0], 1.0) for mains, weight in TYPES.items()}


def _registrar(share: float, county: int, sub: str) -> int:
    if sub in ("ministry_letter", "visit_province", "visit_beijing", "national_platform",
               "director_mailbox", "central_inspection", "tour_inspection"):  # fmt: skip
        return PROVINCE
    return PROVINCE if share < 0.05 else city_of(county) if share < 0.6 else county


def main_of(sub: str) -> str:
    """The main type of a sub-type."""
    return sub[0]


__all__ = ["CHANNELS", "SUBS", "TYPES", "Dice", "Plan", "Planner", "main_of"]
