"""The contract's rate limit: so many requests a minute and an hour for each key, over windows that slide."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from livebreak.backend.clock import HOUR, SECOND
from livebreak.backend.errors import ApiError, throttled

LIMITS = ((60 * SECOND, 480), (HOUR, 4800))
"""Window in microseconds and requests in it: the contract's figures."""

FORGOTTEN_AFTER = 10_000
"""Keys that are remembered; when there are more, those that rest longest are forgotten."""


@dataclass(slots=True)
class _Window:
    length: int
    limit: int
    times: deque[int] = field(default_factory=deque)

    def wait(self, now: int) -> int:
        """Microseconds until the next request is allowed; 0 if it is now."""
        while self.times and self.times[0] <= now - self.length:
            self.times.popleft()
        return 0 if len(self.times) < self.limit else self.times[0] + self.length - now


class RateLimit:
    """Lives on one event loop. Counts by key, whoever shows it from wherever."""

    def __init__(self, limits: tuple[tuple[int, int], ...] = LIMITS) -> None:
        self._limits = limits
        self._keys: dict[int, tuple[_Window, ...]] = {}

    def count(self, key: int, now: int) -> None:
        """Count a request; `ApiError` 429 with the time to wait if there were too many. Such a one is not counted."""
        windows = self._keys.pop(key, None) or tuple(_Window(length, limit) for length, limit in self._limits)
        self._keys[key] = windows  # at the end: the order is that of the last requests
        if len(self._keys) > FORGOTTEN_AFTER:
            del self._keys[next(iter(self._keys))]
        wait = max(window.wait(now) for window in windows)
        if wait > 0:
            raise _throttled(wait)
        for window in windows:
            window.times.append(now)


def _throttled(wait: int) -> ApiError:
    return throttled(max(math.ceil(wait / SECOND), 1))
