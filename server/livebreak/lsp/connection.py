"""`livebreak/connect`, `disconnect`, `targets` and `projects`: where this session goes, chosen while it runs."""

from __future__ import annotations

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed, serve_request
from livebreak.lsp.page import visible
from livebreak.lsp.parts import Backends, CannotConnect
from livebreak_agent.vocabulary.lsp_messages import ConnectParams, ProjectsParams, ProjectsResult, Status, TargetsResult


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/connect", connect)
    serve_request(server, "livebreak/disconnect", disconnect)
    serve_request(server, "livebreak/targets", targets)
    serve_request(server, "livebreak/projects", projects)


async def connect(server: LiveBreakServer, params: ConnectParams) -> Status:
    """Where nothing can be connected to, the session stays what it was."""
    try:
        chosen = await _backends(server).choose(params)
    except CannotConnect as error:
        raise RequestFailed(visible(str(error))) from None
    return await server.switch(chosen)


async def disconnect(server: LiveBreakServer, _: None) -> Status:
    return await server.switch(_backends(server).off)


async def targets(server: LiveBreakServer, _: None) -> TargetsResult:
    try:
        return await _backends(server).targets()
    except CannotConnect as error:
        raise RequestFailed(visible(str(error))) from None


async def projects(server: LiveBreakServer, params: ProjectsParams) -> ProjectsResult:
    try:
        return await _backends(server).projects(params)
    except CannotConnect as error:
        raise RequestFailed(visible(str(error))) from None


def _backends(server: LiveBreakServer) -> Backends:
    if server.backends is None:
        raise RequestFailed("This language server has one session, and no other to choose.")
    return server.backends
