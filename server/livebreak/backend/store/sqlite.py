"""SQLite: one file, WAL, every commit on the disk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from livebreak.backend.store.database import CONNECTIONS, Database, Extras
from livebreak.backend.store.migrations import upgrade

BUSY_TIMEOUT = 5000
"""Milliseconds to wait for another process, such as `livebreak keys create`, that is writing."""


WRITER_CACHE = 64 * 1024
"""KiB of pages that the writer keeps: ids of hits are random, so that the index of a million of them is touched everywhere."""

CHECKPOINT_PAGES = 4000
"""Pages of 4 KiB after which the log is copied into the database: each time costs two waits for the disk."""

LARGEST_LOG = 64 * 2**20
"""Bytes to which the log is cut back after it had to grow."""


REPLACED = (
    "its files were moved, replaced or removed beneath it; stop the backend, put the database in its place without an old "
    "-wal and -shm beside it, and start again"
)
"""What was opened is not what has the name any more: whatever is written into it would be gone with the process."""


def open_sqlite(path: Path) -> Database:
    """The database in a file, created and migrated as needed. Raises OSError or sqlalchemy's DBAPIError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # It holds values out of other people's processes: for the owner's eyes only, and so are the files beside it.
    path.touch(mode=0o600)
    url = URL.create("sqlite", database=str(path))
    writer = create_engine(url, pool_size=1, max_overflow=0)
    reader = create_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    _prepare(writer, begin="BEGIN IMMEDIATE", read_only=False)
    _prepare(reader, begin="BEGIN", read_only=True)
    with writer.begin() as connection:
        upgrade(connection)
    watch = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
    files = tuple(path.with_name(path.name + end) for end in ("", "-wal", "-shm"))
    found = [(file, identity) for file in files if (identity := _identity(file)) is not None]
    extras = Extras(
        version=lambda: _version(watch),
        problem=lambda: None if all(_identity(file) == identity for file, identity in found) else REPLACED,
        empty_log=lambda: _empty_log(path),
        dispose=watch.close,
    )
    return Database(writer, reader, extras)


def _identity(file: Path) -> tuple[int, int] | None:
    """What the name stands for now; None if for nothing. Takes a microsecond."""
    try:
        found = os.stat(file)  # noqa: PTH116 -- a third of what the method takes, and asked at every request
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _empty_log(path: Path) -> bool:
    """Copy the log into the database, and cut it off. Others that write wait for it, and it waits for those that read."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT / 1000)) as connection:
        try:
            (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            return False
    return not is_busy


def _version(watch: sqlite3.Connection) -> int | None:
    """Changes with what other connections commit, in this process and in others; this one writes nothing."""
    try:
        (number,) = watch.execute("PRAGMA data_version").fetchone()
    except sqlite3.Error:
        return None  # locked for once, or the file cannot be read: whoever needs more will hear it there
    return int(number)


def _prepare(engine: Engine, *, begin: str, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver would begin transactions late and by its own rules; `on_begin` does it instead.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
            return
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {LARGEST_LOG}")
        # What was removed is to be gone: it may be the reason why somebody removed it.
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
