"""What `livebreak serve` leaves in its data folder, so that its user's editors and applications find it.

Kept by origin, and only for origins of this machine.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from livebreak.connections import files
from livebreak.connections.files import Folders, StoredError
from livebreak.connections.origins import is_loopback, listens

FILE = "local.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalBackend:
    """A backend of this user on this machine, with the keys to it."""

    origin: str
    project: int
    owner: str
    api_key: str = field(repr=False)
    """`phx_`, for this user's editors and commands."""
    secret_key: str = field(repr=False)
    """`phs_`, for this user's applications."""
    started: float = 0.0
    """Seconds since 1970: when it was last started. The newest one that listens is meant where none is named."""
    pid: int | None = None
    """The process, if its port is one of the moment. Once it is gone the entry counts no more, for anybody may listen there."""


def path_of(folders: Folders) -> Path:
    return folders.data / FILE


def read_all(folders: Folders) -> tuple[LocalBackend, ...]:
    """Newest first. `StoredError`."""
    path = path_of(folders)
    found = [_read(path, origin, row) for origin, row in files.read(path).items()]
    present = [backend for backend in found if _counts(backend)]
    return tuple(sorted(present, key=lambda backend: -backend.started))


def at(folders: Folders, origin: str) -> LocalBackend | None:
    """The one of this very origin. `StoredError`."""
    return next((backend for backend in read_all(folders) if backend.origin == origin), None)


def find(folders: Folders) -> LocalBackend | None:
    """The newest one that listens; if none does, the newest, since it may be started any moment. `StoredError`."""
    found = read_all(folders)
    return next((backend for backend in found if listens(backend.origin)), found[0] if found else None)


def put(folders: Folders, backend: LocalBackend) -> None:
    """`StoredError`."""
    path = path_of(folders)
    with files.changed(path) as data:
        for origin in [origin for origin, row in data.items() if not _counts(_read(path, origin, row))]:
            del data[origin]
        data[backend.origin] = {name: value for name, value in asdict(backend).items() if name != "origin"}


def remove(folders: Folders, origin: str) -> bool:
    """True if there was one. `StoredError`."""
    with files.changed(path_of(folders)) as data:
        return data.pop(origin, None) is not None


def _counts(backend: LocalBackend) -> bool:
    if backend.pid is None or os.name != "posix":
        return True
    try:
        os.kill(backend.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # It is there, and somebody else's.
    return True


def _read(path: Path, origin: str, row: Any) -> LocalBackend:
    if not is_loopback(origin) or not isinstance(row, dict):
        raise _damaged(path)
    try:
        backend = LocalBackend(origin=origin, **row)
    except TypeError:
        raise _damaged(path) from None
    texts = (backend.owner, backend.api_key, backend.secret_key)
    numbers = (backend.project, backend.started, backend.pid or 0)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(number, int | float) for number in numbers):
        raise _damaged(path)
    return backend


def _damaged(path: Path) -> StoredError:
    return StoredError(f"{path} is damaged; remove it, and `livebreak serve` makes it anew.")
