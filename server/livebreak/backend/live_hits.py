"""`GET livebreak/hits`: full hits, newest first, filtered in the expression language."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from starlette.responses import Response

from livebreak.backend.context import Call
from livebreak.backend.contract_input import DEFAULT_LIMIT, LARGEST_HITS_LIMIT, read_integer, read_uuid
from livebreak.backend.errors import invalid, not_found
from livebreak.backend.responses import JsonResponse, json_bytes
from livebreak.backend.settings import LARGEST_HITS_PAGE
from livebreak.backend.store.hits import read
from livebreak.backend.store.interface import HitRow, Position, ScanLimit
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.where import WhereError, compile_where
from livebreak_agent.vocabulary.wire import Hits

_CURSOR = re.compile(r"[0-9]{1,18}-[0-9]{1,18}\Z")


async def find_hits(call: Call) -> Response:
    query = call.request.query_params
    limit = read_integer(query.get("limit") or DEFAULT_LIMIT, "limit", low=1, high=LARGEST_HITS_LIMIT)
    breakpoint_id = query.get("breakpoint_id") or None
    if breakpoint_id is not None:
        breakpoint_id = read_uuid(breakpoint_id, "breakpoint_id")
    render = _rendering(query.get("where") or None)
    start = _read_cursor(query.get("cursor") or None)
    bounds = ScanLimit(hits=limit, size=LARGEST_HITS_PAGE)
    scan = await call.backend.store.scan_hits(call.project.id, breakpoint_id, start, bounds, render)
    cursor = None if scan.position is None else f"{scan.position.timestamp}-{scan.position.seq}"
    # The hits were written where they were read; only what is around them is written here.
    envelope = json_bytes(to_json(Hits(results=(), complete=not scan.exhausted, cursor=cursor)))
    return JsonResponse(envelope.replace(b"[]", b"[" + b",".join(scan.found) + b"]", 1))


async def retrieve_hit(call: Call) -> Response:
    row = await call.backend.store.hit(call.project.id, call.request.path_params["id"].lower())
    body = None if row is None else await asyncio.to_thread(_rendering(None), row)
    if body is None:
        raise not_found()
    return JsonResponse(body)


def _rendering(where: str | None) -> Callable[[HitRow], bytes | None]:
    """Writes a hit as JSON; None for one that cannot be read, or that does not match. Takes a while with large ones."""
    if where is None:
        return lambda row: _render(read(row))
    try:
        matches = compile_where(where)
    except WhereError as error:
        raise invalid("invalid_input", str(error), "where") from None

    def render(row: HitRow) -> bytes | None:
        hit = read(row)
        return _render(hit) if hit is not None and matches(hit) else None

    return render


def _render(hit: Hit | None) -> bytes | None:
    return None if hit is None else json_bytes(to_json(hit))


def _read_cursor(text: str | None) -> Position | None:
    if text is None:
        return None
    if not _CURSOR.match(text):
        raise invalid("invalid_input", "Must be a cursor of an earlier page.", "cursor")
    timestamp, _, seq = text.partition("-")
    return Position(timestamp=int(timestamp), seq=int(seq))
