"""The state of a case as the fold of the history that is shown."""

from collections.abc import Sequence

from db.queries.case_file import CaseFile
from domain.history import Event
from domain.people import Viewer
from domain.table import APART, Step
from domain.workflow import CaseState, fold, open_steps
from services.history import STEPS

# The turns a case seldom takes, and what goes on beside its way: offered after the next step.
SELDOM = frozenset({
    "decline", "decline_final", "transfer", "return", "reassign", "apply_extension", "send_back",
    "request_review", "request_re_review", "undeliverable", "reclassify", "pass_on",
})  # fmt: skip
BESIDE = frozenset({"supervise", "instruct", "charge", "reception", "follow_up", "exempt"})


def events_of(file: CaseFile) -> list[Event]:
    """The steps of the history that is shown."""
    return [
        Event(e.kind, e.at, e.on, e.unit, e.submission, e.person, e.data, e.id)
        for e in file.history
        if e.kind in STEPS
    ]  # fmt: skip


def state_of(file: CaseFile) -> CaseState:
    """What the steps open to a person depend on."""
    return fold(events_of(file))


def steps_of(file: CaseFile, viewer: Viewer) -> list[Step]:
    """The steps open to this person that a form of the case page draws, the likely next first."""
    state = state_of(file)
    open_ = [step for step in open_steps(state, viewer) if step.key not in APART]
    return likely_first(open_, state)


def likely_first(steps: Sequence[Step], state: CaseState) -> list[Step]:
    """Steps in the table's order, those behind that are seldom, taken before, or beside the way."""
    keys = {step.key for step in steps}

    def later(step: Step) -> bool:
        again = not step.once and step.key in state.done
        own = step.key == "accept" and "assign" in keys  # who may give it away mostly does
        return step.key in SELDOM or again or own

    return sorted(steps, key=lambda step: (step.key in BESIDE, later(step)))
