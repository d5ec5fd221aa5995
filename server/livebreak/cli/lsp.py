"""`livebreak lsp`: wires the language server to a session and its remote. It loads nothing of the other commands."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from livebreak.cli.backends import UserBackends
from livebreak.cli.live import make_live
from livebreak.lsp import DebugAdapter, serve
from livebreak.lsp import Live as AnyLive
from livebreak.settings import from_environment
from livebreak.sync.listener import Listener
from livebreak.sync.live import Live

DESCRIPTION = "Run the language server on standard input and output; an editor starts it."


def main(arguments: Sequence[str]) -> int:
    """Serve until the editor ends it. Returns the exit status: 0, or 1 without a `shutdown`."""
    # `--stdio` is what many editors add; it is the only transport, so it changes nothing.
    parser = argparse.ArgumentParser(prog="livebreak lsp", description=DESCRIPTION)
    parser.add_argument("--stdio", action="store_true", help="accepted for editors that say it; there is no other transport")
    parser.add_argument("--connection", metavar="NAME", help="which connection to use, as `livebreak connect --name` made it")
    parser.add_argument(
        "--yes-production", action="store_true", help="arm breakpoints in production without asking, for editors that cannot ask"
    )
    options = parser.parse_args(arguments)

    def connect(listener: Listener) -> Live:
        return make_live(
            listener,
            again="Then start the language server anew.",
            connection=options.connection,
            yes_production=options.yes_production,
        )

    # Whatever else is wrong with the environment, there is a log to say so.
    state = {"LIVEBREAK_STATE_DIR": os.environ.get("LIVEBREAK_STATE_DIR", "")}
    folders = from_environment(state)
    backends = UserBackends(yes_production=options.yes_production, connection=options.connection)
    return serve(connect, folders.log_folder, folders.hits_folder, make_debug_adapter=_make_debug_adapter, backends=backends)


def _make_debug_adapter(live: AnyLive) -> DebugAdapter:
    # Imported when a debugger is opened; until then the language server does without.
    from livebreak.dap import LiveTarget, Pipe

    assert isinstance(live, Live)  # noqa: S101 - `connect` makes no others; this tells the type checker
    return Pipe(LiveTarget(live, alone=False))
