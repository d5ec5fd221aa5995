"""Where debugpy listens in the process: an `evaluate` without a frame, which runs while the program goes on."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pygls import io_

from livebreak.attach.errors import AttachError
from livebreak.attach.payload import Payload

STEP_SECONDS = 15.0
"""For each answer; all of them together take 50 ms."""

_DEFAULT_PORT = 5678


def attach(url: str, text: Payload) -> str:
    """Run it in the process; the answer. `AttachError` says why it cannot be."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port or _DEFAULT_PORT
    except ValueError:
        host, port = "", 0
    if not host:
        raise AttachError("That is no address of a debugpy; write it as debugpy://127.0.0.1:5678.")
    return asyncio.run(_attach(_private_addresses(host, port), host, port, text))


def _private_addresses(host: str, port: int) -> tuple[str, ...]:
    """Those of a name; none may be public, since the secret key goes this way in clear. They are connected to as they are: the
    name may stand for another one when it is asked for again."""
    try:
        found = tuple(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        addresses = [address.partition("%")[0] for address in found]
    except OSError:
        raise AttachError(f"The name {host} cannot be resolved; check the address.") from None
    if not all(ip_address(address).is_loopback or ip_address(address).is_private for address in addresses):
        raise AttachError(
            f"{host} is a public address, where debugpy's protocol would show your key to others; forward the port "
            f"(ssh -L {port}:127.0.0.1:{port}) and use debugpy://127.0.0.1:{port}."
        )
    return found


async def _connect(addresses: Sequence[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To the first that answers; the last one's failure if none does."""
    *others, last = addresses
    for address in others:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, port, limit=2**24)
    return await asyncio.open_connection(last, port, limit=2**24)


async def _attach(addresses: Sequence[str], host: str, port: int, text: Payload) -> str:
    try:
        async with asyncio.timeout(STEP_SECONDS):
            reader, writer = await _connect(addresses, port)
    except (OSError, TimeoutError):
        raise AttachError(
            f"Nothing answers at {host}:{port}; check that the program runs with `debugpy --listen {port}`, and that no other "
            "debugger is connected, since it takes one at a time."
        ) from None
    peer = _Peer(writer)
    stop = threading.Event()
    reading = asyncio.create_task(io_.run_async(stop, reader, peer))  # type: ignore[arg-type]  # it uses two methods of it
    reading.add_done_callback(lambda _: peer.ended())
    try:
        await peer.ask("initialize", {"clientID": "livebreak", "adapterID": "python", "pathFormat": "path"})
        attached = peer.send("attach", {"justMyCode": True, "subProcess": False})
        await peer.wait(peer.initialized)
        await peer.ask("configurationDone", {})
        await peer.wait(attached)
        body = await peer.ask("evaluate", {"expression": text.expression(), "context": "repl"})
        await peer.ask("disconnect", {"terminateDebuggee": False})
    finally:
        stop.set()
        reading.cancel()
        writer.close()
    return _text(str(body.get("result", "")))


def _text(result: str) -> str:
    """The answer, which some versions show as Python would write it, in quotes."""
    if result[:1] not in {"'", '"'}:
        return result
    try:
        return str(ast.literal_eval(result))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return result


class _Peer:
    """debugpy, as somebody who answers; `pygls` reads the messages out of the stream and gives them to it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self.initialized = _future()

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        return data

    def handle_message(self, message: dict[str, Any]) -> None:
        if message.get("type") == "event" and message.get("event") == "initialized" and not self.initialized.done():
            self.initialized.set_result(None)
        asked = self._asked.pop(message.get("request_seq", 0), None) if message.get("type") == "response" else None
        if asked is None or asked.done():
            return
        if message.get("success"):
            asked.set_result(message.get("body") or {})
        else:
            asked.set_exception(AttachError(f"debugpy refuses: {str(message.get('message'))[:200]}"))

    def ended(self) -> None:
        for future in (self.initialized, *self._asked.values()):
            if not future.done():
                future.set_exception(AttachError("debugpy closed the connection; is another debugger connected to it?"))

    def send(self, command: str, arguments: Mapping[str, Any]) -> asyncio.Future[Any]:
        number = next(self._numbers)
        content = json.dumps({"seq": number, "type": "request", "command": command, "arguments": dict(arguments)}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        answer = _future()
        self._asked[number] = answer
        return answer

    async def ask(self, command: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = await self.wait(self.send(command, arguments))
        return body

    async def wait(self, answer: asyncio.Future[Any]) -> Any:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                return await answer
        except TimeoutError:
            raise AttachError(f"What listens there does not answer as debugpy does within {STEP_SECONDS:g} seconds.") from None


def _future() -> asyncio.Future[Any]:
    """One whose failure nobody need wait for: of several that fail with a connection only the first is told."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
