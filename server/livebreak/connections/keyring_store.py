"""The operating system's own store for keys, where it is there and answers without asking anybody.

Loading `keyring` takes a while and may talk to other processes, so this file is imported late, and where a key is kept there.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "livebreak"

ANSWER_SECONDS = 3.0
"""A keyring that is unlocked answers in milliseconds; one that waits for a password must not hang an editor's start."""

LEAST_PRIORITY = 1.0
"""keyring's own mark of what it recommends; plain files and the stand-in for "there is none" are below it."""


class KeyringError(Exception):
    """One sentence: why the system's keyring did not do it."""


def is_usable() -> bool:
    """Whether a key may be put there: somebody can unlock it, and it is recommended."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        # The desktop's keyring would ask for its password on a screen that nobody sees.
        return False
    try:
        return _in_time(lambda: float(_backend().priority) >= LEAST_PRIORITY)
    except KeyringError:
        return False


def get(origin: str) -> str | None:
    """`KeyringError` if it does not answer; None if it has no key for this origin."""
    return _in_time(lambda: _backend().get_password(SERVICE, origin))


def put(origin: str, key: str) -> None:
    """`KeyringError`."""
    _in_time(lambda: _backend().set_password(SERVICE, origin, key))


def remove(origin: str) -> None:
    """`KeyringError`."""

    def delete() -> None:
        if _backend().get_password(SERVICE, origin) is not None:
            _backend().delete_password(SERVICE, origin)

    _in_time(delete)


def _backend() -> KeyringBackend:
    return keyring.get_keyring()


def _in_time(work: Callable[[], T]) -> T:
    """What `work` returns, unless it takes too long: then it is left alone, in a thread that keeps no process alive."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 -- backends fail in many types, and all mean the same here
            errors.append(error)

    thread = threading.Thread(target=run, name="livebreak-keyring", daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    if results:
        return results[0]
    if errors:
        raise KeyringError(f"The system's keyring does not give the key ({type(errors[0]).__name__}).")
    raise KeyringError(f"The system's keyring does not answer within {ANSWER_SECONDS:g} seconds; unlock it and try again.")
