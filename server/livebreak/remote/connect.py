"""Finds out what kind of API is at a host."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from livebreak.remote.http import Http, Withheld, never
from livebreak.remote.live import LiveRemote
from livebreak.remote.plain import PlainRemote
from livebreak.sync.remotes import Event, Missing, Refused
from livebreak_agent.vocabulary.model import Breakpoint, Hit, NewBreakpoint
from livebreak_agent.vocabulary.wire import (
    Breakpoints,
    Capabilities,
    Hits,
    HitsQuery,
    PauseRequest,
    Pauses,
    Processes,
    Purged,
    PurgeRequest,
)


class AnyRemote:
    """A host whose kind is learned at the first answer, and again at each reconnection: it may have been upgraded.

    See `Http` for `withheld`.
    """

    def __init__(self, host: str, project: str, api_key: str, *, withheld: Withheld = never) -> None:
        http = Http(host, api_key, withheld=withheld)
        self._live = LiveRemote(http, project)
        self._plain = PlainRemote(http, project)
        self._found: LiveRemote | PlainRemote = self._live

    @property
    def host(self) -> str:
        return self._live.host

    async def capabilities(self) -> Capabilities:
        try:
            capabilities = await self._live.capabilities()
            self._found = self._live
        except Missing:
            capabilities = await self._plain_capabilities()
            self._found = self._plain
        return capabilities

    async def _plain_capabilities(self) -> Capabilities:
        try:
            return await self._plain.capabilities()
        except Missing:
            raise Refused(f"{self.host} is neither a LiveBreak backend nor a PostHog API; check LIVEBREAK_HOST.") from None

    async def breakpoints(self) -> Breakpoints:
        return await self._found.breakpoints()

    async def create(self, new: NewBreakpoint) -> Breakpoint:
        return await self._found.create(new)

    async def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> Breakpoint:
        return await self._found.change(breakpoint_id, fields)

    async def remove(self, breakpoint_id: str) -> None:
        await self._found.remove(breakpoint_id)

    async def processes(self) -> Processes:
        return await self._found.processes()

    async def hits(self, query: HitsQuery) -> Hits:
        return await self._found.hits(query)

    async def hit(self, hit_id: str) -> Hit:
        return await self._found.hit(hit_id)

    async def pin(self, hit_id: str) -> Hit:
        return await self._found.pin(hit_id)

    async def unpin(self, hit_id: str) -> Hit:
        return await self._found.unpin(hit_id)

    async def purge(self, request: PurgeRequest) -> Purged:
        return await self._found.purge(request)

    async def pause(self, request: PauseRequest) -> Pauses:
        return await self._found.pause(request)

    async def resume(self, request: PauseRequest) -> Pauses:
        return await self._found.resume(request)

    def stream(self, last_event_id: str | None) -> AsyncIterator[Event]:
        return self._found.stream(last_event_id)

    async def close(self) -> None:
        await self._live.close()
