"""The schema of the first release."""

from alembic import op

from db import guards
from db.models import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEARCH = {
    # Pairs of characters as words: finds two-character words, which trigrams cannot.
    "sqlite": (
        "CREATE VIRTUAL TABLE case_words USING fts5(words, content='', tokenize='unicode61')",
    ),
    "postgresql": (
        "CREATE TABLE case_words (case_id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_case_words_words ON case_words USING gin (words)",
    ),
}


def upgrade() -> None:
    bind = op.get_bind()
    Base.metadata.create_all(bind)
    for statement in (*guards.statements(bind.dialect.name), *SEARCH[bind.dialect.name]):
        op.execute(statement)
