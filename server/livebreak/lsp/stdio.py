"""The language server on standard input and output, from its start to an orderly end, whoever asks for that.

The end comes with `exit`, the end of the input, a signal, an output that nobody reads, or the death of the editor.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from livebreak.lsp.language_server import LiveBreakServer

_log = logging.getLogger(__name__)

_Finish = Callable[[int], None]

CHUNK = 1 << 16
LONGEST_END = 5.0
"""Seconds for the session's end; it bounds itself more tightly, and editors kill us about then."""
LONGEST_MESSAGE = 256 << 20
"""Bytes; a longer announcement is no message but a mistake, such as text that was printed into the stream."""

_CONTENT_LENGTH = re.compile(rb"content-length:\s*(\d{1,12})\s*", re.IGNORECASE)


def run(server: LiveBreakServer) -> int:
    """Serve until the end. Returns the exit status: 0, or 1 if the editor said `exit` without `shutdown`."""
    with _own_streams() as (source, sink):
        return asyncio.run(_serve(server, source, sink))


async def _serve(server: LiveBreakServer, source: int, sink: BinaryIO) -> int:
    end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(status: int) -> None:
        if not end.done():
            end.set_result(status)

    server.finish = finish
    server.protocol.finish = finish
    server.protocol.set_writer(_Writer(sink, finish))
    _finish_on_signals(finish)
    reading = asyncio.create_task(_read(server, _read_in_thread(source), finish))
    status = await end
    reading.cancel()
    try:
        async with asyncio.timeout(LONGEST_END):
            await server.end()
    except TimeoutError:
        _log.warning("The session did not end within %s seconds.", LONGEST_END)
    return status


async def _read(server: LiveBreakServer, reader: asyncio.StreamReader, finish: _Finish) -> None:
    try:
        while True:
            length = None
            while header := (await reader.readuntil(b"\n")).strip():
                if found := _CONTENT_LENGTH.fullmatch(header):
                    length = int(found[1])
            if length is None:
                continue
            if length > LONGEST_MESSAGE:
                _log.error("The editor announced a message of %d bytes; this is the end.", length)
                break
            _receive(server, await reader.readexactly(length))
    except asyncio.IncompleteReadError:
        pass
    except asyncio.LimitOverrunError:
        _log.error("The input is not the Language Server Protocol.")
    finish(0)


def _receive(server: LiveBreakServer, body: bytes) -> None:
    try:
        server.protocol.receive(body)
    except Exception:  # noqa: BLE001 - one message that we cannot digest must not end the session
        _log.exception("A message from the editor could not be handled.")


def _read_in_thread(source: int) -> asyncio.StreamReader:
    """A reader that a thread feeds. Only `os.read` blocks, which holds no lock, so that the process can end meanwhile."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()

    def feed() -> None:
        # The loop is closed at the end, while the thread still waits.
        with contextlib.suppress(RuntimeError):
            while True:
                try:
                    chunk = os.read(source, CHUNK)
                except OSError:
                    chunk = b""
                if not chunk:
                    loop.call_soon_threadsafe(reader.feed_eof)
                    return
                loop.call_soon_threadsafe(reader.feed_data, chunk)

    threading.Thread(target=feed, name="livebreak-stdin", daemon=True).start()
    return reader


class _Writer:
    """Writes messages. An output that nobody reads is the end, and no error of the message that met it."""

    def __init__(self, sink: BinaryIO, finish: _Finish) -> None:
        self._sink = sink
        self._finish = finish

    def write(self, data: bytes) -> None:
        try:
            self._sink.write(data)
            self._sink.flush()
        except (OSError, ValueError):
            self._finish(0)

    def close(self) -> None:
        """The sink is closed by whoever opened it."""


def _finish_on_signals(finish: _Finish) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # On Windows loops have no signal handlers, and an editor ends us by closing the streams.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, finish, 0)


@contextlib.contextmanager
def _own_streams() -> Iterator[tuple[int, BinaryIO]]:
    """The process's input and output for us alone: what else is printed goes to the log, and not between two messages."""
    source, sink = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    printed = sys.stdout
    sys.stdout = sys.stderr
    stream = os.fdopen(sink, "wb")
    try:
        yield source, stream
    finally:
        sys.stdout = printed
        # Whoever read it may be gone.
        with contextlib.suppress(OSError):
            stream.close()
