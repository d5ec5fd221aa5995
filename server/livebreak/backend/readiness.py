"""Whether the backend can do its work: its database takes writes."""

from __future__ import annotations

import asyncio

from livebreak.backend.clock import SECOND
from livebreak.backend.store.interface import Store, StoreUnavailableError

CHECK_SECONDS = 5.0
"""How long the database may take to write one row: what an orchestrator's own patience usually is."""

REMEMBERED_US = SECOND
"""How long one check answers for: anybody can ask, and each check waits for the disk."""


class Readiness:
    """Whether the store can be written, looked at once for all who ask at the same time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._checked_at = -REMEMBERED_US
        self._problem: str | None = None
        self._lock = asyncio.Lock()

    async def problem(self, now: int) -> str | None:
        async with self._lock:
            if abs(now - self._checked_at) >= REMEMBERED_US:
                self._problem = await self._check()
                self._checked_at = now
            return self._problem

    async def _check(self) -> str | None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._store.check()
        except StoreUnavailableError:
            return "the database cannot be written"
        except TimeoutError:
            return "the database does not answer in time"
        return None
