"""`livebreak/setBreakpoints`: the whole list of a file's marks; answered with the state of everybody's breakpoints there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pygls.exceptions import JsonRpcInvalidParams

from livebreak.debugger.linemap import follow
from livebreak.lsp.files import NotAFile
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak.lsp.progress import working
from livebreak.lsp.push_breakpoints import states_of
from livebreak_agent.vocabulary.lsp_messages import (
    BreakpointsParams,
    BreakpointState,
    EditorBreakpoint,
    SetBreakpointsParams,
    State,
)


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/setBreakpoints", set_breakpoints)


async def set_breakpoints(server: LiveBreakServer, params: SetBreakpointsParams) -> BreakpointsParams:
    for index, mark in enumerate(params.breakpoints):
        if mark.line < 0:
            raise JsonRpcInvalidParams(f"breakpoints[{index}].line: expected 0 or more, got {mark.line}")
    stated = server.files.stated_text(params.uri, params.version)
    try:
        async with working(server, "finding the file's repository"), server.files.turn(params.uri) as file:
            server.session.set_breakpoints(file.path, _followed(params.breakpoints, stated, file.text))
            file.has_marks = bool(params.breakpoints)
            states = states_of(file, server.session.view(file.path))
            server.touch(file.path)
    except NotAFile as error:
        return _refuse(params, str(error))
    return BreakpointsParams(uri=params.uri, version=states.version, breakpoints=states.breakpoints)


def _followed(marks: Sequence[EditorBreakpoint], stated: str | None, text: str) -> Sequence[EditorBreakpoint]:
    """The marks at their lines as they are now: the user may have typed on while a disk and git were waited for."""
    if stated is None or stated == text:
        return marks
    moved = follow([mark.line for mark in marks], stated, text)
    return [replace(mark, line=moved[mark.line]) for mark in marks]


def _refuse(params: SetBreakpointsParams, reason: str) -> BreakpointsParams:
    """A mark that can stand for no breakpoint has a state, too, since otherwise it would look as if it were on its way."""
    states = tuple(
        BreakpointState(id=mark.id, editor_id=mark.id, line=mark.line, state=State.FAILED, message=reason, enabled=mark.enabled)
        for mark in params.breakpoints
    )
    return BreakpointsParams(uri=params.uri, version=params.version, breakpoints=states)
