"""One breakpoint in this process: what was compiled of it, what became of it, and its counters.

What happens when its line runs is in `passing`, and when it is switched off for what it costs, in `breaker`.
"""

from __future__ import annotations

import dataclasses
import posixpath
import time
from dataclasses import dataclass

from livebreak_agent.limits import LOG_SHARE, Extent, Limits, TokenBucket, extent
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.expressions import (
    Checked,
    Expression,
    ExpressionError,
    Message,
    check_expression,
    compile_expression,
    compile_message,
)
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint

LIMITED_SECONDS = 5.0
"""So long after the rate limit switched a line off, it is said to be limited now: the line comes back twice a second, and
a state that changed with it could not be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """A breakpoint's texts, checked and ready to be evaluated."""

    condition: Checked | None = None
    message: Message | None = None
    watches: tuple[Expression, ...] = ()
    refusal: str | None = None
    """Why it cannot be bound as it stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trip:
    """A breakpoint is switched off in this process, because it costs too much."""

    reason: str
    """A sentence for a person."""
    until: float
    """By the monotonic clock."""
    seconds: float
    """For how long."""


@dataclass(kw_only=True, slots=True, eq=False)
class Armed:
    """One breakpoint; its counters are added to on the application's threads."""

    breakpoint: Breakpoint
    last_name: str
    """Of the file's path."""
    compiled: Compiled
    extent: Extent
    bucket: TokenBucket
    """Of its hits."""
    errors: TokenBucket
    """Of failures to evaluate the condition."""
    weight: float = 1.0
    """Tokens of the process's bucket that one of its hits takes."""
    state: BindingState = BindingState.PENDING
    reason: str | None = None
    line: int | None = None
    nearest_lines: tuple[int, ...] = ()
    digest: str | None = None
    source_changed: bool = False
    passes: int = 0
    hits: int = 0
    rate_limited: int = 0
    dropped: int = 0
    condition_errors: int = 0
    condition_error: str | None = None
    steps: int = 0
    """Steps of evaluating that conditions with calls took; see `breaker`."""
    seconds: float = 0.0
    """Of processor time that its hits took on the application's threads."""
    fault: str | None = None
    """The exception that a mistake of the agent's raised on the line; it is left alone from then on."""
    overrun: float | None = None
    """The seconds of a hit that took so long that there is to be no other one for a while."""
    trip: Trip | None = None
    asleep_for: TokenBucket | None = None
    """The bucket whose tokens are spent, while the line is left alone for that."""
    limited_at: float | None = None
    """The monotonic time at which that began last."""

    def is_same(self, other: Breakpoint | None) -> bool:
        """Whether the other one asks for the same; None asks for nothing."""
        if other is None or other == self.breakpoint:
            return other is not None
        return _without_ownership(other) == _without_ownership(self.breakpoint)

    def settle(
        self,
        state: BindingState,
        reason: str | None = None,
        *,
        line: int | None = None,
        nearest_lines: tuple[int, ...] = (),
        digest: str | None = None,
        source_changed: bool = False,
    ) -> bool:
        """What became of it; True if that is news."""
        before = (self.state, self.reason, self.line, self.nearest_lines, self.digest, self.source_changed)
        self.state, self.reason, self.line = state, reason, line
        self.nearest_lines, self.digest, self.source_changed = nearest_lines, digest, source_changed
        return before != (state, reason, line, nearest_lines, digest, source_changed)

    def leave_alone(self, bucket: TokenBucket) -> None:
        """The line is left alone until this bucket has tokens again."""
        self.rate_limited += 1
        self.limited_at = time.monotonic()
        self.asleep_for = bucket

    def is_limited_now(self) -> bool:
        limited_at = self.limited_at
        if limited_at is None:
            return False
        return self.asleep_for is not None or time.monotonic() - limited_at < LIMITED_SECONDS

    def forget_counts(self) -> None:
        """In the child of a fork, what was counted is the parent's."""
        self.passes = self.hits = self.rate_limited = self.dropped = self.condition_errors = self.steps = 0
        self.seconds = 0.0
        self.condition_error = self.limited_at = None

    def binding(self) -> Binding:
        return Binding(
            breakpoint_id=self.breakpoint.id,
            state=self.state,
            reason=self.reason,
            line_number=self.line,
            nearest_lines=self.nearest_lines,
            digest=self.digest,
            source_changed=self.source_changed,
            passes=self.passes,
            hits=self.hits,
            rate_limited=self.rate_limited,
            rate_limited_now=self.is_limited_now(),
            dropped=self.dropped,
            condition_errors=self.condition_errors,
            condition_error=self.condition_error,
        )


def make(breakpoint: Breakpoint, limits: Limits, redaction: Redaction) -> Armed:
    per_second, at_once = (
        (limits.hits_per_second, limits.hits_at_once)
        if breakpoint.log_message is None
        else (limits.logs_per_second, limits.logs_at_once)
    )
    return Armed(
        breakpoint=breakpoint,
        last_name=posixpath.basename(breakpoint.filename),
        compiled=_compile(breakpoint, redaction),
        extent=extent(limits, breakpoint.limits),
        bucket=TokenBucket(per_second, at_once),
        errors=TokenBucket(limits.errors_per_second, limits.errors_at_once),
        weight=1.0 if breakpoint.log_message is None else LOG_SHARE,
    )


def _without_ownership(breakpoint: Breakpoint) -> Breakpoint:
    """What of a breakpoint matters here: who made it and when may change without anything having changed."""
    return dataclasses.replace(breakpoint, owner=None, created_at=None, updated_at=None, expires_at=None)


def _compile(breakpoint: Breakpoint, redaction: Redaction) -> Compiled:
    part = "condition"
    try:
        condition = check_expression(breakpoint.condition or "") if (breakpoint.condition or "").strip() else None
        part = "log message"
        message = None if breakpoint.log_message is None else compile_message(breakpoint.log_message, redaction)
        part = "watch"
        watches = tuple(compile_expression(text, redaction) for text in breakpoint.watches)
    except ExpressionError as error:
        place = "" if error.column is None else f" (at character {error.column + 1})"
        return Compiled(refusal=f"The {part} is refused{place}: {error.message}")
    texts = (*breakpoint.watches, *(message.expressions if message else ()))
    checked = (*([condition] if condition else ()), *(check_expression(text) for text in texts))
    refusals = [redaction.refusal(expression.tree) for expression in checked]
    if message is not None and message.expressions and redaction.strict:
        refusals.append("Redaction is strict in this process: a log message cannot show values here.")
    refusal = next((one for one in refusals if one is not None), None)
    return Compiled(refusal=refusal) if refusal is not None else Compiled(condition=condition, message=message, watches=watches)
