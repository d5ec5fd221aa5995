"""Where hits wait for the uplink: bounded by memory, and put into without ever waiting.

Only operations that are atomic in CPython are used here, and no lock: the application's thread may be anywhere when a hit
is put in, in a signal handler or between a fork and its child's first line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

LIMIT_BYTES = 8 * 2**20
"""The agent's memory ceiling for what waits: some 2,000 usual hits, or a minute's worth at the limit of rate."""


class HitQueue(Generic[T]):
    """First in, first out; when it is full the oldest is dropped, since the newest is what somebody waits for.

    Parameters
    ----------
    limit_bytes
        Of the sizes that `put` is told.
    wake
        Called after each `put`, on the application's thread: it must neither wait nor raise.
    on_drop
        Called with each item that is dropped, on the application's thread: the same holds.
    """

    def __init__(
        self, limit_bytes: int = LIMIT_BYTES, wake: Callable[[], None] | None = None, on_drop: Callable[[T], None] | None = None
    ) -> None:
        self._items: deque[tuple[T, int]] = deque()
        self._limit = limit_bytes
        # Adding to it is not interrupted under the GIL; without one, it is set right whenever the queue runs empty.
        self._bytes = 0
        self._dropped = 0
        self.wake = wake
        self.on_drop = on_drop

    def __len__(self) -> int:
        return len(self._items)

    @property
    def dropped(self) -> int:
        """Items that were lost because there was no room."""
        return self._dropped

    def put(self, item: T, size: int) -> None:
        """Adds an item of about so many bytes."""
        self._items.append((item, size))
        self._bytes += size
        while self._bytes > self._limit:
            try:
                oldest, freed = self._items.popleft()
            except IndexError:
                self._bytes = 0
                break
            self._bytes -= freed
            self._dropped += 1
            if self.on_drop is not None:
                self.on_drop(oldest)
        if self.wake is not None:
            self.wake()

    def take(self, limit: int) -> list[T]:
        """Removes and returns up to so many, oldest first. By one thread."""
        taken: list[T] = []
        while len(taken) < limit:
            try:
                item, size = self._items.popleft()
            except IndexError:
                self._bytes = 0
                break
            self._bytes -= size
            taken.append(item)
        return taken

    def clear(self) -> None:
        """Forgets everything without counting it as dropped: after a fork, what waits is the parent's to send."""
        self._items.clear()
        self._bytes = 0
