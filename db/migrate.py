"""Migrations: bring a database up to the models, and say whether it is there."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from db import guards
from db.models import Base
from db.session import engine

HERE = Path(__file__).resolve().parent / "migrations"
# Made by hand for each database: the search index is not a plain table.
BY_HAND = "case_words"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Create or bring up the schema of the database at `url`."""
    command.upgrade(_config(url), revision)


def stands(url: str) -> bool:
    """Whether there is a database with our tables; looking makes no file."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        return False
    with engine(url).connect() as connection:
        return inspect(connection).has_table(Base.metadata.sorted_tables[0].name)


def is_current(url: str) -> bool:
    """Whether the database stands at the newest revision."""
    head = ScriptDirectory.from_config(_config(url)).get_current_head()
    with engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def differences(url: str) -> list[str]:
    """How the schema differs from the models, and the guards that lack, a line each."""
    with engine(url).connect() as connection:
        options = {"include_name": lambda name, kind, _: not (name or "").startswith(BY_HAND)}
        context = MigrationContext.configure(connection, opts=options)
        found = [str(one) for one in compare_metadata(context, Base.metadata)]
        return found + guards.lacking(connection)
