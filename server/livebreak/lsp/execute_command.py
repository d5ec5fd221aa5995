"""`workspace/executeCommand`: setting, changing and removing breakpoints in editors that have no gutter of ours."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from livebreak.debugger.why import conclusion
from livebreak.lsp.files import File, NotAFile
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed, read
from livebreak.lsp.page import to_plain, visible
from livebreak.lsp.pages import why_page
from livebreak_agent.vocabulary.anchor import split_lines

ADD = "livebreak.add"
REMOVE = "livebreak.remove"
ENABLE = "livebreak.enable"
DISABLE = "livebreak.disable"
WHY = "livebreak.why"
RENEW = "livebreak.renew"


@dataclass(frozen=True, kw_only=True, slots=True)
class AddParams:
    """The argument of `livebreak.add`: a breakpoint on a line, or its condition and message if there is one already."""

    uri: str
    line: int
    """0-based."""
    condition: str | None = None
    log_message: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakpointParams:
    """The argument of the other commands."""

    uri: str
    id: str


def register(server: LiveBreakServer) -> None:
    server.command(ADD)(add)
    server.command(REMOVE)(remove)
    server.command(ENABLE)(enable)
    server.command(DISABLE)(disable)
    server.command(WHY)(why)
    server.command(RENEW)(renew)


async def add(ls: LiveBreakServer, *arguments: Any) -> None:
    params: AddParams = _only(AddParams, arguments)
    session = ls.session
    async with _turn(ls, params.uri) as file:
        if not 0 <= params.line <= len(split_lines(file.text)) - 1:
            raise JsonRpcInvalidParams("line: the file has no such line")
        there = [shown.state for shown in session.view(file.path) if shown.state.line == params.line and shown.state.mine]
        if there:
            session.change(there[0].id, {"condition": params.condition, "log_message": params.log_message, "enabled": True})
        else:
            session.add(file.path, params.line, condition=params.condition, log_message=params.log_message)
        ls.touch(file.path)


async def remove(ls: LiveBreakServer, *arguments: Any) -> None:
    async with _mine(ls, arguments) as breakpoint_id:
        ls.session.remove(breakpoint_id)


async def enable(ls: LiveBreakServer, *arguments: Any) -> None:
    async with _mine(ls, arguments) as breakpoint_id:
        ls.session.change(breakpoint_id, {"enabled": True})


async def disable(ls: LiveBreakServer, *arguments: Any) -> None:
    async with _mine(ls, arguments) as breakpoint_id:
        ls.session.change(breakpoint_id, {"enabled": False})


async def why(ls: LiveBreakServer, *arguments: Any) -> str:
    """Tell why a breakpoint, anybody's, has no hits: the answer has all steps, a message to the user the one that matters."""
    params: BreakpointParams = _only(BreakpointParams, arguments)
    async with _turn(ls, params.uri):
        steps = ls.session.why(params.id)
    if not steps:
        raise RequestFailed("This breakpoint is not in the file any more.")
    if not ls.speaks_livebreak:
        ls.window_show_message(
            types.ShowMessageParams(type=types.MessageType.Info, message=f"LiveBreak: {visible(conclusion(steps))}")
        )
    return to_plain([why_page(steps)])


async def renew(ls: LiveBreakServer, *arguments: Any) -> None:
    async with _mine(ls, arguments) as breakpoint_id:
        ls.session.renew(breakpoint_id)


@contextlib.asynccontextmanager
async def _mine(ls: LiveBreakServer, arguments: tuple[Any, ...]) -> AsyncIterator[str]:
    """The id that the argument names, if it is of a breakpoint of this user in the file."""
    params: BreakpointParams = _only(BreakpointParams, arguments)
    async with _turn(ls, params.uri) as file:
        state = next((shown.state for shown in ls.session.view(file.path) if shown.state.id == params.id), None)
        if state is None:
            raise RequestFailed("This breakpoint is not in the file any more.")
        if not state.mine:
            raise RequestFailed(f"This breakpoint is {state.owner or 'somebody else'}'s; only its owner changes it.")
        yield params.id
        ls.touch(file.path)


@contextlib.asynccontextmanager
async def _turn(ls: LiveBreakServer, uri: str) -> AsyncIterator[File]:
    try:
        async with ls.files.turn(uri) as file:
            yield file
    except NotAFile as error:
        raise RequestFailed(str(error)) from None


def _only(kind: type[Any], arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != 1:
        raise JsonRpcInvalidParams(f"the command takes one argument, an object; got {len(arguments)}")
    return read(kind, arguments[0])
