"""What two cases are to each other (重复, 关联, 独立): decided by a person, and taken back.

The later of the two is said to repeat or to be related to the earlier one.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import NotAllowed, Refused
from domain.people import Role, Viewer
from domain.scope import scope_of
from domain.workflow import fold, may_assign
from services import site_words, trace
from services.records import reason_of
from services.steps import opened
from services.store import write

KINDS = {"repeat": "重复", "related": "关联", "separate": "独立"}
LONGEST = 200  # characters of a reason that fit its row
BY = frozenset({Role.CLERK, Role.SUPERVISOR})


def link(
    viewer: Viewer, case_id: int, other_id: int, kind: str, reason: str, now: datetime
) -> None:
    """Decide what another visible case is to this one; an earlier decision is replaced.

    The same again changes nothing. Raises `NotFound`, `NotAllowed`, `Invalid`, or `Refused` for
    a reopened pair.
    """
    why = reason_of(reason, LONGEST)
    if kind not in KINDS:
        raise Refused("请选择重复、关联或独立")
    with write(scope_of(viewer)) as session:
        later, earlier = _both(session, viewer, case_id, other_id)
        site_words.require(session, [later, earlier], {"reason": why})
        if later.sealed != earlier.sealed:
            raise Refused("检举控告件已经密封，不能与未密封的事项认定关系，以免在该事项中露出")
        known = _known(session, later, earlier)
        if known and known.kind == kind:
            return
        _forget(session, later, earlier, known)
        row = {"case_id": later.id, "earlier_id": earlier.id, "kind": kind, "reason": why,
               "on": now.date(), "confirmed_by": viewer.person_id}  # fmt: skip
        session.execute(insert(m.CaseLink.__table__), row)
        _marked(session, later)
        _tell(session, viewer, f"link_{kind}", case_id, (later, earlier), why, now)


def unlink(viewer: Viewer, case_id: int, other_id: int, reason: str, now: datetime) -> None:
    """Take back what was decided of two cases; nothing decided is nothing to do.

    Raises as `link` does.
    """
    why = reason_of(reason, LONGEST)
    with write(scope_of(viewer)) as session:
        later, earlier = _both(session, viewer, case_id, other_id)
        site_words.require(session, [later, earlier], {"reason": why})
        known = _known(session, later, earlier)
        if known is None:
            return
        _forget(session, later, earlier, known)
        _marked(session, later)
        _tell(session, viewer, "unlink", case_id, (later, earlier), why, now)


def may_relate(viewer: Viewer, holder: int) -> bool:
    """Whether the viewer decides on the relations of a case that a unit holds."""
    return viewer.has(*BY) and (viewer.unit == holder or may_assign(viewer.unit, holder))


def _both(session: Session, viewer: Viewer, case_id: int, other_id: int) -> tuple[m.Case, m.Case]:
    """The later and the earlier case, locked; refuses who may not decide on the first named."""
    if case_id == other_id:
        raise Refused("请选择另一件事项")
    pair = {one: opened(session, one) for one in sorted((case_id, other_id))}
    if not may_relate(viewer, fold(pair[case_id][1]).holder):
        raise NotAllowed("须由承办单位或其上级的登记员、督办员认定")
    cases = [case for case, _ in pair.values()]
    if gone := next((case for case in cases if case.merged_into is not None), None):
        raise Refused(f"{gone.no} 已经并入其他事项，请在并入的事项中认定")
    earlier, later = sorted(cases, key=lambda case: (case.received_on, case.id))
    return later, earlier


def _pair(later: m.Case, earlier: m.Case) -> Any:
    """The link of two cases, whichever way round it was once written."""
    columns, ids = m.CaseLink.__table__.c, (later.id, earlier.id)
    return columns.case_id.in_(ids) & columns.earlier_id.in_(ids)


def _known(session: Session, later: m.Case, earlier: m.Case) -> m.CaseLink | None:
    query = select(m.CaseLink).where(_pair(later, earlier))
    return session.scalars(query).one_or_none()


def _forget(session: Session, later: m.Case, earlier: m.Case, known: m.CaseLink | None) -> None:
    if known and known.kind == "reopened":
        raise Refused("这是重启形成的关联，不能改动")
    session.execute(delete(m.CaseLink.__table__).where(_pair(later, earlier)))


def _marked(session: Session, case: m.Case) -> None:
    """The mark 重复: the petitioner said so, or it was decided here."""
    links, contacts, cases = (t.__table__ for t in (m.CaseLink, m.Submission, m.Case))
    decided = select(links.c.id).where(links.c.case_id == case.id, links.c.kind == "repeat")
    said = select(contacts.c.id).where(
        contacts.c.no == case.no, contacts.c.first_or_repeat == "repeat"
    )
    repeats = any(session.execute(query).first() for query in (decided, said))
    session.execute(update(cases).where(cases.c.id == case.id).values(is_repeat=repeats))


def _tell(
    session: Session, viewer: Viewer, kind: str, case_id: int, pair: tuple[m.Case, m.Case],
    reason: str, now: datetime,
) -> None:  # fmt: skip
    other = next(case for case in pair if case.id != case_id)
    told = {"other": other.id, "other_no": other.no, "reason": reason}
    trace.record(session, kind, now, viewer=viewer, case_id=case_id, data=told)
