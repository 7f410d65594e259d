"""What a letter is about: the case, the step it tells of, the contact, the organ that signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from db.queries import papers
from db.queries.case_file import CaseFile, Entry, case_file
from db.queries.papers import Organ
from domain.errors import NotAllowed, NotFound, Refused
from domain.people import IDENTITY_ROLES, Role, Viewer, city_of
from domain.statuses import Track
from domain.table import BY_KEY
from rules import load
from rules.papers import LetterKind
from services.vocabulary import divisions

NO_RIGHT = "文书由登记员、承办人、审核人和督办员出具，您的角色不能出具"


@dataclass(frozen=True, slots=True)
class Facts:
    """All a letter is written from; `given` is what the issuer adds that no step recorded."""

    kind: LetterKind
    file: CaseFile
    event: Entry
    submission: Any
    organ: Organ
    names: Mapping[int, str]
    papers: Sequence[Any]
    given: Mapping[str, str]

    @property
    def data(self) -> Mapping[str, Any]:
        """What the step recorded."""
        return self.event.data

    @property
    def contact(self) -> Any:
        """The contact it answers, or the first of the case."""
        first: Any = self.file.submissions[0]
        return self.submission or first

    @property
    def place(self) -> str:
        """Where the matter lies: 南京市玄武区."""
        code = self.file.case.place_code
        known = {int(row["code"]): row["name"] for row in divisions()}
        return "".join(known.get(c, "") for c in dict.fromkeys((city_of(code), code)))

    def before(self, *steps: str) -> Mapping[str, Any]:
        """What the last of these steps recorded before this one; nothing where none was taken."""
        past = [e for e in self.file.history if e.kind in steps and e.id < self.event.id]
        return past[-1].data if past else {}


def kind_of(key: str) -> LetterKind:
    """The kind of letter of that key."""
    try:
        return load().letter(key)
    except KeyError:
        raise NotFound(f"没有“{key}”这种文书") from None


def may_issue(viewer: Viewer) -> bool:
    """Whether the viewer writes letters at all."""
    return viewer.has(*IDENTITY_ROLES) and not viewer.has(Role.AUDITOR)


def seen(session: Session, case_id: int) -> CaseFile:
    """The file of a visible case."""
    file = case_file(session, case_id)
    if file is None:
        raise NotFound("没有这个事项，或它不在您的可见范围内")
    return file


def gather(
    session: Session, viewer: Viewer, case_id: int, key: str, submission: int | None,
    event: int | None, given: Mapping[str, str],
) -> Facts:  # fmt: skip
    """The facts of a letter a person wants to write; raises why it cannot be written."""
    kind, file = kind_of(key), seen(session, case_id)
    if not may_issue(viewer):
        raise NotAllowed(NO_RIGHT)
    if not kind.fits(file.case.track):
        track = Track(file.case.track).label if file.case.track else "尚未分类"
        raise Refused(f"“{kind.label}”不适用于本件的法定途径（{track}）")
    entry = _step(kind, file, viewer, submission, event)
    return of(session, kind, file, entry, submission, given)


def of(
    session: Session, kind: LetterKind, file: CaseFile, entry: Entry, submission: int | None,
    given: Mapping[str, str],
) -> Facts:  # fmt: skip
    """The facts of a letter on one step."""
    about = entry.submission or submission
    if kind.to == "petitioner":
        about = about or file.submissions[0].id
    codes = {int(entry.data.get("to") or 0), *map(int, entry.data.get("assist") or ())}
    codes |= {e.unit for e in file.history}
    return Facts(
        kind, file, entry, _contact(file, about), papers.organ(session, entry.unit),
        papers.names(session, list(codes)), papers.issued(session, file.case.id), given,
    )  # fmt: skip


def _contact(file: CaseFile, submission: int | None) -> Any:
    if submission is None:
        return None
    found: Any = next((s for s in file.submissions if s.id == submission), None)
    if found is None:
        raise NotFound("没有这个来件，或它不属于本事项")
    return found


def _step(
    kind: LetterKind, file: CaseFile, viewer: Viewer, submission: int | None, event: int | None
) -> Entry:
    """The step a letter tells of: the one named, or the last one of the viewer's unit."""
    taken = [e for e in file.history if e.kind in kind.steps]
    words = "、".join(BY_KEY[step].label for step in kind.steps)
    if not taken:
        raise Refused(f"还没有办理“{words}”，不能出具“{kind.label}”")
    own = [e for e in taken if e.unit == viewer.unit]
    if not own:
        raise NotAllowed(f"“{words}”由其他单位办理，“{kind.label}”由该单位出具")
    fitting = [
        e for e in own
        if event in (None, e.id) and (submission is None or e.submission in (None, submission))
    ]  # fmt: skip
    if not fitting:
        raise NotFound(f"没有对应的“{words}”记录，请刷新后再出具")
    return fitting[-1]
