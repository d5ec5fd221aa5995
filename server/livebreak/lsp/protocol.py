"""JSON-RPC as pygls speaks it, with its four defects that could bite us cured.

- pygls takes *any* nested object with a key `jsonrpc` for a message and then never answers; here only the outermost is one.
- A message that cannot be decoded gets no answer from pygls, so the client waits for ever; here it gets an error.
- Parameters of methods that pygls does not know become named tuples, which lose keys such as `class`; here they stay plain.
- `exit` ends the process from inside a handler, before anything can be put in order; here it only asks for the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator
from typing import Any

import cattrs
from lsprotocol import converters, types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidRequest, JsonRpcParseError
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    lsp_method,
)

from livebreak.lsp.documents import Documents

_SNAKE = re.compile(r"_([a-z])")


class Protocol(LanguageServerProtocol):
    """The protocol of one client."""

    finish: Callable[[int], None] = staticmethod(lambda _: None)
    """Asks for the end of the process with an exit code; set by whoever runs the loop."""

    def receive(self, body: bytes) -> None:
        """Take the body of one message, and answer it even if it makes no sense."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, JsonRpcParseError("The message is not JSON."))
            return
        if not isinstance(data, dict):
            self._refuse(None, JsonRpcInvalidRequest("The message is not an object."))
            return
        is_request = "id" in data and "method" in data
        try:
            # Structuring takes parts out of what it is given, so the id is read first.
            request_id = data.get("id")
            message: Any = self.structure_message(data)
        except JsonRpcException as error:
            if is_request:
                cause = _sentence(error.__cause__)
                self._refuse(request_id, type(error)(f"{error.message}: {cause}" if cause else error.message))
            return
        if isinstance(message, dict):
            self._refuse(None, JsonRpcInvalidRequest('The message has no "jsonrpc" member.'))
            return
        self.handle_message(message)

    def tell(self, method: str, params: object = None) -> None:
        """A notification whose content is JSON already, or which has none: pygls would send a null, which some clients take for
        content."""
        self._send_data({"jsonrpc": self.VERSION, "method": method} | ({} if params is None else {"params": params}))

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        result = yield from super().lsp_initialize(params)
        self._workspace = Documents(
            params.root_uri,
            types.TextDocumentSyncKind.Incremental,
            params.workspace_folders or [],
            result.capabilities.position_encoding,
        )
        return result

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]  # ours has nothing to yield to
        self.finish(0 if self._shutdown else 1)

    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        if error is not None and error.code == JsonRpcInternalError.CODE:
            # pygls answers with the exception's text and its traceback: the first may quote captured values.
            kind = error.message.split(":", 1)[0].rpartition(".")[2]
            error = types.ResponseError(code=error.code, message=f"Something went wrong ({kind}); LiveBreak's log has more.")
        super()._send_response(msg_id, result, error)

    def _refuse(self, request_id: Any, error: JsonRpcException) -> None:
        if request_id is not None:
            self._send_response(request_id, error=error.to_response_error())
        else:
            # JSON-RPC wants the id even where it could not be read, and lsprotocol leaves a null out.
            self._send_data({"jsonrpc": self.VERSION, "id": None, "error": {"code": error.code, "message": error.message}})


def converter() -> cattrs.Converter:
    """The converter of the LSP's own types; messages that it does not know keep their parameters as they are."""
    made = converters.get_converter()
    for kind in (JsonRPCRequestMessage, JsonRPCResponseMessage, JsonRPCNotification):
        made.register_structure_hook(kind, _keep)
    return made


def _keep(data: dict[str, Any], kind: type[Any]) -> Any:
    names = {"id", "method", "jsonrpc", "params", "result"} & set(kind.__annotations__)
    return kind(**{name: data.get(name) for name in names})


def _sentence(error: BaseException | None) -> str:
    """What a failed conversion says about the places that are wrong, by the protocol's names, in one line."""
    if error is None:
        return ""
    return _SNAKE.sub(lambda found: found[1].upper(), "; ".join(cattrs.transform_error(error, path="message")))
