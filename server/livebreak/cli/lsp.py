"""`livebreak lsp`: wires the language server to a session and its remote. It loads nothing of the other commands."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from livebreak.lsp import serve
from livebreak.settings import SettingsError, from_environment
from livebreak.sync.live import Live
from livebreak.sync.session import Listener

DESCRIPTION = "Run the language server on standard input and output; an editor starts it."


def main(arguments: Sequence[str]) -> int:
    """Serve until the editor ends it. Returns the exit status: 0, or 1 without a `shutdown`."""
    # `--stdio` is what many editors add; it is the only transport, so it changes nothing.
    parser = argparse.ArgumentParser(prog="livebreak lsp", description=DESCRIPTION)
    parser.add_argument("--stdio", action="store_true", help="accepted for editors that say it; there is no other transport")
    parser.parse_args(arguments)
    # A wrong setting must not keep the editor from starting the server, for then nobody could say what is wrong.
    try:
        settings, wrong = from_environment(os.environ), None
    except SettingsError as error:
        settings, wrong = from_environment({}), f"Live mode is off: {error}"

    def connect(listener: Listener) -> Live:
        # Imported when the editor has had its first answer, since httpx takes a tenth of a second.
        from livebreak.remote.connect import AnyRemote

        remote = None
        if settings.host is not None and settings.api_key is not None:
            remote = AnyRemote(settings.host, settings.project, settings.api_key)
        return Live(listener, remote=remote, outbox_folder=settings.outbox_folder, off_reason=wrong or settings.off_reason)

    return serve(connect, settings.log_folder)
