"""One debug session: what its requests share."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livebreak.dap import types
from livebreak.dap.failures import ErrorId, RequestError, log_failure
from livebreak.dap.references import FrameView, References
from livebreak.dap.source_references import Sources
from livebreak.dap.target import Attachment, Target
from livebreak.debugger.time_axis import Lane, Moment, TimeAxis, lane_name, process_names
from livebreak.debugger.wording import whole_stack
from livebreak.sync.hit_feed import Feed, Gone
from livebreak_agent.vocabulary.model import Hit

if TYPE_CHECKING:
    from livebreak.dap.breakpoints import Armed, StatedFile

MOST_THREADS = 2_000
"""Lanes that are shown; VS Code takes so many without a pause."""

SendEvent = Callable[[str, object], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """What the client said of itself."""

    lines_start_at: int = 1
    columns_start_at: int = 1
    has_uris: bool = False
    has_paging: bool = False
    has_types: bool = False


@dataclass(kw_only=True, slots=True)
class Thread:
    """A lane as it is shown: at one of its hits, at one of that hit's frames."""

    id: int
    lane: Lane
    axis: TimeAxis
    current: Moment
    depth: int = 0
    """The frame that is on top: 0 is the line's own, 1 its caller."""
    is_waiting: bool = False
    """True from `continue` at the newest hit until there is a newer one."""
    is_unseen: bool = False
    """True while it stopped in the background and nobody has asked for its stack."""
    is_held: bool = False
    """True while somebody has walked back on it, so that it is not moved."""
    logged: tuple[str, str] = ("", "")
    """Up to which moment a logpoint's messages were told."""


@dataclass(kw_only=True)
class DebugSession:
    """State of one client's session; everything happens on one event loop, requests one after the other."""

    target: Target
    send_event: SendEvent
    now: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())
    client: Client = Client()
    is_initialized: bool = False
    attachment: Attachment | None = None
    """What is debugged; None before `attach`."""
    first: Hit | None = None
    """The hit to begin at, if one was named."""
    is_configured: bool = False
    """True once the client has told its breakpoints, so that stops may be told."""
    is_over: bool = False
    references: References = field(default_factory=References)
    sources: Sources = field(default_factory=Sources)
    threads: dict[int, Thread] = field(default_factory=dict)
    follows: bool = False
    """True if the thread that somebody looks at moves to each new hit."""
    focus: int | None = None
    """The thread that somebody looks at."""
    capabilities: types.Capabilities = types.Capabilities()
    armed: Armed | None = None
    """There if this session may make live breakpoints of the client's."""
    stated: dict[Path, StatedFile] = field(default_factory=dict)
    """The client's breakpoints, by file."""
    is_retelling: bool = False
    """True while changes of breakpoints are gathered."""
    on_end: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _breakpoint_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _ids: dict[Lane, int] = field(default_factory=dict)
    _process_names: dict[str, str] | None = None

    @property
    def feed(self) -> Feed:
        return self.attached.feed

    @property
    def attached(self) -> Attachment:
        """Raises `RequestError`."""
        if self.attachment is None:
            raise RequestError(ErrorId.OUT_OF_ORDER, "Nothing is attached yet: `attach` comes first.")
        return self.attachment

    def thread(self, thread_id: int) -> Thread:
        """Raises `RequestError`."""
        found = self.threads.get(thread_id)
        if found is None:
            raise RequestError(ErrorId.UNKNOWN_THREAD, f"There is no thread {thread_id}.")
        return found

    def admit(self, lanes: Collection[Lane]) -> list[Thread]:
        """The lanes that have no thread yet get one, at their newest hit; at most `MOST_THREADS` altogether."""
        admitted = []
        axes = {lane: self.feed.axes[lane] for lane in lanes if lane not in self._ids and len(self.feed.axes[lane])}
        for lane, axis in sorted(axes.items(), key=lambda item: item[1].newest().key, reverse=True):
            if len(self.threads) >= MOST_THREADS:
                break
            thread = Thread(id=len(self._ids) + 1, lane=lane, axis=axis, current=axis.newest())
            self._ids[lane] = thread.id
            self.threads[thread.id] = thread
            admitted.append(thread)
        if admitted:
            self._process_names = None
        return admitted

    def thread_of(self, lane: Lane) -> Thread | None:
        number = self._ids.get(lane)
        return self.threads.get(number) if number is not None else None

    def by_time(self) -> list[Thread]:
        """All threads, those with the newest hits first."""
        return sorted(self.threads.values(), key=lambda thread: thread.current.key, reverse=True)

    def name_of(self, thread: Thread) -> str:
        return lane_name(thread.current, self.process_name(thread), self.now())

    def process_name(self, thread: Thread) -> str:
        if self._process_names is None:
            self._process_names = process_names({it.lane: it.current for it in self.by_time()})
        return self._process_names[thread.lane.process_id]

    def move(self, thread: Thread, moment: Moment) -> None:
        """Show another hit; whatever the client holds of the last one is void."""
        thread.current = moment
        thread.depth = 0
        thread.is_waiting = False
        self.references.forget(thread.id)

    async def hit(self, thread: Thread) -> Hit:
        """The whole hit that a thread shows. Raises `RequestError` and `RemoteError`."""
        try:
            return await self.feed.hit(thread.current)
        except Gone as error:
            raise RequestError(ErrorId.HIT_GONE, str(error)) from None

    def next_breakpoint_id(self) -> int:
        return next(self._breakpoint_ids)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something beside the requests."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def guard(self, work: Callable[[], None]) -> None:
        """Do something that nobody asked for: what goes wrong in it must not reach who caused it."""
        if self.is_over:
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - one message that cannot be told must not end the session
            log_failure("Something could not be told to the debugger's client.", error)

    async def end(self) -> None:
        """Leave nothing behind; the order is that of the wiring, reversed."""
        self.is_over = True
        for task in tuple(self._tasks):
            task.cancel()
        while self.on_end:
            try:
                await self.on_end.pop()()
            except Exception as error:  # noqa: BLE001 - the rest is to end all the same
                log_failure("A debug session did not end in order.", error)

    def say(self, sentence: str, *, important: bool = False) -> None:
        """A line in the client's debug console."""
        category = "important" if important else "console"
        self.send_event("output", types.OutputEventBody(category=category, output=f"{sentence}\n"))

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log_failure("Something in the background of a debug session failed.", error)

    async def view(self, frame_id: int | None) -> FrameView:
        """The frame of a request; without one, the top of the thread that somebody looks at. Raises `RequestError`."""
        if frame_id is not None and frame_id != 0:
            return self.references.frame(frame_id)
        thread = self.threads.get(self.focus) if self.focus is not None else None
        if thread is None:
            raise RequestError(ErrorId.NO_HIT, "There is no hit yet.")
        return view_of(await self.hit(thread), thread)


def view_of(hit: Hit, thread: Thread, index: int | None = None) -> FrameView:
    """A frame of the hit that a thread shows, by default the one on top."""
    frames = whole_stack(hit)
    index = min(thread.depth if index is None else index, len(frames) - 1)
    frame = frames[index]
    # The innermost frame's variables are the hit's own.
    variables = hit.variables if index == 0 else frame.variables
    return FrameView(thread_id=thread.id, hit=hit, index=index, frame=frame, variables=variables)
