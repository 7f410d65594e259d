"""People, roles and the tree of units.

A unit's code is its division code: province 320000, city 320100, county 320102.
The tree is therefore arithmetic, and "this unit or one below it" is an interval of codes.
"""

from dataclasses import dataclass

from domain.labelled import Labelled


class Role(Labelled):
    """A role and its Chinese label (domain: privacy)."""

    CLERK = "clerk", "登记员"
    HANDLER = "handler", "承办人"
    REVIEWER = "reviewer", "审核人"
    SUPERVISOR = "supervisor", "督办员"
    ASSESSOR = "assessor", "考核员"
    CITY_LEAD = "city_lead", "市局负责人"
    LEADER = "leader", "领导"
    AUDITOR = "auditor", "纪检监察"
    ADMIN = "admin", "系统管理员"


class Level(Labelled):
    """The level of a unit and its Chinese label."""

    PROVINCE = "province", "省级"
    CITY = "city", "设区市"
    COUNTY = "county", "县(市、区)"


# Roles that may open the sealed identity of a petitioner, with a reason each time.
IDENTITY_ROLES = frozenset({Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR})
# Roles whose work touches cases; an administrator's does not (domain: privacy).
CASE_ROLES = frozenset(Role) - {Role.ADMIN}
# No one holds both (domain: privacy): an auditor never opens an identity, an administrator never
# works on cases.
EXCLUSIVE = (
    *(frozenset({Role.ADMIN, role}) for role in Role if role in CASE_ROLES),
    *(frozenset({Role.AUDITOR, role}) for role in Role if role in IDENTITY_ROLES),
)


def level_of(code: int) -> Level:
    """The level of a unit from its code."""
    if code % 10000 == 0:
        return Level.PROVINCE
    return Level.CITY if code % 100 == 0 else Level.COUNTY


def province_of(code: int) -> int:
    """The code of the province a unit lies in."""
    return code // 10000 * 10000


def city_of(code: int) -> int:
    """The code of the city a unit lies in; of the province itself for the province."""
    return code // 100 * 100


def above(code: int) -> int | None:
    """The unit one level above a unit; None for the province."""
    match level_of(code):
        case Level.COUNTY:
            return city_of(code)
        case Level.CITY:
            return province_of(code)
        case Level.PROVINCE:
            return None


def last_below(code: int) -> int:
    """The highest code at or below a unit, so that [code, last_below(code)] is its subtree."""
    return {Level.PROVINCE: code + 9999, Level.CITY: code + 99, Level.COUNTY: code}[level_of(code)]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person behind a request, as re-read from the database for this request."""

    person_id: int
    name: str
    unit: int
    unit_name: str
    roles: frozenset[Role]
    session: str = ""  # hash of the sign-in session, for audit and downloads
    ip: str = ""

    @property
    def level(self) -> Level:
        """The level of the viewer's unit."""
        return level_of(self.unit)

    def has(self, *roles: Role) -> bool:
        """Whether the viewer holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)
