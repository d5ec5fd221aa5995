"""`livebreak/breakpoints`: the states of a file's breakpoints, pushed when they are others than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from livebreak.lsp.files import File
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.lsp_messages import BreakpointsParams


def show(server: LiveBreakServer, file: File, view: Sequence[Shown]) -> Iterable[object]:
    """Push the file's states, unless the client was told the same before."""
    if not server.speaks_livebreak:
        return ()
    states = states_of(file, view)
    if states.breakpoints != file.told.get("breakpoints", ()):
        file.told["breakpoints"] = states.breakpoints
        server.send("livebreak/breakpoints", states)
    return ()


def states_of(file: File, view: Sequence[Shown]) -> BreakpointsParams:
    """The states of all breakpoints of a file, in its text as it is now."""
    return BreakpointsParams(uri=file.uri, version=file.version, breakpoints=tuple(shown.state for shown in view))
