"""The access log: one line of JSON for each request, with nothing in it that is secret or was captured.

It holds no query, which can hold a key or a filter over values, no header, and no body.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livebreak.backend.clock import Clock, format_time

LONGEST_PATH = 300
"""Characters of a path; ours are shorter."""

_KEY = re.compile(r"ph([xsc])_[^/]*")

Write = Callable[[str], None]


def write_line(line: str) -> None:
    """To standard output, where containers are listened to. A reader that is gone is no reason to refuse requests."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError:
        return


class AccessLog:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, clock: Clock, write: Write = write_line) -> None:
        self._app = app
        self._clock = clock
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        at, started = self._clock(), time.perf_counter()
        status, size = 0, 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            client = scope.get("client")
            entry = {
                "time": format_time(at),
                "client": client[0] if client else None,
                "method": scope["method"],
                "path": _shown(scope["path"]),
                # A client that hung up before there was an answer has none.
                "status": status or None,
                "bytes": size,
                "seconds": round(time.perf_counter() - started, 4),
            }
            self._write(json.dumps(entry))


def _shown(path: str) -> str:
    """A path without a key that somebody put there by mistake, and without anything that a terminal obeys."""
    return _KEY.sub(r"ph\1_...", path)[:LONGEST_PATH]
