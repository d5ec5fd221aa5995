"""What the backend can be told, and what it does unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from livebreak.backend.clock import HOUR, SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class BackendSettings:
    """Times are in seconds unless the name says microseconds (`_us`)."""

    default_expiry_us: int = 24 * HOUR
    """A breakpoint made through the live routes ends after a day: a forgotten one must not capture for ever."""
    hit_retention_us: int = 24 * HOUR
    """Hits hold values of other people's processes, so they are kept only as long as somebody is likely to look."""
    audit_retention_us: int = 400 * 24 * HOUR
    """The audit log is kept for a year and a month: what is asked of it is often asked once a year."""
    retained_hits: int = 1_000_000
    """Hits of a project; beyond it the oldest go. At a few KiB compressed it is about a GiB."""
    pinned_retention_us: int = 90 * 24 * HOUR
    """Those that somebody pinned: for as long as a bug may wait, and no longer without another look."""
    retained_events: int = 20_000
    """Events kept so that a stream can resume; beyond it a client fetches everything anew."""
    expires_plain: bool = False
    """Whether breakpoints made through the contract's routes, which know no expiry, end like the others."""
    limits_rate: bool = False
    """Whether the contract's routes have the contract's rate limit."""
    logs_access: bool = False
    """Whether each request is told in a line on standard output."""
    lease_us: int = 120 * SECOND
    """Without a sign of life for this long a process is gone, and has disarmed itself."""
    event_interval: float = 0.5
    """Between two events about the hits of one breakpoint, or the counters of one process: what a person can follow."""
    heartbeat: float = 15.0
    """Between two signs of life on a quiet stream: below the 30 s at which common proxies give up."""
    stream_patience: float = 60.0
    """How long a stream's reader may take nothing before it is given up; it resumes where it was when it comes back."""
    upkeep_interval: float = 1.0
    """Between two looks for what has expired: the delay that the kill switch may have, too."""


PRUNED_AT_ONCE = 1000
"""Hits that one transaction removes: it takes some milliseconds, for which ingestion waits."""

MAX_CAPTURE_BODY = 20 * 2**20
"""Bytes of one ingestion request, before and after unpacking: the contract's figure."""

LARGEST_EVENT = 2**20
"""Bytes of one event of it, as compact JSON: the contract's figure, above the 900 KiB to which agent and SDK keep themselves.
Whoever has the public token can send one, and every editor fetches it."""

MAX_CONTRACT_BODY = 20 * 2**20
"""The same for the other routes of the contract."""

MAX_KEY_BODY = 64 * 2**10
"""Bytes up to which a body is searched for a key: whoever shows none yet gets no more of our memory and time."""

LARGE_BODY = 64 * 2**10
"""Bytes from which a body is parsed beside the event loop, which would stand still for more than a millisecond."""

LARGEST_HITS_PAGE = 8 * 2**20
"""Bytes after which a page of full hits ends: a second of a slow line, and what an editor can hold."""

LARGEST_CONTRACT_PAGE = 64 * 2**20
"""Bytes after which a page of `breakpoint_hits/` ends, with `has_more`: far beyond what hits of a usual size come to, and what a
client can still hold that asks for a thousand of them."""

MAX_LIVE_BODY = 4 * 2**20
"""Bytes of one request to a live route: room for a process's report on thousands of breakpoints."""

CONTRACT_HITS_WINDOW_US = HOUR
"""`breakpoint_hits/` shows the last hour alone."""
