"""What the backend is told of this process: who it is, and what became of each breakpoint in it."""

from __future__ import annotations

import json
import time

from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.channel import Course, ask
from livebreak_agent.uplink.connection import Unreachable
from livebreak_agent.uplink.contact import UNLIKED, Contact
from livebreak_agent.uplink.exchange import Request
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary import codec
from livebreak_agent.vocabulary.wire import ProcessReport

COALESCE_SECONDS = 0.02
"""Bindings change together, when a module is imported or a set is armed; one report tells of all."""

_REPORT_GAP_SECONDS = 0.1
"""Between two reports, however often bindings change."""

COUNTERS_SECONDS = 2.0
"""Between two looks at the counters while anything is armed."""


class Reports:
    """When a report of this process is due, and what was in the last."""

    def __init__(self, parts: Parts, wake: Wake) -> None:
        self._parts = parts
        self._wake = wake
        self._changed = False
        self._changed_at: float | None = None
        self._last: ProcessReport | None = None
        self._looked_at = float("-inf")

    def changed(self) -> None:
        """A binding changed. In any thread."""
        self._changed = True
        self._wake.set()

    def ask_for_all(self) -> None:
        """The backend knows nothing of this process, or may be another one than before."""
        self._last = None
        self._wake.set()

    def due(self, held: Held) -> float:
        """The monotonic time of the next look at the bindings."""
        if self._changed:
            self._changed, self._changed_at = False, self._changed_at or time.monotonic()
        if self._last is None:
            return self._looked_at + _REPORT_GAP_SECONDS
        if self._changed_at is not None:
            return max(self._changed_at + COALESCE_SECONDS, self._looked_at + _REPORT_GAP_SECONDS)
        return self._looked_at + COUNTERS_SECONDS if held.is_armed else float("inf")

    def look(self) -> ProcessReport | None:
        """The report as it is now, or None if the backend has the same."""
        self._changed_at = None
        self._looked_at = time.monotonic()
        report = ProcessReport(
            process=self._parts.process, bindings=tuple(self._parts.armable.bindings()), queue_dropped=self._parts.hits.dropped
        )
        return report if report != self._last else None

    def sent(self, report: ProcessReport) -> None:
        self._last = report


def report(parts: Parts, contact: Contact, reports: Reports, notices: Notices) -> Course:
    current = reports.look()
    if current is None:
        return
    path = contact.path(f"livebreak/processes/{parts.process.id}")
    body = json.dumps(codec.to_json(current)).encode()
    reports.sent(current)
    try:
        answer = yield from ask(
            Request(method="PUT", path=path, headers=contact.headers | {"Content-Type": "application/json"}, body=body)
        )
    except Unreachable:
        reports.ask_for_all()
        raise
    if answer.status in UNLIKED:
        # The same report would be refused again; the next change may be liked better.
        notices.once(f"The backend did not take the report of this process ({answer.status}); update the one that is outdated.")
    elif answer.status // 100 != 2:
        reports.ask_for_all()
        raise contact.refusal(answer)
