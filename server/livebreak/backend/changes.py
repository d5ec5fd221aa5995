"""What changed, told to those who wait: events in the order of their commits, and the signals that wake for them.

Streams and long polls hold no queue of their own. Each remembers the number of the last event it told, is woken when
there may be more, and asks for what came after it; so a slow one costs nothing, and resuming is the same as going on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from livebreak.backend.store.interface import Event, EventName, Store

REMEMBERED_EVENTS = 1000
"""Newest events of a project kept in memory; who is further behind is served from the store."""

BATCH = 500
"""Events that are read from the store at once."""


class Turn:
    """One firing of a signal, to come or over."""

    __slots__ = ("_is_over", "_waiting")

    def __init__(self) -> None:
        self._is_over = False
        self._waiting: set[asyncio.Future[None]] = set()

    def end(self) -> None:
        self._is_over = True
        for future in self._waiting:
            settle(future)
        self._waiting.clear()

    def add(self, future: asyncio.Future[None]) -> None:
        """Have the future settled by the firing; it may be settled by something else before."""
        if self._is_over:
            settle(future)
        else:
            self._waiting.add(future)

    def discard(self, future: asyncio.Future[None]) -> None:
        self._waiting.discard(future)

    async def wait(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self.add(future)
        try:
            await future
        finally:
            self.discard(future)


def settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Signal:
    """Wakes everybody who waits, once. Take `next` before looking at what it is about, so that no change slips between."""

    def __init__(self) -> None:
        self._turn = Turn()

    @property
    def next(self) -> Turn:
        return self._turn

    def fire(self) -> None:
        turn, self._turn = self._turn, Turn()
        turn.end()


@dataclass(slots=True)
class _ProjectChanges:
    floor: int
    """`recent` holds every event of the project after this number."""
    recent: deque[Event] = field(default_factory=deque)
    events: Signal = field(default_factory=Signal)
    armed: Signal = field(default_factory=Signal)
    armed_version: int = 0
    waking: asyncio.Task[None] | None = None
    """What prepares the answer of those who wait for what is armed, and then wakes them."""


class Changes:
    """The events of all projects. Lives on one event loop."""

    def __init__(self, store: Store, latest: EventName) -> None:
        self._store = store
        self._latest = latest
        self._start = latest.number
        self._projects: dict[int, _ProjectChanges] = {}
        self._stopping = asyncio.Event()
        self._prepare: Callable[[int], Coroutine[Any, Any, None]] | None = None

    def before_waking(self, prepare: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        """Have `prepare` done for a project whose armed breakpoints changed, before those who wait for that are woken."""
        self._prepare = prepare

    @property
    def latest(self) -> EventName:
        """The newest event of all projects."""
        return self._latest

    @property
    def stopping(self) -> bool:
        """True once the server is to stop: whoever waits answers now."""
        return self._stopping.is_set()

    def deliver(self, events: Sequence[Event]) -> None:
        """What the store committed, in its order."""
        for event in events:
            if event.id > self._latest.number:
                self._latest = EventName(event.id, event.created_at)
            changes = self._of(event.project_id)
            changes.recent.append(event)
            if len(changes.recent) > REMEMBERED_EVENTS:
                changes.floor = changes.recent.popleft().id
            changes.events.fire()
            if event.name in {"breakpoint", "pause"}:
                changes.armed_version += 1
                self._wake_armed(event.project_id)

    def forget(self, project_id: int) -> None:
        """Keep no event of the project in memory: the store has removed some of them."""
        changes = self._of(project_id)
        changes.recent.clear()
        changes.floor = self._latest.number

    def stop(self) -> None:
        """Let everybody who waits come to an end."""
        self._stopping.set()
        for changes in self._projects.values():
            changes.events.fire()
            changes.armed.fire()

    def wake(self, project_id: int) -> None:
        """Let everybody who waits for the project look around, though nothing changed."""
        self._of(project_id).events.fire()
        self._of(project_id).armed.fire()

    def _wake_armed(self, project_id: int) -> None:
        changes = self._of(project_id)
        if self._prepare is None:
            changes.armed.fire()
        elif changes.waking is None:
            changes.waking = asyncio.get_running_loop().create_task(self._prepare_and_wake(project_id, self._prepare))

    async def _prepare_and_wake(self, project_id: int, prepare: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        changes = self._of(project_id)
        version = None
        try:
            while version != changes.armed_version:  # there may be another change meanwhile
                version = changes.armed_version
                try:
                    await prepare(project_id)
                finally:
                    changes.armed.fire()
        finally:
            changes.waking = None

    def next_event(self, project_id: int) -> Turn:
        return self._of(project_id).events.next

    def next_armed(self, project_id: int) -> Turn:
        return self._of(project_id).armed.next

    def armed_version(self, project_id: int) -> int:
        """Grows with everything that may change what is armed."""
        return self._of(project_id).armed_version

    async def knows(self, name: EventName) -> bool:
        """Whether this very event is in the database: not so if that was restored, or replaced, since the event was told."""
        return name == self._latest or await self._store.has_event(name)

    async def after(self, project_id: int, number: int) -> Sequence[Event] | None:
        """The project's events after that number, oldest first, perhaps not all; None if some of them are gone."""
        changes = self._of(project_id)
        if number >= changes.floor:
            return [event for event in changes.recent if event.id > number]
        return await self._store.events_after(project_id, number, BATCH)

    def _of(self, project_id: int) -> _ProjectChanges:
        if project_id not in self._projects:
            self._projects[project_id] = _ProjectChanges(floor=self._start)
        return self._projects[project_id]
