"""The circuit breaker: what a breakpoint costs is summed up, and one that costs too much is switched off for a while.

Hits are timed one by one. A condition that is false is not, since two looks at the clock would cost more than it does; its
cost is estimated from the passes, and from the steps that those conditions are charged with that can take many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from livebreak_agent.armed import Armed, Trip
from livebreak_agent.limits import Limits

WINDOW_SECONDS = 1.0
"""Costs are a share of so much time at least: a short burst is not worth switching anything off."""

PASS_SECONDS = 0.25e-6
"""What a pass is taken to cost, between what it is on the newest Pythons and on the oldest."""

STEP_SECONDS = 0.1e-6
"""What a step of evaluating costs at most."""

ERROR_SECONDS = 10e-6
"""What a failure to evaluate a condition costs."""

OFF_SECONDS = 30.0
"""For so long a breakpoint is switched off the first time, then twice as long, ..."""

LONGEST_OFF_SECONDS = 600.0
"""... up to this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """What was spent up to some time."""

    at: float | None = None
    """By the monotonic clock."""
    spent: dict[str, float] = field(default_factory=dict)
    """Seconds by breakpoint, since it was armed."""
    off: dict[str, float] = field(default_factory=dict)
    """For how long breakpoints were switched off the last time."""
    tripped: tuple[Armed, ...] = ()
    """Those that were switched off just now."""


def over(before: Costs, all_armed: Sequence[Armed], limits: Limits, now: float) -> Costs:
    """Trips the breakpoints that spent more than their share since `before`; nothing before `WINDOW_SECONDS` are over."""
    overrun = [armed for armed in all_armed if armed.overrun is not None]
    off = {armed.breakpoint.id: before.off[armed.breakpoint.id] for armed in all_armed if armed.breakpoint.id in before.off}
    for armed in overrun:
        milliseconds = (armed.overrun or 0.0) * 1000
        _trip(armed, f"one hit took {milliseconds:,.0f} ms of the application's time", off, now)
        armed.overrun = None
    if before.at is not None and now - before.at < WINDOW_SECONDS:
        return Costs(at=before.at, spent=before.spent, off=off, tripped=tuple(overrun))
    spent = {armed.breakpoint.id: _spent(armed) for armed in all_armed}
    tripped = list(overrun)
    if before.at is not None:
        elapsed = now - before.at
        shares = [
            ((spent[armed.breakpoint.id] - before.spent.get(armed.breakpoint.id, 0.0)) / elapsed, armed)
            for armed in all_armed
            if armed.trip is None
        ]
        shares.sort(key=lambda pair: -pair[0])
        total = sum(share for share, _ in shares)
        for share, armed in shares:
            if share <= limits.cpu_share and total <= limits.process_cpu_share:
                break
            total -= share
            limit = limits.cpu_share if share > limits.cpu_share else limits.process_cpu_share
            whose = "" if share > limits.cpu_share else " for all breakpoints together"
            _trip(armed, f"it took {share:.0%} of a processor, and {limit:.0%}{whose} is the limit", off, now)
            tripped.append(armed)
    return Costs(at=now, spent=spent, off=off, tripped=tuple(tripped))


def _trip(armed: Armed, why: str, off: dict[str, float], now: float) -> None:
    identity = armed.breakpoint.id
    seconds = min(off[identity] * 2, LONGEST_OFF_SECONDS) if identity in off else OFF_SECONDS
    off[identity] = seconds
    reason = (
        f"Switched off in this process for {seconds:,.0f} s, because {why}; then it is tried again. "
        "A line that runs less often, or a simpler condition, costs less."
    )
    armed.trip = Trip(reason=reason, until=now + seconds, seconds=seconds)


def _spent(armed: Armed) -> float:
    return armed.seconds + armed.passes * PASS_SECONDS + armed.steps * STEP_SECONDS + armed.condition_errors * ERROR_SECONDS
