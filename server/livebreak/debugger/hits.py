"""The hits an editor holds: bounded, newest first, each once."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence

from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import HitSummary

SUMMARIES_PER_BREAKPOINT = 100
"""What a hover and a list can show; older ones are fetched from the backend when somebody asks."""

WHOLE_HITS = 64
"""Whole hits kept after somebody looked at them: 64 of the largest (256 KiB) are 16 MiB."""


def is_of_condition(hit: HitSummary, condition: str | None) -> bool:
    """False if the hit is known to come from a time when the breakpoint had another condition. Only our own agents tell the
    condition in force, and they tell their process, too."""
    return hit.process_id is None or (hit.condition or None) == (condition or None)


class HitLog:
    """Summaries by breakpoint, and a few whole hits. No order of arrival is assumed: streams resume and polls overlap."""

    def __init__(self) -> None:
        self._summaries: dict[str, deque[HitSummary]] = {}
        self._totals: dict[str, int] = {}
        self._whole: OrderedDict[str, Hit] = OrderedDict()

    def add(self, summary: HitSummary, total: int | None = None) -> bool:
        """Take a summary; False if it was known. `total` is the number that the backend has stored for the breakpoint."""
        log = self._summaries.setdefault(summary.breakpoint_id, deque(maxlen=SUMMARIES_PER_BREAKPOINT))
        is_new = all(known.id != summary.id for known in log)
        if is_new:
            position = next((index for index, known in enumerate(log) if known.timestamp <= summary.timestamp), len(log))
            if len(log) == log.maxlen:
                if position == len(log):
                    return False
                log.pop()
            log.insert(position, summary)
        if total is not None:
            self._totals[summary.breakpoint_id] = total
        return is_new

    def forget(self, breakpoint_id: str) -> None:
        self._summaries.pop(breakpoint_id, None)
        self._totals.pop(breakpoint_id, None)

    def of(self, breakpoint_id: str) -> Sequence[HitSummary]:
        """Newest first."""
        return tuple(self._summaries.get(breakpoint_id, ()))

    def total(self, breakpoint_id: str) -> int:
        """Hits that are known to exist, at least those held here."""
        return max(self._totals.get(breakpoint_id, 0), len(self._summaries.get(breakpoint_id, ())))

    def total_under(self, breakpoint_id: str, condition: str | None) -> int:
        """As `total`, without the hits from before the condition was changed. Hits are held newest first, so all those under the
        condition of now are among them."""
        held = self._summaries.get(breakpoint_id, ())
        current = sum(is_of_condition(hit, condition) for hit in held)
        return self.total(breakpoint_id) if current == len(held) else current

    def keep(self, hit: Hit) -> None:
        """Keep a whole hit, so that the next look at it needs no network."""
        self._whole[hit.id] = hit
        self._whole.move_to_end(hit.id)
        while len(self._whole) > WHOLE_HITS:
            self._whole.popitem(last=False)

    def whole(self, hit_id: str) -> Hit | None:
        return self._whole.get(hit_id)
