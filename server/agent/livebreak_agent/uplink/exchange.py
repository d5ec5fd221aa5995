"""Requests and answers over one kept-alive connection, where waiting for the answer is somebody else's.

`http.client` would block until the answer is there; a long poll and sending hits go on side by side in one thread, so
here bytes are taken as they come, and parsed by `http.client` once the answer is complete. That also settles what TLS
does to `select`: session tickets make a socket readable without anything to read, and decrypted bytes may wait where
`select` does not see them.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field

from livebreak_agent.settings import Address
from livebreak_agent.uplink.connection import CONNECT_SECONDS, Unreachable, connect, explain, tls_context

LARGEST_ANSWER = 8 * 2**20
"""Bytes; thousands of breakpoints are below it, and the application's memory is not ours to fill."""

_RECEIVE_BYTES = 2**16


class Stale(Unreachable):
    """A kept-alive connection was closed by the other side before it answered: ask again over a new one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    method: str
    path: str
    """With the query; below the backend's prefix."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 15.0
    """Until an answer that has not come is given up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Exchange:
    """One connection, opened when it is needed. Not thread-safe."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._context: ssl.SSLContext | None = None
        self._received = bytearray()
        self._method = ""
        self._kept = False
        """Whether the connection already served an earlier request."""

    def fileno(self) -> int:
        """What to wait for with `select`, while an answer is awaited."""
        return self._socket.fileno() if self._socket is not None else -1

    def send(self, request: Request) -> None:
        """Send a request whose answer `receive` will give; blocks for connecting and sending, each within a time-out."""
        if self._socket is not None and self._has_ended():
            self.close()
        self._kept = self._socket is not None
        if self._socket is None:
            if self._address.secure and self._context is None:
                self._context = tls_context()
            self._socket = connect(self._address, self._context)
        self._received.clear()
        self._method = request.method
        try:
            self._socket.settimeout(CONNECT_SECONDS)
            self._socket.sendall(self._write(request))
        except OSError as error:
            self._fail(error)

    def receive(self) -> Answer | None:
        """The answer, or None as long as it is not complete. Never blocks; `Unreachable` or `Stale` if it cannot come."""
        try:
            ended = self._take()
        except OSError as error:
            self._fail(error)
        if len(self._received) > LARGEST_ANSWER:
            self.close()
            raise Unreachable(
                f"{self._address} answers with more than {LARGEST_ANSWER >> 20} MiB; check that it is a LiveBreak backend."
            )
        if not self._received and ended:
            self._fail(ConnectionResetError("the connection was closed"))
        try:
            answer, is_last = _parse(bytes(self._received), self._method, ended=ended)
        except http.client.HTTPException:
            self.close()
            raise Unreachable(f"{self._address} does not answer in HTTP; check LIVEBREAK_HOST.") from None
        if answer is None:
            if ended:
                self._fail(ConnectionResetError("the connection was closed"))
            return None
        self._received.clear()
        if is_last or ended:
            self.close()
        return answer

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None

    def _write(self, request: Request) -> bytes:
        headers = {"Host": self._address.netloc, "Accept-Encoding": "identity", **request.headers}
        if request.body is not None:
            headers["Content-Length"] = str(len(request.body))
        lines = [
            f"{request.method} {self._address.prefix}{request.path} HTTP/1.1",
            *(f"{key}: {value}" for key, value in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (request.body or b"")

    def _has_ended(self) -> bool:
        """Whether an idle connection was closed, or says something nobody asked for, which is as bad."""
        try:
            return self._take() or bool(self._received)
        except OSError:
            return True

    def _take(self) -> bool:
        """Move what has arrived into the buffer; True at the end of the stream."""
        if self._socket is None:
            return True
        self._socket.settimeout(0)
        while len(self._received) <= LARGEST_ANSWER:
            try:
                data = self._socket.recv(_RECEIVE_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return False
            if not data:
                return True
            self._received += data
        return False

    def _fail(self, error: OSError) -> typing.NoReturn:
        was_kept = self._kept and not self._received and not isinstance(error, TimeoutError)
        self.close()
        raise (Stale if was_kept else Unreachable)(explain(error, self._address)) from None


class _Received:
    """What `http.client.HTTPResponse` takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _parse(data: bytes, method: str, *, ended: bool) -> tuple[Answer | None, bool]:
    """The answer if the bytes hold all of it, and whether the connection is of no use after it."""
    if b"\r\n\r\n" not in data:
        return None, False
    response = http.client.HTTPResponse(typing.cast("socket.socket", _Received(data)), method=method)
    try:
        response.begin()
        if response.chunked and not data.endswith(b"\r\n\r\n"):
            return None, False
        if response.length is None and not response.chunked and not ended:
            return None, False  # Its body goes on until the connection is closed.
        body = response.read()
    except (http.client.IncompleteRead, http.client.RemoteDisconnected):
        return None, False
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=headers, body=body), response.will_close
