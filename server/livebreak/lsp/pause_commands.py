"""`livebreak.pause` and `livebreak.resume`: the kill switch of the project or of one service."""

from __future__ import annotations

from typing import Any

from livebreak.lsp.arguments import PauseParams, only
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed
from livebreak.sync.remotes import RemoteError

PAUSE = "livebreak.pause"
RESUME = "livebreak.resume"


def register(server: LiveBreakServer) -> None:
    server.command(PAUSE)(pause)
    server.command(RESUME)(resume)


async def pause(ls: LiveBreakServer, *arguments: Any) -> None:
    """Nothing is captured any more within a second, whoever set it."""
    await _switch(ls, arguments, is_paused=True)


async def resume(ls: LiveBreakServer, *arguments: Any) -> None:
    await _switch(ls, arguments, is_paused=False)


async def _switch(ls: LiveBreakServer, arguments: tuple[Any, ...], *, is_paused: bool) -> None:
    params: PauseParams = only(PauseParams, arguments or ({},))
    try:
        await ls.session.pause(is_paused=is_paused, service=params.service, reason=params.reason)
    except RemoteError as error:
        raise RequestFailed(str(error)) from None
