"""At most one message an interval about each thing: the first at once, the last never lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_log = logging.getLogger(__name__)


class Pacer(Generic[K]):
    """Says whether to speak now; if not, `speak` is called for that key when its interval is over."""

    def __init__(self, interval: float, speak: Callable[[K], Awaitable[None]]) -> None:
        self._interval = interval
        self._speak = speak
        self._owing: dict[K, bool] = {}
        """Keys whose interval is running, and whether something came in meanwhile."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_settled = False

    def claim(self, key: K) -> bool:
        """True: speak now. False: it will be spoken for you."""
        if key in self._owing:
            self._owing[key] = True
            return False
        self._begin(key)
        return True

    def _begin(self, key: K) -> None:
        self._owing[key] = False
        asyncio.get_running_loop().call_later(self._interval, self._end, key)

    def _end(self, key: K) -> None:
        if not self._owing.pop(key) or self._is_settled:
            return
        self._begin(key)
        task = asyncio.get_running_loop().create_task(self._try(key))
        # The loop itself holds tasks weakly.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try(self, key: K) -> None:
        try:
            await self._speak(key)
        except Exception:  # noqa: BLE001 -- a task in the background has nobody to raise to
            _log.exception("A change could not be announced; the next one of its kind will tell it too.")

    async def settle(self) -> None:
        """Wait for what is being spoken just now, and begin nothing any more: what is owed is told at the next start."""
        self._is_settled = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
