"""`livebreak/status`: where this editor is connected to."""

from __future__ import annotations

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak_agent.vocabulary.lsp_messages import Status


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/status", status)


async def status(server: LiveBreakServer, _: None) -> Status:
    return server.session.status
