"""Lengths of time as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

LONGEST = timedelta(days=365)
"""A breakpoint that nobody looks at for a year was forgotten."""

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_PART = re.compile(r"(\d{1,6})(s|min|m|h|d)")


def from_now(text: str) -> str:
    """The UTC time (ISO 8601) so long from now; see `length_of`. Raises `ValueError`."""
    return (datetime.now(UTC) + length_of(text)).isoformat()


def length_of(text: str) -> timedelta:
    """What `90s`, `30m`, `2h`, `1d` or several (`1h30m`) mean. Raises `ValueError`."""
    compact = text.replace(" ", "").lower()
    parts = _PART.findall(compact)
    length = sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())
    if "".join(number + unit for number, unit in parts) != compact or not timedelta() < length <= LONGEST:
        raise ValueError(f"{text!r} is no length of time up to a year; write it as 90s, 30m, 2h, 1d or 1h30m.")
    return length
