"""Opens the backend's store for a command, or ends the command with one sentence. Loads the backend's libraries."""

from __future__ import annotations

from sqlalchemy.exc import DatabaseError

from livebreak.backend.store import UnknownDatabaseError, open_store
from livebreak.backend.store.sql_store import SqlStore
from livebreak.cli.serving import fail


def open_or_fail(url: str) -> SqlStore:
    try:
        return open_store(url)
    except UnknownDatabaseError as error:
        fail(str(error))
    except OSError as error:
        fail(f"The data folder cannot be written ({error}); choose another with --data-dir.")
    except DatabaseError as error:
        fail(f"The database cannot be opened ({error.orig}); choose another folder with --data-dir.")
