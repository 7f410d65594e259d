"""The state of a case as the fold of the history that is shown."""

from db.queries.case_file import CaseFile
from domain.history import Event
from domain.people import Viewer
from domain.table import Step
from domain.workflow import CaseState, fold, open_steps
from services.history import STEPS

# Steps about another case too: a part of the page of their own draws them.
APART = ("merge", "separate", "reopen")


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
    """The steps open to this person that a form of the case page draws."""
    return [step for step in open_steps(state_of(file), viewer) if step.key not in APART]
