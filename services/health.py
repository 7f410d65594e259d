"""Whether this installation can serve: settings, rules, key and database."""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

import rules
from db import migrate
from documents import fonts
from domain.errors import Refused
from services import keys
from settings import settings

NOT_PREPARED = "数据库还没有建好或需要升级，请先执行 python -m services setup（演示请用 ./run）。"
NO_DATABASE = "连不上数据库，请检查 DATABASE_URL 与数据库服务。"


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the database answers, and whether it stands at the newest migration."""

    database: bool
    migrations: bool

    @property
    def good(self) -> bool:
        """Whether requests can be served."""
        return self.database and self.migrations


def look() -> Health:
    """The state of the database just now."""
    try:
        return Health(True, migrate.is_current(settings().database_url))
    except SQLAlchemyError:
        return Health(False, False)


def ready() -> None:
    """Refuse, in a sentence, to serve with wrong rules or fonts, without a key or a database."""
    rules.load()
    keys.keys()
    fonts.use(settings().font_dir)
    fonts.face(fonts.Face.FANGSONG)
    found = look()
    if not found.database:
        raise Refused(NO_DATABASE)
    if not found.migrations:
        raise Refused(NOT_PREPARED)
