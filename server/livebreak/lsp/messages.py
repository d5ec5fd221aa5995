"""Our own requests: their parameters and results are dataclasses of `vocabulary.wire`, and this is where they become so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.to_proto import message
from livebreak_agent.vocabulary.codec import ShapeError, camel_case, from_json
from livebreak_agent.vocabulary.lsp_messages import LSP_MESSAGES


class RequestFailed(JsonRpcException):
    """The request is well formed and cannot be answered; the message is one sentence for the user."""

    CODE = types.LSPErrorCodes.RequestFailed.value


def serve_request(server: LiveBreakServer, method: str, answer: Callable[[LiveBreakServer, Any], Awaitable[object]]) -> None:
    """Serve one of `LSP_MESSAGES`: `answer` takes its parameters, or None where it has none, and gives its result."""
    kind = LSP_MESSAGES[method][0]

    async def handle(params: Any) -> Any:
        server.speaks_livebreak = True
        return message(await answer(server, None if kind is None else read(kind, params)))

    server.feature(method)(handle)


def read(kind: type[Any], params: Any) -> Any:
    """Parameters in their declared shape, else an error that names the place that is not."""
    try:
        return from_json(kind, params, camel_case)
    except ShapeError as error:
        raise JsonRpcInvalidParams(str(error)) from None
