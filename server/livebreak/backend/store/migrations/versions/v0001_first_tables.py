"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "breakpoints",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("repository", sa.Text(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("anchor_digest", sa.String(length=40), server_default="", nullable=False),
        sa.Column("log_message", sa.Text(), nullable=True),
        sa.Column("watches", sa.Text(), nullable=False),
        sa.Column("hit_limit", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("limits", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("hits_stored", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hits_owed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hits_limited", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id"),
        sa.UniqueConstraint("project_id", "repository", "filename", "line_number", "anchor_digest", name="one_breakpoint_a_line"),
    )
    op.create_index("breakpoints_expiry", "breakpoints", ["enabled", "expires_at"], unique=False)
    op.create_index("breakpoints_newest", "breakpoints", ["project_id", "created_at"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("events_of_project", "events", ["project_id", "id"], unique=False)
    op.create_table(
        "hits",
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("breakpoint_id", sa.Text(), nullable=True),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("project_id", "id", name="one_hit_an_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("hits_age", "hits", ["received_at"], unique=False)
    op.create_index("hits_of_breakpoint", "hits", ["project_id", "breakpoint_id", "timestamp"], unique=False)
    op.create_index("hits_of_project", "hits", ["project_id", "timestamp"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pauses",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("project_id", "service"),
    )
    op.create_table(
        "processes",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_table(
        "projects",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("projects")
    op.drop_table("processes")
    op.drop_table("pauses")
    op.drop_table("keys")
    op.drop_index("hits_of_project", table_name="hits")
    op.drop_index("hits_of_breakpoint", table_name="hits")
    op.drop_index("hits_age", table_name="hits")
    op.drop_table("hits")
    op.drop_index("events_of_project", table_name="events")
    op.drop_table("events")
    op.drop_index("breakpoints_newest", table_name="breakpoints")
    op.drop_index("breakpoints_expiry", table_name="breakpoints")
    op.drop_table("breakpoints")
