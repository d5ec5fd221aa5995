"""`breakpoint_hits/`: up to a thousand hits of up to a mebibyte, of which only a few are in memory at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence

from starlette.responses import Response, StreamingResponse

from livebreak.backend import contract_output as output
from livebreak.backend import json_text
from livebreak.backend.context import Call
from livebreak.backend.contract_input import read_hits_page
from livebreak.backend.responses import JsonResponse
from livebreak.backend.settings import CONTRACT_HITS_WINDOW_US, LARGEST_CONTRACT_PAGE
from livebreak.backend.store.hit_shapes import HitRow, HitSize
from livebreak.backend.store.interface import Store

_CHUNK_SIZE = 2**20
"""Bytes, as they are stored, of the hits that are read at once."""

_CHUNK_HITS = 500
"""And their number, which a statement can name."""

_PIECE_SIZE = 2**20
"""Bytes, unpacked and written, that are sent at once: what is stored small may be large."""


async def breakpoint_hits(call: Call) -> Response:
    page = read_hits_page(call.request.query_params)
    since = call.backend.clock() - CONTRACT_HITS_WINDOW_US
    store = call.backend.store
    found = await store.page_of_hits(call.project.id, page.breakpoint_ids, since, page.limit, page.offset)
    is_full = len(found) == page.limit
    pieces = _pieces(store, found)
    first: list[bytes] = await anext(pieces, [])
    if len(first) == len(found):
        return JsonResponse(_OPENING + b",".join(first) + _closing(len(first), has_more=is_full))
    body = _body(first, pieces, is_full=is_full) if call.request.method == "GET" else iter(())
    return StreamingResponse(body, media_type=JsonResponse.media_type)


async def _body(first: list[bytes], others: AsyncIterator[list[bytes]], *, is_full: bool) -> AsyncIterator[bytes]:
    """The answer piece by piece, as fast as the client takes it; no connection of the database is held meanwhile."""
    yield _OPENING + b",".join(first)
    count, size = len(first), sum(map(len, first))
    async for piece in others:
        if size >= LARGEST_CONTRACT_PAGE:
            # The page ends here, and says so: `count` is what it holds, and the next page begins behind that.
            is_full = True
            break
        yield (b"," if count else b"") + b",".join(piece)
        count += len(piece)
        size += sum(map(len, piece))
    yield _closing(count, has_more=is_full)


async def _pieces(store: Store, found: Sequence[HitSize]) -> AsyncIterator[list[bytes]]:
    """The hits as they are written, some at a time and never none."""
    for numbers in _chunks(found):
        rows = deque(await store.numbered_hits(numbers))
        while rows:
            yield await asyncio.to_thread(_render_some, rows)


def _render_some(rows: deque[HitRow]) -> list[bytes]:
    """Takes from the left."""
    written: list[bytes] = []
    size = 0
    while rows and size < _PIECE_SIZE:
        written.append(json_text.write(output.hit(rows.popleft())))
        size += len(written[-1])
    return written


_OPENING = b'{"results":['


def _closing(count: int, *, has_more: bool) -> bytes:
    return b'],"count":%d,"has_more":%s}' % (count, b"true" if has_more else b"false")


def _chunks(found: Sequence[HitSize]) -> Iterator[list[int]]:
    chunk: list[int] = []
    size = 0
    for hit in found:
        if chunk and (size + hit.size > _CHUNK_SIZE or len(chunk) == _CHUNK_HITS):
            yield chunk
            chunk, size = [], 0
        chunk.append(hit.seq)
        size += hit.size
    if chunk:
        yield chunk
