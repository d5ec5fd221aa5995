"""What the language server is given by whoever starts it: a session, a choice of backends, and a debug adapter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol as Shape

from livebreak.sync.listener import Listener
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.lsp_messages import ConnectParams, ProjectsParams, ProjectsResult, TargetsResult


class Live(Shape):
    """A session with what keeps it alive."""

    @property
    def session(self) -> Session: ...

    async def start(self) -> None:
        """Begin to connect; returns at once, also when the backend is away."""

    async def stop(self) -> None:
        """End, in bounded time."""


class CannotConnect(Exception):
    """One sentence: why there can be no session with what was asked for, and what to do."""


class Backends(Shape):
    """Where this user's editors can connect to. Files, keyring and network are behind it; all of it raises `CannotConnect`."""

    def off(self, listener: Listener) -> Live:
        """A session that goes nowhere."""

    async def choose(self, params: ConnectParams) -> Connect:
        """What makes the session that is asked for. Nothing is sent yet."""

    async def appear(self) -> Connect:
        """Waits until there is something to connect to without anybody's asking, and gives what makes a session with it."""

    async def targets(self) -> TargetsResult: ...

    async def projects(self, params: ProjectsParams) -> ProjectsResult: ...


class DebugAdapter(Shape):
    """The other face of the same session, on an address of its own."""

    async def open(self) -> str | None:
        """The address, listening; None where there can be none. Repeating it changes nothing."""

    async def close(self) -> None: ...


Connect = Callable[[Listener], Live]
MakeDebugAdapter = Callable[[Live], DebugAdapter]
