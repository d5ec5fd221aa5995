"""The hit that a request names, for the methods that answer from one."""

from __future__ import annotations

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed
from livebreak.lsp.progress import working
from livebreak.sync.remotes import RemoteError
from livebreak_agent.vocabulary.model import Hit

GONE = "This hit is gone: the backend keeps hits for a set time only."


async def whole_hit(server: LiveBreakServer, hit_id: str) -> Hit:
    """The whole hit, once the places of its frames can be told. Raises `RequestFailed`."""
    try:
        async with working(server, "fetching a hit"):
            await server.files.all_opened()
            hit = await server.hit(hit_id)
    except RemoteError as error:
        raise RequestFailed(str(error)) from None
    if hit is None:
        raise RequestFailed(GONE)
    return hit
