"""Small JSON files that a person would miss: locked while they are changed, replaced whole, for their owner's eyes only."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock, Timeout

APPLICATION = "livebreak"

LOCK_SECONDS = 10.0
"""A change takes milliseconds; whoever holds the lock for longer hangs, and waiting on would hang us, too."""

LARGEST_FILE = 2**20
"""Bytes; thousands of connections are below it."""


class StoredError(Exception):
    """One sentence: which file cannot be used, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Folders:
    """Where a user's files are; tests and `--data-dir` name others."""

    config: Path
    """What a person may look at and copy to another machine: named connections, without keys."""
    data: Path
    """What stays on this machine: keys, and the backend's database."""


def user_folders() -> Folders:
    return Folders(
        config=platformdirs.user_config_path(APPLICATION, appauthor=False),
        data=platformdirs.user_data_path(APPLICATION, appauthor=False),
    )


def read(path: Path) -> dict[str, Any]:
    """The object in the file, empty if there is no file. `StoredError`."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StoredError(f"{path} cannot be read ({error.strerror}).") from None
    try:
        data = json.loads(content) if len(content) <= LARGEST_FILE else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise StoredError(f"{path} is damaged; mend it, or remove it and connect again.")
    return data


@contextlib.contextmanager
def changed(path: Path) -> Iterator[dict[str, Any]]:
    """The object in the file, which is written when the block ends without an error and the object is another. `StoredError`."""
    with locked(path):
        data = read(path)
        before = json.dumps(data)
        yield data
        if json.dumps(data) == before:
            return
        try:
            _replace(path, data)
        except OSError as error:
            raise _unwritable(path, error) from None


@contextlib.contextmanager
def locked(path: Path, purpose: str = "") -> Iterator[None]:
    """Nobody else is in such a block of the same file and purpose. `StoredError`."""
    lock = FileLock(path.with_name(f"{path.name}{purpose}.lock"), timeout=LOCK_SECONDS, mode=0o600)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise StoredError(f"{path} is being changed by another process that does not end; try again.") from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        yield
    finally:
        lock.release()


def _unwritable(path: Path, error: OSError) -> StoredError:
    return StoredError(f"{path} cannot be written ({error.strerror or error}).")


def _replace(path: Path, data: dict[str, Any]) -> None:
    # `mkstemp` makes it readable by its owner alone from the first moment on.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
