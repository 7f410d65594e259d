"""The rarer turns of a case: how often they are taken, and the cases made to take them."""

from dataclasses import dataclass

from services.demo.days import Days

# Of those cases to which a turn is open.
SHARES: dict[str, float] = {
    "petition": 0.0,  # only made to be: by chance it is a route of the plan
    "late": 0.0,  # by chance it is a habit of the unit
    "decline_final": 0.02,
    "notify_fails": 0.02,
    "copies": 0.25,
    # of what a city registers, and of what is given to a unit
    "assign": 0.94,
    "assist": 0.03,
    "pass_on": 0.04,
    "reclassify": 0.008,
    "return": 0.032,
    "return_refused": 0.0, "return_accepted": 0.0, "reassign": 0.0,  # by chance one of three
    # of what is handled
    "extend": 0.052,
    "refuse_extension": 0.0,
    "reject": 0.035,
    "stage": 0.03,
    "send_back": 0.016,
    "unchecked": 0.08,
    "undeliverable": 0.006,
    "supervise": 0.009,
    "lead": 0.006,
    "instruct": 0.0, "charge": 0.0, "reception": 0.0,  # by chance one of three
    "exempt": 0.05,  # of the late ones
    "review": 0.14,
    "revoke": 0.0,
    "re_review": 0.2,
    "hearing": 0.3,
    "unfiled": 0.06,
}  # fmt: skip
REFUSED = 0.12  # of the extensions applied for
SUPERVISED_LATE = 0.3  # of what is concluded late


@dataclass(frozen=True, slots=True)
class Example:
    """A case registered so many days ago that takes these turns, so that none is wanting.

    It is handled by a county for a city, for somebody who can be reached, and without delay.
    """

    days: int
    turns: frozenset[str] = frozenset()
    left_at: str = ""  # the step after which nothing was done


ORDINARY = Example(0)
_ALWAYS = frozenset({"assign"})
_TOLD: tuple[tuple[int, str, str], ...] = (
    (420, "petition review revoke", ""),
    (300, "petition review re_review hearing", ""),
    (250, "stage", ""),
    (200, "late exempt supervise", ""),
    (190, "extend", ""),
    (188, "extend refuse_extension", ""),
    (180, "petition decline_final", ""),
    (160, "send_back", ""),
    (150, "return reassign", ""),
    (149, "return return_accepted assist", ""),
    (148, "return return_refused", ""),
    (147, "pass_on", ""),
    (146, "reclassify", ""),
    (145, "undeliverable", ""),
    (140, "lead instruct", ""),
    (139, "lead charge", ""),
    (138, "lead reception", ""),
    (110, "petition review re_review", "request_re_review"),
    (52, "petition review", "request_review"),
    (44, "stage", "stage"),
    (34, "", "reply"),
    (33, "", "approve"),
    (32, "", "conclude"),
    (30, "supervise", "supervise"),
    (29, "lead instruct", "instruct"),
    (14, "return return_refused", "return"),
    (10, "", "assign"),
    (8, "", "classify"),
    (6, "", "register"),
)
EXAMPLES = tuple(
    Example(days, _ALWAYS | set(turns.split()), left_at) for days, turns, left_at in _TOLD
)


def placed(days: Days) -> dict[int, Example]:
    """The examples by the index of their case; a demonstration of a few cases shows the last."""
    found: dict[int, Example] = {}
    free = days.cases
    for example in reversed(EXAMPLES):
        index = min(free - 1, days.first_of(max(days.last - example.days, days.first)))
        if index < 0:
            break
        found[index], free = example, index
    return found
