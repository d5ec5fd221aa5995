"""What keys are used for: when each was used last, and which of them read hits in which hour.

A request must not cost a commit. So the first read of a key in an hour is in the audit log before it is answered; the
others are added up here, and stored once in a while, as is the time of the last use.
"""

from __future__ import annotations

from collections import Counter

from livebreak.backend.clock import HOUR, SECOND
from livebreak.backend.store.interface import Actor, Store

STORE_INTERVAL_US = 60 * SECOND
"""Between two times that uses are stored: a list of keys tells the last use to the minute, which is enough to see a leak."""


class KeyUse:
    """Lives on one event loop."""

    def __init__(self, store: Store, now: int) -> None:
        self._store = store
        self._last_used: dict[int, int] = {}
        self._noted: set[int] = set()
        """Keys whose use was stored in this run: a first use is worth knowing soon."""
        self._told: dict[tuple[int, Actor], int] = {}
        """By project and reader, the newest hour that has a row in the log."""
        self._reads: Counter[tuple[int, Actor]] = Counter()
        self._stored_at = now

    def used(self, key_id: int, now: int) -> None:
        self._last_used[key_id] = now

    async def read_hits(self, project_id: int, by: Actor, now: int) -> None:
        """To be awaited before hits are told: what nobody can know of is not read. `StoreUnavailableError`."""
        reader = (project_id, by)
        if self._told.get(reader) == now // HOUR:
            self._reads[reader] += 1
            return
        await self._store_reads(now)  # those of the last hour, before they would be counted in this one
        await self._store.record_reads(project_id, by, 1, now)
        self._told[reader] = now // HOUR

    async def keep(self, now: int) -> None:
        """Store what is due. To be called again and again; `StoreUnavailableError`, and nothing is forgotten."""
        is_due = now - self._stored_at >= STORE_INTERVAL_US
        if is_due or not self._last_used.keys() <= self._noted:
            await self.settle(now)
        if is_due:
            # Others may have read since `now`, and what was not stored of theirs is of the hour that is told here.
            self._told = {reader: hour for reader, hour in self._told.items() if hour >= now // HOUR or reader in self._reads}

    async def settle(self, now: int) -> None:
        """Store everything."""
        self._stored_at = now
        last_used, self._last_used = self._last_used, {}
        if last_used:
            try:
                await self._store.note_key_use(last_used)
            except BaseException:
                self._last_used = last_used | self._last_used
                raise
            self._noted |= last_used.keys()
        await self._store_reads(now)

    async def _store_reads(self, now: int) -> None:
        for reader, count in list(self._reads.items()):
            del self._reads[reader]
            # In the hour of the first read, even if that is over by now, or had not begun when this was.
            moment = min(max(now, self._told[reader] * HOUR), (self._told[reader] + 1) * HOUR - 1)
            try:
                await self._store.record_reads(*reader, count, moment)
            except BaseException:
                self._reads[reader] += count
                raise
