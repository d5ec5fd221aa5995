"""Hits as a store takes and gives them, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FACT_COLUMNS = ("service", "environment", "process", "host", "request", "request_id", "trace_id")
"""What is known of a hit beside its variables and kept where a filter finds it without unpacking; the filter language's names."""


FILTERED_FACTS = ("breakpoint", *FACT_COLUMNS)
"""What a `HitFilter` can compare."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitRow:
    """A `$data_breakpoint_hit` event."""

    id: str
    breakpoint_id: str | None
    """As the event has it; None if that is not a text."""
    timestamp: int
    """Microseconds, corrected for the sender's clock."""
    verified: bool
    payload: bytes
    """The event's properties: JSON, compressed (`packing`)."""
    facts: tuple[str | None, ...] = (None,) * len(FACT_COLUMNS)
    """In the order of `FACT_COLUMNS`; for writing, as a row that was read has them in its payload."""
    hides_facts: bool = False
    """True if one of its variables has the name of a fact, and so stands before it in the filter language."""
    pinned_by: str | None = None
    """Who pinned it; None if nobody did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitSize:
    """A hit that can be asked for by its number."""

    seq: int
    size: int
    """Bytes of its payload, as it is stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitFilter:
    """Narrows a scan of hits to those that may match, which includes all that have `hides_facts`."""

    facts: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    """For some of `FILTERED_FACTS`, the values among which the hit's own must be."""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """What is kept of a project's hits."""

    since: int
    """Those that came before are removed."""
    pinned_since: int
    """The same for pinned ones."""
    count: int
    """Of the others, so many are kept, the newest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Purge:
    """Which of a project's hits are to be removed for good."""

    until: int
    """Those that came up to then."""
    breakpoint_id: str | None = None
    pinned: bool = False
    """Pinned ones, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PurgeProgress:
    """A purge under way, of which each step is a transaction."""

    purged: int
    """Hits that were removed by now."""
    is_over: bool
    """True once none was left."""
    entry: int
    """The number of the audit log's row that tells of it from its first step on: one that is cut off is told, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Where a scan of hits, newest first, goes on."""

    timestamp: int
    seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanLimit:
    """How much a scan of hits finds at most."""

    hits: int
    size: int
    """Bytes after which it takes no further hit, however large the last one was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanResult:
    """What a scan of hits found; `position` is None if it came to the end."""

    found: tuple[bytes, ...]
    position: Position | None
    exhausted: bool
    """True if it stopped at a bound of size, rows or time, not at its number of hits."""
