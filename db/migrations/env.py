"""Alembic's entry: one transaction on the address handed over by db.migrate."""

from alembic import context

from db.models import Base
from db.session import engine


def run() -> None:
    """Run the migrations on the database of this configuration."""
    made = engine(context.config.attributes["url"])
    with made.connect().execution_options(writes=True) as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()


run()
