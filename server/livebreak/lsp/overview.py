"""`livebreak/overview`: every breakpoint of the project, also in files that are not open; `livebreak/changed` tells of news."""

from __future__ import annotations

from pathlib import Path

from livebreak.lsp.from_proto import path_of
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak.sync.overview import Overview, Placed
from livebreak_agent.vocabulary.lsp_messages import OverviewEntry, OverviewResult

MOST_FOLDERS = 100
"""Folders of one workspace folder that are looked at for repositories of their own: a home folder may hold thousands."""


def register(server: LiveBreakServer) -> None:
    looks = Overview()

    async def overview(server: LiveBreakServer, _: None) -> OverviewResult:
        for folder in _folders(server):
            await server.session.repositories.meet_all(folder, MOST_FOLDERS)
        return OverviewResult(breakpoints=tuple(_entry(server, placed) for placed in await looks.look(server.session)))

    serve_request(server, "livebreak/overview", overview)


def _folders(server: LiveBreakServer) -> list[Path]:
    """The workspace's; of a client that names none, its root."""
    named = [path_of(uri) for uri in server.workspace.folders]
    root = path_of(server.workspace.root_uri) if not named and server.workspace.root_uri else None
    return [path for path in (*named, root) if path is not None]


def _entry(server: LiveBreakServer, placed: Placed) -> OverviewEntry:
    shown = placed.shown
    return OverviewEntry(
        filename=shown.breakpoint.filename,
        breakpoint=shown.state,
        uri=server.files.uri_of(placed.path) if placed.path is not None else None,
        repository=shown.breakpoint.repository,
        newest=shown.hits[0] if shown.hits else None,
    )
