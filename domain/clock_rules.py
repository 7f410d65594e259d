"""A dated rule of a clock: what starts and stops it, how long, whose it is, where it applies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.terms import Term


class Per(StrEnum):
    """What has one clock of a kind: the case, each submission, each unit, or each order."""

    CASE = "case"
    SUBMISSION = "submission"
    UNIT = "unit"
    ORDER = "order"


class Owner(StrEnum):
    """Whose clock it is: who registered, who held the case when it fell due, or the province."""

    REGISTRAR = "registrar"
    HOLDER = "holder"
    ARRIVED = "arrived"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One dated rule: in force for clocks that start from `since` until the next of its key."""

    key: str
    label: str
    starts: str
    stops: tuple[str, ...]
    term: Term | None  # None: the order or the plan names the date
    rolls: bool
    per: Per
    owner: Owner
    duty: bool  # False: a window of the petitioner's, never overdue for a unit
    extendable: bool
    basis: str
    since: date
    baseline: bool = False  # †: an administrator may change it
    reachable: bool = False  # applies only where the petitioner can be reached
    channels: frozenset[str] = frozenset()  # empty: all
    tracks: frozenset[str] = frozenset()  # empty: all
    simple: bool | None = None  # True: only in the simple procedure; False: only outside it
    suspendable: bool = False  # hearing days do not count
