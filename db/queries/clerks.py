"""Who may register in the name of an office when a command is run."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m


def clerk(session: Session, role: str, login: str | None) -> tuple[m.Person, m.Unit] | None:
    """The active person of that login and role; without a login the province's first one."""
    query = (
        select(m.Person, m.Unit)
        .join(m.Unit, m.Unit.code == m.Person.unit_code)
        .join(m.PersonRole, m.PersonRole.person_id == m.Person.id)
        .where(m.PersonRole.role == role, m.Person.disabled_at.is_(None))
        .order_by(m.Person.id)
    )
    named = m.Person.login == login if login else m.Unit.level == "province"
    found = session.execute(query.where(named).limit(1)).one_or_none()
    return (found[0], found[1]) if found else None
