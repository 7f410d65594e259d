"""Sessions on this installation's database: `read(scope)` and `write(scope)`."""

from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from db.session import reading, writing
from domain.scope import Scope
from settings import settings


def read(scope: Scope) -> AbstractContextManager[Session]:
    """A session that sees what `scope` shows and writes nothing."""
    return reading(settings().database_url, scope)


def write(scope: Scope) -> AbstractContextManager[Session]:
    """One transaction under `scope`: committed at the end, rolled back on any error."""
    return writing(settings().database_url, scope)
