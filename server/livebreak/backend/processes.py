"""The running processes, as they last reported, each for as long as its lease runs.

In memory, because a lease is renewed with every poll of every process; what streams tell of them is stored by the way,
so that after a restart processes that never came back are still seen to leave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from livebreak.backend.clock import SECOND, Clock, format_time
from livebreak.backend.store.interface import Store
from livebreak_agent.vocabulary.wire import ProcessReport, ProcessState

REPORT_PATIENCE_US = 5 * SECOND
"""How long a process that was told it is unknown gets to report, before it is told again."""


RETURN_PATIENCE_US = 5 * SECOND
"""How long a process that hung up may take to come back: a new connection takes less, a killed process never does."""


class News(Enum):
    """How urgent it is that people hear of a report."""

    NONE = "none"
    COUNTERS = "counters"
    """They move all the time, and are told at a pace that can be followed."""
    STATES = "states"
    """Somebody may be waiting for a breakpoint to be bound, so it is told at once."""


@dataclass(slots=True)
class _Entry:
    report: ProcessReport
    seen_at: int
    """By the system's clock, for people."""
    renewed_at: int
    """By the steady clock: when its lease began."""
    polls: int = 0
    """Long polls that it has begun."""


class ProcessRegistry:
    """Reports and leases of all projects. `now` is the time that people are told; leases run by a clock that nobody sets, so
    that a step back leaves no dead process here, and one ahead ends none that lives."""

    def __init__(self, lease_us: int, steady: Clock) -> None:
        self._lease_us = lease_us
        self._steady = steady
        self._entries: dict[tuple[int, str], _Entry] = {}
        self._told: dict[tuple[int, str], int] = {}

    async def load(self, store: Store, now: int) -> None:
        """Take over what an earlier run knew; the leases begin anew, since nobody could renew them meanwhile."""
        for project_id, report, _ in await store.processes():
            self._entries[project_id, report.process.id] = _Entry(report, now, self._steady())

    def put(self, project_id: int, report: ProcessReport, now: int) -> News:
        """What the report says that was not known."""
        key = (project_id, report.process.id)
        known = self._entries.get(key)
        self._entries[key] = _Entry(report, now, self._steady(), known.polls if known is not None else 0)
        self._told.pop(key, None)
        if known is not None and known.report == report:
            return News.NONE
        is_same_but_for_counters = known is not None and _without_counters(known.report) == _without_counters(report)
        return News.COUNTERS if is_same_but_for_counters else News.STATES

    def renew(self, project_id: int, process_id: str, now: int) -> int | None:
        """The number of the poll with which a known process's lease begins anew; None if it is not known."""
        entry = self._entries.get((project_id, process_id))
        if entry is None:
            return None
        entry.seen_at, entry.renewed_at = now, self._steady()
        entry.polls += 1
        return entry.polls

    def abandon(self, project_id: int, process_id: str, poll: int) -> None:
        """The process hung up during a poll. Unless it has begun another since, or does so soon, it was killed."""
        entry = self._entries.get((project_id, process_id))
        if entry is not None and entry.polls == poll:
            entry.renewed_at = min(entry.renewed_at, self._steady() - self._lease_us + RETURN_PATIENCE_US)

    def is_due_to_be_told(self, project_id: int, process_id: str) -> bool:
        """Whether an unknown process is to be asked for its report, and that it now is."""
        key, now = (project_id, process_id), self._steady()
        if now - self._told.get(key, now - REPORT_PATIENCE_US) < REPORT_PATIENCE_US:
            return False
        self._told[key] = now
        return True

    def report(self, project_id: int, process_id: str) -> ProcessReport | None:
        entry = self._entries.get((project_id, process_id))
        return None if entry is None else entry.report

    def remove(self, project_id: int, process_id: str) -> ProcessState | None:
        """The process's last state, or None if it was not known."""
        entry = self._entries.pop((project_id, process_id), None)
        return None if entry is None else _state(entry)

    def lapse(self) -> list[tuple[int, ProcessState]]:
        """Remove and return those whose lease is over."""
        now = self._steady()
        over = [key for key, entry in self._entries.items() if now - entry.renewed_at > self._lease_us]
        self._told = {key: told for key, told in self._told.items() if now - told < REPORT_PATIENCE_US}
        return [(key[0], _state(self._entries.pop(key))) for key in over]

    def of_project(self, project_id: int) -> tuple[ProcessState, ...]:
        return tuple(_state(entry) for key, entry in self._entries.items() if key[0] == project_id)


def _without_counters(report: ProcessReport) -> ProcessReport:
    bindings = tuple(
        replace(it, passes=0, hits=0, rate_limited=0, dropped=0, condition_errors=0, condition_error=None)
        for it in report.bindings
    )
    return replace(report, bindings=bindings, queue_dropped=0)


def _state(entry: _Entry) -> ProcessState:
    return ProcessState(process=entry.report.process, bindings=entry.report.bindings, seen_at=format_time(entry.seen_at))
