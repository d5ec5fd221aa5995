"""Expressions over a hit that is over: hover, watch, console and clipboard, and completion of what is typed there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from livebreak.dap import types
from livebreak.dap.failures import ErrorId, RequestError
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView
from livebreak.dap.session import DebugSession
from livebreak.dap.variables import counts_of, hint_of, reference_of
from livebreak.debugger.evaluate import evaluate as evaluate_over
from livebreak.debugger.unfolding import noted_text_of
from livebreak.debugger.values import one_line, parts, value_line, visible
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.expressions import FUNCTION_NAMES, ExpressionError, compile_expression
from livebreak_agent.vocabulary.hit_names import FACTS

CLIPBOARD_WIDTH = 1_000_000
"""Characters of a copied value."""
DETAIL_WIDTH = 60
"""Characters of a value beside a name: one column of a menu."""
MOST_COMPLETIONS = 500
"""Names of one menu."""

_Kind = Literal["variable", "function", "value", "field"]

_TYPED = re.compile(r"(?:(?P<path>[^\W\d][\w.\[\]'\"]*)\.)?(?P<name>\w*)\Z")


async def evaluate(session: DebugSession, arguments: types.EvaluateArguments) -> types.EvaluateResponseBody:
    view = await session.view(arguments.frame_id)
    value = value_of(view, arguments.expression)
    named, indexed = counts_of(value)
    is_copy = arguments.context == "clipboard"
    return types.EvaluateResponseBody(
        result=value_line(value, CLIPBOARD_WIDTH) if is_copy else noted_text_of(value),
        type=visible(value.type) if session.client.has_types else None,
        presentation_hint=hint_of("", value),
        variables_reference=0 if is_copy else reference_of(session, view, value, arguments.expression.strip()),
        named_variables=named,
        indexed_variables=indexed,
    )


async def completions(session: DebugSession, arguments: types.CompletionsArguments) -> types.CompletionsResponseBody:
    view = await session.view(arguments.frame_id)
    lines = arguments.text.split("\n")
    # Without a line the column counts in the first one.
    line = (arguments.line - session.client.lines_start_at) if arguments.line is not None else 0
    text = lines[line] if 0 <= line < len(lines) else ""
    units = text.encode("utf-16-le", "surrogatepass")
    column = max(arguments.column - session.client.columns_start_at, 0)
    typed = _TYPED.search(units[: column * 2].decode("utf-16-le", "replace"))
    path, prefix = (typed["path"], typed["name"]) if typed is not None else (None, "")
    found = _names(view) if path is None else _fields(view, path)
    targets = [
        types.CompletionItem(
            label=name,
            type=kind,
            detail=detail or None,
            start=column - len(prefix) + session.client.columns_start_at,
            length=len(prefix),
            sort_text=f"{index:04}",
        )
        for index, (name, kind, detail) in enumerate(found)
        if name.startswith(prefix)
    ]
    return types.CompletionsResponseBody(targets=tuple(targets[:MOST_COMPLETIONS]))


METHODS = (
    Method(
        command="evaluate",
        arguments=types.EvaluateArguments,
        answer=evaluate,
        capabilities=("supports_evaluate_for_hovers", "supports_clipboard_context"),
    ),
    Method(
        command="completions",
        arguments=types.CompletionsArguments,
        answer=completions,
        capabilities=("supports_completions_request",),
    ),
)


def value_of(view: FrameView, text: str) -> Value:
    """The value of an expression in a frame. Raises `RequestError` with a sentence: why there is none."""
    expression = text.strip()
    if view.index == 0 and expression in view.hit.watches:
        # What the process itself made of it is more than the copy of its variables can tell.
        return captured.read(view.hit.watches[expression])
    if view.variables is None and _needs_locals(expression):
        raise RequestError(
            ErrorId.NOT_EVALUATED, "The locals of this frame were not captured: only those of the innermost frames are."
        )
    hit = view.hit if view.index == 0 else replace(view.hit, variables=view.variables or {}, globals={})
    result = evaluate_over(expression, hit)
    if result.value is None:
        raise RequestError(ErrorId.NOT_EVALUATED, result.error or "The expression has no value.")
    return result.value


def globals_of(view: FrameView) -> Mapping[str, object]:
    """The module's variables, which are those of the line's own frame: a caller's module may be another."""
    return view.hit.globals if view.index == 0 else {}


def _needs_locals(expression: str) -> bool:
    try:
        return bool(compile_expression(expression).names - FACTS.keys())
    except ExpressionError:
        return False


def _names(view: FrameView) -> Iterator[tuple[str, _Kind, str]]:
    for name, value in (view.variables or {}).items():
        if name.isidentifier():
            yield name, "variable", one_line(value, DETAIL_WIDTH)
    for name, value in globals_of(view).items():
        if name not in (view.variables or {}):
            yield name, "variable", one_line(value, DETAIL_WIDTH)
    for name in FUNCTION_NAMES:
        yield name, "function", "function of expressions"
    for name in FACTS:
        if name not in (view.variables or {}) and name not in globals_of(view):
            yield name, "value", "known of the hit"


def _fields(view: FrameView, path: str) -> Iterator[tuple[str, _Kind, str]]:
    try:
        value = value_of(view, path)
    except RequestError:
        return
    # Of a dict the keys are no attributes, and what is no name cannot follow a dot.
    if value.fields is not None:
        for name, part in parts(value):
            if name.isidentifier():
                yield name, "field", value_line(part, DETAIL_WIDTH)
