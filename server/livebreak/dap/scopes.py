"""Scopes of a frame: arguments, locals, watch expressions, and what is known of the process and its request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView, Names
from livebreak.dap.session import DebugSession
from livebreak.dap.sources import text_of
from livebreak.debugger.arguments import arguments_at
from livebreak.debugger.values import visible
from livebreak.debugger.wording import is_label
from livebreak_agent.vocabulary.hit_names import FACTS
from livebreak_agent.vocabulary.model import Hit


async def scopes(session: DebugSession, arguments: types.ScopesArguments) -> types.ScopesResponseBody:
    view = session.references.frame(arguments.frame_id)
    text = None if is_label(view.frame) else await text_of(session, view)
    names = arguments_at(text, view.frame.line_number - 1) if text is not None else None
    return types.ScopesResponseBody(scopes=tuple(_scopes(session, view, names)))


METHODS = (Method(command="scopes", arguments=types.ScopesArguments, answer=scopes),)


def facts_of(hit: Hit) -> Mapping[str, object]:
    """What is known of a hit beside its variables, by the names that filters use."""
    return {name: value for name, fact in FACTS.items() if (value := fact(hit)) not in (None, "")}


def _scopes(session: DebugSession, view: FrameView, argument_names: frozenset[str] | None) -> Iterator[types.Scope]:
    variables = view.variables
    if is_label(view.frame):
        # There is nothing to see in it, and no error to be shown for asking.
        return
    if variables is None:
        yield _scope(session, "Locals (not captured in this frame)", "locals", Names(view=view, variables={}))
    else:
        missing = f" (some are missing: {visible(view.hit.truncated)})" if view.index == 0 and view.hit.truncated else ""
        # Without the text it is not known which of them are arguments; they come first in any case.
        of_call = {name: value for name, value in variables.items() if name in (argument_names or ())}
        own = {name: value for name, value in variables.items() if name not in of_call}
        if of_call:
            yield _scope(session, "Arguments", "arguments", Names(view=view, variables=of_call))
        yield _scope(session, f"Locals{missing}", "locals", Names(view=view, variables=own))
    if view.index == 0 and view.hit.watches:
        watches = Names(view=view, variables=view.hit.watches, are_expressions=True)
        yield _scope(session, "Watch expressions", None, watches)
    if view.index == 0 and view.hit.globals:
        yield _scope(session, "Globals", "globals", Names(view=view, variables=view.hit.globals))
    if view.index == 0 and view.hit.exception is not None:
        handled = Names(view=view, variables={"exception": view.hit.exception}, are_out_of_reach=True)
        yield _scope(session, "Exception being handled", None, handled)
    if view.index == 0 and view.hit.context_variables:
        context = Names(view=view, variables=view.hit.context_variables, are_out_of_reach=True)
        yield _scope(session, "Context variables", None, context)
    facts = Names(view=view, variables=facts_of(view.hit), are_facts=True)
    yield _scope(session, "Process and request", None, facts, expensive=True)


def _scope(session: DebugSession, name: str, hint: str | None, names: Names, *, expensive: bool = False) -> types.Scope:
    reference = session.references.add(names.view.thread_id, names)
    return types.Scope(
        name=name,
        presentation_hint=hint,
        variables_reference=reference,
        named_variables=len(names.variables),
        # What is expensive is not unfolded by itself, and few look at it.
        expensive=expensive,
    )
