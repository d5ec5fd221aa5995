"""A network with faults: an HTTP proxy in front of the backend that a test can make misbehave, and mend again.

Standard library only, like all that `conftest.py` needs. It listens on a loopback port in a thread of its own, so a test on
any event loop, or on none, controls it with plain calls. Each request goes to the backend over a connection of its own; which
fault it meets is decided by the last rule that matches its method and path.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

CHUNK = 1 << 16
HEAD_LIMIT = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it came to the proxy."""

    method: str
    path: str
    head: bytes
    body: bytes


@dataclass(frozen=True)
class Delay:
    """The backend hears of the request only after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """The answer breaks off after so many bytes of its body; None cuts before its head. The backend has done what it was
    asked, and the client cannot know."""

    after: int | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that the backend never gave."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    announced: int | None = None
    """Content-Length, where it is not the body's: more is half a body."""


@dataclass(frozen=True)
class Rewrite:
    """The backend's own JSON body, changed on its way."""

    change: Callable[[bytes], bytes]


@dataclass(frozen=True)
class Drip:
    """The backend's answer, so many bytes at a time with so many seconds between them."""

    size: int = 1
    pause: float = 0.05


@dataclass(frozen=True)
class Silence:
    """The request is taken and never answered."""


Fault = Delay | Cut | Answer | Rewrite | Drip | Silence


def too_many_requests(retry_after: str) -> Answer:
    return Answer(status=429, body=b'{"type":"throttled_error","detail":"Slow down."}', headers={"Retry-After": retry_after})


def html(status: int) -> Answer:
    """What a gateway says in place of the backend."""
    return Answer(status=status, body=b"<html><body><h1>Bad <b>gateway</b></h1></body></html>", content_type="text/html")


def redirect(location: str) -> Answer:
    return Answer(status=302, headers={"Location": location})


def huge(size: int = 10 << 20) -> Answer:
    """JSON of so many bytes, in a form that nobody expects."""
    return Answer(body=b'{"results": "' + b"x" * (size - 15) + b'"}')


@dataclass(kw_only=True)
class _Rule:
    pattern: re.Pattern[str]
    fault: Fault
    times: int | None


class FaultyNetwork:
    """One proxy in front of one backend. `host` is what clients are given in place of the backend's."""

    def __init__(self, upstream: str) -> None:
        address = urlsplit(upstream)
        self._upstream = (address.hostname or "127.0.0.1", address.port or 80)
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._open: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.seen: list[Request] = []
        """Every request so far, whatever became of it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-network", daemon=True)
        self._thread.start()
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            self._port = reserved.getsockname()[1]
        self.host = f"http://127.0.0.1:{self._port}"
        self.up()

    def set(self, fault: Fault, *, on: str = "", times: int | None = None) -> None:
        """From now on requests whose `METHOD /path` the pattern is found in meet the fault, at most `times` times."""
        with self._lock:
            self._rules.append(_Rule(pattern=re.compile(on), fault=fault, times=times))

    def heal(self) -> None:
        """No faults, and connections are taken; what hangs is cut, so that clients come back."""
        with self._lock:
            self._rules.clear()
        self.up()
        self.cut()

    def down(self) -> None:
        """Connections are refused, and those there are end."""
        self._run(self._close())
        self.cut()

    def up(self) -> None:
        self._run(self._listen())

    def cut(self) -> None:
        """End all connections there are."""
        self._run(self._cut_all())

    def count(self, pattern: str) -> int:
        """How many requests so far the pattern is found in."""
        return sum(bool(re.search(pattern, f"{request.method} {request.path}")) for request in list(self.seen))

    def end(self) -> None:
        self.down()
        self._run(self._end_handlers())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, limit=HEAD_LIMIT)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _cut_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _end_handlers(self) -> None:
        for task in self._handlers:
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self._open.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._exchange(await _read_request(reader), writer)
        finally:
            self._handlers.discard(task)
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.seen.append(request)
        fault = self._fault_for(request)
        if isinstance(fault, Silence):
            await asyncio.Event().wait()
        elif isinstance(fault, Answer):
            writer.write(_answer(fault))
            await writer.drain()
        else:
            if isinstance(fault, Delay):
                await asyncio.sleep(fault.seconds)
            await self._forward(request, writer, fault)

    def _fault_for(self, request: Request) -> Fault | None:
        with self._lock:
            for rule in reversed(self._rules):
                if rule.times != 0 and rule.pattern.search(f"{request.method} {request.path}"):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule.fault
        return None

    async def _forward(self, request: Request, writer: asyncio.StreamWriter, fault: Fault | None) -> None:
        reader, upstream = await asyncio.open_connection(*self._upstream, limit=HEAD_LIMIT)
        self._open.add(upstream)
        try:
            upstream.write(request.head + request.body)
            await upstream.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            match fault:
                case Rewrite(change):
                    await _rewrite(head, reader, writer, change)
                case Cut(after):
                    await _relay_some(head, reader, writer, after)
                case Drip(size, pause):
                    await _drip(head, reader, writer, size, pause)
                case _:
                    writer.write(head)
                    await _relay(reader, writer.write, writer.drain)
        finally:
            self._open.discard(upstream)
            upstream.close()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    lines = [line for line in head[:-4].split(b"\r\n") if not re.match(rb"(?i)connection:", line)]
    length = next((int(line.split(b":")[1]) for line in lines if re.match(rb"(?i)content-length:", line)), None)
    chunked = any(re.match(rb"(?i)transfer-encoding:\s*chunked", line) for line in lines)
    body = await _read_chunks(reader) if chunked else await reader.readexactly(length or 0)
    # One request for each connection: where the answer ends is then known without understanding it.
    return Request(method=method, path=path, head=b"\r\n".join([*lines, b"Connection: close", b"", b""]), body=body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    """A chunked body as it stands, its framing included."""
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        body += line + await reader.readexactly(size + 2)
        if size == 0:
            return body


async def _relay(reader: asyncio.StreamReader, write: Callable[[bytes], object], drain: Callable[[], Awaitable[None]]) -> None:
    while chunk := await reader.read(CHUNK):
        write(chunk)
        await drain()


async def _relay_some(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, after: int | None) -> None:
    left = after
    if left is not None:
        writer.write(head)
    while (left is None or left > 0) and (chunk := await reader.read(CHUNK if left is None else min(left, CHUNK))):
        if left is not None:
            writer.write(chunk)
            left -= len(chunk)
    await writer.drain()


async def _drip(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int, pause: float) -> None:
    writer.write(head)
    while chunk := await reader.read(size):
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(pause)


async def _rewrite(
    head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Callable[[bytes], bytes]
) -> None:
    lines = head[:-4].split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if re.match(rb"(?i)content-length:", line)), None)
    assert length is not None, "only an answer with a length can be rewritten"
    body = change(await reader.readexactly(length))
    kept = [line for line in lines if not re.match(rb"(?i)content-length:", line)]
    writer.write(b"\r\n".join([*kept, b"Content-Length: %d" % len(body), b"", b""]) + body)
    await writer.drain()


def _answer(answer: Answer) -> bytes:
    length = len(answer.body) if answer.announced is None else answer.announced
    headers = {"Content-Type": answer.content_type, "Content-Length": str(length), "Connection": "close", **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Any", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + answer.body


@contextlib.contextmanager
def faulty_network(upstream: str) -> Iterator[FaultyNetwork]:
    """A proxy in front of `upstream`, such as `http://127.0.0.1:8137`, that works until it is told otherwise."""
    network = FaultyNetwork(upstream)
    try:
        yield network
    finally:
        network.end()
