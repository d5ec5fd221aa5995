"""A LiveBreak backend: the live routes and their event stream."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from typing import cast

import httpx
from httpx_sse import SSEError, aconnect_sse

from livebreak.remote.http import Http, one_line, raise_for_status, read_content, unreachable
from livebreak.sync.remotes import Event, Opened, Payload, Unreachable
from livebreak_agent.vocabulary.codec import from_json, to_json
from livebreak_agent.vocabulary.model import Breakpoint, Hit, NewBreakpoint
from livebreak_agent.vocabulary.wire import (
    STREAM_EVENTS,
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

_log = logging.getLogger(__name__)

LARGEST_EVENT = 8 * 1024 * 1024
"""Bytes of one event; the largest is a process's report on its breakpoints, and a stream that never ends one fills memory."""
STREAM_SILENCE = 45.0
"""Seconds without a byte after which a stream is dead: three heartbeats of the backend."""


class LiveRemote:
    """See `sync.remotes.Remote`.

    Parameters
    ----------
    project
        A project's number, or `@current`: the key's own.
    """

    def __init__(self, http: Http, project: str) -> None:
        self._http = http
        self._base = f"/api/projects/{project}/livebreak"

    @property
    def host(self) -> str:
        return self._http.host

    async def capabilities(self) -> Capabilities:
        return await self._http.get(Capabilities, f"{self._base}/")

    async def breakpoints(self) -> Breakpoints:
        return await self._http.get(Breakpoints, f"{self._base}/breakpoints")

    async def create(self, new: NewBreakpoint) -> Breakpoint:
        return await self._http.send(Breakpoint, "POST", f"{self._base}/breakpoints", to_json(new))

    async def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> Breakpoint:
        body = {name: to_json(value) for name, value in fields.items()}
        return await self._http.send(Breakpoint, "PATCH", f"{self._base}/breakpoints/{breakpoint_id}", body)

    async def remove(self, breakpoint_id: str) -> None:
        await self._http.request("DELETE", f"{self._base}/breakpoints/{breakpoint_id}")

    async def processes(self) -> Processes:
        return await self._http.get(Processes, f"{self._base}/processes")

    async def hits(self, query: HitsQuery) -> Hits:
        return await self._http.get(Hits, f"{self._base}/hits", to_json(query))

    async def hit(self, hit_id: str) -> Hit:
        return await self._http.get(Hit, f"{self._base}/hits/{hit_id}")

    async def pin(self, hit_id: str) -> Hit:
        return await self._http.send(Hit, "PUT", f"{self._base}/hits/{hit_id}/pin", None)

    async def unpin(self, hit_id: str) -> Hit:
        return await self._http.send(Hit, "DELETE", f"{self._base}/hits/{hit_id}/pin", None)

    async def purge(self, request: PurgeRequest) -> Purged:
        return await self._http.send(Purged, "POST", f"{self._base}/hits/purge", to_json(request))

    async def pause(self, request: PauseRequest) -> Pauses:
        return await self._http.send(Pauses, "POST", f"{self._base}/pause", to_json(request))

    async def resume(self, request: PauseRequest) -> Pauses:
        return await self._http.send(Pauses, "POST", f"{self._base}/resume", to_json(request))

    async def stream(self, last_event_id: str | None) -> AsyncIterator[Event]:
        # The bound of an event counts bytes as they come, and a few of packed ones unpack to any number.
        headers = {"Accept-Encoding": "identity"} | ({"Last-Event-ID": last_event_id} if last_event_id is not None else {})
        timeout = httpx.Timeout(10.0, read=STREAM_SILENCE)
        try:
            async with aconnect_sse(self._http.client, "GET", f"{self._base}/stream", headers=headers, timeout=timeout) as source:
                if not source.response.is_success:
                    raise_for_status(self.host, source.response, await read_content(self.host, source.response))
                if source.response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise Unreachable(f"{self.host} packs the stream, which it was asked not to; is a proxy in between?")
                yield Event(id=None, payload=Opened())
                bounded = _Bounded(self.host, source.response.stream)
                source.response.stream = bounded
                async for event in source.aiter_sse():
                    bounded.since_event = 0
                    yield Event(id=event.id or None, payload=self._payload(event.event, event.data))
        except SSEError:
            raise Unreachable(f"{self.host} answered the stream with something else; is a proxy in between?") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise unreachable(self.host, error) from None

    async def close(self) -> None:
        await self._http.client.aclose()

    def _payload(self, name: str, data: str) -> Payload | None:
        """None for what a newer backend may send and this version does not understand."""
        if (kind := STREAM_EVENTS.get(name)) is None:
            return None
        try:
            return cast("Payload", from_json(kind, json.loads(data)))
        except (ValueError, RecursionError) as error:
            sentence = "%s sent an event %r in an unknown form (%s); is one side outdated?"
            _log.warning(sentence, self.host, name, one_line(str(error)))
            return None


class _Bounded(httpx.AsyncByteStream):
    """A stream's bytes, as long as events end among them."""

    def __init__(self, host: str, stream: object) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous client has no other
        self.since_event = 0
        self._host = host
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self.since_event += len(chunk)
            if self.since_event > LARGEST_EVENT:
                raise Unreachable(f"{self._host} sent an event of more than {LARGEST_EVENT // 2**20} MiB; it was cut off.")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
