"""The audit log; and of a key, when it was last used and when it was revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key_id", _NUMBER, nullable=True),
        sa.Column("key_hint", sa.String(length=16), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", "action", "key_id", "hour", name="one_row_of_reads_a_key_and_hour"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_newest", "audit", ["last_at"], unique=False)
    op.add_column("keys", sa.Column("last_used_at", sa.BigInteger(), nullable=True))
    op.add_column("keys", sa.Column("revoked_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("keys") as keys:
        keys.drop_column("revoked_at")
        keys.drop_column("last_used_at")
    op.drop_index("audit_newest", table_name="audit")
    op.drop_table("audit")
