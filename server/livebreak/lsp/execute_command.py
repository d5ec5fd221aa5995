"""`workspace/executeCommand`: setting, changing and removing breakpoints in editors that have no gutter of ours."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from livebreak.debugger.why import conclusion
from livebreak.lsp.arguments import AddParams, BreakpointParams, ExtendParams, changeable, one, only, turn
from livebreak.lsp.check_condition import problem
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed
from livebreak.lsp.page import to_plain, visible
from livebreak.lsp.pages import why_page
from livebreak_agent.vocabulary.anchor import split_lines

ADD = "livebreak.add"
REMOVE = "livebreak.remove"
ENABLE = "livebreak.enable"
DISABLE = "livebreak.disable"
WHY = "livebreak.why"
RENEW = "livebreak.renew"
FOLLOW = "livebreak.follow"
UNFOLLOW = "livebreak.unfollow"
EXTEND = "livebreak.extend"


def register(server: LiveBreakServer) -> None:
    server.command(ADD)(add)
    server.command(REMOVE)(remove)
    server.command(ENABLE)(enable)
    server.command(DISABLE)(disable)
    server.command(WHY)(why)
    server.command(RENEW)(renew)
    server.command(FOLLOW)(follow)
    server.command(UNFOLLOW)(unfollow)
    server.command(EXTEND)(extend)


async def add(ls: LiveBreakServer, *arguments: Any) -> None:
    params: AddParams = only(AddParams, arguments)
    session = ls.session
    async with turn(ls, params.uri) as file:
        if not 0 <= params.line <= len(split_lines(file.text)) - 1:
            raise JsonRpcInvalidParams("line: the file has no such line")
        there = [shown.state for shown in session.view(file.path) if shown.state.line == params.line]
        mine = next((state for state in there if state.mine), None)
        if mine is not None:
            session.change(mine.id, {"condition": params.condition, "log_message": params.log_message, "enabled": True})
        elif session.is_taken(file.path, params.line):
            owner = next((state.owner for state in there if state.owner), "somebody else")
            raise RequestFailed(
                f"{owner} has a live breakpoint on this line, which can hold one only: follow it, or extend its condition."
            )
        else:
            session.add(file.path, params.line, condition=params.condition, log_message=params.log_message, beside=bool(there))
        ls.touch(file.path)


async def remove(ls: LiveBreakServer, *arguments: Any) -> None:
    async with changeable(ls, arguments) as breakpoint_id:
        ls.session.remove(breakpoint_id)


async def enable(ls: LiveBreakServer, *arguments: Any) -> None:
    async with changeable(ls, arguments) as breakpoint_id:
        ls.session.change(breakpoint_id, {"enabled": True})


async def disable(ls: LiveBreakServer, *arguments: Any) -> None:
    async with changeable(ls, arguments) as breakpoint_id:
        ls.session.change(breakpoint_id, {"enabled": False})


async def why(ls: LiveBreakServer, *arguments: Any) -> str:
    """Tell why a breakpoint, anybody's, has no hits: the answer has all steps, a message to the user the one that matters."""
    params: BreakpointParams = only(BreakpointParams, arguments)
    async with turn(ls, params.uri):
        steps = ls.session.why(params.id)
    if not steps:
        raise RequestFailed("This breakpoint is not in the file any more.")
    if not ls.speaks_livebreak:
        ls.window_show_message(
            types.ShowMessageParams(type=types.MessageType.Info, message=f"LiveBreak: {visible(conclusion(steps))}")
        )
    return to_plain([why_page(steps)])


async def renew(ls: LiveBreakServer, *arguments: Any) -> None:
    async with changeable(ls, arguments) as breakpoint_id:
        ls.session.renew(breakpoint_id)


async def follow(ls: LiveBreakServer, *arguments: Any) -> None:
    """Show a teammate's breakpoint in full, as if it were one's own."""
    params: BreakpointParams = only(BreakpointParams, arguments)
    async with one(ls, params.uri, params.id) as state:
        ls.session.follow(state.id)


async def unfollow(ls: LiveBreakServer, *arguments: Any) -> None:
    params: BreakpointParams = only(BreakpointParams, arguments)
    async with one(ls, params.uri, params.id) as state:
        ls.session.follow(state.id, is_followed=False)


async def extend(ls: LiveBreakServer, *arguments: Any) -> None:
    """Let a teammate's breakpoint take hits for one's own condition, too, and follow it: a line holds one breakpoint only."""
    params: ExtendParams = only(ExtendParams, arguments)
    if (error := problem(params.condition, "condition")) is not None:
        raise RequestFailed(f"The condition cannot be used: {error.message}")
    async with one(ls, params.uri, params.id) as state:
        if state.mine or state.owner != params.owner:
            raise RequestFailed(f"This breakpoint is not {params.owner}'s; look again at whose it is.")
        if state.condition is not None:
            # Without a condition it takes every pass already.
            both = f"({state.condition}) or ({params.condition})"
            if (error := problem(both, "condition")) is not None:
                raise RequestFailed(f"The two conditions cannot be joined: {error.message}")
            ls.session.change(state.id, {"condition": both})
        ls.session.follow(state.id)
