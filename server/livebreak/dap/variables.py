"""Variables: captured values, page by page, with what is missing of them and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView, Names, Parts
from livebreak.dap.session import DebugSession
from livebreak.debugger.unfolding import Part, count, named_parts, noted_text_of, parts_of
from livebreak.debugger.values import visible
from livebreak_agent.vocabulary.captured import Value

LARGEST_PAGE = 2_000
"""Variables of one answer: what a client draws without a pause. Those that page ask on, for others there is a last line."""

READ_ONLY = types.VariablePresentationHint(attributes=("readOnly",))


async def variables(session: DebugSession, arguments: types.VariablesArguments) -> types.VariablesResponseBody:
    container = session.references.container(arguments.variables_reference)
    listed = _named(container) if isinstance(container, Names) else _parts(container, arguments.filter)
    start = max(arguments.start or 0, 0)
    wanted = arguments.count if arguments.count is not None and arguments.count > 0 else LARGEST_PAGE
    page = islice(listed, start, start + min(wanted, LARGEST_PAGE))
    shown = [_variable(session, container.view, part) for part in page]
    if len(shown) == LARGEST_PAGE < wanted or (len(shown) == LARGEST_PAGE and not session.client.has_paging):
        rest = sum(1 for _ in listed)
        if rest:
            more = f"{rest:,} more; evaluate a slice of it in the console to see them"
            shown.append(types.Variable(name="…", value=more, variables_reference=0, presentation_hint=READ_ONLY))
    return types.VariablesResponseBody(variables=tuple(shown))


METHODS = (Method(command="variables", arguments=types.VariablesArguments, answer=variables),)


def reference_of(session: DebugSession, view: FrameView, value: Value, expression: str | None) -> int:
    """A number by which the parts of a value can be asked for; 0 of one without parts."""
    if not count(value):
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


def _variable(session: DebugSession, view: FrameView, part: Part) -> types.Variable:
    named, indexed = counts_of(part.value)
    return types.Variable(
        name=part.name,
        value=noted_text_of(part.value),
        type=visible(part.value.type) if session.client.has_types else None,
        evaluate_name=part.expression,
        variables_reference=reference_of(session, view, part.value, part.expression),
        named_variables=named,
        indexed_variables=indexed,
        presentation_hint=hint_of(part.name, part.value),
    )


def _named(names: Names) -> Iterator[Part]:
    listed = named_parts(
        names.variables, are_expressions=names.are_expressions or names.are_facts, are_reachable=not names.are_out_of_reach
    )
    for part in listed:
        # The variable of this name hides the fact in expressions.
        is_hidden = names.are_facts and part.expression in {**names.view.hit.globals, **(names.view.variables or {})}
        yield replace(part, expression=None) if is_hidden else part


def _parts(container: Parts, which: str | None) -> Iterator[Part]:
    if which == ("named" if container.value.items is not None else "indexed"):
        return
    yield from parts_of(container.value, container.expression)
