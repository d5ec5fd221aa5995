"""How long to wait before asking again."""

from __future__ import annotations

import contextlib
import email.utils
import random
import time
from collections.abc import Mapping

FIRST_SECONDS = 0.25
"""A backend that restarts is back within a second or two, and its agents should be, too."""

LONGEST_SECONDS = 60.0
"""Long enough for thousands of agents to leave a backend in trouble alone, short enough to come back by themselves."""

LONGEST_RETRY_AFTER = 600.0
"""A server may ask for more patience than we would have, but not for a day."""


class Backoff:
    """Doubles from failure to failure, with jitter, so that agents do not come back all at once."""

    def __init__(self) -> None:
        self._failures = 0

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, retry_after: float | None = None) -> float:
        """Seconds to wait now."""
        ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self._failures, 16))
        self._failures += 1
        # Not earlier than the server asked for, and some of us later.
        return max(with_jitter(ceiling), (retry_after or 0.0) * random.uniform(1.0, 1.2))


def with_jitter(seconds: float) -> float:
    """Between half of the time and all of it."""
    return seconds * random.uniform(0.5, 1.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a `Retry-After` asks for, in either of its two forms."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return min(max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time()), LONGEST_RETRY_AFTER)
    return None
