"""How many hits of each breakpoint came that nobody has fetched yet: late ones lie anywhere on the time axis, and only their
number tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable


class Arrivals:
    """Compares what the backend says it has stored with what was taken.

    Parameters
    ----------
    total
        Hits of a breakpoint that the backend is known to have stored.
    """

    def __init__(self, total: Callable[[str], int]) -> None:
        self._total = total
        self._settled: dict[str, int] = {}
        self._taken: Counter[str] = Counter()

    def taken(self, breakpoint_id: str) -> None:
        """A hit that was news is on its axis."""
        self._taken[breakpoint_id] += 1

    def missing(self, breakpoint_id: str) -> int:
        """Hits that came since `settle` and were not taken."""
        return max(self._total(breakpoint_id) - self._settled.get(breakpoint_id, 0) - self._taken[breakpoint_id], 0)

    def settle(self, breakpoint_id: str, told: int) -> None:
        """Of the number that was `told`, all that there is was looked for; what comes beyond it is news."""
        expected = max(told - self._settled.get(breakpoint_id, 0), 0)
        # Some may have been taken already of which nobody told yet.
        self._taken[breakpoint_id] = max(self._taken[breakpoint_id] - expected, 0)
        self._settled[breakpoint_id] = told

    def among(self, breakpoint_ids: Iterable[str]) -> set[str]:
        """Those that have news."""
        return {id for id in breakpoint_ids if self.missing(id)}
