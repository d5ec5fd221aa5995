"""What the commands' arguments are, and the breakpoint that one names."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from livebreak.lsp.files import File, NotAFile
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed, read
from livebreak_agent.vocabulary.lsp_messages import BreakpointState


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
    """The argument of the commands that are about one breakpoint."""

    uri: str
    id: str
    owner: str | None = None
    """Whose it is, where a teammate's is meant: nothing of theirs is changed by a slip."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtendParams:
    """The argument of `livebreak.extend`."""

    uri: str
    id: str
    owner: str
    condition: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HitReferenceParams:
    """The argument of the commands that are about one hit."""

    id: str
    frame: int = 0
    """0 is the innermost."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FindHitsParams:
    """The argument of `livebreak.findHits`."""

    uri: str
    id: str
    """Of the breakpoint."""
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseParams:
    """The argument of `livebreak.pause` and `livebreak.resume`, which need none."""

    service: str | None = None
    """None is the whole project."""
    reason: str | None = None


def only(kind: type[Any], arguments: tuple[Any, ...]) -> Any:
    """The one argument of a command, in its declared shape."""
    if len(arguments) != 1:
        raise JsonRpcInvalidParams(f"the command takes one argument, an object; got {len(arguments)}")
    return read(kind, arguments[0])


@contextlib.asynccontextmanager
async def turn(ls: LiveBreakServer, uri: str) -> AsyncIterator[File]:
    """The file, for as long as the command works on it."""
    try:
        async with ls.files.turn(uri) as file:
            yield file
    except NotAFile as error:
        raise RequestFailed(str(error)) from None


@contextlib.asynccontextmanager
async def one(ls: LiveBreakServer, uri: str, breakpoint_id: str) -> AsyncIterator[BreakpointState]:
    """The state of a breakpoint, anybody's, of the file, which is shown anew afterwards."""
    async with turn(ls, uri) as file:
        shown = ls.session.shown(file.path, breakpoint_id)
        if shown is None:
            raise RequestFailed("This breakpoint is not in the file any more.")
        yield shown.state
        ls.touch(file.path)


@contextlib.asynccontextmanager
async def changeable(ls: LiveBreakServer, arguments: tuple[Any, ...]) -> AsyncIterator[str]:
    """The id that the argument names, if it is of a breakpoint of this user, or of the teammate that it names."""
    params: BreakpointParams = only(BreakpointParams, arguments)
    async with one(ls, params.uri, params.id) as state:
        if not state.mine and (state.owner is None or params.owner != state.owner):
            raise RequestFailed(
                f"This breakpoint is {state.owner or 'somebody else'}'s; only its owner changes it, or a command that names them."
            )
        yield params.id
