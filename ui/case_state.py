"""The state of a case as the fold of the history that is shown."""

from db.queries.case_file import CaseFile
from domain.history import Event
from domain.people import Viewer
from domain.workflow import CaseState, Step, fold, open_steps
from services.history import STEPS


def state_of(file: CaseFile) -> CaseState:
    """What the steps open to a person depend on."""
    return fold(
        Event(e.kind, e.at, e.on, e.unit, e.submission, e.person, e.data, e.id)
        for e in file.history
        if e.kind in STEPS
    )


def steps_of(file: CaseFile, viewer: Viewer) -> list[Step]:
    """The steps open to this person; one taken once for every contact is not offered again."""
    state, contacts = state_of(file), {s.id for s in file.submissions}

    def finished(step: Step) -> bool:
        once = step.once and step.per_submission
        return once and contacts <= state.done.get(step.key, frozenset())

    return [step for step in open_steps(state, viewer) if not finished(step)]
