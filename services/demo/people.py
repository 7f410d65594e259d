"""The people of the demonstration: every unit has its staff, and all sign in with one password."""

from datetime import datetime
from functools import cache
from random import Random

from domain.people import Level, Role, level_of
from services.demo.province import PROVINCE, asset, province
from services.rows import Row
from services.units import spelled

PASSWORD = "Demo@2026"
# bcrypt of PASSWORD, made once: demonstration people work on this machine only.
PASSWORD_HASH = "$2b$12$vfIXT1e.R7ZBaKyRfcRJFezT8BNYy4a1gjQFFC6j4lGbMBWSKMMMq"
SLOTS = 10  # ids of one unit's staff are consecutive
STAFF: dict[Level, tuple[Role, ...]] = {
    Level.PROVINCE: (
        Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR, Role.ASSESSOR, Role.LEADER,
        Role.AUDITOR, Role.ADMIN,
    ),
    Level.CITY: (
        Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR, Role.CITY_LEAD, Role.LEADER,
        Role.AUDITOR, Role.ADMIN,
    ),
    Level.COUNTY: (Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.LEADER),
}  # fmt: skip
SECOND = 9  # the slot of a second handler
# Units whose people are listed on the sign-in page.
SHOWN = (320000, 320100, 320106, 320500, 320583, 320300, 320382, 320900, 320924)


@cache
def prefixes() -> dict[int, str]:
    """The head of a unit's logins: js, nj, njgl (南京鼓楼)."""
    short, found = province().short, dict[int, str]()
    for code in (PROVINCE, *(c for c in short if c != PROVINCE)):
        own = spelled(short[code])[1]
        city = found[code // 100 * 100] if level_of(code) is Level.COUNTY else ""
        name = city + own
        free = (n for n in (name, *(f"{name}{i}" for i in range(2, 9))) if n not in found.values())
        found[code] = next(free)
    return found


@cache
def _order() -> dict[int, int]:
    return {code: index for index, code in enumerate(sorted(province().short))}


def person_id(unit: int, role: Role, second: bool = False) -> int:
    """The id of the person who has a role in a unit."""
    slot = SECOND if second else STAFF[level_of(unit)].index(role)
    return (_order()[unit] + 1) * SLOTS + slot


def person_rows(at: datetime) -> tuple[list[Row], list[Row]]:
    """The rows of `people` and of `person_roles`."""
    people: list[Row] = []
    roles: list[Row] = []
    for unit in sorted(_order()):
        for role in (*STAFF[level_of(unit)], None):
            second = role is None
            real = role or Role.HANDLER
            number = person_id(unit, real, second)
            login = f"{prefixes()[unit]}_{real.value}{'2' if second else ''}"
            people.append(_person(number, login, unit, at))
            roles.append({"person_id": number, "role": real.value})
    return people, roles


@cache
def name_of(number: int) -> str:
    """The invented name of the person with an id."""
    rng, names = Random(number), asset("names.json")
    given = "".join(rng.choice(names["given"]) for _ in range(rng.choice((1, 2, 2))))
    return rng.choice(names["surnames"]) + given


@cache
def officers_of(unit: int) -> str:
    """The two officers of a unit who go to a site."""
    both = (name_of(person_id(unit, Role.HANDLER, second)) for second in (False, True))
    return "、".join(both)


def leader_of(unit: int) -> str:
    """The leader of a unit, by name and office."""
    office = "副厅长" if level_of(unit) is Level.PROVINCE else "副局长"
    return name_of(person_id(unit, Role.LEADER)) + office


def _person(number: int, login: str, unit: int, at: datetime) -> Row:
    return {
        "id": number, "login": login, "name": name_of(number),
        "unit_code": unit, "password_hash": PASSWORD_HASH, "password_set_at": at,
        "must_change": False, "failures": 0, "locked_until": None, "disabled_at": None,
        "demo": True, "created_at": at, "version": 1,
    }  # fmt: skip
