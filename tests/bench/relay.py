"""A relay between two processes that notes when what passed through it: so stages are timed from outside, without a hook."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Direction = Literal["request", "answer"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What arrived at once."""

    at: float
    """`time.time()` when it was here, before it went on."""
    direction: Direction
    to: str
    """Method and path, without the query, of the newest request on the connection."""
    text: bytes


class Relay:
    """Forwards connections to one port of this machine."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> str:
        """The address where it listens."""
        self._server = await asyncio.start_server(lambda *ends: self._forward(port, *ends), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def between(self, start: float, end: float, direction: Direction, to: str, *texts: str) -> Iterator[Piece]:
        """What passed in this time on requests that begin with `to` and hold all these texts."""
        for piece in self.pieces:
            if (
                start <= piece.at <= end
                and piece.direction == direction
                and to in piece.to
                and all(text.encode() in piece.text for text in texts)
            ):
                yield piece

    async def _forward(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", port)
        newest = [""]
        pumps = [
            asyncio.create_task(self._pump(reader, to_writer, "request", newest)),
            asyncio.create_task(self._pump(to_reader, writer, "answer", newest)),
        ]
        self._tasks.update(pumps)
        await asyncio.wait(pumps)
        self._tasks.difference_update(pumps)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction, newest: list[str]
    ) -> None:
        with contextlib.suppress(OSError):
            while text := await reader.read(2**20):
                at = time.time()
                if direction == "request" and b" HTTP/1.1\r\n" in text[:2000]:
                    newest[0] = text[:2000].split(b" HTTP/1.1", 1)[0].decode("ascii").partition("?")[0]
                self.pieces.append(Piece(at, direction, newest[0], text))
                writer.write(text)
                await writer.drain()
        writer.close()
