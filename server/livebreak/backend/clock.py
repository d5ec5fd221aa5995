"""Time as the backend keeps it: whole microseconds since 1970, UTC; and the one text form it is shown in."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], int]
"""Microseconds since 1970, UTC. Passed in, so that a test can let a day go by."""

SECOND = 1_000_000
HOUR = 3600 * SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799 * SECOND
"""The end of the year 9999, beyond which `datetime` has no words."""


def system_clock() -> int:
    return time.time_ns() // 1000


def steady_clock() -> int:
    """Microseconds since some moment, for what lasts so long: it goes on evenly while the system's clock is set."""
    return time.monotonic_ns() // 1000


def as_datetime(time_us: int) -> datetime:
    """The moment as a `datetime` in UTC; moments outside of the years 1 to 9999 become 1970 and 9999."""
    return _EPOCH + timedelta(microseconds=min(max(time_us, 0), _LATEST))


def format_time(time_us: int) -> str:
    """As the contract writes it: `2026-11-23T07:10:10.168486Z`."""
    return as_datetime(time_us).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> int | None:
    """ISO 8601, UTC where it names no zone; None if it is no such time."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
