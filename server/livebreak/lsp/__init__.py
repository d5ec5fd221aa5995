"""The language server: pygls lives here only, in one file for each method, and everything it says is made at this edge."""

from __future__ import annotations

from pathlib import Path

from livebreak.lsp.logs import open_log
from livebreak.lsp.parts import Backends, CannotConnect, Connect, DebugAdapter, Live, MakeDebugAdapter
from livebreak.lsp.server import create_server
from livebreak.lsp.stdio import run

__all__ = ["Backends", "CannotConnect", "Connect", "DebugAdapter", "Live", "MakeDebugAdapter", "create_server", "serve"]


def serve(
    connect: Connect,
    log_folder: Path | None = None,
    hits_folder: Path | None = None,
    *,
    make_debug_adapter: MakeDebugAdapter | None = None,
    backends: Backends | None = None,
) -> int:
    """Serve one editor on standard input and output until it ends; returns the exit status.

    `connect` is called on the event loop, once the editor has introduced itself; it must only build, and leave the
    network to `Live.start`. The log is a file in `log_folder`, or standard error without one; hits that are looked at as
    files are in `hits_folder`. `make_debug_adapter` is called when somebody asks where debuggers find this session;
    `backends` is what the editor can choose from while it runs.
    """
    log_file = open_log(log_folder)
    server = create_server(connect, hits_folder, make_debug_adapter, backends)
    server.log_file = log_file
    return run(server)
