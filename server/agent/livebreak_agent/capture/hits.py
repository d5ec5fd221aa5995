"""What the application's thread captured, and how the uplink's thread makes a `model.Hit` of it."""

from __future__ import annotations

import types
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from livebreak_agent.capture.frames import FrameMark
from livebreak_agent.capture.raw import filename_of
from livebreak_agent.capture.tasks import Waiting
from livebreak_agent.instrument.files import Places
from livebreak_agent.instrument.sources import Texts
from livebreak_agent.vocabulary.model import Awaiter, Breakpoint, Frame, Hit, Process


@dataclass(kw_only=True, slots=True)
class RawHit:
    """One pass over a breakpoint's line, as cheap to make as it can be. Values are in JSON form already."""

    breakpoint: Breakpoint
    line: int
    nanoseconds: int
    """Since the epoch."""
    digest: str | None
    stack: list[FrameMark]
    variables: dict[int, dict[str, Any]]
    """Of the frames whose variables were asked for, by their place in the stack."""
    watches: dict[str, Any]
    context_variables: dict[str, Any]
    globals: dict[str, Any]
    exception: Any
    message: str | None
    truncated: str | None
    thread: str | None
    task: str | None
    awaiters: list[Waiting]
    served: tuple[str | None, str | None]
    """The request or task that was being served, and its id."""
    trace: tuple[str | None, str | None]
    """The ids of trace and span."""
    size: int
    """Bytes that it holds, about."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_hit(raw: RawHit, process: Process, places: Places, texts: Texts) -> Hit:
    """The hit, with the names and lines of its stack as a person knows them."""
    stack = tuple(_stack(raw, places, texts))
    return Hit(
        id=str(uuid.uuid4()),
        breakpoint_id=raw.breakpoint.id,
        timestamp=(_EPOCH + timedelta(microseconds=raw.nanoseconds // 1000)).isoformat(timespec="microseconds"),
        filename=raw.breakpoint.filename,
        line_number=raw.line,
        function=stack[0].function if stack else "",
        variables=raw.variables.get(0, {}),
        watches=raw.watches,
        context_variables=raw.context_variables,
        globals=raw.globals,
        exception=raw.exception,
        message=raw.message,
        stack=stack,
        awaiters=tuple(
            Awaiter(task=task, stack=tuple(_frame(mark, places, texts) for mark in marks)) for task, marks in raw.awaiters
        ),
        truncated=raw.truncated,
        digest=raw.digest,
        condition=raw.breakpoint.condition,
        process_id=process.id,
        service=process.service,
        environment=process.environment,
        host=process.host,
        pid=process.pid,
        revision=process.revision,
        thread=raw.thread,
        task=raw.task,
        request=raw.served[0],
        request_id=raw.served[1],
        trace_id=raw.trace[0],
        span_id=raw.trace[1],
    )


def line_at(code: types.CodeType, offset: int) -> int | None:
    """The line of the instruction at an offset."""
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line
    return None


def _stack(raw: RawHit, places: Places, texts: Texts) -> list[Frame]:
    return [
        _frame(mark, places, texts, line=None if index else raw.line, variables=raw.variables.get(index) if index else None)
        for index, mark in enumerate(raw.stack)
        if not index or not places.is_own(filename_of(mark[0]))
    ]


def _frame(
    mark: FrameMark, places: Places, texts: Texts, *, line: int | None = None, variables: dict[str, Any] | None = None
) -> Frame:
    code, offset = mark
    if line is None:
        line = line_at(code, offset) or code.co_firstlineno
    filename, in_repository = places.shown(filename_of(code))
    return Frame(
        function=code.co_qualname,
        filename=filename,
        line_number=line,
        text=texts.line(filename_of(code), line),
        in_repository=in_repository,
        variables=variables,
    )
