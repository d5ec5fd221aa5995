"""API keys of people, each under the origin that it is sent to: in the system's keyring if there is one, else in a 0600 file.

The file also tells which keys are in the keyring, so that nobody who has none there waits for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from livebreak.connections import files
from livebreak.connections.files import Folders, StoredError

FILE = "keys.json"

Store = Literal["keyring", "file"]

_IN_KEYRING = {"in": "keyring"}


def path_of(folders: Folders) -> Path:
    return folders.data / FILE


def get(folders: Folders, origin: str) -> tuple[str, Store] | None:
    """The key for this very origin, and where it is kept. `StoredError` also if the keyring does not give it."""
    path = path_of(folders)
    row = files.read(path).get(origin)
    if row is None:
        return None
    if row == _IN_KEYRING:
        key = _from_keyring(origin)
        return None if key is None else (key, "keyring")
    if isinstance(row, dict) and isinstance(row.get("key"), str):
        return row["key"], "file"
    raise StoredError(f"{path} is damaged; mend it, or remove it and connect again.")


def put(folders: Folders, origin: str, key: str) -> Store:
    """Keep it, and say where. `StoredError`."""
    # See the module `keyring_store` for why not before.
    from livebreak.connections import keyring_store

    store: Store = "file"
    if keyring_store.is_usable():
        try:
            keyring_store.put(origin, key)
            store = "keyring"
        except keyring_store.KeyringError:
            pass  # The file is as good as the keyring is not.
    with files.changed(path_of(folders)) as data:
        data[origin] = dict(_IN_KEYRING) if store == "keyring" else {"key": key}
    return store


def remove(folders: Folders, origin: str) -> bool:
    """True if there was one. `StoredError`."""
    with files.changed(path_of(folders)) as data:
        row = data.get(origin)
        if row == _IN_KEYRING:
            from livebreak.connections import keyring_store

            try:
                keyring_store.remove(origin)
            except keyring_store.KeyringError as error:
                raise StoredError(str(error)) from None
        return data.pop(origin, None) is not None


def origins(folders: Folders) -> tuple[str, ...]:
    """Those that a key is kept for. `StoredError`."""
    return tuple(sorted(files.read(path_of(folders))))


def _from_keyring(origin: str) -> str | None:
    try:
        from livebreak.connections import keyring_store
    except ImportError:
        # What travels in an editor's extension is pure Python, and keyrings are not.
        raise StoredError(
            f"The key for {origin} is in the system's keyring, which the LiveBreak inside this editor cannot read; "
            "give the key here, too."
        ) from None
    try:
        return keyring_store.get(origin)
    except keyring_store.KeyringError as error:
        raise StoredError(str(error)) from None
