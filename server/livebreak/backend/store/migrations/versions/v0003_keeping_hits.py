"""Facts of hits as columns, so that a filter need not unpack every hit; pinned hits; retention of each project."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FACTS = ("service", "environment", "process", "host", "request", "request_id", "trace_id")


def upgrade() -> None:
    op.drop_index("hits_age", table_name="hits")
    # The table is copied, so that the new columns stand before the payload. Hits that are stored already keep their facts in
    # the payload alone; `hides_facts` has filters look there.
    with op.batch_alter_table("hits", recreate="always", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in _FACTS:
            batch.add_column(sa.Column(name, sa.Text(), nullable=True), insert_before="payload")
        batch.add_column(sa.Column("hides_facts", sa.Boolean(), server_default="0", nullable=False), insert_before="payload")
        batch.add_column(sa.Column("pinned_at", sa.BigInteger(), nullable=True), insert_before="payload")
        batch.add_column(sa.Column("pinned_by", sa.Text(), nullable=True), insert_before="payload")
    op.execute("UPDATE hits SET hides_facts = 1")
    op.create_index("hits_age", "hits", ["project_id", "received_at"], unique=False)
    op.create_index(
        "hits_pinned", "hits", ["project_id", "pinned_at"], unique=False, sqlite_where=sa.text("pinned_at IS NOT NULL")
    )
    op.add_column("projects", sa.Column("retention_us", sa.BigInteger(), nullable=True))
    op.add_column("projects", sa.Column("retained_hits", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("projects", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("retained_hits")
        batch.drop_column("retention_us")
    op.drop_index("hits_pinned", table_name="hits")
    op.drop_index("hits_age", table_name="hits")
    with op.batch_alter_table("hits", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in ("pinned_by", "pinned_at", "hides_facts", *reversed(_FACTS)):
            batch.drop_column(name)
    op.create_index("hits_age", "hits", ["received_at"], unique=False)
