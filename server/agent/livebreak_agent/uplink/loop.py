"""The thread's loop: two connections and a wake, in one `select`."""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from livebreak_agent import native
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.channel import Channel
from livebreak_agent.uplink.contact import Contact
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.polling import polling
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.uplink.sending import Stopping, sending
from livebreak_agent.uplink.wake import Wake

TICK_SECONDS = 0.25
"""Between two ticks while anything is armed: how exactly a switched-off line is watched again."""

LOOK_SECONDS = 1.0
"""Between two looks whether the process turned out to be a supervisor: so long it is counted at most."""

LOOKED_SECONDS = 60.0
"""For so long; by then a program has called its server."""

_LONGEST_WAIT = 30.0
"""Seconds of one `select`: a look around now and then mends what nobody foresaw."""

_BLOCKED_SECONDS = 60.0
"""For so long may resolving a name, connecting and sending make the thread wait where the network swallows everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Uplink:
    parts: Parts
    wake: Wake
    contact: Contact
    held: Held
    reports: Reports
    stopping: Stopping
    notices: Notices


class Loop:
    """The loop with its connections. Made and run by one thread at a time, which need not always be the same."""

    def __init__(self, uplink: Uplink) -> None:
        self._uplink = uplink
        parts, stopping = uplink.parts, uplink.stopping
        common = (parts, uplink.contact, uplink.held, uplink.reports, uplink.notices)
        self._selector = native.new_selector()
        self._poll = Channel(parts.settings.address, self._selector, polling(*common), self._watch_blocked)
        self._send = Channel(parts.settings.address, self._selector, sending(*common, stopping), self._watch_blocked)
        self._wake_fd: int | None = None
        self._readable: set[int] = set()
        self._tick_at = 0.0
        self._look_at = time.monotonic()
        self._looked_until = self._look_at + LOOKED_SECONDS
        self._ends = float("inf")
        self._is_woken = False
        self._is_pausing = False

    def run(self, is_superfluous: Callable[[], bool] = lambda: False) -> bool:
        """Keep the armed set, reports and hits in step with the backend.

        True at the end: `stopping` is set, everything was sent or time is over, and goodbye is said. False if `pause` was
        called or, as long as that is asked, the process `is_superfluous`; then `run` may be called again, and goes on as if
        nothing had been.
        """
        while True:
            self._watch_wake()
            # First of all, so that whatever is set after this line wakes the `select` below.
            self._is_woken = self._uplink.wake.clear() or self._is_woken
            if self._is_pausing or self._finds(is_superfluous):
                return False
            self._step()
            self._is_woken = False
            if self._uplink.stopping.is_set and (self._send.done or time.monotonic() >= self._ends):
                self.close()
                return True
            self._readable = {key.fd for key, _ in self._selector.select(self._wait())}

    def _finds(self, is_superfluous: Callable[[], bool]) -> bool:
        now = time.monotonic()
        if now < self._look_at or self._uplink.stopping.is_set:
            return False
        self._look_at = now + LOOK_SECONDS if now < self._looked_until else float("inf")
        return is_superfluous()

    def pause(self, *, wanted: bool) -> None:
        """Whether `run` is to return as soon as it can, leaving everything as it is. By any thread."""
        self._is_pausing = wanted
        if wanted:
            self._uplink.wake.set()

    def close(self) -> None:
        """Close both connections."""
        self._poll.close()
        self._send.close()
        self._selector.close()

    def _step(self) -> None:
        uplink, held, is_ending = self._uplink, self._uplink.held, self._uplink.stopping.is_set
        now = time.monotonic()
        if is_ending:
            self._ends = min(self._ends, now + uplink.stopping.seconds)
            self._poll.close()
        elif not self._lapse(now) and held.is_armed:
            uplink.notices.over("lease")
            if now >= self._tick_at:
                uplink.parts.armable.tick()
                self._tick_at = now + TICK_SECONDS
        self._poll.advance(now, readable=self._readable, woken=self._is_woken, stopping=False)
        self._send.advance(now, readable=self._readable, woken=self._is_woken, stopping=is_ending)

    def _lapse(self, now: float) -> bool:
        """Take back what has lapsed by now; True at the moment the lease is lost."""
        is_lost = self._uplink.held.tick(now)
        if is_lost:
            sentence = "The backend has been away for too long; all breakpoints are disarmed until it is back."
            self._uplink.notices.trouble("lease", sentence)
        return is_lost

    @contextlib.contextmanager
    def _watch_blocked(self) -> Iterator[None]:
        """While the network makes this thread wait, another one takes back what lapses; only if that may come to pass."""
        held = self._uplink.held
        if not held.is_armed or held.due() - time.monotonic() > _BLOCKED_SECONDS:
            yield
            return
        nap = native.Nap()

        def watch() -> None:
            while not nap.take(min(_LONGEST_WAIT, max(0.0, held.due() - time.monotonic()))):
                self._lapse(time.monotonic())

        thread = native.Thread(watch, "livebreak-lease")
        try:
            yield
        finally:
            nap.end()
            # Only one of the two may work on what is held.
            thread.join(_LONGEST_WAIT)

    def _wait(self) -> float:
        held = self._uplink.held
        due = min(
            self._poll.due(),
            self._send.due(),
            held.due(),
            self._ends,
            self._look_at,
            self._tick_at if held.is_armed else float("inf"),
        )
        return min(_LONGEST_WAIT, max(0.0, due - time.monotonic()))

    def _watch_wake(self) -> None:
        fileno = self._uplink.wake.fileno()
        if fileno != self._wake_fd:
            if self._wake_fd is not None:
                self._selector.unregister(self._wake_fd)
            self._selector.register(fileno, selectors.EVENT_READ)
            self._wake_fd = fileno
