"""What happens on the application's threads when a breakpoint's line runs.

It is written tight, because each pass is paid for there; everything it needs is bound when the breakpoint is armed.
"""

from __future__ import annotations

import operator
import sys
import time
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from livebreak_agent.armed import Armed, Compiled
from livebreak_agent.capture import context, frames, tasks
from livebreak_agent.capture.hits import RawHit
from livebreak_agent.capture.values import Walk
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.instrument import guard
from livebreak_agent.instrument.checks import can_be_written_in
from livebreak_agent.instrument.sites import OnPass, Written
from livebreak_agent.limits import AWAITER_FRAMES, HIT_TOKEN_SECONDS, Limits, TokenBucket
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.captured import TYPE, VALUE
from livebreak_agent.vocabulary.expressions import Checked, EvaluationError, Expression, compile_expression, failure, truth

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
    is_of_app: Callable[[str], bool]
    """Whether a file, by the name that its code has it under, is the application's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """What is called when a pass over the breakpoint's line begins in some code."""

    on_pass: OnPass
    """True leaves the line alone for a while."""
    written: Written | None
    """There where the instrument can evaluate the condition by itself; it says the same."""


def make_calls(armed: Armed, code: types.CodeType, line: int, shared: Shared) -> Calls:
    condition = armed.compiled.condition
    read = _make_reader(code, _names_read(armed.compiled))
    global_names = frames.globals_read_in(code) if armed.extent.globals else ()

    def on_true(frame: types.FrameType) -> bool:
        armed.passes += 1
        return _hit(armed, frame, line, read, global_names, shared)

    if condition is None:
        return Calls(on_pass=on_true, written=None)
    names, read_condition = condition.names, _make_reader(code, condition.names)

    def on_error(frame: types.FrameType, error: Exception) -> bool:
        problem = failure(error)
        if problem is None:
            raise error
        armed.passes += 1
        armed.condition_errors += 1
        armed.condition_error = _explained(problem, names, read_condition(frame))
        if armed.errors.level() < 1.0:
            armed.leave_alone(armed.errors)
            return True
        armed.errors.spend()
        return False

    on_pass = _make_evaluating(condition, shared.redaction, armed, read_condition, on_true, on_error)
    written = Written(condition=condition, secrets=shared.redaction, counts=armed, on_true=on_true, on_error=on_error)
    return Calls(on_pass=on_pass, written=written if can_be_written_in(code) else None)


def _make_evaluating(
    condition: Checked,
    redaction: Redaction,
    armed: Armed,
    read: _Reader,
    on_true: OnPass,
    on_error: Callable[[types.FrameType, Exception], bool],
) -> OnPass:
    """The same as what an instrument makes of `Written`, for passes that begin elsewhere than on a line of their own."""
    expression: Expression | None = None

    def on_pass(frame: types.FrameType) -> bool:
        nonlocal expression
        if expression is None:
            # Mostly it is never asked for, and compiling would cost more than all the rest of arming.
            expression = compile_expression(condition.text, redaction)
        try:
            verdict = expression.evaluate(read(frame))
            if verdict is False or (verdict is not True and not truth(verdict)):
                armed.passes += 1
                return False
        except EvaluationError as error:
            return on_error(frame, error)
        return on_true(frame)

    return on_pass


def _hit(armed: Armed, frame: types.FrameType, line: int, read: _Reader, global_names: tuple[str, ...], shared: Shared) -> bool:
    limit = armed.breakpoint.hit_limit
    if armed.fault is not None or armed.overrun is not None or (limit is not None and armed.hits >= limit):
        return True
    if armed.asleep_for is not None:
        # Only others in the same code were woken, and the tokens are theirs.
        armed.rate_limited += 1
        return True
    for bucket, tokens in ((armed.bucket, 1.0), (shared.bucket, armed.weight)):
        if bucket.level() < tokens:
            armed.leave_alone(bucket)
            return True
    armed.bucket.spend()
    shared.bucket.spend(armed.weight)
    # Of this thread alone: that others had the processor meanwhile is not what the hit costs.
    started = time.thread_time()
    # Nothing is called between the two, so that no other thread comes in between: two may be here for the last hit of a limit.
    if limit is not None and armed.hits >= limit:
        return True
    armed.hits += 1
    try:
        raw = _capture(armed, frame, line, read, global_names, shared)
    except (RecursionError, MemoryError):
        # The application is at its own limit here; the hit is not worth pushing it over.
        armed.hits -= 1
        return False
    except Exception as error:
        armed.hits -= 1
        if guard.is_for_the_application(error):
            raise
        armed.fault = type(error).__name__
        return True
    shared.queue.put(raw, raw.size)
    seconds = time.thread_time() - started
    armed.seconds += seconds
    if seconds > HIT_TOKEN_SECONDS:
        shared.bucket.spend(seconds / HIT_TOKEN_SECONDS - armed.weight)
    if seconds > shared.limits.longest_hit_seconds:
        armed.overrun = seconds
    return armed.overrun is not None


def _capture(
    armed: Armed, frame: types.FrameType, line: int, read: _Reader, global_names: tuple[str, ...], shared: Shared
) -> RawHit:
    now = time.time_ns()
    walk = Walk(armed.extent, shared.redaction)
    compiled = armed.compiled
    message = None if compiled.message is None else shared.redaction.scrub(compiled.message.render(read(frame)))
    watches = {} if not compiled.watches else {watch.text: _watched(watch, read(frame), walk) for watch in compiled.watches}
    # No `except` is entered on the way to here, so it is the application's. Before the variables, which may use up the limits.
    handled = sys.exception() if message is None else None
    exception = None if handled is None else walk.value(handled, walk.extent.depth)
    variables, truncated = ({}, None) if message is not None else frames.variables_of_stack(frame, walk, shared.is_of_app)
    stack = frames.stack_of(frame, armed.extent.stack_frames)
    task = tasks.running()
    awaiters = [] if task is None else tasks.waiting_for(task, armed.extent.awaiters, AWAITER_FRAMES)
    asked = armed.extent.context_variables
    return RawHit(
        breakpoint=armed.breakpoint,
        line=line,
        nanoseconds=now,
        digest=armed.digest,
        stack=stack,
        variables=variables,
        watches=watches,
        context_variables=context.variables(walk, asked) if asked else {},
        globals=frames.globals_of(frame, global_names, walk) if global_names and message is None else {},
        exception=exception,
        message=message,
        truncated=truncated,
        thread=frames.thread_name(),
        task=tasks.name_of(task),
        awaiters=awaiters,
        served=context.served(frame, armed.extent.stack_frames, shared.redaction),
        trace=context.trace(),
        size=_BASE_BYTES
        + armed.extent.bytes
        - walk.left
        + len(message or "")
        + _FRAME_BYTES * (len(stack) + sum(len(marks) for _, marks in awaiters)),
    )


def _watched(watch: Expression, values: Mapping[str, Any], walk: Walk) -> Any:
    try:
        return walk.value(watch.evaluate(values), walk.extent.depth)
    except EvaluationError as error:
        return {TYPE: "EvaluationError", VALUE: _explained(error, watch.names, values)}


def _explained(error: EvaluationError, names: frozenset[str], values: Mapping[str, Any]) -> str:
    missing = sorted(name for name in names if name not in values)
    return f"No variable named {missing[0]!r} here." if missing else str(error)


_Reader = Callable[[types.FrameType], Mapping[str, Any]]
"""Gives the variables that expressions read, by name; those that are not set are not in it."""

_UNSET = object()


def _names_read(compiled: Compiled) -> frozenset[str]:
    names: frozenset[str] = frozenset() if compiled.message is None else compiled.message.names
    return names.union(*(watch.names for watch in compiled.watches))


def _make_reader(code: types.CodeType, names: frozenset[str]) -> _Reader:
    """Reads some names in frames of some code: its variables, then the module's. Which is which is known beforehand."""
    own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    is_function = can_be_written_in(code)
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
