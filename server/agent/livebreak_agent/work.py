"""What the agent's thread works on: engine, queue and uplink, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livebreak_agent import native
from livebreak_agent.capture.hits import RawHit
from livebreak_agent.engine import Engine
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.identity import Identity
from livebreak_agent.limits import Limits
from livebreak_agent.redaction import redaction_of
from livebreak_agent.settings import Settings
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.contact import Contact
from livebreak_agent.uplink.loop import Loop, Uplink
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.uplink.sending import Stopping
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary.model import Binding, Breakpoint, Hit, Process


class Work:
    """An engine with its uplink."""

    def __init__(self, chosen: Settings, found: Identity, process: Process, wake: Wake) -> None:
        self._settings = chosen
        self._wake = wake
        queue: HitQueue[RawHit] = HitQueue(wake=wake.set)
        self._engine = Engine(
            process=process,
            root=found.root,
            # The owner's first: of two for the same folder the first one counts.
            path_map=(*chosen.path_map, *found.path_map),
            limits=chosen.policy.applied_to(Limits()),
            redaction=redaction_of(chosen.policy),
            policy=chosen.policy,
            queue=queue,
            on_change=lambda: self._uplink.reports.changed(),
        )
        self._guarded = Guarded(self._engine, queue)
        self._contact = Contact(chosen)
        self._held = Held(self._guarded.arm)
        self._notices = Notices()
        self._begin(process)

    def run(self, is_superfluous: Callable[[], bool]) -> bool:
        """True at the end, False if it is to pause or superfluous; see `Loop.run`."""
        try:
            is_over = self._loop.run(is_superfluous)
        except BaseException:
            self._guarded.close()
            raise
        if is_over:
            self._guarded.forget_hits()
        return is_over

    def pause(self, *, wanted: bool) -> None:
        """See `Loop.pause`."""
        self._loop.pause(wanted=wanted)

    def end(self, seconds: float) -> None:
        """Restore all code now; `run` then sends what is left, for so many seconds at most. By another thread."""
        self._guarded.close()
        self._uplink.stopping.seconds = seconds
        self._uplink.stopping.is_set = True
        self._wake.set()

    def after_fork(self, process: Process) -> None:
        """In the child. Breakpoints stay armed under the same lease, and the backend is known: even one that ends at once
        can send its hits. What was said in the log is not said again.
        """
        self._loop.close()
        self._engine.after_fork(process)
        self._guarded.after_fork()
        self._held.etag = None
        self._begin(process)

    def _begin(self, process: Process) -> None:
        parts = Parts(settings=self._settings, process=process, armable=self._guarded, hits=self._guarded)
        self._uplink = Uplink(
            parts=parts,
            wake=self._wake,
            contact=self._contact,
            held=self._held,
            reports=Reports(parts, self._wake),
            stopping=Stopping(),
            notices=self._notices,
        )
        self._loop = Loop(self._uplink)


class Guarded:
    """The engine and its queue as `parts.Armable` and `parts.HitSource`; once it is closed, nothing is armed any more."""

    def __init__(self, engine: Engine, queue: HitQueue[RawHit]) -> None:
        self._engine = engine
        self._queue = queue
        self._is_closed = False
        self._lock = native.new_lock()

    def arm(self, breakpoints: Sequence[Breakpoint]) -> None:
        with self._lock:
            if not self._is_closed:
                self._engine.arm(breakpoints)

    def bindings(self) -> Sequence[Binding]:
        return self._engine.bindings()

    def tick(self) -> None:
        with self._lock:
            if not self._is_closed:
                self._engine.tick()

    def take(self, limit: int) -> Sequence[Hit]:
        hits: list[Hit] = []
        while not hits and (raw_hits := self._queue.take(limit)):
            for raw in raw_hits:
                try:
                    hits.append(self._engine.capture_to_hit(raw))
                except Exception:  # noqa: BLE001 -- one hit that cannot be read is not to cost the others
                    self._engine.refused([raw.breakpoint.id])
        return hits

    @property
    def dropped(self) -> int:
        return self._queue.dropped

    def refused(self, breakpoint_ids: Sequence[str]) -> None:
        self._engine.refused(breakpoint_ids)

    def close(self) -> None:
        """All code is as it was. By any thread."""
        with self._lock:
            self._is_closed = True
            self._engine.close()

    def forget_hits(self) -> None:
        """Nobody will take what is left. On Python 3.11 it refers to code that refers to the queue, which is never collected."""
        self._queue.clear()

    def after_fork(self) -> None:
        """In the child: a thread that is not here any more may have held the lock."""
        self._lock = native.new_lock()
