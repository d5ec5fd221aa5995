"""`livebreak.logFile`: where this server writes its log, for a plugin that shows it to the user."""

from __future__ import annotations

from livebreak.lsp.language_server import LiveBreakServer

LOG_FILE = "livebreak.logFile"


def register(server: LiveBreakServer) -> None:
    server.command(LOG_FILE)(log_file)


async def log_file(ls: LiveBreakServer, *arguments: object) -> str | None:
    """The path of the log; None where it goes to standard error."""
    del arguments
    return str(ls.log_file) if ls.log_file is not None else None
