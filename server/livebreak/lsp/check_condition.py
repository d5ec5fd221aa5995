"""`livebreak/checkCondition`: what is wrong with a condition or a log message that is being typed."""

from __future__ import annotations

from typing import Literal

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak_agent.vocabulary.expressions import ExpressionError, compile_expression, compile_message
from livebreak_agent.vocabulary.wire import CheckConditionParams, CheckConditionResult


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/checkCondition", check_condition)


async def check_condition(_: LiveBreakServer, params: CheckConditionParams) -> CheckConditionResult:
    error = problem(params.text, params.kind)
    if error is None:
        return CheckConditionResult(ok=True)
    return CheckConditionResult(ok=False, message=error.message, column=error.column)


def problem(text: str, kind: Literal["condition", "log"]) -> ExpressionError | None:
    """What is wrong with the text, if something is."""
    try:
        (compile_message if kind == "log" else compile_expression)(text)
    except ExpressionError as error:
        return error
    return None
