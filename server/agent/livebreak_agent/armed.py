"""One breakpoint in this process: what was compiled of it, what became of it, and what happens when its line runs.

`make_on_pass` gives what runs on the application's threads. It is written tight, because a condition that is false is paid for
on every pass; everything it needs is bound when the breakpoint is armed.
"""

from __future__ import annotations

import dataclasses
import inspect
import operator
import time
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from livebreak_agent.capture import frames, scrub
from livebreak_agent.capture.hits import RawHit
from livebreak_agent.capture.values import Walk
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.instrument import guard
from livebreak_agent.instrument.sites import OnPass
from livebreak_agent.limits import Extent, Limits, TokenBucket, extent
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.captured import TYPE, VALUE
from livebreak_agent.vocabulary.expressions import (
    EvaluationError,
    Expression,
    ExpressionError,
    Message,
    compile_expression,
    compile_message,
    truth,
)
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint

_BASE_BYTES = 600
"""A hit in the queue without its values: the objects themselves and the facts of the moment."""

_FRAME_BYTES = 120
"""A frame of the stack in the queue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """What all breakpoints of the process have in common."""

    limits: Limits
    redaction: Redaction
    queue: HitQueue[RawHit]
    bucket: TokenBucket
    """Of the process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """A breakpoint's texts, checked and ready to be evaluated."""

    condition: Expression | None = None
    message: Message | None = None
    watches: tuple[Expression, ...] = ()
    refusal: str | None = None
    """Why it cannot be bound as it stands."""


@dataclass(kw_only=True, slots=True, eq=False)
class Armed:
    """One breakpoint; its counters are added to on the application's threads."""

    breakpoint: Breakpoint
    compiled: Compiled
    extent: Extent
    bucket: TokenBucket
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
    fault: str | None = None
    """The exception that a mistake of the agent's raised on the line; it is left alone from then on."""
    asleep_since: float | None = None
    """The monotonic time since when the line is left alone because tokens are spent."""

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
            dropped=self.dropped,
            condition_errors=self.condition_errors,
            condition_error=self.condition_error,
        )


def make(breakpoint: Breakpoint, shared: Shared) -> Armed:
    limits = shared.limits
    per_second, at_once = (
        (limits.hits_per_second, limits.hits_at_once)
        if breakpoint.log_message is None
        else (limits.logs_per_second, limits.logs_at_once)
    )
    return Armed(
        breakpoint=breakpoint,
        compiled=_compile(breakpoint, shared.redaction),
        extent=extent(limits, breakpoint.limits),
        bucket=TokenBucket(per_second, at_once),
    )


def make_on_pass(armed: Armed, code: types.CodeType, line: int, shared: Shared) -> OnPass:
    """What is called when a pass over the breakpoint's line in this code begins; True leaves the line alone for a while."""
    condition = armed.compiled.condition

    def hit(frame: types.FrameType) -> bool:
        limit = armed.breakpoint.hit_limit
        if limit is not None and armed.hits >= limit:
            return True
        if armed.fault is not None:
            return True
        if armed.bucket.level() < 1.0 or shared.bucket.level() < 1.0:
            armed.rate_limited += 1
            armed.asleep_since = time.monotonic()
            return True
        armed.bucket.spend()
        shared.bucket.spend()
        try:
            raw = _capture(armed, frame, line, read, shared)
        except (RecursionError, MemoryError):
            # The application is at its own limit here; the hit is not worth pushing it over.
            return False
        except Exception as error:
            if guard.is_for_the_application(error):
                raise
            armed.fault = type(error).__name__
            return True
        armed.hits += 1
        shared.queue.put(raw, raw.size)
        return False

    read = _make_reader(code, _names_read(armed.compiled))
    if condition is None:

        def on_pass(frame: types.FrameType) -> bool:
            armed.passes += 1
            return hit(frame)

        return on_pass

    evaluate, read_condition = condition.evaluate, _make_reader(code, condition.names)

    def on_conditional_pass(frame: types.FrameType) -> bool:
        armed.passes += 1
        try:
            verdict = evaluate(read_condition(frame))
            if verdict is False or (verdict is not True and not truth(verdict)):
                return False
        except EvaluationError as error:
            armed.condition_errors += 1
            armed.condition_error = _explained(error, condition, read_condition(frame))
            return False
        return hit(frame)

    return on_conditional_pass


def quick_condition(armed: Armed, code: types.CodeType) -> Callable[[Mapping[str, Any]], object] | None:
    """The condition, if the variables of a frame of this code are all that it reads, and False is its usual answer."""
    condition = armed.compiled.condition
    if condition is None or not code.co_flags & inspect.CO_OPTIMIZED or not condition.names <= _own_names(code):
        return None
    return condition.evaluate


def _compile(breakpoint: Breakpoint, redaction: Redaction) -> Compiled:
    texts = [text for text in (breakpoint.condition, *breakpoint.watches) if text is not None]
    if breakpoint.log_message is None:
        refusals = [redaction.refusal(text) for text in texts]
    else:
        refusals = [*(redaction.refusal(text) for text in texts), redaction.message_refusal(breakpoint.log_message)]
    refusal = next((one for one in refusals if one is not None), None)
    if refusal is not None:
        return Compiled(refusal=refusal)
    part = "condition"
    try:
        condition = None if not (breakpoint.condition or "").strip() else compile_expression(breakpoint.condition or "")
        part = "log message"
        message = None if breakpoint.log_message is None else scrub.guarded(compile_message(breakpoint.log_message), redaction)
        part = "watch"
        watches = tuple(compile_expression(text) for text in breakpoint.watches)
    except ExpressionError as error:
        place = "" if error.column is None else f" (at character {error.column + 1})"
        return Compiled(refusal=f"The {part} is refused{place}: {error.message}")
    return Compiled(condition=condition, message=message, watches=watches)


def _capture(armed: Armed, frame: types.FrameType, line: int, read: _Reader, shared: Shared) -> RawHit:
    now = time.time_ns()
    walk = Walk(armed.extent, shared.redaction)
    compiled = armed.compiled
    message = None if compiled.message is None else compiled.message.render(read(frame))
    watches = {} if not compiled.watches else {watch.text: _watched(watch, read(frame), walk) for watch in compiled.watches}
    variables, truncated = ([], None) if message is not None else _variables(frame, walk)
    stack = frames.stack_of(frame, armed.extent.stack_frames)
    used = armed.extent.bytes - walk.left + len(message or "")
    return RawHit(
        breakpoint=armed.breakpoint,
        line=line,
        nanoseconds=now,
        digest=armed.digest,
        stack=stack,
        variables=variables,
        watches=watches,
        message=message,
        truncated=truncated,
        thread=frames.thread_name(),
        task=frames.task_name(),
        size=_BASE_BYTES + used + _FRAME_BYTES * len(stack),
    )


def _variables(frame: types.FrameType, walk: Walk) -> tuple[list[dict[str, Any]], str | None]:
    """The variables of as many frames as were asked for, innermost first."""
    captured, truncated = frames.variables_of(frame, walk)
    all_captured = [captured]
    outer = frame.f_back
    while outer is not None and len(all_captured) < walk.extent.frames_with_locals and walk.stopped is None:
        captured, reason = frames.variables_of(outer, walk)
        all_captured.append(captured)
        truncated = truncated or reason
        outer = outer.f_back
    return all_captured, truncated


def _watched(watch: Expression, values: Mapping[str, Any], walk: Walk) -> Any:
    try:
        return walk.value(watch.evaluate(values), walk.extent.depth)
    except EvaluationError as error:
        return {TYPE: "EvaluationError", VALUE: _explained(error, watch, values)}


def _explained(error: EvaluationError, expression: Expression, values: Mapping[str, Any]) -> str:
    missing = sorted(name for name in expression.names if name not in values)
    return f"No variable named {missing[0]!r} here." if missing else str(error)


_Reader = Callable[[types.FrameType], Mapping[str, Any]]
"""Gives the variables that expressions read, by name; those that are not set are not in it."""

_UNSET = object()


def _names_read(compiled: Compiled) -> frozenset[str]:
    names: frozenset[str] = frozenset() if compiled.message is None else compiled.message.names
    return names.union(*(watch.names for watch in compiled.watches))


def _make_reader(code: types.CodeType, names: frozenset[str]) -> _Reader:
    """Reads some names in frames of some code: its variables, then the module's. Which is which is known beforehand."""
    own = _own_names(code)
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
    if is_function and names <= own:
        return operator.attrgetter("f_locals")
    of_frame = tuple(names & own) if is_function else tuple(names)

    def read(frame: types.FrameType) -> dict[str, Any]:
        values: dict[str, Any] = {}
        namespace = frames.namespace_of(frame) if of_frame else None
        for name in of_frame:
            if namespace is not None and name in namespace:
                values[name] = namespace[name]
        for name in names:
            if name not in values and (not is_function or name not in own):
                value = dict.get(frame.f_globals, name, _UNSET)
                if value is not _UNSET:
                    values[name] = value
        return values

    return read


def _own_names(code: types.CodeType) -> set[str]:
    return {*code.co_varnames, *code.co_cellvars, *code.co_freevars}


def without_ownership(breakpoint: Breakpoint) -> Breakpoint:
    """What of a breakpoint matters here: who made it and when may change without anything having changed."""
    return dataclasses.replace(breakpoint, owner=None, created_at=None, updated_at=None, expires_at=None)
