"""`livebreak/hitList`: pages of hits, newest first, of one breakpoint or all, with a filter."""

from __future__ import annotations

from pygls.exceptions import JsonRpcInvalidParams

from livebreak.debugger.wording import process_line
from livebreak.lsp.labels import values_line
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed, serve_request
from livebreak.lsp.page import visible
from livebreak.lsp.progress import working
from livebreak.lsp.whole_hit import whole_hit
from livebreak.sync import hit_walk
from livebreak.sync.hit_walk import HitsAround
from livebreak.sync.remotes import RemoteError
from livebreak_agent.vocabulary.lsp_messages import HitListParams, HitListResult, ListedHit
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.where import WhereError, compile_where

LARGEST_PAGE = 200
"""Hits of one answer: a list that a person scrolls; larger limits are cut to it."""
SUMMARY_WIDTH = 120
"""Characters of a hit's line in a list, which has the window's width to itself."""


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/hitList", hit_list)


async def hit_list(server: LiveBreakServer, params: HitListParams) -> HitListResult:
    if params.limit < 1:
        raise JsonRpcInvalidParams(f"limit: expected 1 or more, got {params.limit}")
    if sum(it is not None for it in (params.older_than, params.newer_than, params.cursor)) > 1:
        raise JsonRpcInvalidParams("olderThan, newerThan and cursor: expected one of them at most")
    if params.where is not None:
        try:
            compile_where(params.where)
        except WhereError as error:
            raise RequestFailed(f"This is no filter: {error}") from None
    try:
        async with working(server, "fetching hits"):
            found = await _find(server, params)
    except RemoteError as error:
        raise RequestFailed(str(error)) from None
    return HitListResult(
        hits=tuple(_listed(hit) for hit in found.hits),
        has_older=found.has_older,
        has_newer=found.has_newer,
        complete=found.complete,
        note=found.note,
        cursor=found.cursor,
    )


async def _find(server: LiveBreakServer, params: HitListParams) -> HitsAround:
    session, limit = server.session, min(params.limit, LARGEST_PAGE)
    if params.older_than is not None:
        known = await whole_hit(server, params.older_than)
        return await hit_walk.before(session, known, params.breakpoint_id, params.where, limit)
    if params.newer_than is not None:
        known = await whole_hit(server, params.newer_than)
        return await hit_walk.after(session, known, params.breakpoint_id, params.where, limit)
    return await hit_walk.newest(session, params.breakpoint_id, params.where, limit, params.cursor)


def _listed(hit: Hit) -> ListedHit:
    return ListedHit(
        id=hit.id,
        breakpoint_id=hit.breakpoint_id,
        timestamp=hit.timestamp,
        summary=values_line(summarise(hit), SUMMARY_WIDTH),
        process=visible(process_line(hit) or "") or None,
        message=visible(hit.message) if hit.message is not None else None,
    )
