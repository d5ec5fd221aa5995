"""Puts the language server together: which method is answered by which file."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from livebreak.lsp import (
    check_condition,
    code_action,
    code_lens,
    compare_hits,
    completion,
    connection,
    debug_adapter,
    execute_command,
    hit,
    hit_commands,
    hit_list,
    hover,
    inlay_hint,
    log_file,
    overview,
    pause_commands,
    publish_diagnostics,
    push_breakpoints,
    push_hits,
    set_breakpoints,
    status,
    text_synchronization,
    variables,
)
from livebreak.lsp.from_proto import Surface, says_yes_to_production, surfaces_of, waits_to_connect
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.parts import Backends, Connect, MakeDebugAdapter
from livebreak.lsp.progress import working

_SURFACES = {
    Surface.INLAY_HINTS: inlay_hint.register,
    Surface.HOVER: hover.register,
    Surface.CODE_ACTIONS: code_action.register,
    Surface.COMPLETION: completion.register,
    Surface.CODE_LENS: code_lens.register,
}
"""Standard requests that a client may do without: for those it has no use for, nothing is announced."""


def create_server(
    connect: Connect,
    hits_folder: Path | None = None,
    make_debug_adapter: MakeDebugAdapter | None = None,
    backends: Backends | None = None,
) -> LiveBreakServer:
    """The server of one editor, not yet running; `connect` makes its session when the editor has introduced itself, and
    hits that it is to see as files are written into `hits_folder`. Without `backends` the session stays the one it is."""
    shows = [push_breakpoints.show, push_hits.show, publish_diagnostics.show, inlay_hint.show, code_lens.show]
    server = LiveBreakServer(connect, shows, make_debug_adapter, backends)
    server.hits_folder = hits_folder
    for method in (
        check_condition,
        connection,
        compare_hits,
        debug_adapter,
        execute_command,
        hit,
        hit_commands,
        hit_list,
        log_file,
        overview,
        pause_commands,
        set_breakpoints,
        status,
        text_synchronization,
        variables,
    ):
        method.register(server)

    def initialize(params: types.InitializeParams) -> None:
        server.watch(params.process_id)
        surfaces = surfaces_of(params.initialization_options)
        if surfaces is not None:
            server.surfaces = surfaces
            server.speaks_livebreak = True
        server.waits_to_connect = waits_to_connect(params.initialization_options)
        server.yes_production = says_yes_to_production(params.initialization_options)
        for surface, register in _SURFACES.items():
            if surface in server.surfaces:
                register(server)

    def initialized(_: types.InitializedParams) -> None:
        server.begin()
        if server.log_file is not None:
            server.window_log_message(
                types.LogMessageParams(type=types.MessageType.Info, message=f"The server's own log is {server.log_file}")
            )
        server.spawn(_show_connecting(server))

    server.feature(types.INITIALIZE)(initialize)
    server.feature(types.INITIALIZED)(initialized)
    return server


async def _show_connecting(server: LiveBreakServer) -> None:
    """The first look at the backend fetches everything, which may take a while over a slow network."""
    async with working(server, "connecting"):
        await server.connecting_is_over()
