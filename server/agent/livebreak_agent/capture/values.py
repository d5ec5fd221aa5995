"""The walk through a value: within limits, to the JSON form that `vocabulary.captured` describes, every cut marked.

It runs on the application's thread while a hit is captured, so it is written for speed: plain dicts and lists are made
directly, and the commonest types are told apart first.
"""

from __future__ import annotations

import math
from time import perf_counter, thread_time
from typing import Any

from livebreak_agent.capture import kinds, raw
from livebreak_agent.limits import Extent
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.captured import (
    CUT,
    ENTRIES,
    ITEMS,
    LARGEST_PLAIN_INT,
    OBJECT,
    SIZE,
    TYPE,
    VALUE,
    Cut,
    escape_key,
)

_VALUE_BYTES = 12
"""JSON of a value apart from its characters, about: a name or a comma, quotes, a type."""

_MARKED_BYTES = 40
"""JSON of what carries its type beside it, about."""

_LONGEST_KEY = 200
"""Characters of a dict's key up to which it may be an object's key in JSON; a longer one is a value, and is cut like one."""

_DECIMAL_BITS = 2_000
"""Integers up to here are written in decimal, which takes quadratic time; Python can be told to refuse it from 640 digits on."""

_HEX_DIGITS = 64
"""Leading digits that are shown of a larger integer."""

_AMBIGUOUS = frozenset({VALUE, ITEMS, ENTRIES})
"""Names of fields that would make an object look like another form."""


class Walk:
    """One hit's walk through its values; what it has used up of the limits is shared by all of them.

    Attributes
    ----------
    stopped
        Why values are missing from here on, `Cut.BYTES` or `Cut.TIME`, or None.
    left
        Bytes of JSON that are left, about.
    """

    __slots__ = ("_around", "_deadline", "_started", "_strict", "_string_length", "extent", "left", "redaction", "stopped")

    def __init__(self, extent: Extent, redaction: Redaction) -> None:
        self.extent = extent
        self.redaction = redaction
        self.left = extent.bytes
        self.stopped: Cut | None = None
        self._string_length = extent.string_length
        self._strict = redaction.strict
        self._started = thread_time()
        self._deadline = perf_counter() + extent.seconds
        self._around: set[int] = set()

    def named(self, name: str, value: Any, depth: int) -> Any:
        """The value of a variable, a field or a key, unless that name is on the redaction list."""
        if self.redaction.hides(name):
            return self.hidden(type(value))
        return self.value(value, depth)

    def value(self, value: Any, depth: int) -> Any:
        """The JSON of a value that may have `depth` levels below it."""
        kind = type(value)
        if kind is str:
            return self._text(value)
        if value is None or value is True or value is False:
            self.left -= _VALUE_BYTES
            return value
        if kind is int:
            self.left -= _VALUE_BYTES
            return value if -LARGEST_PLAIN_INT <= value <= LARGEST_PLAIN_INT else self.integer(value, kind)
        if kind is float:
            self.left -= _VALUE_BYTES
            return value if math.isfinite(value) else {TYPE: "float", VALUE: repr(value)}
        if self.stopped is not None or self._is_over():
            return {TYPE: raw.type_name(kind), CUT: self.stopped}
        self.left -= _MARKED_BYTES
        return self._compound(value, kind, depth)

    def hidden(self, kind: type) -> dict[str, Any]:
        """What stands for a value that is not shown."""
        self.left -= _MARKED_BYTES
        return {TYPE: raw.type_name(kind), CUT: Cut.REDACTED}

    # What the readers in `kinds` make their results with. Each takes the exact type, for its name.

    def shown(self, kind: type, text: str, *, is_number: bool = False) -> dict[str, Any]:
        """Text-like: a value whose text says it all."""
        if self._strict and not is_number and not kinds.is_number(kind):
            return self.hidden(kind)
        shown = self._cut_text(text)
        return shown | {TYPE: raw.type_name(kind)} if type(shown) is dict else {TYPE: raw.type_name(kind), VALUE: shown}

    def named_thing(self, kind: type, name: str) -> dict[str, Any]:
        """A function, a class, a module: code, not data, so its name is shown in any mode."""
        self.left -= len(name)
        return {TYPE: raw.type_name(kind), VALUE: name}

    def bytes_like(self, kind: type, start: bytes, size: int) -> dict[str, Any]:
        """`start` is as much of it as may be shown, or one byte more."""
        if self._strict:
            return self.hidden(kind)
        length = self._string_length
        shown = self.redaction.scrub(repr(start[:length]))
        self.left -= len(shown)
        form = {TYPE: raw.type_name(kind), VALUE: shown}
        return form if size <= length else form | {CUT: Cut.LENGTH, SIZE: size}

    def integer(self, value: int, kind: type) -> dict[str, Any]:
        name = raw.type_name(kind)
        bits = int.bit_length(value)
        if bits <= _DECIMAL_BITS:
            text = int.__repr__(value)
            self.left -= len(text)
            return {TYPE: name, VALUE: text}
        digits = -(-bits // 4)
        leading = int.__rshift__(int.__abs__(value), 4 * (digits - _HEX_DIGITS))
        sign = "-" if int.__lt__(value, 0) else ""
        return {TYPE: name, VALUE: f"{sign}0x{leading:x}", CUT: Cut.LENGTH, SIZE: digits}

    def sequence(self, value: Any, kind: type, items: list[Any], size: int, depth: int) -> Any:
        """`items` are the first ones, `size` is how many there are."""
        if depth <= 0 and size:
            return {TYPE: raw.type_name(kind), CUT: Cut.DEPTH, SIZE: size}
        if not self._enter(value):
            return {TYPE: raw.type_name(kind), CUT: Cut.CYCLE}
        try:
            if size == 2 and self._is_secret_pair(items):
                shown = [self.value(items[0], depth - 1), self.hidden(type(items[1]))]
            else:
                shown = []
                for item in items:
                    if self._is_full():
                        break
                    shown.append(self.value(item, depth - 1))
        finally:
            self._around.discard(id(value))
        if len(shown) == size:
            return shown if kind is list else {TYPE: raw.type_name(kind), ITEMS: shown}
        return {TYPE: raw.type_name(kind), ITEMS: shown, CUT: self.stopped or Cut.ITEMS, SIZE: size}

    def mapping(self, value: Any, kind: type, pairs: list[tuple[Any, Any]], size: int, depth: int) -> Any:
        """`pairs` are the first entries of a dict, `size` is how many there are."""
        if depth <= 0 and size:
            return {TYPE: raw.type_name(kind), CUT: Cut.DEPTH, SIZE: size}
        if not self._enter(value):
            return {TYPE: raw.type_name(kind), CUT: Cut.CYCLE}
        try:
            keys: list[Any] = []
            shown: list[Any] = []
            is_plain = kind is dict and not self._strict
            for key, item in pairs:
                if self._is_full():
                    break
                if type(key) is str:
                    shown.append(self.named(key, item, depth - 1))
                    is_plain = is_plain and len(key) <= _LONGEST_KEY
                elif type(key) is bytes and self.redaction.hides(_ascii(key)):
                    shown.append(self.hidden(type(item)))
                    is_plain = False
                else:
                    shown.append(self.value(item, depth - 1))
                    is_plain = False
                keys.append(key)
        finally:
            self._around.discard(id(value))
        if is_plain and len(shown) == size:
            self.left -= sum(map(len, keys))
            return dict(zip(map(_encodable, map(escape_key, keys)), shown, strict=True))
        entries = [[self.value(key, 1), item] for key, item in zip(keys, shown, strict=True)]
        form = {TYPE: raw.type_name(kind), ENTRIES: entries}
        return form if len(shown) == size else form | {CUT: self.stopped or Cut.ITEMS, SIZE: size}

    def object(self, value: Any, kind: type, fields: list[tuple[str, Any]], size: int, depth: int) -> dict[str, Any]:
        """An object by its first fields; `size` is how many it has."""
        form: dict[str, Any] = {TYPE: raw.type_name(kind)}
        if depth <= 0:
            return form | {CUT: Cut.DEPTH}
        if not self._enter(value):
            return form | {CUT: Cut.CYCLE}
        taken = 0
        try:
            for name, item in fields:
                if self._is_full():
                    break
                form[_encodable(escape_key(name))] = self.named(name, item, depth - 1)
                self.left -= len(name)
                taken += 1
        finally:
            self._around.discard(id(value))
        if not _AMBIGUOUS.isdisjoint(form):
            form[OBJECT] = True
        if taken < size:
            form |= {CUT: self.stopped or Cut.FIELDS, SIZE: size}
        return form

    def facts(self, value: Any, kind: type, facts: list[tuple[str, Any]], types: dict[str, Any]) -> dict[str, Any]:
        """What is told in place of a value that is too large or too strange to be walked through: whatever the depth.

        `types` are names of types by what they are the types of; like all type names they are shown in any mode.
        """
        return self.object(value, kind, facts, len(facts), 2) | types

    def opaque(self, kind: type) -> dict[str, Any]:
        """Nothing of it can be read without running the application's code."""
        return {TYPE: raw.type_name(kind), CUT: Cut.OPAQUE}

    def not_captured(self, reason: str, size: int | None) -> dict[str, Any]:
        """What an expression could not see, as a part of what it gave."""
        form: dict[str, Any] = {TYPE: "object", CUT: reason}
        return form if size is None else form | {SIZE: size}

    def _compound(self, value: Any, kind: type, depth: int) -> Any:
        try:
            reader = kinds.BUILT_IN.get(id(kind))
            if reader is not None:
                return reader(self, value, kind, depth)
            if self.redaction.hides_type(kind):
                return self.hidden(kind)
            return kinds.reader_of(kind)(self, value, kind, depth)
        except RecursionError:
            raise
        except RuntimeError:
            # Only where threads run truly at once can a container change while its first items are copied.
            return {TYPE: raw.type_name(kind), CUT: Cut.CHANGED}

    def _text(self, text: str) -> Any:
        return self.hidden(str) if self._strict else self._cut_text(text)

    def _cut_text(self, text: str) -> Any:
        size = len(text)
        if size <= self._string_length:
            self.left -= size + _VALUE_BYTES
            shown = self.redaction.scrub(text)
            return shown if shown.isascii() else _encodable(shown)
        self.left -= self._string_length + _MARKED_BYTES
        shown = self.redaction.scrub(text[: self._string_length])
        return {TYPE: "str", VALUE: _encodable(shown), CUT: Cut.LENGTH, SIZE: size}

    def _is_full(self) -> bool:
        if self.left <= 0 and self.stopped is None:
            self.stopped = Cut.BYTES
        return self.stopped is not None

    def _is_over(self) -> bool:
        if self.left <= 0:
            self.stopped = Cut.BYTES
        elif perf_counter() > self._deadline:
            self._look_at_time_used()
        return self.stopped is not None

    def _look_at_time_used(self) -> None:
        # While other threads have the interpreter or the processor, time passes that no value takes. The thread's own time
        # needs a system call, so it is asked only when it may be used up.
        left = self.extent.seconds - (thread_time() - self._started)
        if left <= 0:
            self.stopped = Cut.TIME
        else:
            self._deadline = perf_counter() + left

    def _enter(self, value: Any) -> bool:
        """False if the walk is inside this very object already; else it is now, until its id is discarded."""
        if id(value) in self._around:
            return False
        self._around.add(id(value))
        return True

    def _is_secret_pair(self, items: list[Any]) -> bool:
        """Headers are often lists of pairs: `[b"authorization", b"Bearer ..."]`."""
        name = items[0]
        if type(name) is bytes:
            name = _ascii(name)
        return type(name) is str and self.redaction.hides(name)


def _encodable(text: str) -> str:
    """Lone surrogates, which undecodable file names and broken JSON contain, cannot be sent; they are written as `\\udc80`."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _ascii(key: bytes) -> str:
    return key[:_LONGEST_KEY].decode("ascii", "replace")
