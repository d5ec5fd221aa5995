"""What the expression language sees of a captured hit: its variables, the module's, and beside them its facts.

So a filter is written as a condition is: `user_id == 42 and service == 'web'`.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.expressions import NotCaptured, Record
from livebreak_agent.vocabulary.model import Hit

FACTS: dict[str, Callable[[Hit], object]] = {
    "breakpoint": lambda hit: hit.breakpoint_id,
    "condition": lambda hit: hit.condition,
    "environment": lambda hit: hit.environment,
    "filename": lambda hit: hit.filename,
    "function": lambda hit: hit.function,
    "host": lambda hit: hit.host,
    "line_number": lambda hit: hit.line_number,
    "message": lambda hit: hit.message,
    "pid": lambda hit: hit.pid,
    "process": lambda hit: hit.process_id,
    "request": lambda hit: hit.request,
    "request_id": lambda hit: hit.request_id,
    "revision": lambda hit: hit.revision,
    "service": lambda hit: hit.service,
    "span_id": lambda hit: hit.span_id,
    "task": lambda hit: hit.task,
    "thread": lambda hit: hit.thread,
    "timestamp": lambda hit: hit.timestamp,
    "trace_id": lambda hit: hit.trace_id,
    "verified": lambda hit: hit.verified,
}
"""Names of what is known of a hit beside its variables. A variable of the same name hides the fact, as it does in code."""


def names_of(hit: Hit, wanted: Iterable[str]) -> dict[str, object]:
    """The values of those of the wanted names that the hit has, ready for `Expression.evaluate`."""
    names: dict[str, object] = {}
    for name in wanted:
        if name in hit.variables:
            names[name] = plain(captured.read(hit.variables[name]))
        elif name in hit.globals:
            names[name] = plain(captured.read(hit.globals[name]))
        elif name in FACTS:
            names[name] = FACTS[name](hit)
    return names


def plain(value: Value) -> object:
    """A captured value as the expression language takes it: built-in types, `Record` and `NotCaptured`."""
    if value.fields is not None:
        return Record(type=value.type, fields={name: plain(field) for name, field in value.fields})
    if value.items is not None:
        return _sequence(value, [plain(item) for item in value.items])
    if value.entries is not None:
        return _dict(value)
    scalar = _scalar(value)
    if value.cut is not None:
        return NotCaptured(reason=value.cut, size=value.size, part=scalar if isinstance(scalar, str | bytes) else None)
    return scalar


def _scalar(value: Value) -> object:
    if not isinstance(value.scalar, str) or value.type == "str":
        return value.scalar
    make = _TEXTS.get(value.type)
    if make is None:
        return Record(type=value.type, fields={}, text=value.scalar)
    try:
        return make(value.scalar)
    except ValueError:
        return NotCaptured(reason=captured.Cut.OPAQUE)


_BYTES = re.compile(r"""b(?:'(?:[ -&(-[\]-~]|\\(?:[\\'nrt]|x[0-9a-f]{2}))*'|"(?:[ !#-[\]-~]|\\(?:[\\nrt]|x[0-9a-f]{2}))*")""")
"""What `repr` writes for bytes; Python's parser would warn about some other texts."""


def _bytes(text: str) -> object:
    """The bytes whose `repr` this is; `ValueError` if it is none's."""
    if not _BYTES.fullmatch(text):
        raise ValueError("not the repr of bytes")
    return ast.literal_eval(text)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a decimal") from error


_TEXTS: dict[str, Callable[[str], object]] = {
    "int": int, "float": float, "complex": complex, "bytes": _bytes,
    "decimal.Decimal": _decimal, "datetime.datetime": datetime.fromisoformat, "datetime.date": date.fromisoformat,
    "datetime.time": time.fromisoformat,
}  # fmt: skip
"""The text-like types that are plain data, and how each is read."""

_SEQUENCES: dict[str, Callable[[list[Any]], object]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
    "collections.deque": deque,
}


def _sequence(value: Value, items: list[object]) -> object:
    if value.cut is not None:
        part = tuple(items) if value.type == "tuple" else items
        return NotCaptured(reason=value.cut, size=value.size, part=part)
    make = _SEQUENCES.get(value.type)
    if make is None:
        return NotCaptured(reason=captured.Cut.OPAQUE, size=value.size, part=items)
    try:
        return make(items)
    except TypeError:  # a set of something that has become a list or a Record
        return NotCaptured(reason=captured.Cut.OPAQUE, size=len(items))


def _dict(value: Value) -> object:
    entries: dict[object, object] = {}
    is_whole = value.cut is None
    for key, item in value.entries or ():
        try:
            entries[plain(key)] = plain(item)
        except TypeError:  # a key that cannot be one any more, being a copy
            is_whole = False
    if is_whole:
        return entries
    return NotCaptured(reason=value.cut or captured.Cut.OPAQUE, size=value.size, part=entries)
