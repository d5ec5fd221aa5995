"""`livebreak lsp`: wires the language server to a session and its remote. It loads nothing of the other commands."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from livebreak.lsp import serve
from livebreak.settings import SettingsError, from_environment
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
        # Imported when the editor has had its first answer: httpx takes a tenth of a second, a keyring may take longer.
        from livebreak.connections.choose import choose
        from livebreak.connections.files import StoredError, user_folders
        from livebreak.remote.connect import AnyRemote

        # A wrong setting must not keep the editor from its server, for then nobody could say what is wrong.
        try:
            choice = choose(os.environ, user_folders(), options.connection)
            settings, lack = choice.settings, choice.lack
        except (SettingsError, StoredError) as error:
            settings, lack = from_environment({}), str(error)
        remote = None
        if lack is None and settings.host is not None and settings.api_key is not None:
            remote = AnyRemote(settings.host, settings.project, settings.api_key)
        outbox_folder = settings.outbox_folder if remote is not None else None
        return Live(
            listener,
            remote=remote,
            outbox_folder=outbox_folder,
            off_reason=f"Live mode is off: {lack} Then start the language server anew.",
            yes_production=options.yes_production,
        )

    # Whatever else is wrong with the environment, there is a log to say so.
    state = {"LIVEBREAK_STATE_DIR": os.environ.get("LIVEBREAK_STATE_DIR", "")}
    folders = from_environment(state)
    return serve(connect, folders.log_folder, folders.hits_folder)
