"""The named connections: where to, as whom, into which project. No key is among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livebreak.connections import files
from livebreak.connections.files import Folders, StoredError
from livebreak.connections.origins import HostError, origin_of

FILE = "connections.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    name: str
    host: str
    """The backend's address: its origin, and a path if it lives below one."""
    project: str = "@current"
    """The project's number; by default the key's own."""
    owner: str | None = None
    """As the backend told it when the connection was made."""
    is_default: bool = False

    @property
    def origin(self) -> str:
        """What its key is stored under."""
        return origin_of(self.host)


def path_of(folders: Folders) -> Path:
    return folders.config / FILE


def read_all(folders: Folders) -> tuple[Connection, ...]:
    """By name. `StoredError`."""
    path = path_of(folders)
    data = files.read(path)
    return tuple(_read(path, name, row, data.get("default")) for name, row in sorted(_rows(path, data).items()))


def find(folders: Folders, name: str | None) -> Connection | None:
    """The connection of this name; without a name the default one. `StoredError`."""
    found = read_all(folders)
    return next((one for one in found if (one.is_default if name is None else one.name == name)), None)


def put(folders: Folders, connection: Connection) -> None:
    """Add or replace it; if it is to be the default, no other is any more. `StoredError`."""
    path = path_of(folders)
    with files.changed(path) as data:
        data["connections"] = _rows(path, data) | {
            connection.name: {"host": connection.host, "project": connection.project, "owner": connection.owner}
        }
        if connection.is_default:
            data["default"] = connection.name


def remove(folders: Folders, name: str) -> bool:
    """True if there was one of this name. No other becomes the default, which nobody chose. `StoredError`."""
    path = path_of(folders)
    with files.changed(path) as data:
        rows = _rows(path, data)
        if data.get("default") == name:
            del data["default"]
        return rows.pop(name, None) is not None


def _rows(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    rows = data.get("connections", {})
    if not isinstance(rows, dict):
        raise _damaged(path)
    return rows


def _read(path: Path, name: str, row: Any, default: object) -> Connection:
    if not isinstance(row, dict):
        raise _damaged(path)
    host, project, owner = row.get("host"), row.get("project", "@current"), row.get("owner")
    if not isinstance(host, str) or not isinstance(project, str) or not isinstance(owner, str | None):
        raise _damaged(path)
    try:
        origin_of(host)
    except HostError as error:
        raise StoredError(f"{path}, connection {name!r}: {error}") from None
    return Connection(name=name, host=host, project=project, owner=owner, is_default=name == default)


def _damaged(path: Path) -> StoredError:
    return StoredError(f"{path} is damaged; mend it, or remove it and connect again.")
