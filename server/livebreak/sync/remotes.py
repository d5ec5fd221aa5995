"""What `sync` needs of a remote, whichever API is behind it, and how a remote says that something did not work.

RemoteError
 ├── Unreachable     the network, the server's trouble, or a rate limit: the same again later may work
 ├── Refused         the key, its scopes or the project: nothing works until the user does something
 ├── Rejected        this one edit is wrong: the others go on
 │    └── Occupied   there is a breakpoint on its line already
 └── Missing         the thing is not there (any more)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from livebreak_agent.vocabulary.model import Breakpoint, Hit, NewBreakpoint
from livebreak_agent.vocabulary.wire import (
    BreakpointChanged,
    Breakpoints,
    Capabilities,
    Hits,
    HitsArrived,
    HitsQuery,
    PauseChanged,
    PauseRequest,
    Pauses,
    ProcessChanged,
    Processes,
    Purged,
    PurgeRequest,
    Reset,
)


class RemoteError(Exception):
    """The text is one sentence for the user."""


class Unreachable(RemoteError):
    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds that the server asked for."""


class Refused(RemoteError):
    pass


class Rejected(RemoteError):
    pass


class Occupied(Rejected):
    pass


class Missing(RemoteError):
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The stream is open. On a resumed one nothing else may come for long."""


Payload = Opened | BreakpointChanged | ProcessChanged | HitsArrived | PauseChanged | Reset


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event of the stream."""

    id: str | None
    payload: Payload | None
    """None if this version understands nothing of the kind: its id counts all the same."""


class Remote(Protocol):
    """A backend, over the network. Every method raises `RemoteError`."""

    @property
    def host(self) -> str:
        """The origin that keys are sent to."""

    async def capabilities(self) -> Capabilities:
        """Who and what is there. A plain PostHog API has no `stream` among its features."""

    async def breakpoints(self) -> Breakpoints: ...

    async def create(self, new: NewBreakpoint) -> Breakpoint:
        """Create it; harmless to repeat. A plain PostHog API gives it another id than was asked for."""

    async def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> Breakpoint: ...

    async def remove(self, breakpoint_id: str) -> None: ...

    async def processes(self) -> Processes: ...

    async def hits(self, query: HitsQuery) -> Hits: ...

    async def hit(self, hit_id: str) -> Hit: ...

    async def pin(self, hit_id: str) -> Hit:
        """Have the hit kept longer. Only a LiveBreak backend can, as with `unpin` and `purge`."""

    async def unpin(self, hit_id: str) -> Hit: ...

    async def purge(self, request: PurgeRequest) -> Purged:
        """Remove hits for good; ask again until the answer is complete."""

    async def pause(self, request: PauseRequest) -> Pauses:
        """Pull the kill switch; the answer is all that is paused now. Only a LiveBreak backend has one."""

    async def resume(self, request: PauseRequest) -> Pauses: ...

    def stream(self, last_event_id: str | None) -> AsyncIterator[Event]:
        """The events after the given one; ends when the server closes, raises when it breaks."""

    async def close(self) -> None: ...
