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

_STARTED = 19
"""Of the fields of `/proc/PID/stat` behind the name, counted from 0: when the process began."""
_OVER = ("Z", "X", "x")
"""States of a process that has ended and that nobody has asked after yet."""


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
    """The process. Once it is gone no key is given out for its origin, for anybody may listen there."""
    process_started: str | None = None
    """When the process began, as the system counts it, where that is known: a number may be another process's later."""
    is_passing: bool = False
    """True if its port is one of the moment: once the process is gone, the entry counts no more at all."""

    @property
    def is_running(self) -> bool:
        """Whether the process that made this entry is still there; where a system does not tell, it is taken to be."""
        if self.pid is None or os.name != "posix":
            return self.pid is not None
        now = started_at(self.pid)
        if now is not None or self.process_started is not None:
            return now == self.process_started
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            pass  # It is there, and somebody else's.
        return True


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
    """The newest one that runs and listens; if none does, the newest, since it may be started any moment. `StoredError`."""
    found = read_all(folders)
    return next((one for one in found if one.is_running and listens(one.origin)), found[0] if found else None)


def is_gone(folders: Folders, origin: str, key: str) -> bool:
    """Whether a key is that of a backend on this machine which has ended, so that it must not be sent. `StoredError`."""
    backend = at(folders, origin) if is_loopback(origin) else None
    return backend is not None and key in (backend.api_key, backend.secret_key) and not backend.is_running


def started_at(pid: int) -> str | None:
    """When a process began, as Linux counts it since it was booted; None of one that is over, and on other systems."""
    try:
        # The second field may hold anything, brackets and blanks included.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[_STARTED] if len(fields) > _STARTED and fields[0] not in _OVER else None


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
    return not backend.is_passing or backend.is_running


def _read(path: Path, origin: str, row: Any) -> LocalBackend:
    if not is_loopback(origin) or not isinstance(row, dict):
        raise _damaged(path)
    try:
        backend = LocalBackend(origin=origin, **row)
    except TypeError:
        raise _damaged(path) from None
    texts = (backend.owner, backend.api_key, backend.secret_key, backend.process_started or "")
    numbers = (backend.project, backend.started, backend.pid or 0)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(number, int | float) for number in numbers):
        raise _damaged(path)
    return backend


def _damaged(path: Path) -> StoredError:
    return StoredError(f"{path} is damaged; remove it, and `livebreak serve` makes it anew.")
