"""Where projects, keys, breakpoints, hits and events are kept.

`interface` says what a store does; `sql_store` does it with SQLAlchemy Core, in one file a noun; `sqlite` is its engine.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from livebreak.backend.store.sql_store import SqlStore
from livebreak.backend.store.sqlite import open_sqlite


class UnknownDatabaseError(ValueError):
    """A database URL that no store of ours understands."""


def open_store(url: str) -> SqlStore:
    """The store behind a database URL, such as `sqlite:////var/lib/livebreak/livebreak.db`.

    Raises `UnknownDatabaseError`, and what the engine raises if it cannot open it.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnknownDatabaseError(f"{url!r} is no database URL; write sqlite:///PATH.") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise UnknownDatabaseError("The database must be a file of SQLite: write sqlite:///PATH.")
    return SqlStore(open_sqlite(Path(parsed.database)))
