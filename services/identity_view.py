"""A petitioner's identity on the case page: masked, and in clear for a reason, on the record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from db.queries.case_file import many_views, views_today
from domain.errors import Invalid, NotAllowed, NotFound
from domain.people import IDENTITY_ROLES, Role, Viewer, last_below
from domain.scope import scope_of
from services import store, trace
from services.identity import Identity, masked, unseal
from services.own_words import TELLING, tells, words_of

DAILY = 20  # views a day by one person; more alert the supervisor
SHORTEST = 4  # characters of a reason


@dataclass(frozen=True, slots=True)
class Shown:
    """An identity in clear, for one view, and how many this person opened today."""

    identity: Identity
    today: int

    @property
    def many(self) -> bool:
        """Whether the supervisor is alerted."""
        return self.today > DAILY


def may_see(viewer: Viewer) -> bool:
    """Whether a role of the viewer works with petitioners; never a discipline inspector's."""
    return viewer.has(*IDENTITY_ROLES) and not viewer.has(Role.AUDITOR)


def masked_of(viewer: Viewer, submissions: Iterable[int]) -> dict[int, Identity]:
    """The masked identities of visible submissions; none for roles that never load them."""
    if not may_see(viewer):
        return {}
    with store.read(scope_of(viewer)) as session:
        return {number: masked(found) for number, found in opened(session, submissions).items()}


def view(viewer: Viewer, submission_id: int, reason: str, now: datetime) -> Shown:
    """Open one identity: who, when and why go into the trace before anything is shown."""
    if not may_see(viewer):
        raise NotAllowed("您的角色不能查看信访人身份")
    reason = reason.strip()
    if not SHORTEST <= len(reason) <= 200:
        raise Invalid({"reason": f"请写明查看理由（{SHORTEST} 至 200 字）"})
    with store.write(scope_of(viewer)) as session:
        row = session.execute(
            select(m.Submission.case_id, m.Case.address)
            .join(m.Case, m.Case.id == m.Submission.case_id)
            .where(m.Submission.id == submission_id)
        ).one_or_none()
        found = opened(session, [submission_id]) if row else {}
        if row is None or submission_id not in found:
            raise NotFound("没有登记信访人身份，或该件不在您的可见范围内")
        if tells(reason, words_of(found[submission_id], row.address)):
            raise Invalid({"reason": TELLING.format("查看理由")})
        count = 1 + views_today(session, viewer, _midnight(now))
        trace.record(session, "view_identity", now, viewer=viewer, case_id=row.case_id,
                     submission_id=submission_id,
                     data={"reason": reason, "today": count, "alert": count > DAILY})  # fmt: skip
    return Shown(found[submission_id], count)


def alerts(viewer: Viewer, now: datetime) -> list[str]:
    """For a supervisor: who of the own unit or below opened very many identities today."""
    if not viewer.has(Role.SUPERVISOR):
        return []
    with store.read(scope_of(viewer)) as session:
        found = many_views(session, viewer.unit, last_below(viewer.unit), _midnight(now), DAILY)
    return [f"{row.unit} {row.name} 今天已查看信访人身份 {row.count} 次" for row in found]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def opened(session: Session, submissions: Iterable[int]) -> dict[int, Identity]:
    """The identities of visible contacts, for services that record who sees them and why."""
    query = (
        select(m.Petitioner.submission_id, m.Petitioner.sealed, m.Submission.no)
        .join(m.Submission, m.Submission.id == m.Petitioner.submission_id)
        .where(m.Petitioner.submission_id.in_(list(submissions)))
    )
    return {number: unseal(sealed, no) for number, sealed, no in session.execute(query)}
