"""`livebreak/checkCondition`: what is wrong with a condition or a log message that is being typed."""

from __future__ import annotations

from typing import Literal

from livebreak.debugger.scope import doubt, scope_at
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak_agent.vocabulary.expressions import ExpressionError, compile_expression, compile_message
from livebreak_agent.vocabulary.lsp_messages import CheckConditionParams, CheckConditionResult

Kind = Literal["condition", "log"]


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/checkCondition", check_condition)


async def check_condition(ls: LiveBreakServer, params: CheckConditionParams) -> CheckConditionResult:
    file = await ls.files.in_editor(params.uri) if params.uri is not None else None
    source = ls.document(file).source if file is not None else ""
    scope = scope_at(source, params.line) if file is not None and params.line is not None else None
    names = scope.nearest_first if scope is not None else ()
    error = problem(params.text, params.kind)
    if error is not None:
        return CheckConditionResult(ok=False, message=error.message, column=error.column, names=names)
    return CheckConditionResult(ok=True, doubt=doubt_of(params.text, params.kind, source, params.line or 0), names=names)


def problem(text: str, kind: Kind) -> ExpressionError | None:
    """What is wrong with the text, if something is."""
    try:
        (compile_message if kind == "log" else compile_expression)(text)
    except ExpressionError as error:
        return error
    return None


def doubt_of(text: str, kind: Kind, source: str, line: int) -> str | None:
    """Why a text with nothing wrong may find nothing on this 0-based line."""
    scope = scope_at(source, line)
    if scope is None or not source:
        return None
    return doubt((compile_message if kind == "log" else compile_expression)(text).names, scope)
