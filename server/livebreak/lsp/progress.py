"""Work-done progress: what takes longer than a moment is seen to go on, in editors that have a place for it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator

from lsprotocol import types

from livebreak.lsp.abilities import shows_progress
from livebreak.lsp.language_server import LiveBreakServer

A_MOMENT = 0.5
"""Seconds; what is over by then needs no progress, and would only flicker."""


@contextlib.asynccontextmanager
async def working(ls: LiveBreakServer, title: str) -> AsyncIterator[None]:
    """Tell the editor that something goes on as long as it does, if that is longer than a moment."""
    if not shows_progress(ls.client_capabilities):
        yield
        return
    over = asyncio.Event()
    ls.spawn(_tell(ls, title, over))
    try:
        yield
    finally:
        over.set()


async def _tell(ls: LiveBreakServer, title: str, over: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(A_MOMENT):
            await over.wait()
            return
    token = str(uuid.uuid4())
    progress = ls.work_done_progress
    try:
        # A client that does not answer is told nothing more; a wait that timed out would make pygls report an error.
        await progress.create_async(token)
        progress.begin(token, types.WorkDoneProgressBegin(title=f"LiveBreak: {title}", cancellable=False))
        await over.wait()
        progress.end(token, types.WorkDoneProgressEnd())
    finally:
        # pygls keeps tokens for ever.
        progress.tokens.pop(token, None)
