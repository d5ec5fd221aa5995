"""Which hits somebody wants to see: by breakpoint, process, time, and the filter language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from livebreak.debugger.wording import read_time
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.where import compile_where


@dataclass(frozen=True, kw_only=True, slots=True)
class HitChoice:
    """All conditions must hold; None is no condition."""

    breakpoint_ids: frozenset[str] | None = None
    process: str | None = None
    """A process id or its beginning, a service, a host, a pid, or HOST:PID."""
    since: str | None = None
    until: str | None = None
    """Times of ISO 8601, in this machine's zone unless they name one."""
    where: str | None = None

    @property
    def needs_whole_hits(self) -> bool:
        """True if a summary does not tell whether the hit is wanted."""
        return self.where is not None or self.process is not None

    @property
    def is_filter(self) -> bool:
        """True if it takes only some of a breakpoint's hits."""
        return self.needs_whole_hits or self.since is not None or self.until is not None


def chooser(choice: HitChoice) -> Callable[[Hit], bool]:
    """Tells of a hit whether it is wanted. Raises `WhereError`; a time that is none is no condition."""
    where = compile_where(choice.where) if choice.where is not None else None

    def is_wanted(hit: Hit) -> bool:
        return (
            is_in_time(choice, hit.breakpoint_id, hit.timestamp)
            and (choice.process is None or _is_of(hit, choice.process))
            and (where is None or where(hit))
        )

    return is_wanted


def is_in_time(choice: HitChoice, breakpoint_id: str, timestamp: str) -> bool:
    """As much of the choice as needs no whole hit."""
    if choice.breakpoint_ids is not None and breakpoint_id not in choice.breakpoint_ids:
        return False
    if choice.since is None and choice.until is None:
        return True
    time = read_time(timestamp)
    since = read_time(choice.since) if choice.since is not None else None
    until = read_time(choice.until) if choice.until is not None else None
    return time is not None and (since is None or time >= since) and (until is None or time <= until)


def _is_of(hit: Hit, process: str) -> bool:
    names = {hit.process_id, hit.service, hit.host, str(hit.pid), f"{hit.host}:{hit.pid}"}
    return process in names or (len(process) >= SHORTEST_ID and (hit.process_id or "").startswith(process))


SHORTEST_ID = 4
"""Characters of an id's beginning; fewer are a pid or a mistake."""
