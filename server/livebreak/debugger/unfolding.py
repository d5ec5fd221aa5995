"""What is in a captured value, part by part: with a name, the path that finds it again, and the expression that gives it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from livebreak.debugger.literals import equality
from livebreak.debugger.values import SHOWN_LINE_WIDTH, SHOWN_TEXT_LENGTH, note, parts, shown_value, value_line, visible
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value
from livebreak_agent.vocabulary.lsp_messages import ListedVariable

LONGEST_EXPRESSION = 2_000
"""Characters of an expression that names a part; a deeper part has none."""

_INDEXED = frozenset({"list", "tuple", "deque", "collections.deque"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A captured value where it was found."""

    name: str
    """Printable, and of no other part beside it."""
    value: Value
    expression: str | None = None
    """What gives it when it is evaluated over the hit; None where nothing does."""


def named_parts(variables: Mapping[str, object], *, are_expressions: bool = False, are_reachable: bool = True) -> Iterator[Part]:
    """Captured values by name: locals; watches, whose names are expressions; or what no expression reaches."""
    names: set[str] = set()
    for name, data in variables.items():
        is_expression = are_reachable and (are_expressions or name.isidentifier())
        yield Part(name=_unique(visible(name), names), value=captured.read(data), expression=name if is_expression else None)


def parts_of(value: Value, expression: str | None) -> Iterator[Part]:
    """What is directly in a value that this expression gives."""
    names: set[str] = set()
    for index, (name, part) in enumerate(parts(value)):
        yield Part(name=_unique(name, names), value=part, expression=_expression(value, expression, index))


def count(value: Value) -> int:
    """How many parts were captured of it; 0 of one that cannot be unfolded."""
    return len(value.items or value.entries or value.fields or ())


def part_at(found: Iterator[Part], path: Sequence[str]) -> Part | None:
    """The part that names lead to, beginning among those found; None if it is not there."""
    part = next((part for part in found if part.name == path[0]), None)
    if part is None or len(path) == 1:
        return part
    return part_at(parts_of(part.value, part.expression), path[1:])


def text_of(value: Value) -> str:
    """A value in one line, without what is missing of it."""
    if value.items is None and value.entries is None and value.fields is None:
        return shown_value("", value).text
    return value_line(value, SHOWN_LINE_WIDTH)


def noted_text_of(value: Value) -> str:
    """A value in one line, with what is missing of it."""
    text, remark = text_of(value), note(value)
    # A text that says the same is one too many.
    return f"{text} ({remark})" if remark is not None and remark not in text else text[: SHOWN_TEXT_LENGTH + SHOWN_LINE_WIDTH]


def listed(part: Part, path: Sequence[str], *, is_own_frame: bool) -> ListedVariable:
    """A part below a path as the language server tells it. Conditions can name only what is in the breakpoint's own frame."""
    return ListedVariable(
        name=part.name,
        type=visible(part.value.type),
        text=text_of(part.value),
        path=(*path, part.name),
        children=count(part.value),
        note=note(part.value),
        expression=part.expression,
        equals=equality(part.expression, part.value) if is_own_frame and part.expression is not None else None,
    )


def _unique(name: str, names: set[str]) -> str:
    """Two keys that are cut, or not printable, may look the same; a path must tell them apart."""
    unique, number = name, 1
    while unique in names:
        number += 1
        unique = f"{name} ({number})"
    names.add(unique)
    return unique


def _expression(value: Value, path: str | None, index: int) -> str | None:
    if path is None or len(path) > LONGEST_EXPRESSION:
        return None
    base = path if path.replace("_", "a").isalnum() or path[-1] in ")]" else f"({path})" if " " in path else path
    if value.items is not None:
        return f"{base}[{index}]" if value.type in _INDEXED else None
    if value.entries is not None:
        key = value.entries[index][0]
        if key.type == "str" and isinstance(key.scalar, str) and key.cut is None:
            return f"{base}[{_quoted(key.scalar)}]"
        return f"{base}[{key.scalar}]" if type(key.scalar) is int and key.type == "int" else None
    name = value.fields[index][0] if value.fields is not None else ""
    return f"{base}.{name}" if name.isidentifier() and value.cut in (None, Cut.FIELDS) else None


def _quoted(text: str) -> str:
    """A literal of printable ASCII: whatever a key holds, the expression can be shown."""
    return json.dumps(text) if text.isascii() and text.isprintable() else ascii(text)
