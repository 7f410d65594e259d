"""The schema of the first release: tables and indexes as they were, in SQL of each database.

Frozen: the models go on, this does not. Later revisions say what changed.
"""

from pathlib import Path

from alembic import op

from db import guards

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
    name = bind.dialect.name
    tables = Path(__file__).with_name(f"0001_{name}.sql").read_text(encoding="utf-8")
    for statement in (*tables.split(";\n"), *guards.statements(name), *SEARCH[name]):
        if statement.strip():
            bind.exec_driver_sql(statement)
