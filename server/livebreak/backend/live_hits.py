"""`GET livebreak/hits`: full hits, newest first, filtered in the expression language."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from livebreak.backend import json_text
from livebreak.backend.clock import SECOND
from livebreak.backend.context import Call
from livebreak.backend.contract_input import DEFAULT_LIMIT, LARGEST_HITS_LIMIT, read_integer, read_uuid
from livebreak.backend.errors import conflict, invalid, not_found
from livebreak.backend.live_input import convert, read_object
from livebreak.backend.responses import JsonResponse
from livebreak.backend.settings import LARGEST_HITS_PAGE, PRUNED_AT_ONCE
from livebreak.backend.store.hit_shapes import HitFilter, HitRow, Position, Purge, PurgeProgress, ScanLimit
from livebreak.backend.store.interface import TooManyPinnedError
from livebreak.backend.store.packing import read
from livebreak.backend.where import narrow
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Awaiter, Frame, Hit
from livebreak_agent.vocabulary.where import WhereError, compile_where
from livebreak_agent.vocabulary.wire import Hits, Purged, PurgeRequest

PURGE_SECONDS = 4.0
"""How long one request to purge goes on, before it has the client ask again: less than clients wait for an answer."""

LONGEST_AGE = 10 * 366 * 24 * 3600
"""Seconds; nothing is that old."""

HUNG_UP = 499
"""What the access log says of a request whose client did not wait for the answer, as nginx does."""

_CURSOR = re.compile(r"[0-9]{1,18}-[0-9]{1,18}\Z")


async def find_hits(call: Call) -> Response:
    query = call.request.query_params
    limit = read_integer(query.get("limit") or DEFAULT_LIMIT, "limit", low=1, high=LARGEST_HITS_LIMIT)
    breakpoint_id = query.get("breakpoint_id") or None
    if breakpoint_id is not None:
        breakpoint_id = read_uuid(breakpoint_id, "breakpoint_id")
    search = _search(query.get("where") or None)
    start = _read_cursor(query.get("cursor") or None)
    bounds = ScanLimit(hits=limit, size=LARGEST_HITS_PAGE)
    # Pages without a filter are short, and have threads of their own.
    turn = contextlib.nullcontext() if search.is_short else call.backend.searches.turn(call.principal.key_id)
    async with turn:
        if not search.is_short and await call.request.is_disconnected():
            # While it waited for its turn: nobody would read what it takes so long to find.
            return Response(status_code=HUNG_UP)
        scan = await call.backend.store.scan_hits(
            call.project.id, breakpoint_id, search.narrowed, start, bounds, search.render, is_short=search.is_short
        )
    cursor = None if scan.position is None else f"{scan.position.timestamp}-{scan.position.seq}"
    # The hits were written where they were read; only what is around them is written here.
    envelope = json_text.write(to_json(Hits(results=(), complete=not scan.exhausted, cursor=cursor)))
    return JsonResponse(envelope.replace(b"[]", b"[" + b",".join(scan.found) + b"]", 1))


async def retrieve_hit(call: Call) -> Response:
    return await _answer(await call.backend.store.hit(call.project.id, _named(call)))


async def pin_hit(call: Call) -> Response:
    by, now = call.principal.actor, call.backend.clock()
    try:
        return await _answer(await call.backend.store.pin_hit(call.project.id, _named(call), now, by))
    except TooManyPinnedError:
        raise conflict("The project has as many pinned hits as it may have; unpin some first.") from None


async def unpin_hit(call: Call) -> Response:
    by, now = call.principal.actor, call.backend.clock()
    return await _answer(await call.backend.store.unpin_hit(call.project.id, _named(call), now, by))


async def purge_hits(call: Call) -> Response:
    body = await read_object(call)
    # What is misspelt here would not narrow what is removed for good.
    if unknown := sorted(body.keys() - {field.name for field in dataclasses.fields(PurgeRequest)}):
        raise invalid("invalid_input", f"{unknown[0]}: there is no such field.", unknown[0])
    request = convert(PurgeRequest, body)
    breakpoint_id = request.breakpoint_id
    if breakpoint_id is not None:
        breakpoint_id = read_uuid(breakpoint_id, "breakpoint_id")
    age = read_integer(request.older_than or 0, "older_than", low=0, high=LONGEST_AGE)
    backend, now = call.backend, call.backend.clock()
    purge = Purge(until=now - age * SECOND, breakpoint_id=breakpoint_id, pinned=request.pinned)
    deadline = time.monotonic() + PURGE_SECONDS
    progress: PurgeProgress | None = None
    while progress is None or (not progress.is_over and time.monotonic() < deadline):
        progress = await backend.store.purge_hits(call.project.id, purge, progress, PRUNED_AT_ONCE, now, call.principal.actor)
        backend.changes.forget(call.project.id)
    await backend.store.finish_purge(call.project.id, purge, now)
    backend.changes.forget(call.project.id)
    return JsonResponse(to_json(Purged(purged=progress.purged, complete=progress.is_over)))


def _named(call: Call) -> str:
    return str(call.request.path_params["id"]).lower()


async def _answer(row: HitRow | None) -> Response:
    body = None if row is None else await asyncio.to_thread(_search(None).render, row)
    if body is None:
        raise not_found()
    return JsonResponse(body)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Search:
    render: Callable[[HitRow], bytes | None]
    """Writes a hit as JSON; None for one that cannot be read, or that does not match. Takes a while with large ones."""
    narrowed: HitFilter
    is_short: bool


def _search(where: str | None) -> _Search:
    if where is None:
        return _Search(render=lambda row: _render(read(row)), narrowed=HitFilter(), is_short=True)
    try:
        matches = compile_where(where)
    except WhereError as error:
        raise invalid("invalid_input", str(error), "where") from None

    def render(row: HitRow) -> bytes | None:
        hit = read(row)
        return _render(hit) if hit is not None and matches(hit) else None

    return _Search(render=render, narrowed=narrow(where), is_short=False)


def _render(hit: Hit | None) -> bytes | None:
    return None if hit is None else json_text.write(_plain(hit))


def _plain(hit: Hit) -> dict[str, Any]:
    """What `to_json` makes of it, without a walk through the captured values, which are JSON already."""
    written = _fields(hit)
    written["stack"] = [_fields(frame) for frame in hit.stack]
    written["awaiters"] = [{**_fields(one), "stack": [_fields(frame) for frame in one.stack]} for one in hit.awaiters]
    return written


def _fields(value: Hit | Frame | Awaiter) -> dict[str, Any]:
    return {name: item for name in _NAMES[type(value)] if (item := getattr(value, name)) is not None}


_NAMES = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in (Hit, Frame, Awaiter)}


def _read_cursor(text: str | None) -> Position | None:
    if text is None:
        return None
    if not _CURSOR.match(text):
        raise invalid("invalid_input", "Must be a cursor of an earlier page.", "cursor")
    timestamp, _, seq = text.partition("-")
    return Position(timestamp=int(timestamp), seq=int(seq))
