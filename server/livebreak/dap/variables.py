"""Variables: captured values, page by page, with what is missing of them and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView, Names, Parts
from livebreak.dap.session import DebugSession
from livebreak.debugger.values import SHOWN_LINE_WIDTH, SHOWN_TEXT_LENGTH, note, parts, shown_value, value_line, visible
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value

LARGEST_PAGE = 2_000
"""Variables of one answer: what a client draws without a pause. Those that page ask on, for others there is a last line."""
LONGEST_PATH = 2_000
"""Characters of an expression that names a part; a deeper part has none."""

READ_ONLY = types.VariablePresentationHint(attributes=("readOnly",))


async def variables(session: DebugSession, arguments: types.VariablesArguments) -> types.VariablesResponseBody:
    container = session.references.container(arguments.variables_reference)
    listed = _named(container) if isinstance(container, Names) else _parts(container, arguments.filter)
    start = max(arguments.start or 0, 0)
    count = arguments.count if arguments.count is not None and arguments.count > 0 else LARGEST_PAGE
    page = islice(listed, start, start + min(count, LARGEST_PAGE))
    shown = [_variable(session, container.view, name, value, expression) for name, value, expression in page]
    if len(shown) == LARGEST_PAGE < count or (len(shown) == LARGEST_PAGE and not session.client.has_paging):
        rest = sum(1 for _ in listed)
        if rest:
            more = f"{rest:,} more; evaluate a slice of it in the console to see them"
            shown.append(types.Variable(name="…", value=more, variables_reference=0, presentation_hint=READ_ONLY))
    return types.VariablesResponseBody(variables=tuple(shown))


METHODS = (Method(command="variables", arguments=types.VariablesArguments, answer=variables),)


def text_of(value: Value) -> str:
    """A value in one line, with what is missing of it."""
    if value.items is None and value.entries is None and value.fields is None:
        text = shown_value("", value).text
    else:
        text = value_line(value, SHOWN_LINE_WIDTH)
    remark = note(value)
    # A text that says the same is one too many.
    return f"{text} ({remark})" if remark is not None and remark not in text else text[: SHOWN_TEXT_LENGTH + SHOWN_LINE_WIDTH]


def reference_of(session: DebugSession, view: FrameView, value: Value, expression: str | None) -> int:
    """A number by which the parts of a value can be asked for; 0 of one without parts."""
    if not (value.items or value.entries or value.fields):
        return 0
    return session.references.add(view.thread_id, Parts(view=view, value=value, expression=expression))


def counts_of(value: Value) -> tuple[int | None, int | None]:
    """Named and indexed parts, as clients that page want them."""
    if value.items is not None:
        return None, len(value.items)
    named = value.entries if value.entries is not None else value.fields
    return (len(named), None) if named is not None else (None, None)


def hint_of(name: str, value: Value) -> types.VariablePresentationHint:
    is_private = name.startswith("_") and not name.startswith("__")
    attributes = ("readOnly", "rawString") if value.type == "str" and value.cut is None else ("readOnly",)
    return types.VariablePresentationHint(kind="data", attributes=attributes, visibility="private" if is_private else "public")


def _variable(session: DebugSession, view: FrameView, name: str, value: Value, expression: str | None) -> types.Variable:
    named, indexed = counts_of(value)
    return types.Variable(
        name=name,
        value=text_of(value),
        type=visible(value.type) if session.client.has_types else None,
        evaluate_name=expression,
        variables_reference=reference_of(session, view, value, expression),
        named_variables=named,
        indexed_variables=indexed,
        presentation_hint=hint_of(name, value),
    )


def _named(names: Names) -> Iterator[tuple[str, Value, str | None]]:
    for name, data in names.variables.items():
        value = captured.read(data)
        expression = name if names.are_expressions or names.are_facts or name.isidentifier() else None
        if names.are_out_of_reach:
            expression = None
        if names.are_facts and name in (names.view.variables or {}):
            # The variable of this name hides the fact in expressions.
            expression = None
        yield visible(name), value, expression


def _parts(container: Parts, which: str | None) -> Iterator[tuple[str, Value, str | None]]:
    value = container.value
    if which == ("named" if value.items is not None else "indexed"):
        return
    for index, (name, part) in enumerate(parts(value)):
        yield name, part, _expression(container, index)


def _expression(container: Parts, index: int) -> str | None:
    """What gives a part when it is evaluated over the hit."""
    value, path = container.value, container.expression
    if path is None or len(path) > LONGEST_PATH:
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


_INDEXED = frozenset({"list", "tuple", "deque", "collections.deque"})


def _quoted(text: str) -> str:
    """A literal of printable ASCII: whatever a key holds, the expression can be shown."""
    return json.dumps(text) if text.isascii() and text.isprintable() else ascii(text)
