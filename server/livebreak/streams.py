"""Standard input and output as a stream of messages with a `Content-Length`: what both protocols of editors are made of."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_log = logging.getLogger(__name__)

CHUNK = 1 << 16
LONGEST_MESSAGE = 256 << 20
"""Bytes; a longer announcement is no message but a mistake, such as text that was printed into the stream."""

_CONTENT_LENGTH = re.compile(rb"content-length:\s*(\d{1,12})\s*", re.IGNORECASE)

Finish = Callable[[int], None]
"""Asks for the end, with an exit status."""


async def messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The bodies, until the input ends or is no such stream. Header lines that are not known are passed over."""
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
                return
            yield await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    except asyncio.LimitOverrunError:
        _log.error("The input is no stream of messages.")


def framed(body: bytes) -> bytes:
    """A body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def read_in_thread(source: int) -> asyncio.StreamReader:
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


class Writer:
    """Writes messages. An output that nobody reads is the end, and no error of the message that met it."""

    def __init__(self, sink: BinaryIO, finish: Finish) -> None:
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


def finish_on_signals(finish: Finish) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # On Windows loops have no signal handlers, and an editor ends us by closing the streams.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, finish, 0)


@contextlib.contextmanager
def own_streams() -> Iterator[tuple[int, BinaryIO]]:
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
