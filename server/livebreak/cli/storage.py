"""Opens the backend's store for a command, or ends the command with one sentence. Loads the backend's libraries."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sqlalchemy.exc import DatabaseError

from livebreak.backend.store import UnknownDatabaseError, open_store
from livebreak.backend.store.interface import StoreUnavailableError
from livebreak.backend.store.migrations import NewerDatabaseError
from livebreak.backend.store.sql_store import SqlStore
from livebreak.cli.serving import fail

T = TypeVar("T")


def open_or_fail(url: str) -> SqlStore:
    try:
        return open_store(url)
    except UnknownDatabaseError as error:
        fail(str(error))
    except NewerDatabaseError as error:
        fail(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        fail(f"The data folder cannot be written ({name}{error.strerror or error}); choose another with --data-dir.")
    except DatabaseError as error:
        fail(f"The database cannot be opened ({error.orig}); choose another folder with --data-dir.")


def ask_or_fail(work: Coroutine[Any, Any, T]) -> T:
    """What the store answers."""
    try:
        return asyncio.run(work)
    except StoreUnavailableError as error:
        fail(f"The database does not do it ({error}); choose another folder with --data-dir.")
