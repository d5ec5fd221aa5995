"""Captured values as plain text and as trees to unfold.

Everything that was captured is hostile: a text may hold terminal escapes, bidirectional controls or line ends, and so may
a type's or a field's name. All that comes out of here is printable, as Python's `repr` is: `\\x1b`, `\\u202e`, `\\n`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value
from livebreak_agent.vocabulary.lsp_messages import ShownVariable

DETAIL = 3
"""Levels that one line shows at most: deeper ones are noise."""

SUMMARY_VALUE_WIDTH = 40
"""Characters of one value in a summary, so that the first does not hide the others."""

SHOWN_LINE_WIDTH = 120
"""Characters of a container's own line: its parts are below it."""

SHOWN_TEXT_LENGTH = 10_000
"""Characters of a captured text: more do not help a reader."""

SHOWN_NODES = 5_000
"""Values in one variable's tree: a message that an editor takes without a pause."""

SHORTEST_PART = 8
"""Characters of a cut text that still tell something."""

ELLIPSIS = "…"


def visible(text: str) -> str:
    """The text with whatever is not printable escaped."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii") for character in text
    )


def one_line(value: object, width: int) -> str:
    """A captured value as a short text like Python's `repr`, at most `width` characters: `Cart(total=120, items=[…3])`."""
    return value_line(captured.read(value), width)


def value_line(value: Value, width: int) -> str:
    """`one_line` of a value that was read already."""
    for detail in range(DETAIL, 0, -1):
        text = _render(value, detail, width)
        if len(text) <= width:
            return text
    return _fitted(value, width)


def summary(variables: Mapping[str, object], width: int) -> str:
    """The variables that fit: `total=42, user='ada'`."""
    parts: list[str] = []
    room = width
    for name, value in variables.items():
        label = f"{visible(name)}="
        separator = 2 if parts else 0
        space = room - separator - len(label)
        text = one_line(value, min(max(space, 0), SUMMARY_VALUE_WIDTH)) if space >= 3 else None
        is_last = len(parts) + 1 == len(variables)
        if text is None or (not is_last and space - len(text) < 3 and parts):
            # Room for ", …" is kept free, so that what is missing is never missing silently.
            parts.append(ELLIPSIS)
            break
        parts.append(label + text)
        room -= separator + len(label) + len(text)
    return _cut(", ".join(parts), width)


def shown(name: str, value: object, nodes: int = SHOWN_NODES) -> ShownVariable:
    """A captured value as a tree to unfold, of at most `nodes` values."""
    return shown_value(name, captured.read(value), nodes)


def shown_value(name: str, value: Value, nodes: int = SHOWN_NODES) -> ShownVariable:
    """`shown` of a value that was read already."""
    return _shown(visible(name), value, [nodes - 1])


def note(value: Value) -> str | None:
    """What is missing of a value: `cut: 100 of 5,000 items`, `redacted`; None of a whole one."""
    if value.cut is None:
        return None
    if value.cut == Cut.REDACTED:
        return "redacted"
    count, unit = _extent(value)
    if count and unit == "bytes" and value.size is not None:
        # What is there of it is a literal, whose length is another.
        return f"cut: it has {value.size:,} bytes"
    if count and value.size is not None:
        return f"cut: {count:,} of {value.size:,} {unit}"
    reason = _REASONS.get(value.cut, visible(value.cut))
    if count:
        return f"cut: {count:,} {unit}, {reason}"
    return f"not captured: {reason}" if value.size is None else f"not captured: {reason}, {value.size:,} {unit}"


def parts(value: Value) -> Iterator[tuple[str, Value]]:
    """What is in a value, with a name for each part: an index, a key or a field."""
    if value.items is not None:
        yield from ((str(index), item) for index, item in enumerate(value.items))
    elif value.entries is not None:
        yield from ((value_line(key, SHOWN_LINE_WIDTH), item) for key, item in value.entries)
    elif value.fields is not None:
        yield from ((visible(name), item) for name, item in value.fields)


def short_type(value: Value) -> str:
    """The type's own name: `Cart` of `shop.cart.Cart`."""
    return visible(value.type.rpartition(".")[2] or value.type)


_REASONS: Mapping[str, str] = {
    Cut.LENGTH: "it is too long",
    Cut.ITEMS: "it has too many items",
    Cut.FIELDS: "it has too many fields",
    Cut.DEPTH: "it is nested too deeply",
    Cut.BYTES: "the hit was full",
    Cut.TIME: "the time for the hit was used up",
    Cut.CYCLE: "it contains itself",
    Cut.CHANGED: "it changed while it was read",
    Cut.OPAQUE: "reading it would run the application's code",
}


def _shown(name: str, value: Value, nodes: list[int]) -> ShownVariable:
    children: list[ShownVariable] = []
    count, unit = _extent(value)
    if value.scalar is None and count:
        # The parts of this value come before the parts of its parts.
        taken = list(islice(parts(value), max(nodes[0], 0)))
        nodes[0] -= len(taken)
        children = [_shown(label, item, nodes) for label, item in taken]
    missing = f"only {len(children):,} of {count:,} {unit} are shown" if value.scalar is None and len(children) < count else None
    remarks = [remark for remark in (note(value), missing) if remark is not None]
    return ShownVariable(
        name=name,
        type=visible(value.type),
        text=_cut(_scalar(value), SHOWN_TEXT_LENGTH) if _is_scalar(value) else value_line(value, SHOWN_LINE_WIDTH),
        note="; ".join(remarks) or None,
        children=tuple(children),
    )


def _is_scalar(value: Value) -> bool:
    return value.items is None and value.entries is None and value.fields is None


def _extent(value: Value) -> tuple[int, str]:
    """How much of a value is there, and what it is counted in."""
    if value.items is not None:
        return len(value.items), "items"
    if value.entries is not None:
        return len(value.entries), "items"
    if value.fields is not None:
        return len(value.fields), "fields"
    length = len(value.scalar) if isinstance(value.scalar, str) else 0
    return length, _UNITS.get(value.type, "characters" if length or value.cut == Cut.LENGTH else "items")


_UNITS = {"str": "characters", "bytes": "bytes"}


def _scalar(value: Value) -> str:
    scalar = value.scalar
    if scalar is None and value.cut is not None:
        if value.cut == Cut.REDACTED:
            return "<redacted>"
        return f"<{short_type(value)}: {note(value)}>"
    if not isinstance(scalar, str):
        return repr(scalar)
    text = repr(scalar) if value.type == "str" else visible(scalar)
    return text if value.cut is None else f"{text}{ELLIPSIS}{_size(value)}"


def _size(value: Value) -> str:
    return "" if value.size is None else f" {value.size:,} {_extent(value)[1]}"


def _brackets(value: Value) -> tuple[str, str]:
    kind = value.type.rpartition(".")[2]
    if value.fields is not None:
        return f"{short_type(value)}(", ")"
    if kind in _BRACKETS:
        return _BRACKETS[kind]
    opened, closed = "{}" if value.entries is not None else "[]"
    return f"{short_type(value)}({opened}", f"{closed})"


_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "dict": ("{", "}"), "set": ("{", "}")}


def _render(value: Value, detail: int, room: int) -> str:
    """One line with so many levels. It may come out longer than `room`; what is beyond is not worked out."""
    if _is_scalar(value):
        # The text of a long string is cut first, so that its length costs nothing.
        if value.type == "str" and isinstance(value.scalar, str) and len(value.scalar) > room:
            return repr(value.scalar[:room])[: room + 1]
        return _scalar(value)
    opened, closed = _brackets(value)
    count, _ = _extent(value)
    if detail == 0:
        inside = ELLIPSIS if value.fields is not None else f"{ELLIPSIS}{value.size or count:,}"
        return f"{opened}{inside if count or value.size else ''}{closed}"
    texts: list[str] = []
    used = 0
    for name, item in _labelled(value):
        texts.append(name + _render(item, detail - 1, room - used))
        used += len(texts[-1]) + 2
        if used > room + 2:
            break
    if value.cut is not None:
        texts.append(f"{ELLIPSIS}{_size(value)}")
    elif value.type == "tuple" and count == 1:
        closed = ",)"
    elif value.type == "set" and not count:
        return "set()"
    return f"{opened}{', '.join(texts)}{closed}"


def _fitted(value: Value, width: int) -> str:
    """As many of the parts as fit, in their shortest form."""
    if _is_scalar(value):
        return _cut(_render(value, 0, width), width)
    opened, closed = _brackets(value)
    # What is missing is never missing silently.
    room = width - len(opened) - len(closed) - len(ELLIPSIS)
    texts: list[str] = []
    for name, item in _labelled(value):
        text = name + _render(item, 0, room)
        if len(text) + 2 > room:
            if not texts and room >= len(name) + SHORTEST_PART:
                return f"{opened}{_cut(text, room)}{closed}"
            break
        texts.append(text)
        room -= len(text) + 2
    if not texts:
        return _cut(_render(value, 0, width), width)
    return f"{opened}{', '.join((*texts, ELLIPSIS))}{closed}"


def _labelled(value: Value) -> Iterator[tuple[str, Value]]:
    if value.items is not None:
        yield from (("", item) for item in value.items)
    elif value.entries is not None:
        yield from ((f"{value_line(key, SUMMARY_VALUE_WIDTH)}: ", item) for key, item in value.entries)
    elif value.fields is not None:
        yield from ((f"{visible(name)}=", item) for name, item in value.fields)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + ELLIPSIS[: max(width, 0)]
