"""How long to wait after trouble."""

from __future__ import annotations

import random

from livebreak.sync.remotes import RemoteError, Unreachable

FIRST_DELAY = 0.5
"""Seconds before the first new attempt: a restart of the backend takes about one."""
LONGEST_DELAY = 30.0
"""Seconds; a person who repairs the network should not have to wait longer."""
LONGEST_RETRY_AFTER = 120.0
"""Seconds of a server's `Retry-After` that are obeyed: longer, and a mistake of its would be a day offline."""
FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY = 1.0, 60.0
"""Seconds after a refused key, doubled each time: only a person can mend it, and whoever does so looks whether it helped."""


class Delays:
    """Back-off with full jitter, so that many editors do not return in one moment. A library costs start time we do not have."""

    def __init__(self, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY) -> None:
        self._first, self._longest = first, longest
        self._ceiling = first

    def next(self) -> float:
        delay = random.uniform(self._ceiling / 2, self._ceiling)
        self._ceiling = min(self._ceiling * 2, self._longest)
        return delay

    def reset(self) -> None:
        self._ceiling = self._first


def patience(delays: Delays, error: RemoteError) -> float:
    """Seconds until the next attempt; a server may ask for more, within reason."""
    asked = error.retry_after if isinstance(error, Unreachable) else None
    return max(delays.next(), min(asked or 0.0, LONGEST_RETRY_AFTER))
