"""Code actions on a line with hits, and on the name of a captured variable."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsprotocol import types

from livebreak.debugger.literals import condition_for
from livebreak.debugger.wording import frames_of
from livebreak.lsp import execute_command, hit_commands
from livebreak.lsp.arguments import AddParams, FindHitsParams, HitReferenceParams
from livebreak.lsp.documents import Document
from livebreak.lsp.hover import with_hits_around
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.page import visible
from livebreak.lsp.scopes import name_at
from livebreak.lsp.to_proto import message
from livebreak.sync.remotes import RemoteError
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.model import Hit

KIND = "livebreak"
"""A kind of its own: these actions neither fix nor refactor, and clients that ask for such get none."""

FRAMES_OFFERED = 5
"""Callers in a menu: a longer one is no quicker than the stack in the hover."""
PATIENCE = 1.0
"""Seconds that a menu waits for the newest hit; without it the actions that need to know it are not offered."""
TITLE_WIDTH = 60


def run(title: str, command: str, argument: object) -> types.CodeAction:
    """An action that runs one of our commands."""
    title = f"LiveBreak: {title}"
    return types.CodeAction(
        title=title, kind=KIND, command=types.Command(title=title, command=command, arguments=[message(argument)])
    )


async def hit_actions(ls: LiveBreakServer, shown: Shown) -> list[types.CodeAction]:
    """What can be done with the newest hit of a breakpoint."""
    if not shown.hits:
        return []
    newest = HitReferenceParams(id=shown.hits[0].id)
    hit = await _newest(ls, shown)
    frames = [] if hit is None else list(enumerate(frames_of(hit)))[1:]
    callers = [(index, frame) for index, frame in frames if hit is not None and ls.session.path_of(hit, frame) is not None]
    return [
        *(
            run(
                f"open the newest hit's caller {visible(frame.function or frame.filename)[:TITLE_WIDTH]}",
                hit_commands.OPEN_FRAME,
                HitReferenceParams(id=newest.id, frame=index),
            )
            for index, frame in callers[:FRAMES_OFFERED]
        ),
        run("copy the newest hit as JSON", hit_commands.COPY, newest),
        run("export the newest hit to a file", hit_commands.EXPORT, newest),
        run("copy a reference to the newest hit", hit_commands.SHARE, newest),
    ]


async def value_actions(
    ls: LiveBreakServer, uri: str, path: Path, document: Document, position: types.Position
) -> list[types.CodeAction]:
    """On a captured name: break only when it has the value that it had, and find the hits in which it had."""
    if (name := name_at(document.content(position.line), document.column_of(position))) is None:
        return []
    for one in with_hits_around(ls, path, document, position.line):
        hit = await _newest(ls, one)
        condition = condition_for(name, hit.variables) if hit is not None else None
        if condition is None:
            continue
        label = visible(condition)
        label = label if len(label) <= TITLE_WIDTH else label[: TITLE_WIDTH - 1] + "…"
        actions = [run(f"find hits where {label}", hit_commands.FIND, FindHitsParams(uri=uri, id=one.state.id, where=condition))]
        if one.state.mine and one.state.condition != condition:
            params = AddParams(uri=uri, line=one.state.line, condition=condition, log_message=one.state.log_message)
            actions.append(run(f"break only when {label}", execute_command.ADD, params))
        return actions
    return []


async def _newest(ls: LiveBreakServer, shown: Shown) -> Hit | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await ls.hit(shown.hits[0].id)
    except (RemoteError, TimeoutError):
        return None
