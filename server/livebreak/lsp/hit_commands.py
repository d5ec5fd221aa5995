"""`workspace/executeCommand` for hits: as JSON, at a frame, as a reference, and those that are like it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from lsprotocol import types

from livebreak.debugger.selection import reference_to
from livebreak.debugger.wording import frames_of, local_time
from livebreak.lsp.arguments import FindHitsParams, HitReferenceParams, one, only
from livebreak.lsp.labels import VALUES_WIDTH, values_line
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed
from livebreak.lsp.progress import working
from livebreak.lsp.show_document import show_document
from livebreak.lsp.whole_hit import whole_hit
from livebreak.sync import hit_files
from livebreak.sync.remotes import RemoteError
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.where import WhereError, compile_where

COPY = "livebreak.copyHit"
EXPORT = "livebreak.exportHit"
OPEN_FRAME = "livebreak.openFrame"
SHARE = "livebreak.shareHit"
FIND = "livebreak.findHits"

MOST_FOUND = 100
"""Hits that a search gives: the terminal's `livebreak hits list --where` goes on."""


def register(server: LiveBreakServer) -> None:
    server.command(COPY)(copy)
    server.command(EXPORT)(export)
    server.command(OPEN_FRAME)(open_frame)
    server.command(SHARE)(share)
    server.command(FIND)(find)


async def copy(ls: LiveBreakServer, *arguments: Any) -> str:
    """A hit as JSON. LSP has no clipboard: a plugin puts the answer there, any other editor shows it in a file."""
    hit = await whole_hit(ls, only(HitReferenceParams, arguments).id)
    if not ls.speaks_livebreak:
        await show_document(ls, await _file(ls, hit))
    return json.dumps(hit_files.document(hit, ls.session.stored(hit.breakpoint_id)), indent=2)


async def export(ls: LiveBreakServer, *arguments: Any) -> str:
    """Write a hit into a file of the user's state folder, and give its path."""
    path = await _file(ls, await whole_hit(ls, only(HitReferenceParams, arguments).id))
    if not ls.speaks_livebreak:
        ls.say(types.MessageType.Info, f"The hit is in {path}.")
    return str(path)


async def open_frame(ls: LiveBreakServer, *arguments: Any) -> None:
    """Open the file of one frame of a hit's stack, at its line as it is now."""
    params: HitReferenceParams = only(HitReferenceParams, arguments)
    hit = await whole_hit(ls, params.id)
    frames = frames_of(hit)
    if not 0 <= params.frame < len(frames):
        raise RequestFailed(f"The hit has {len(frames)} frames, 0 to {len(frames) - 1}.")
    place = ls.place_of(hit, frames[params.frame])
    if place is None:
        raise RequestFailed(f"{frames[params.frame].filename} is not in this workspace.")
    await show_document(ls, *place)


async def share(ls: LiveBreakServer, *arguments: Any) -> str:
    """A reference to a hit that `livebreak hits show` opens, on every machine that is connected to the project."""
    reference = reference_to(only(HitReferenceParams, arguments).id)
    if not ls.speaks_livebreak:
        ls.say(types.MessageType.Info, f"{reference} is the hit; `livebreak hits show {reference}` shows it.")
    return reference


async def find(ls: LiveBreakServer, *arguments: Any) -> list[str]:
    """The newest hits of a breakpoint that a filter is true for, a line each: the time, the values, the reference."""
    params: FindHitsParams = only(FindHitsParams, arguments)
    try:
        compile_where(params.where)
    except WhereError as error:
        raise RequestFailed(f"This is no filter: {error}") from None
    async with one(ls, params.uri, params.id) as state:
        breakpoint_id = state.id
    try:
        async with working(ls, "searching hits"):
            page = await ls.session.find_hits(breakpoint_id, params.where, MOST_FOUND)
    except RemoteError as error:
        raise RequestFailed(str(error)) from None
    found = [
        f"{local_time(hit.timestamp, ls.now())}  {values_line(summarise(hit), VALUES_WIDTH)}  {reference_to(hit.id)}"
        for hit in page.hits
    ]
    if not ls.speaks_livebreak:
        more = "" if page.complete and page.cursor is None else " or more"
        newest = f"; the newest: {found[0]}" if found else ""
        ls.say(types.MessageType.Info, f"{len(found)}{more} hits where {params.where}{newest}")
    return found


async def _file(ls: LiveBreakServer, hit: Hit) -> Path:
    if ls.hits_folder is None:
        raise RequestFailed("There is no folder for files of hits.")
    try:
        return await asyncio.to_thread(hit_files.put, ls.hits_folder, hit, ls.session.stored(hit.breakpoint_id))
    except OSError as error:
        raise RequestFailed(f"The hit cannot be written into {ls.hits_folder}: {error.strerror}.") from None
