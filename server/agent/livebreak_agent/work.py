"""What the agent's thread works on: engine, queue and uplink, put together."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from livebreak_agent.capture.hits import RawHit
from livebreak_agent.engine import Engine
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.limits import Limits
from livebreak_agent.redaction import Redaction
from livebreak_agent.settings import Settings
from livebreak_agent.uplink import loop
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.uplink.sending import Stopping
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary.model import Binding, Breakpoint, Hit, Process


class Work:
    """An engine with its uplink.

    `busy` is held around all that the thread does with the engine: a fork waits for it, and then finds no lock held.
    """

    def __init__(self, chosen: Settings, root: str, process: Process, wake: Wake, busy: threading.Lock) -> None:
        self._settings = chosen
        self._wake = wake
        queue: HitQueue[RawHit] = HitQueue(wake=wake.set)
        self._engine = Engine(
            process=process,
            root=root,
            path_map=chosen.path_map,
            limits=Limits(),
            redaction=Redaction(),
            queue=queue,
            on_change=self._changed,
        )
        self._guarded = Guarded(self._engine, queue, busy)
        self._held = Held(self._guarded.arm)
        self._notices = Notices()
        self._uplink = self._make_uplink(process)

    def run(self) -> None:
        """Until `end`."""
        loop.run(self._uplink)

    def end(self, seconds: float) -> None:
        """Restore all code now; `run` then sends what is left, for so many seconds at most. By another thread."""
        self._guarded.close()
        self._uplink.stopping.seconds = seconds
        self._uplink.stopping.is_set = True
        self._wake.set()

    def after_fork(self, process: Process, busy: threading.Lock) -> None:
        """In the child, where breakpoints stay armed, under the same lease; what was said once is not said again."""
        self._engine.after_fork(process)
        self._guarded.busy = busy
        self._held.etag = None
        self._uplink = self._make_uplink(process)

    def _make_uplink(self, process: Process) -> loop.Uplink:
        parts = Parts(settings=self._settings, process=process, armable=self._guarded, hits=self._guarded)
        return loop.Uplink(
            parts=parts,
            wake=self._wake,
            held=self._held,
            reports=Reports(parts, self._wake),
            stopping=Stopping(),
            notices=self._notices,
        )

    def _changed(self) -> None:
        self._uplink.reports.changed()


class Guarded:
    """The engine and its queue as `parts.Armable` and `parts.HitSource`, behind the lock that forks wait for."""

    def __init__(self, engine: Engine, queue: HitQueue[RawHit], busy: threading.Lock) -> None:
        self._engine = engine
        self._queue = queue
        self._is_closed = False
        self.busy = busy

    def arm(self, breakpoints: Sequence[Breakpoint]) -> None:
        with self.busy:
            if not self._is_closed:
                self._engine.arm(breakpoints)

    def bindings(self) -> Sequence[Binding]:
        with self.busy:
            return self._engine.bindings()

    def tick(self) -> None:
        with self.busy:
            if not self._is_closed:
                self._engine.tick()

    def take(self, limit: int) -> Sequence[Hit]:
        hits: list[Hit] = []
        while not hits:
            with self.busy:
                raw_hits = self._queue.take(limit)
                if not raw_hits:
                    break
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
        """All code as it was; nothing is armed any more, whatever else comes."""
        with self.busy:
            self._is_closed = True
            self._engine.close()
