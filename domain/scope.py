"""Which rows a person may see: one frozen value, passed as an argument everywhere."""

from dataclasses import dataclass

from domain.people import CASE_ROLES, Level, Role, Viewer, last_below, level_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Unit codes `low..high` whose cases are visible; `sealed` adds accusations of officials.

    An empty interval (high < low) shows nothing, and that is what no matching rule gives.
    """

    low: int
    high: int
    sealed: bool = False
    system: bool = False  # the machine's own work (checks, commands), never a person

    @property
    def empty(self) -> bool:
        """Whether this scope shows no row at all."""
        return not self.system and self.high < self.low

    @property
    def whole(self) -> bool:
        """Whether every unsealed row of the province is visible."""
        return self.system or (not self.empty and level_of(self.low) is Level.PROVINCE)

    def covers(self, unit: int) -> bool:
        """Whether a unit lies in this scope."""
        return self.system or self.low <= unit <= self.high


NOTHING = Scope(1, 0)
SYSTEM = Scope(0, 999999, sealed=True, system=True)


def scope_of(viewer: Viewer) -> Scope:
    """The scope of a viewer: the unit and those below it, for roles that touch cases."""
    if viewer.roles.isdisjoint(CASE_ROLES):
        return NOTHING
    # 检举控告 is sealed at once (条例 第30条): discipline inspection reads it, the province's
    # supervisor passes it on or puts a slip right.
    provincial = viewer.level is Level.PROVINCE and Role.SUPERVISOR in viewer.roles
    sealed = Role.AUDITOR in viewer.roles or provincial
    return Scope(viewer.unit, last_below(viewer.unit), sealed=sealed)
