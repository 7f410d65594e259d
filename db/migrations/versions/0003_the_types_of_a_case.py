"""The types of a case as one text beside it, so that a month is counted by types in one walk."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TYPES = {
    "sqlite": "SELECT group_concat(sub, ',') FROM"
    " (SELECT sub FROM case_categories WHERE case_id = cases.id ORDER BY sub)",
    "postgresql": "SELECT string_agg(sub, ',' ORDER BY sub COLLATE \"C\")"
    " FROM case_categories WHERE case_id = cases.id",
}


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN kinds VARCHAR(300) DEFAULT '' NOT NULL")
    op.execute(f"UPDATE cases SET kinds = coalesce(({TYPES[op.get_bind().dialect.name]}), '')")  # noqa: S608
    op.create_index(
        "ix_cases_sorts", "cases",
        ["received_month", "sealed", "place_city", "kinds", "industry", "is_repeat", "place_code"],
    )  # fmt: skip
    op.drop_index("ix_cases_ended", "cases")
    left = sa.text("ended_month IS NOT NULL")
    op.create_index(
        "ix_cases_ended", "cases",
        ["ended_month", "sealed", "place_city", "status", "conclusion", "kinds", "place_code"],
        sqlite_where=left, postgresql_where=left,
    )  # fmt: skip
