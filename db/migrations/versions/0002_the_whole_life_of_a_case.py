"""The whole life of a case: merging, orders, leaders, reviews, papers, notices, visits."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Added without rebuilding the largest table.
CASE_COLUMNS = (
    "sender_unit INTEGER",
    "checked_on DATE",
    "archived_on DATE",
    "merged_into {big} CONSTRAINT fk_cases_merged_into REFERENCES cases (id)",
    "supervised BOOLEAN DEFAULT {false} NOT NULL",
    "instructed BOOLEAN DEFAULT {false} NOT NULL",
    "charged BOOLEAN DEFAULT {false} NOT NULL",
)
REBUILT = {
    "case_links": ["earlier_id"], "attachments": ["case_id"], "supervisions": ["case_id"],
    "documents": ["case_id", "run_id"],
}  # fmt: skip
KINDS = "kind IN ('repeat', 'related', 'reopened', 'separate')"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"big": "INTEGER" if sqlite else "BIGINT", "false": "0" if sqlite else "false"}
    for column in CASE_COLUMNS:
        op.execute(f"ALTER TABLE cases ADD COLUMN {column.format(**words)}")
    _index("ix_cases_sender", "cases", ["sender_unit", "status"], "sender_unit IS NOT NULL")
    _index("ix_cases_merged", "cases", ["merged_into"], "merged_into IS NOT NULL")
    _templates()
    if sqlite:
        _rebuilt()
    else:
        _altered()
    _index("ix_supervisions_open", "supervisions", ["unit_code", "due_on"], "closed_on IS NULL")
    _oversight()
    _papers()


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _oversight() -> None:
    op.create_table(
        "leader_actions",
        _id(), _case(), _word("kind"), sa.Column("ordinal", sa.Integer(), nullable=False),
        _word("leader"), _unit("unit_code"), sa.Column("text", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False), sa.Column("due_on", sa.Date()),
        sa.Column("done_on", sa.Date()), *_keys("leader_actions", "case_id", "unit_code"),
        sa.UniqueConstraint("case_id", "ordinal", name="uq_leader_actions_case_id_ordinal"),
        sa.CheckConstraint(
            "kind IN ('instruct', 'charge', 'reception')", name=op.f("ck_leader_actions_kind")
        ),
    )  # fmt: skip
    op.create_index("ix_leader_actions_case_id", "leader_actions", ["case_id"])
    op.create_table(
        "reviews",
        _id(), _case(), _word("kind"), _unit("organ_code"),
        sa.Column("requested_on", sa.Date(), nullable=False), sa.Column("outcome", sa.Text()),
        sa.Column("answered_on", sa.Date()), sa.Column("delivered_on", sa.Date()),
        *_keys("reviews", "case_id", "organ_code"),
        sa.CheckConstraint("kind IN ('review', 're_review')", name=op.f("ck_reviews_kind")),
    )  # fmt: skip
    op.create_index("ix_reviews_case_id", "reviews", ["case_id"])
    _index("ix_reviews_open", "reviews", ["organ_code"], "answered_on IS NULL")
    op.create_table(
        "visits",
        _id(), _case(), _unit("unit_code"), sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False), sa.Column("planned_by", Big),
        sa.Column("done_at", sa.DateTime()),
        *_keys("visits", "case_id", "unit_code", "planned_by"),
    )  # fmt: skip
    op.create_index("ix_visits_case_id", "visits", ["case_id"])
    op.create_index("ix_visits_unit_code_on", "visits", ["unit_code", "on"])


def _templates() -> None:
    op.create_table(
        "templates",
        _id(), _word("kind"), _word("track"), sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False), sa.Column("made_by", Big),
        sa.Column("at", sa.DateTime(), nullable=False), *_keys("templates", "made_by"),
        sa.UniqueConstraint("kind", "track", "version", name="uq_templates_kind_track_version"),
    )  # fmt: skip


def _altered() -> None:
    """What PostgreSQL changes in place."""
    with op.batch_alter_table("case_links") as links:
        links.drop_constraint(op.f("ck_case_links_kind"), type_="check")
        links.create_check_constraint(op.f("ck_case_links_kind"), KINDS)
    with op.batch_alter_table("attachments") as files:
        files.add_column(sa.Column("taken_at", sa.DateTime()))
        files.add_column(sa.Column("lon", sa.Numeric(9, 5)))
        files.add_column(sa.Column("lat", sa.Numeric(9, 5)))
        files.add_column(sa.Column("client_key", sa.String(64)))
        files.create_unique_constraint("uq_attachments_client_key", ["client_key"])
    with op.batch_alter_table("supervisions") as orders:
        orders.add_column(sa.Column("ordinal", sa.Integer(), server_default="1", nullable=False))
        orders.add_column(sa.Column("ordered_by", sa.Integer()))
        orders.add_column(sa.Column("answered_on", sa.Date()))
        orders.create_unique_constraint("uq_supervisions_case_id_ordinal", ["case_id", "ordinal"])
    with op.batch_alter_table("documents") as documents:
        documents.add_column(sa.Column("submission_id", Big))
        documents.add_column(sa.Column("template_id", Big))
        documents.add_column(sa.Column("key", sa.String(100)))
        documents.create_foreign_key(
            "fk_documents_submission_id", "submissions", ["submission_id"], ["id"]
        )
        documents.create_foreign_key(
            "fk_documents_template_id", "templates", ["template_id"], ["id"]
        )
        documents.create_unique_constraint("uq_documents_key", ["key"])


def _rebuilt() -> None:
    """What SQLite cannot change in place is written anew, always in the same words."""
    bind = op.get_bind()
    made = Path(__file__).with_name("0002_sqlite.sql").read_text(encoding="utf-8")
    kept = {name: [c["name"] for c in sa.inspect(bind).get_columns(name)] for name in REBUILT}
    for statement in made.split(";\n"):
        if statement.strip():
            bind.exec_driver_sql(statement)
    for name, indexes in REBUILT.items():
        columns = ", ".join(f'"{column}"' for column in kept[name])
        op.execute(f"INSERT INTO {name}_new ({columns}) SELECT {columns} FROM {name}")  # noqa: S608
        op.execute(f"DROP TABLE {name}")
        op.execute(f"ALTER TABLE {name}_new RENAME TO {name}")
        for column in indexes:
            op.create_index(f"ix_{name}_{column}", name, [column])


def _papers() -> None:
    op.create_table(
        "notices",
        _id(), sa.Column("person_id", Big, nullable=False), sa.Column("case_id", Big),
        _word("kind"), sa.Column("text", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False), sa.Column("read_at", sa.DateTime()),
        *_keys("notices", "person_id", "case_id"),
    )  # fmt: skip
    op.create_index("ix_notices_person", "notices", ["person_id", "id"])
    _index("ix_notices_unread", "notices", ["person_id"], "read_at IS NULL")


TARGETS = {
    "case_id": "cases.id", "unit_code": "units.code", "organ_code": "units.code",
    "planned_by": "people.id", "made_by": "people.id", "person_id": "people.id",
}  # fmt: skip


def _id() -> sa.Column[int]:
    return sa.Column("id", Big, autoincrement=True, nullable=False)


def _case() -> sa.Column[int]:
    return sa.Column("case_id", Big, nullable=False)


def _unit(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(40), nullable=False)


def _keys(table: str, *columns: str) -> list[sa.Constraint]:
    """The primary key and the foreign keys of a new table, named as the models name them."""
    return [
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], [TARGETS[column]], name=f"fk_{table}_{column}")
            for column in columns
        ),
    ]
