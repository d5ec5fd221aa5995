"""The language server on standard input and output, from its start to an orderly end, whoever asks for that.

The end comes with `exit`, the end of the input, a signal, an output that nobody reads, or the death of the editor.
"""

from __future__ import annotations

import asyncio
import logging
from typing import BinaryIO

from livebreak.lsp.language_server import LiveBreakServer
from livebreak.streams import Finish, Writer, finish_on_signals, messages, own_streams, read_in_thread

_log = logging.getLogger(__name__)

LONGEST_END = 5.0
"""Seconds for the session's end; it bounds itself more tightly, and editors kill us about then."""


def run(server: LiveBreakServer) -> int:
    """Serve until the end. Returns the exit status: 0, or 1 if the editor said `exit` without `shutdown`."""
    with own_streams() as (source, sink):
        return asyncio.run(_serve(server, source, sink))


async def _serve(server: LiveBreakServer, source: int, sink: BinaryIO) -> int:
    end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(status: int) -> None:
        if not end.done():
            end.set_result(status)

    server.finish = finish
    server.protocol.finish = finish
    server.protocol.set_writer(Writer(sink, finish))
    finish_on_signals(finish)
    reading = asyncio.create_task(_read(server, read_in_thread(source), finish))
    status = await end
    reading.cancel()
    try:
        async with asyncio.timeout(LONGEST_END):
            await server.end()
    except TimeoutError:
        _log.warning("The session did not end within %s seconds.", LONGEST_END)
    return status


async def _read(server: LiveBreakServer, reader: asyncio.StreamReader, finish: Finish) -> None:
    async for body in messages(reader):
        _receive(server, body)
    finish(0)


def _receive(server: LiveBreakServer, body: bytes) -> None:
    try:
        server.protocol.receive(body)
    except Exception:  # noqa: BLE001 - one message that we cannot digest must not end the session
        _log.exception("A message from the editor could not be handled.")
