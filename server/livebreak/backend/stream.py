"""`GET livebreak/stream`: server-sent events, which a client can leave and take up again where it was."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from livebreak.backend.admissions import Admission
from livebreak.backend.context import Call
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.wire import Reset

_LINE_END = "\n"

_FAREWELL_SECONDS = 1.0
"""Below `server.GRACE_SECONDS`; in fact it takes a few milliseconds."""


async def stream(call: Call) -> Response:
    last = _read_last_event(call.request.headers.get("last-event-id"))
    events = _events(call, last)
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


def _read_last_event(header: str | None) -> int | None:
    """-1, which is too old for every project, if the header is no number."""
    if header is None:
        return None
    text = header.strip()
    return int(text[:20]) if text.isascii() and text.isdigit() else -1


async def _events(call: Call, last: int | None) -> AsyncIterator[ServerSentEvent]:
    with call.backend.admissions.hold(call.principal) as admission:
        async for event in _while_admitted(call, admission, last):
            yield event


async def _while_admitted(call: Call, admission: Admission, last: int | None) -> AsyncIterator[ServerSentEvent]:
    changes, project_id = call.backend.changes, call.project.id
    if last is None:
        last = changes.latest
        yield _reset(last, "This stream begins here.")
    while not changes.stopping and not admission.is_over:
        more = changes.next_event(project_id)
        batch = await changes.after(project_id, last) if last >= 0 else None
        if batch is None:
            last = changes.latest
            yield _reset(last, "Events since the last one were not kept.")
            continue
        if any(event.name == "hits" for event in batch):
            await call.backend.key_use.read_hits(project_id, call.principal.actor, call.backend.clock())
        for event in batch:
            last = event.id
            yield ServerSentEvent(data=event.data, event=event.name, id=str(event.id), sep=_LINE_END)
        if not batch and not changes.stopping and not admission.is_over:
            await more.wait()


def _reset(number: int, reason: str) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(to_json(Reset(reason=reason))), event="reset", id=str(number), sep=_LINE_END)
