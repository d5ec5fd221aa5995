"""A hit to and from the `$data_breakpoint_hit` event that carries it, through our backend or PostHog's own ingestion.

The first four properties and the thread are the contract's; whatever we add travels in further `$`-properties, which
other readers ignore.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.model import Awaiter, Frame, Hit

EVENT = "$data_breakpoint_hit"

_FACTS = {
    "$livebreak_digest": "digest",
    "$livebreak_condition": "condition",
    "$livebreak_message": "message",
    "$livebreak_truncated": "truncated",
    "$livebreak_process": "process_id",
    "$livebreak_service": "service",
    "$livebreak_environment": "environment",
    "$livebreak_host": "host",
    "$livebreak_revision": "revision",
    "$livebreak_task": "task",
    "$livebreak_request": "request",
    "$livebreak_request_id": "request_id",
    "$livebreak_trace_id": "trace_id",
    "$livebreak_span_id": "span_id",
    "$thread_name": "thread",
}
"""Properties that are a text, and the field of `Hit` that each one is."""


def write(hit: Hit) -> dict[str, Any]:
    """The event of a hit, as `/batch/` takes it."""
    properties: dict[str, Any] = {
        "$breakpoint_id": hit.breakpoint_id,
        "$file_path": _text_of(hit.filename),
        "$line_number": hit.line_number,
        "$locals_variables": {_text_of(name): _text(value) for name, value in hit.variables.items()},
        "$stack_trace": [_write_frame(frame) for frame in hit.stack],
        "$timestamp": hit.timestamp,
        "$process_person_profile": False,
    }
    properties |= {key: _text_of(value) for key, name in _FACTS.items() if (value := getattr(hit, name)) is not None}
    if hit.pid is not None:
        properties["$livebreak_pid"] = hit.pid
    if hit.watches:
        properties["$livebreak_watches"] = {_text_of(name): _text(value) for name, value in hit.watches.items()}
    if hit.context_variables:
        properties["$livebreak_context"] = {_text_of(name): _text(value) for name, value in hit.context_variables.items()}
    if hit.globals:
        properties["$livebreak_globals"] = {_text_of(name): _text(value) for name, value in hit.globals.items()}
    if hit.exception is not None:
        properties["$livebreak_exception"] = _text(hit.exception)
    if hit.awaiters:
        properties["$livebreak_awaiters"] = [_write_awaiter(awaiter) for awaiter in hit.awaiters]
    return {
        "event": EVENT,
        "uuid": hit.id,
        "distinct_id": hit.process_id or hit.id,
        "timestamp": hit.timestamp,
        "properties": properties,
    }


def read(
    event_id: str, timestamp: str, properties: Mapping[str, Any], *, verified: bool, pinned_by: str | None = None
) -> Hit | None:
    """The hit of an event's properties, or None if it is malformed in a way that PostHog skips, too.

    Accepts every form the contract names: a stack of `[file, function, line]` triples or of objects, a line number as
    a text, variables that are not JSON.
    """
    stack = _read_stack(properties.get("$stack_trace"))
    line = _line_of(properties.get("$line_number"), stack)
    variables = properties.get("$locals_variables") or {}
    facts = {name: _text_of(value) for key, name in _FACTS.items() if isinstance(value := properties.get(key), str)}
    breakpoint_id = properties.get("$breakpoint_id")
    if line is None or not isinstance(variables, dict) or not isinstance(breakpoint_id, str):
        return None
    pid = properties.get("$livebreak_pid")
    return Hit(
        id=event_id,
        breakpoint_id=breakpoint_id,
        timestamp=timestamp,
        filename=_text_of(str(properties.get("$file_path") or "")),
        line_number=line,
        function=stack[0].function if stack else "",
        variables={_text_of(str(name)): decode(value) for name, value in variables.items()},
        watches=_read_values(properties.get("$livebreak_watches")),
        context_variables=_read_values(properties.get("$livebreak_context")),
        globals=_read_values(properties.get("$livebreak_globals")),
        exception=decode(properties.get("$livebreak_exception")),
        stack=stack,
        awaiters=_read_awaiters(properties.get("$livebreak_awaiters")),
        pid=pid if type(pid) is int else None,
        verified=verified,
        pinned_by=pinned_by,
        **facts,
    )


def _line_of(value: object, stack: tuple[Frame, ...]) -> int | None:
    """An event without a line number is a hit all the same, by contract: that of the innermost frame, or 0."""
    if value is not None:
        return _line_number(value)
    return stack[0].line_number if stack else 0


def _read_values(values: object) -> dict[str, object]:
    return {_text_of(str(name)): decode(value) for name, value in values.items()} if isinstance(values, dict) else {}


_KEYS = {name: key for key, name in _FACTS.items()}


def facts(properties: Mapping[str, Any], names: Iterable[str]) -> tuple[str | None, ...]:
    """What `read` makes of these fields of `Hit`, which must be facts that are texts; without reading the rest."""
    values = (properties.get(_KEYS[name]) for name in names)
    return tuple([_text_of(value) if isinstance(value, str) else None for value in values])


def decode(value: object) -> object:
    """A variable as it came: a text of JSON, or, from other agents, any text or any JSON.

    The result can be written as JSON again in any way: it holds no lone surrogate, no number that is not finite, and is
    nested `DEEPEST` levels at most.
    """
    if not isinstance(value, str):
        return _writable(value, DEEPEST)
    data = _parse(value)
    # Nearly all texts are seen to be harmless without a walk through what they hold.
    is_harmless = not _ODD.search(value) and value.count("[") + value.count("{") <= DEEPEST
    return data if is_harmless else _writable(data, DEEPEST)


_raw_decode = json.JSONDecoder().raw_decode


def _parse(text: str) -> object:
    """What `json.loads` makes of it, or the text itself; shorter, since a page of hits holds thousands of short texts."""
    try:
        data, end = _raw_decode(text)
        return data if end == len(text) else json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(text)  # there may be blanks before it
    except (ValueError, RecursionError):
        return text


DEEPEST = 100
"""Levels of a captured value: far more than any agent captures, and shallow for every JSON writer."""

_ODD = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]|NaN|Infinity|\d[eE]\+?\d")
"""In every text that holds a lone surrogate or a number that is not finite, and in few others."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _writable(value: object, depth: int) -> object:
    if isinstance(value, str):
        return _text_of(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {captured.TYPE: "float", captured.VALUE: repr(value)}
    if not isinstance(value, list | tuple | Mapping):
        return value
    if depth == 0:
        return {captured.TYPE: "object", captured.CUT: captured.Cut.DEPTH.value}
    if isinstance(value, Mapping):
        return {_text_of(str(key)): _writable(item, depth - 1) for key, item in value.items()}
    return [_writable(item, depth - 1) for item in value]


def _text_of(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 can hold; file names that are no UTF-8 have them in Python."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _text(value: object) -> str:
    return _text_of(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _write_frame(frame: Frame) -> dict[str, Any]:
    # The keys "0", "1", "2" are for PostHog's own page, which indexes a frame as a triple.
    filename, function = _text_of(frame.filename), _text_of(frame.function)
    written: dict[str, Any] = {
        "function": function,
        "filename": filename,
        "lineno": frame.line_number,
        "0": filename,
        "1": function,
        "2": frame.line_number,
    }
    if frame.text is not None:
        written["text"] = _text_of(frame.text)
    if frame.in_repository:
        written["in_repository"] = True
    if frame.variables is not None:
        written["variables"] = {_text_of(name): _text(value) for name, value in frame.variables.items()}
    return written


def _write_awaiter(awaiter: Awaiter) -> dict[str, Any]:
    stack = [_write_frame(frame) for frame in awaiter.stack]
    return {"stack": stack} if awaiter.task is None else {"task": _text_of(awaiter.task), "stack": stack}


def _read_awaiters(awaiters: object) -> tuple[Awaiter, ...]:
    if not isinstance(awaiters, list):
        return ()
    return tuple(
        Awaiter(task=_text_of(task) if isinstance(task := one.get("task"), str) else None, stack=_read_stack(one.get("stack")))
        for one in awaiters
        if isinstance(one, dict)
    )


def _read_stack(stack: object) -> tuple[Frame, ...]:
    if not isinstance(stack, list):
        return ()
    frames = (_read_frame(frame) for frame in stack)
    return tuple(frame for frame in frames if frame is not None)


def _read_frame(frame: object) -> Frame | None:
    if isinstance(frame, list | tuple) and len(frame) >= 3:
        return Frame(filename=_text_of(str(frame[0])), function=_text_of(str(frame[1])), line_number=_line_number(frame[2]) or 0)
    if not isinstance(frame, dict):  # what JSON makes; to ask for any mapping takes longer than the frame
        return None
    variables = frame.get("variables")
    text = frame.get("text")
    return Frame(
        function=_text_of(str(frame.get("function") or "")),
        filename=_text_of(str(frame.get("filename") or frame.get("file") or "")),
        line_number=_line_number(frame.get("lineno", frame.get("line"))) or 0,
        text=_text_of(text) if isinstance(text, str) else None,
        in_repository=frame.get("in_repository") is True,
        variables={_text_of(str(name)): decode(item) for name, item in variables.items()}
        if isinstance(variables, dict)
        else None,
    )


_LARGEST_LINE = 2**31 - 1
"""The largest that the contract stores, and that the Language Server Protocol can say."""


def _line_number(value: object) -> int | None:
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return None
    return value if type(value) is int and 0 <= value <= _LARGEST_LINE else None
