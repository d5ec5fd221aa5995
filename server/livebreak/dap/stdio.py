"""The adapter on standard input and output: alone in its process, started by an editor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import BinaryIO

from livebreak.dap.adapter import Adapter
from livebreak.dap.target import Target
from livebreak.streams import Writer, finish_on_signals, own_streams, read_in_thread

_log = logging.getLogger(__name__)

LONGEST_END = 5.0
"""Seconds for what is behind the target to end; it bounds itself more tightly."""

Open = Callable[[], Awaitable[Target]]
Close = Callable[[], Awaitable[None]]


def serve(open_target: Open, close: Close) -> int:
    """Serve one client until it leaves, whose way ever; returns the exit status.

    `open_target` is called on the event loop when the process is ready, `close` at the end.
    """
    with own_streams() as (source, sink):
        return asyncio.run(_serve(open_target, close, source, sink))


async def _serve(open_target: Open, close: Close, source: int, sink: BinaryIO) -> int:
    end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(status: int) -> None:
        if not end.done():
            end.set_result(status)

    finish_on_signals(finish)
    adapter = Adapter(await open_target(), Writer(sink, finish).write)
    serving = asyncio.create_task(adapter.run(read_in_thread(source)))
    serving.add_done_callback(lambda _: finish(0))
    status = await end
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    try:
        async with asyncio.timeout(LONGEST_END):
            await close()
    except TimeoutError:
        _log.warning("The session did not end within %s seconds.", LONGEST_END)
    return status
