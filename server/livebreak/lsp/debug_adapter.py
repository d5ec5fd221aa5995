"""`livebreak/debugAdapter`: where this process listens for the Debug Adapter Protocol; from the first question on."""

from __future__ import annotations

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak_agent.vocabulary.lsp_messages import DebugAdapterResult


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/debugAdapter", debug_adapter)


async def debug_adapter(server: LiveBreakServer, _: None) -> DebugAdapterResult:
    return DebugAdapterResult(pipe=await server.debug_adapter_address())
