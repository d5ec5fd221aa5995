"""What Alembic runs for each command; the connection comes from `upgrade`."""

from __future__ import annotations

from alembic import context

from livebreak.backend.store.tables import metadata

# Batch mode, because SQLite cannot alter most of a table in place.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
