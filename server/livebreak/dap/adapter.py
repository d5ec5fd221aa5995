"""The adapter of one client: requests in, one after the other, responses and events out. No message can end it but the last."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from livebreak.dap import (
    attach,
    breakpoints,
    evaluate,
    exceptions,
    read_only,
    replay,
    scopes,
    sources,
    stack,
    stepping,
    threads,
    types,
    variables,
)
from livebreak.dap.failures import ErrorId, RequestError, log_failure
from livebreak.dap.methods import Method
from livebreak.dap.session import DebugSession
from livebreak.dap.target import Target
from livebreak.streams import framed, messages
from livebreak.sync.remotes import RemoteError
from livebreak_agent.vocabulary.codec import ShapeError, from_json, to_json

_log = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Requests that may wait for their turn; no client sends so many before it reads an answer."""
LONGEST_REQUEST = 60.0
"""Seconds; the network's own limits are below it."""

METHODS: Mapping[str, Method] = {
    method.command: method
    for noun in (
        attach, breakpoints, evaluate, exceptions, read_only, replay, scopes, sources, stack, stepping, threads, variables
    )
    for method in noun.METHODS
}  # fmt: skip
CAPABILITIES = replace(
    types.Capabilities(supports_cancel_request=True),
    **dict.fromkeys((name for method in METHODS.values() for name in method.capabilities), True),  # type: ignore[arg-type]
)  # mypy cannot tell that each of these names is one of the fields that are a bool

Write = Callable[[bytes], None]


class Adapter:
    """Speaks with one client.

    Parameters
    ----------
    write
        Sends bytes; it must not raise.
    """

    def __init__(self, target: Target, write: Write) -> None:
        self._write = write
        self._numbers = itertools.count(1)
        self._session = DebugSession(target=target, send_event=self._send_event, capabilities=CAPABILITIES)
        self._waiting: asyncio.Queue[tuple[int, str, Any]] = asyncio.Queue(MOST_WAITING)
        self._held: list[tuple[str, object]] | None = None
        """Events that wait until the response to the present request is sent; None between requests."""
        self._current: tuple[int, asyncio.Task[None]] | None = None
        self._cancelled: set[int] = set()

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Serve until the client leaves or its stream ends; then the session is over, and in order."""
        working = asyncio.create_task(self._work())
        reading = asyncio.create_task(self._read(reader))
        try:
            await asyncio.wait((working, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, reading):
                task.cancel()
            await asyncio.gather(working, reading, return_exceptions=True)
            await self._session.end()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        async for body in messages(reader):
            try:
                self._receive(body)
            except Exception as error:  # noqa: BLE001 - one message that we cannot digest must not end the session
                log_failure("A message of a debugger's client could not be taken.", error)

    def _receive(self, body: bytes) -> None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._fail(0, "unknown", RequestError(ErrorId.MALFORMED, "The message is not JSON."))
            return
        if isinstance(message, dict) and message.get("type") in ("response", "event"):
            # We ask nothing of a client.
            return
        number = message.get("seq") if isinstance(message, dict) else None
        command = message.get("command") if isinstance(message, dict) else None
        if type(number) is not int or not isinstance(command, str) or message.get("type") != "request":
            sentence = 'The message is no request: it needs "type": "request", an integer "seq" and a "command".'
            self._fail(number if type(number) is int else 0, "unknown", RequestError(ErrorId.MALFORMED, sentence))
        elif command == "cancel":
            self._cancel(number, message.get("arguments"))
        else:
            try:
                self._waiting.put_nowait((number, command, message.get("arguments")))
            except asyncio.QueueFull:
                self._fail(number, command, RequestError(ErrorId.TOO_MANY, "Too many requests wait for an answer; ask again."))

    def _cancel(self, number: int, arguments: Any) -> None:
        """Answered at once, between the others: what is cancelled is usually the one that all wait for."""
        wanted = arguments.get("requestId") if isinstance(arguments, dict) else None
        if self._current is not None and wanted == self._current[0]:
            self._current[1].cancel()
        elif type(wanted) is int and len(self._cancelled) < MOST_WAITING:
            self._cancelled.add(wanted)
        self._respond(number, "cancel", None)

    async def _work(self) -> None:
        while not self._session.is_over:
            number, command, arguments = await self._waiting.get()
            if number in self._cancelled:
                self._cancelled.discard(number)
                self._fail(number, command, RequestError(ErrorId.CANCELLED, "The request was cancelled."))
                continue
            self._held = []
            task = asyncio.create_task(self._handle(number, command, arguments))
            self._current = number, task
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                raise
            self._current = None
            held, self._held = self._held, None
            for event, body in held:
                self._send_event(event, body)

    async def _handle(self, number: int, command: str, arguments: Any) -> None:
        try:
            async with asyncio.timeout(LONGEST_REQUEST):
                body = await self._answer(command, arguments)
        except RequestError as error:
            self._fail(number, command, error)
        except RemoteError as error:
            self._fail(number, command, RequestError(ErrorId.NOT_CONNECTED, str(error)))
        except TimeoutError:
            self._fail(number, command, RequestError(ErrorId.TOO_SLOW, "It took too long, and was given up; ask again."))
        except asyncio.CancelledError:
            self._fail(number, command, RequestError(ErrorId.CANCELLED, "The request was cancelled."))
        except Exception as error:  # noqa: BLE001 - one request that fails must not end the session
            log_failure(f"The request {command[:40]!r} failed.", error)
            sentence = f"Something unforeseen happened ({type(error).__name__}); the log says where."
            self._fail(number, command, RequestError(ErrorId.UNFORESEEN, sentence))
        else:
            self._respond(number, command, body)

    async def _answer(self, command: str, arguments: Any) -> object:
        method = METHODS.get(command)
        if method is None:
            raise RequestError(ErrorId.UNKNOWN_COMMAND, f"LiveBreak has no request {command[:80]!r}.")
        if not self._session.is_initialized and command not in ("initialize", "disconnect"):
            raise RequestError(ErrorId.OUT_OF_ORDER, "`initialize` comes first.")
        if not method.before_attach and self._session.attachment is None:
            raise RequestError(ErrorId.OUT_OF_ORDER, "Nothing is attached yet: `attach` comes first.")
        try:
            given = None if method.arguments is None else from_json(method.arguments, arguments or {}, types.wire_name)
        except (ShapeError, RecursionError) as error:
            raise RequestError(
                ErrorId.INVALID_ARGUMENTS, f"The arguments of {command} are not as they should be: {error}."
            ) from None
        return await method.answer(self._session, given)

    def _respond(self, number: int, command: str, body: object) -> None:
        message: dict[str, object] = {"type": "response", "request_seq": number, "success": True, "command": command}
        if body is not None:
            message["body"] = to_json(body, types.wire_name)
        self._send(message)

    def _fail(self, number: int, command: str, error: RequestError) -> None:
        described = types.Message(id=error.id, format=_literal(str(error)), show_user=error.show)
        self._send(
            {
                "type": "response",
                "request_seq": number,
                "success": False,
                "command": command[:80],
                "message": str(error),
                "body": {"error": to_json(described, types.wire_name)},
            }
        )

    def _send_event(self, event: str, body: object) -> None:
        if self._held is not None:
            self._held.append((event, body))
            return
        message: dict[str, object] = {"type": "event", "event": event}
        if body is not None:
            message["body"] = to_json(body, types.wire_name)
        self._send(message)

    def _send(self, message: dict[str, object]) -> None:
        self._write(framed(json.dumps({"seq": next(self._numbers)} | message, separators=(",", ":")).encode()))


def _literal(text: str) -> str:
    """Clients put variables in place of `{name}`, of which there are none."""
    return text.replace("{", "(").replace("}", ")")
