"""The state of a case as the fold of the history that is shown."""

from db.queries.case_file import CaseFile
from domain.history import Event
from domain.workflow import CaseState, fold
from services.history import STEPS


def state_of(file: CaseFile) -> CaseState:
    """What the steps open to a person depend on."""
    return fold(
        Event(e.kind, e.at, e.on, e.unit, e.submission, e.person, e.data, e.id)
        for e in file.history
        if e.kind in STEPS
    )
