"""`GET livebreak/stream`: server-sent events, which a client can leave and take up again where it was."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from livebreak.backend.admissions import Admission
from livebreak.backend.context import Call
from livebreak.backend.store.interface import Event, EventName
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.wire import Reset

_LINE_END = "\n"

_EVENT_ID = re.compile(r"([0-9]{1,18})-([0-9a-f]{1,15})")
"""As `_written` writes it. Earlier versions gave the number alone, which says nothing of the database that it is from."""

_FAREWELL_SECONDS = 1.0
"""Below `server.GRACE_SECONDS`; in fact it takes a few milliseconds."""


async def stream(call: Call) -> Response:
    events = _events(call, call.request.headers.get("last-event-id"))
    # The grace lets the stream end by itself, as it does when `Changes.stop` wakes it, instead of being cut off.
    return _Stream(
        events,
        ping=call.backend.settings.heartbeat,
        sep=_LINE_END,
        shutdown_grace_period=_FAREWELL_SECONDS,
        send_timeout=call.backend.settings.stream_patience,
    )


class _Stream(EventSourceResponse):
    """Ends in silence when its reader takes nothing any more: that is no failure of this server."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(SendTimeoutError):
            await super().__call__(scope, receive, send)


async def _events(call: Call, header: str | None) -> AsyncIterator[ServerSentEvent]:
    with call.backend.admissions.hold(call.principal) as admission:
        async for event in _while_admitted(call, admission, header):
            yield event


async def _while_admitted(call: Call, admission: Admission, header: str | None) -> AsyncIterator[ServerSentEvent]:
    changes, project_id = call.backend.changes, call.project.id
    last = await _resumed(call, header)
    if last is None:
        why = "This stream begins here." if header is None else "The last event is not one of this database."
        name = changes.latest
        last = name.number
        yield _reset(name, why)
    while not changes.stopping and not admission.is_over:
        more = changes.next_event(project_id)
        batch = await changes.after(project_id, last)
        if batch is None:
            name = changes.latest
            last = name.number
            yield _reset(name, "Events since the last one were not kept.")
            continue
        if any(event.name == "hits" for event in batch):
            await call.backend.key_use.read_hits(project_id, call.principal.actor, call.backend.clock())
        for event in batch:
            last = event.id
            yield ServerSentEvent(data=event.data, event=event.name, id=_written(_name(event)), sep=_LINE_END)
        if not batch and not changes.stopping and not admission.is_over:
            await more.wait()


async def _resumed(call: Call, header: str | None) -> int | None:
    """The number of the event that the stream goes on after; None if it begins anew."""
    match = _EVENT_ID.fullmatch((header or "").strip())
    if match is None:
        return None
    name = EventName(int(match[1]), int(match[2], 16))
    return name.number if await call.backend.changes.knows(name) else None


def _reset(name: EventName, reason: str) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(to_json(Reset(reason=reason))), event="reset", id=_written(name), sep=_LINE_END)


def _name(event: Event) -> EventName:
    return EventName(event.id, event.created_at)


def _written(name: EventName) -> str:
    return f"{name.number}-{name.created_at:x}"
