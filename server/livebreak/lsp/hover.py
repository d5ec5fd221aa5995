"""`textDocument/hover`: on a breakpoint's line all about it, on a variable's name in a hit's function its captured value."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from lsprotocol import types

from livebreak.debugger.why import conclusion
from livebreak.lsp.abilities import markup_of_hovers
from livebreak.lsp.documents import Document
from livebreak.lsp.labels import has_hits
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.page import Piece, Rule
from livebreak.lsp.pages import Look, breakpoint_page, variable_page
from livebreak.lsp.progress import working
from livebreak.lsp.scopes import lines_of_function, name_at
from livebreak.lsp.to_proto import markup
from livebreak.sync.remotes import RemoteError
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.lsp_messages import State

LOOKED_AT = 4
"""Breakpoints of one function whose newest hit is fetched for a variable: a hover that takes seconds helps nobody."""


def register(server: LiveBreakServer) -> None:
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)


async def hover(ls: LiveBreakServer, params: types.HoverParams) -> types.Hover | None:
    file = await ls.files.in_editor(params.text_document.uri)
    if file is None:
        return None
    page = await _page(ls, file.path, ls.document(file), params.position)
    return types.Hover(contents=markup(page, markup_of_hovers(ls.client_capabilities))) if page else None


async def look_at(ls: LiveBreakServer, shown: Shown) -> Look:
    """A breakpoint with its newest hit, or with the reason why that cannot be had."""
    why = None
    # In any other state its own sentence is the reason.
    if not has_hits(shown) and shown.state.state in (State.BOUND, State.RATE_LIMITED):
        steps = ls.session.why(shown.state.id)
        why = conclusion(steps) if steps else None
    if not shown.hits:
        return Look(shown=shown, hit=None, why=why)
    try:
        async with working(ls, "fetching a hit"):
            hit = await ls.hit(shown.hits[0].id)
    except RemoteError as error:
        return Look(shown=shown, hit=None, problem=str(error), why=why)
    return Look(shown=shown, hit=hit, problem=None if hit is not None else "it is gone.", why=why)


def with_hits_around(ls: LiveBreakServer, path: Path, document: Document, line: int) -> list[Shown]:
    """The breakpoints with hits in the function around a 0-based line, those with the newest hits first."""
    near = (shown for shown in ls.session.view(path, lines_of_function(document.lines, line)) if shown.hits)
    return sorted(near, key=lambda shown: shown.hits[0].timestamp, reverse=True)


async def _page(ls: LiveBreakServer, path: Path, document: Document, position: types.Position) -> list[Piece]:
    pages = [await _variable(ls, path, document, position)]
    for shown in ls.session.view(path, range(position.line, position.line + 1)):
        pages.append(breakpoint_page(await look_at(ls, shown), ls.link_of, ls.now()))  # noqa: PERF401 - it would have to wait inside
    return [piece for page in pages if page for piece in (Rule(), *page)][1:]


async def _variable(ls: LiveBreakServer, path: Path, document: Document, position: types.Position) -> list[Piece] | None:
    """What the newest hit in the function around the position holds of the name there."""
    if (name := name_at(document.content(position.line), document.column_of(position))) is None:
        return None
    for shown in islice(with_hits_around(ls, path, document, position.line), LOOKED_AT):
        hit = (await look_at(ls, shown)).hit
        if hit is not None and (page := variable_page(name, hit, shown.hits, ls.now())) is not None:
            return page
    return None
