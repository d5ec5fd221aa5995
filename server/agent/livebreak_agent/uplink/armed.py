"""The armed set as the agent holds it: a lease, out of which single breakpoints lapse at their expiry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from livebreak_agent.uplink.clock import backend_time
from livebreak_agent.vocabulary.model import Breakpoint


class Held:
    """Arms what the backend says, and takes it back by the monotonic clock, which nobody can set wrong."""

    def __init__(self, arm: Callable[[Sequence[Breakpoint]], None]) -> None:
        self._arm = arm
        self._breakpoints: tuple[Breakpoint, ...] = ()
        self._armed: tuple[Breakpoint, ...] = ()
        self._expiries: dict[str, float] = {}
        self._lease_seconds = 0.0
        self._lease_ends = float("inf")
        self.etag: str | None = None
        """Of the set that is held; None if there is none, so that the next question is for all of it."""

    @property
    def is_armed(self) -> bool:
        return bool(self._armed)

    def replace(
        self, breakpoints: Sequence[Breakpoint], *, etag: str | None, lease_seconds: float, headers: Mapping[str, str]
    ) -> None:
        """The backend answered with a whole set; the time in its `headers` (`Date`) is what expiry times refer to."""
        now = time.monotonic()
        self._breakpoints = tuple(breakpoint for breakpoint in breakpoints if breakpoint.enabled)
        self._expiries = {
            breakpoint.id: now + left
            for breakpoint in self._breakpoints
            if breakpoint.expires_at is not None and (left := _seconds_left(breakpoint.expires_at, headers)) is not None
        }
        self.etag = etag
        self._lease_seconds = lease_seconds
        self.renew()
        self._apply(now)

    def renew(self) -> None:
        """The backend answered that nothing changed."""
        self._lease_ends = time.monotonic() + self._lease_seconds

    def tick(self, now: float) -> bool:
        """Take back what has lapsed by now (monotonic); True at the moment the lease is lost."""
        if now >= self._lease_ends:
            self.drop()
            return True
        if any(now >= expiry for expiry in self._expiries.values()):
            self._apply(now)
        return False

    def drop(self) -> None:
        """Disarm everything, and ask for all of it at the next contact."""
        self._breakpoints, self._expiries, self.etag, self._lease_ends = (), {}, None, float("inf")
        self._apply(0.0)

    def due(self) -> float:
        """The monotonic time at which `tick` has something to do."""
        return min(self._lease_ends, *self._expiries.values()) if self._expiries else self._lease_ends

    def _apply(self, now: float) -> None:
        lapsed = {id_ for id_, expiry in self._expiries.items() if now >= expiry}
        armed = tuple(breakpoint for breakpoint in self._breakpoints if breakpoint.id not in lapsed)
        self._breakpoints = armed
        self._expiries = {id_: expiry for id_, expiry in self._expiries.items() if id_ not in lapsed}
        if armed != self._armed:
            self._armed = armed
            self._arm(armed)


def _seconds_left(expires_at: str, headers: Mapping[str, str]) -> float | None:
    """Until the expiry, by the backend's own clock where it tells the time; None if the text is no time."""
    try:
        expiry = datetime.fromisoformat(expires_at)
    except ValueError:
        return None
    now = backend_time(headers) or datetime.now(UTC)
    if expiry.tzinfo is None:
        expiry = expiry.replace(tzinfo=UTC)
    return (expiry - now).total_seconds()
