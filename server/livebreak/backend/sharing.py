"""Work that is done once for all who ask for it while it is under way: a change wakes thousands at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Sharing:
    """Lives on one event loop at a time."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def do(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `work` returns or raises, as for all others who gave the same key meanwhile."""
        task: asyncio.Task[T] | None = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(work())
            task.add_done_callback(lambda done: self._settle(key, done))
        # The shield, because one who goes away must not take it from the others.
        return await asyncio.shield(task)

    def _settle(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # looked at, lest asyncio complain about one that nobody waited for to the end
