"""The exception that was being handled when the line ran, where it was captured."""

from __future__ import annotations

from livebreak.dap import types
from livebreak.dap.failures import ErrorId, RequestError
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView
from livebreak.dap.session import DebugSession, view_of
from livebreak.dap.sources import text_of
from livebreak.debugger.arguments import handled_exception
from livebreak.debugger.values import SHOWN_LINE_WIDTH, short_type, value_line, visible
from livebreak_agent.vocabulary import captured


async def exception_info(session: DebugSession, arguments: types.ExceptionInfoArguments) -> types.ExceptionInfoResponseBody:
    thread = session.thread(arguments.thread_id)
    view = view_of(await session.hit(thread), thread)
    name = await _name(session, view)
    # The process says what it was handling; hits of other senders tell it by a variable at most.
    data = (view.variables or {})[name] if name is not None else view.hit.exception
    if data is None:
        raise RequestError(ErrorId.NO_EXCEPTION, "No exception was being handled when the line ran, or none was captured.")
    value = captured.read(data)
    return types.ExceptionInfoResponseBody(
        exception_id=visible(value.type),
        description=value_line(value, SHOWN_LINE_WIDTH),
        # Nothing was interrupted because of it.
        break_mode="never",
        details=types.ExceptionDetails(type_name=short_type(value), full_type_name=visible(value.type), evaluate_name=name),
    )


async def _name(session: DebugSession, view: FrameView) -> str | None:
    """The variable that has the exception, where the source tells and it was captured."""
    text = await text_of(session, view)
    name = handled_exception(text, view.frame.line_number - 1) if text is not None else None
    return name if name in (view.variables or {}) else None


METHODS = (
    Method(
        command="exceptionInfo",
        arguments=types.ExceptionInfoArguments,
        answer=exception_info,
        capabilities=("supports_exception_info_request",),
    ),
)
