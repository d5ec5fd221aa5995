"""Hits as they come, for as long as somebody reads them: over the stream or by polling, and over reconnections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from dataclasses import dataclass

from livebreak.sync.connection import RemoteConnection
from livebreak.sync.known import Known
from livebreak.sync.outbox import Outbox
from livebreak.sync.remotes import Refused, Remote, RemoteError
from livebreak_agent.vocabulary.lsp_messages import Connection
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import HitsQuery

LARGEST_QUERY = 100
"""Hits asked for at once: of usual ones a few hundred KiB."""
MOST_QUERIES = 5
"""For one breakpoint in a row: at two turns a second that is 1,000 hits a second, more than anybody reads."""
OVERLAP = 8
"""Hits asked for beyond those that are new by number: some come late, from other processes."""
REMEMBERED = 20_000
"""Ids of hits that were given out, so that none comes twice: as many as events are kept by the backend for a resumption."""
RETRY_DELAY = 2.0
"""Seconds before hits are asked for again that could not be fetched although the connection holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something that the reader should know, in one sentence; no hit."""

    text: str


class _Ear:
    """What the connection told since the last look."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.with_hits: set[str] = set()

    def loaded(self) -> None:
        self.woken.set()

    def occupied(self, breakpoint_id: str) -> bool:
        """Nothing is created here."""
        del breakpoint_id
        return False

    def renamed(self, breakpoint_id: str, new_id: str) -> None:
        """Likewise."""

    async def confirm(self, question: str) -> bool:
        """Likewise."""
        del question
        return False

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None:
        del breakpoint_ids
        self.woken.set()

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None:
        self.with_hits |= breakpoint_ids
        self.woken.set()

    def status_changed(self) -> None:
        self.woken.set()

    def notice(self, message: str) -> None:
        """Only edits have any."""


class HitTail:
    """Gives out each new hit once.

    Parameters
    ----------
    breakpoint_ids
        None is all of the project, those included that are made later.
    matches
        The filter.
    known_hits
        Hits that the reader has seen already.
    """

    def __init__(
        self,
        remote: Remote,
        *,
        breakpoint_ids: Collection[str] | None,
        matches: Callable[[Hit], bool],
        known_hits: Collection[Hit] = (),
    ) -> None:
        self._remote = remote
        self._wanted = breakpoint_ids
        self._matches = matches
        self._seen = {hit.id: None for hit in known_hits}
        self._since: dict[str, str] = {}
        self._floor = ""
        self._totals: dict[str, int] = {}

    async def begin(self, *, is_live: bool) -> None:
        """What is stored now is old. Raises `RemoteError`."""
        listed = await self._remote.breakpoints()
        self._since = {it.breakpoint_id: it.newest.timestamp for it in listed.hits}
        self._totals = {it.breakpoint_id: it.total for it in listed.hits}
        if not is_live:
            newest = (await self._remote.hits(HitsQuery(limit=1))).results
            self._floor = newest[0].timestamp if newest else ""

    async def follow(self) -> AsyncGenerator[Hit | Notice, None]:
        """Oldest first within one look. Raises `Refused` when the backend lets us in no more; ends when all the wanted
        breakpoints are gone."""
        known = Known(host=self._remote.host)
        ear = _Ear()
        connection = RemoteConnection(remote=self._remote, known=known, outbox=Outbox(None), told=ear)
        await connection.start()
        was_lost = False
        try:
            while True:
                await ear.woken.wait()
                ear.woken.clear()
                if known.connection is Connection.REFUSED:
                    raise Refused(known.message)
                if was_lost is not (known.connection is Connection.OFFLINE) and known.connection is not Connection.CONNECTING:
                    was_lost = not was_lost
                    how = "is lost; trying again until it is back." if was_lost else "is back."
                    yield Notice(text=f"The connection to {self._remote.host} {how}")
                if known.connection is not Connection.CONNECTED:
                    continue
                async for item in self._fresh(known, ear):
                    yield item
                if self._wanted is not None and not any(id in known.breakpoints for id in self._wanted):
                    yield Notice(text="The breakpoint was removed, so no more hits will come.")
                    return
        finally:
            await connection.stop()

    async def _fresh(self, known: Known, ear: _Ear) -> AsyncIterator[Hit | Notice]:
        """The hits that nobody has seen of the breakpoints that have any."""
        ids, ear.with_hits = ear.with_hits, set()
        found: list[Hit] = []
        for breakpoint_id in sorted(ids):
            newest = next(iter(known.hits.of(breakpoint_id)), None)
            if self._wanted is not None and breakpoint_id not in self._wanted:
                continue
            if newest is not None and not self._is_new(newest.id, breakpoint_id, newest.timestamp):
                continue
            total = known.hits.total(breakpoint_id)
            try:
                fresh, is_all = await self._unseen(breakpoint_id, total - self._totals.get(breakpoint_id, 0))
            except RemoteError:
                # The connection notices by itself if it is lost; these are asked for again in any case.
                ear.with_hits.add(breakpoint_id)
                asyncio.get_running_loop().call_later(RETRY_DELAY, ear.woken.set)
                continue
            self._totals[breakpoint_id] = total
            found += fresh
            if not is_all:
                item = known.breakpoints.get(breakpoint_id)
                where = f"{item.filename}:{item.line_number}" if item is not None else breakpoint_id
                yield Notice(text=f"More hits came at {where} than can be shown; only the newest {len(fresh)} are.")
        for hit in sorted(found, key=lambda hit: hit.timestamp):
            self._seen[hit.id] = None
            if self._matches(hit):
                yield hit
        while len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]

    async def _unseen(self, breakpoint_id: str, expected: int) -> tuple[list[Hit], bool]:
        """New hits of a breakpoint, and whether these are all."""
        found: list[Hit] = []
        cursor = None
        size = min(max(expected, 0) + OVERLAP, LARGEST_QUERY)
        for _ in range(MOST_QUERIES):
            page = await self._remote.hits(HitsQuery(breakpoint_id=breakpoint_id, limit=size, cursor=cursor))
            fresh = [hit for hit in page.results if self._is_new(hit.id, breakpoint_id, hit.timestamp)]
            found += fresh
            if len(fresh) < len(page.results) or page.cursor is None:
                return found, True
            cursor, size = page.cursor, LARGEST_QUERY
        return found, False

    def _is_new(self, hit_id: str, breakpoint_id: str, timestamp: str) -> bool:
        return hit_id not in self._seen and timestamp > self._since.get(breakpoint_id, self._floor)
