"""Our agent's engine in this process, driven as the uplink drives it."""

from __future__ import annotations

from typing import Any

from livebreak_agent.capture.hits import RawHit
from livebreak_agent.engine import Engine
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.limits import Limits
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.model import BindingState, Breakpoint, CaptureLimits, Process

MANY = 10**9
UNLIMITED = Limits(
    hits_per_second=MANY, hits_at_once=MANY, process_hits_per_second=MANY, process_hits_at_once=MANY, hit_seconds=1.0
)
"""What is measured is a hit, not that there are no more of them."""


class Debugger:
    """Arms breakpoints that are given as `{"id", "file", "line", "condition", "frames"}`."""

    def __init__(self, root: str) -> None:
        self._queue: HitQueue[RawHit] = HitQueue()
        self._engine = Engine(
            process=Process(id="bench", pid=1, host="bench"),
            root=root,
            limits=UNLIMITED,
            redaction=Redaction(),
            queue=self._queue,
        )

    def arm(self, breakpoints: list[dict[str, Any]]) -> None:
        """Exactly these."""
        self._engine.arm([self._breakpoint(one) for one in breakpoints])

    def unbound(self) -> list[str]:
        """Why breakpoints are not bound."""
        return [str(one.reason) for one in self._engine.bindings() if one.state is not BindingState.BOUND]

    def take(self) -> int:
        """Throw away the hits that were captured; returns how many there were."""
        count = 0
        while taken := self._queue.take(1000):
            count += len(taken)
        return count

    def _breakpoint(self, one: dict[str, Any]) -> Breakpoint:
        limits = CaptureLimits(frames_with_locals=one["frames"]) if one.get("frames") else None
        return Breakpoint(
            id=one["id"], filename=one["file"], line_number=one["line"], condition=one.get("condition"), limits=limits
        )


CONDITION = "user_id == '12345' and len(items) > 3"
