"""What is debugged: the session that this process holds with a backend, or a file of exported hits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from livebreak.debugger.hit_choice import HitChoice
from livebreak.debugger.time_axis import Lane
from livebreak.sync.hit_feed import Feed, FileFeed, LiveFeed, PlacedHits
from livebreak.sync.hit_file import HitFile
from livebreak.sync.live import Follower, Live
from livebreak.sync.lookup import LookupFailed, breakpoints_of_file, find_breakpoint
from livebreak.sync.repositories import Repositories
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.lsp_messages import Connection
from livebreak_agent.vocabulary.model import Breakpoint, Hit

PATIENCE = 10.0
"""Seconds that `attach` waits for the first connection, so that a wrong key is said there and then."""


class Told(Protocol):
    """Who hears what comes."""

    def hits_came(self, lanes: Collection[Lane]) -> None: ...

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None: ...

    def status_changed(self, sentence: str, *, is_trouble: bool) -> None: ...

    def notice(self, message: str) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A target with a choice of its hits."""

    feed: Feed
    repositories: Repositories
    session: Session | None
    """Where breakpoints are; None for a file."""
    may_arm: bool
    """True if nobody else in this process states breakpoints for the editor."""
    release: Callable[[], None]
    """Hears nothing more."""


class Target(Protocol):
    async def breakpoints(self, names: Collection[str], file: str | None, folder: Path) -> frozenset[str] | None:
        """Ids of the breakpoints that are meant; None for all there are and will be. Raises `LookupFailed`."""

    async def hit(self, hit_id: str) -> Hit | None:
        """The hit with this id; None if it is gone. Raises `RemoteError`."""

    async def attach(self, choice: HitChoice, told: Told) -> Attachment: ...

    async def trouble(self) -> str | None:
        """Why there is nothing to attach to, in one sentence; waits for a connection that is being made."""


class FileTarget:
    """Exported hits."""

    def __init__(self, file: HitFile) -> None:
        self._placed = PlacedHits(file)
        self._repositories = Repositories()

    async def breakpoints(self, names: Collection[str], file: str | None, folder: Path) -> frozenset[str] | None:
        await self._repositories.meet(folder)
        return await _chosen(names, file, tuple(self._placed.breakpoints.values()), self._repositories)

    async def hit(self, hit_id: str) -> Hit | None:
        return self._placed.hits.get(hit_id)

    async def attach(self, choice: HitChoice, told: Told) -> Attachment:
        del told
        feed = FileFeed(self._placed, choice)
        return Attachment(feed=feed, repositories=self._repositories, session=None, may_arm=False, release=lambda: None)

    async def trouble(self) -> str | None:
        return None


class LiveTarget:
    """A session with its backend.

    Parameters
    ----------
    live
        Started by whoever made it.
    alone
        False beside a language server, which then is the one that states the editor's breakpoints.
    """

    def __init__(self, live: Live, *, alone: bool) -> None:
        self._live = live
        self._alone = alone

    async def breakpoints(self, names: Collection[str], file: str | None, folder: Path) -> frozenset[str] | None:
        session = self._live.session
        await session.repositories.meet(folder)
        return await _chosen(names, file, session.breakpoint_list, session.repositories)

    async def hit(self, hit_id: str) -> Hit | None:
        return await self._live.session.hit(hit_id)

    async def attach(self, choice: HitChoice, told: Told) -> Attachment:
        session = self._live.session
        feed = LiveFeed(session, choice, told=told.hits_came, failed=told.notice)
        follower = _Follower(session, feed, told)
        self._live.follow(follower)
        return Attachment(
            feed=feed,
            repositories=session.repositories,
            session=session,
            may_arm=self._alone,
            release=lambda: self._live.unfollow(follower),
        )

    async def trouble(self) -> str | None:
        session = self._live.session
        if session.status.connection is Connection.CONNECTING:
            waiter = _Waiter(session)
            self._live.follow(waiter)
            try:
                async with asyncio.timeout(PATIENCE):
                    await waiter.over.wait()
            except TimeoutError:
                return None
            finally:
                self._live.unfollow(waiter)
        status = session.status
        return status.message if status.connection in (Connection.OFF, Connection.REFUSED) else None


class _Follower(Follower):
    """Hands what the session tells to the feed and to whoever shows it."""

    def __init__(self, session: Session, feed: LiveFeed, told: Told) -> None:
        self._session = session
        self._feed = feed
        self._told = told
        self._was = session.status.connection

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None:
        self._told.breakpoints_changed(breakpoint_ids)

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None:
        self._feed.look(breakpoint_ids)

    def status_changed(self) -> None:
        status = self._session.status
        if status.connection is self._was:
            return
        is_back = status.connection is Connection.CONNECTED
        self._was = status.connection
        if is_back:
            self._feed.look(None)
        self._told.status_changed(status.message, is_trouble=not is_back)

    def notice(self, message: str) -> None:
        self._told.notice(message)


class _Waiter(Follower):
    """Waits for the end of the first attempt to connect."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.over = asyncio.Event()

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None:
        """Not what is waited for."""

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None:
        """Not what is waited for."""

    def status_changed(self) -> None:
        if self._session.status.connection is not Connection.CONNECTING:
            self.over.set()

    def notice(self, message: str) -> None:
        """Not what is waited for."""


async def _chosen(
    names: Collection[str], file: str | None, breakpoints: Collection[Breakpoint], repositories: Repositories
) -> frozenset[str] | None:
    if not names and file is None:
        return None
    candidates = tuple(breakpoints)
    found = {(await find_breakpoint(name, candidates, repositories)).id for name in names}
    if file is not None:
        of_file = await breakpoints_of_file(file, candidates, repositories)
        if not of_file:
            raise LookupFailed(f"There is no breakpoint in {file}.")
        found |= {item.id for item in of_file}
    return frozenset(found)
