"""The letters of a case: those issued, and those that may be issued next by this person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.queries import papers
from db.queries.case_file import CaseFile, Entry
from domain.errors import Refused
from domain.people import Viewer
from domain.scope import scope_of
from domain.table import BY_KEY
from rules import load
from rules.papers import LetterKind
from services import letter_facts
from services.letter_fields import BUILDERS, opinion_name
from services.letters import key_of
from services.store import read

EACH = ("callback", "receipt")  # of every such step one; of others the last counts


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter that was issued."""

    id: int
    label: str
    number: str
    at: datetime
    whom: str
    unit: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that may be issued: what it tells of, to whom, and what must be typed for it."""

    kind: str
    event: int
    submission: int | None
    label: str
    masked: bool
    to_file: bool
    asks: tuple[str, ...]


def issued(viewer: Viewer, file: CaseFile) -> list[Paper]:
    """The letters of a case as just read, in the order of their issue."""
    labels = {kind.key: kind.label for kind in load().letters}
    with read(scope_of(viewer)) as session:
        rows = papers.issued(session, file.case.id)
        names = papers.names(session, [row.unit_code for row in rows])
    numbers = {s.id: s.no for s in file.submissions}
    return [
        Paper(row.id, labels.get(row.kind, row.kind), row.number or "", row.at,
              numbers.get(row.submission_id, ""), names[row.unit_code])
        for row in rows
    ]  # fmt: skip


def ready(viewer: Viewer, file: CaseFile) -> list[Ready]:
    """What this person may issue and what was not issued yet, in the order of the kinds."""
    if not letter_facts.may_issue(viewer):
        return []
    with read(scope_of(viewer)) as session:
        known = {row.key for row in papers.issued(session, file.case.id)}
        return [
            one
            for kind in load().letters
            if kind.fits(file.case.track)
            for entry in _steps(kind, file, viewer)
            for one in _of(session, kind, file, entry, known)
        ]


def _steps(kind: LetterKind, file: CaseFile, viewer: Viewer) -> list[Entry]:
    own = [e for e in file.history if e.kind in kind.steps and e.unit == viewer.unit]
    if kind.key == "receipt":  # of what never arrived there is none
        own = [e for e in own if e.data.get("delivered_on")]
    return own if kind.key in EACH else own[-1:]


def _of(
    session: Session, kind: LetterKind, file: CaseFile, entry: Entry, known: set[str]
) -> Iterator[Ready]:
    numbers = {s.id: s.no for s in file.submissions if s.reachable}
    to = [entry.submission]
    if kind.to == "petitioner":  # each petitioner of a case is owed a letter
        to = [n for n in numbers if entry.submission in (None, n)]
    for submission in to:
        if key_of(kind, entry.id, submission) in known:
            continue
        about = f"来件 {numbers[submission]}" if submission in numbers else _told(entry)
        yield Ready(kind.key, entry.id, submission, f"{kind.label} · {about}", kind.masked,
                    kind.to == "file", _asks(session, kind, file, entry, submission))  # fmt: skip


def _told(entry: Entry) -> str:
    """The step a letter tells of, in a word and a day."""
    return f"{BY_KEY[entry.kind].label} {entry.on:%Y-%m-%d}"


def _asks(
    session: Session, kind: LetterKind, file: CaseFile, entry: Entry, submission: int | None
) -> tuple[str, ...]:
    """What no step recorded and an issuer has to type."""
    if kind.key == "opinion":
        said = entry.data.get("opinions", {})
        numbers = [d.ordinal for d in file.demands if not said.get(str(d.ordinal))]
        return tuple(opinion_name(number) for number in numbers)
    if not kind.asks:
        return ()
    try:
        made = BUILDERS[kind.key](letter_facts.of(session, kind, file, entry, submission, {}))
    except Refused:  # said when it is drafted
        return kind.asks
    return tuple(name for name in kind.asks if not made.get(name))
