"""A session with its connection: what a face (the language server, the terminal) holds."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from livebreak.sync.connection import RemoteConnection
from livebreak.sync.followed import Followed
from livebreak.sync.known import Known
from livebreak.sync.listener import Listener
from livebreak.sync.outbox import Outbox
from livebreak.sync.remotes import Remote
from livebreak.sync.repositories import Repositories
from livebreak.sync.session import Session


class Follower(Protocol):
    """Somebody beside the listener who wants to know of everything, whichever files are open: a debug adapter. Called on the
    event loop, after the change, and must not raise."""

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None: ...

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None: ...

    def status_changed(self) -> None: ...

    def notice(self, message: str) -> None: ...


class Live:
    """Wires `Session` and `RemoteConnection` and tells the listener which files changed.

    Parameters
    ----------
    remote
        None leaves live mode off: marks are shown, nothing is sent.
    outbox_folder
        Where queued edits live; None keeps them in memory.
    is_production
        The target is called production, whatever its project and its processes are called.
    off_reason
        Why live mode is off, where it is.
    yes_production
        Breakpoints are armed in production without a question.
    """

    def __init__(
        self,
        listener: Listener,
        *,
        remote: Remote | None,
        outbox_folder: Path | None,
        is_production: bool = False,
        off_reason: str = "Live mode is off.",
        yes_production: bool = False,
    ) -> None:
        self._listener = listener
        self._may_arm_production = yes_production
        known = Known(host=remote.host if remote is not None else None, message=off_reason, is_production=is_production)
        outbox = Outbox(outbox_folder)
        followed = Followed(outbox_folder / "followed" if outbox_folder is not None else None)
        self.session = Session(remote=remote, repositories=Repositories(), outbox=outbox, known=known, followed=followed)
        known.on_touched = self.breakpoints_changed
        self._followers: list[Follower] = []
        self._connection = RemoteConnection(remote=remote, known=known, outbox=outbox, told=self) if remote is not None else None

    async def start(self) -> None:
        """Begin; returns at once, also when the backend is away."""
        if self._connection is not None:
            await self._connection.start()

    async def stop(self) -> None:
        """End within about a second; edits that could not be sent are on disk."""
        if self._connection is not None:
            await self._connection.stop()

    def follow(self, follower: Follower) -> None:
        """Tell one more of what changes, until `unfollow`."""
        self._followers.append(follower)

    def unfollow(self, follower: Follower) -> None:
        if follower in self._followers:
            self._followers.remove(follower)

    def loaded(self) -> None:
        self.session.reunite()
        self.session.refresh_followed()

    def occupied(self, breakpoint_id: str) -> bool:
        return self.session.give_way(breakpoint_id)

    async def confirm(self, question: str) -> bool:
        return self._may_arm_production or await self._listener.confirm(question)

    def renamed(self, breakpoint_id: str, new_id: str) -> None:
        self.session.rename(breakpoint_id, new_id)

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None:
        everywhere = self.session.prefer_running()
        self._listener.breakpoints_changed(self.session.open_paths if everywhere else self.session.paths_of(breakpoint_ids))
        for follower in tuple(self._followers):
            follower.breakpoints_changed(breakpoint_ids)

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None:
        self._listener.hits_changed(self.session.paths_of(breakpoint_ids))
        for follower in tuple(self._followers):
            follower.hits_changed(breakpoint_ids)

    def status_changed(self) -> None:
        self._listener.status_changed()
        for follower in tuple(self._followers):
            follower.status_changed()

    def notice(self, message: str) -> None:
        self._listener.notice(message)
        for follower in tuple(self._followers):
            follower.notice(message)
