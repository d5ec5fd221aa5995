"""The adapter on a private pipe of this machine, beside the language server: one process and one state, two faces.

The pipe is a Unix socket in a folder that only this user can enter, so that whoever connects is this user. Where there are no
Unix sockets (Windows), nothing listens and an editor starts `livebreak dap`; a named pipe would be the counterpart there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import tempfile
from pathlib import Path

from livebreak.dap.adapter import Adapter
from livebreak.dap.target import Target

_log = logging.getLogger(__name__)

LONGEST_QUEUE = 64 << 20
"""Bytes that wait for a client that does not read; then it is let go, since memory is finite."""
MOST_CLIENTS = 32
"""Debug sessions at once; an editor has one or two."""


class Pipe:
    """Listens from `open` on, until `close`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._server: asyncio.AbstractServer | None = None
        self._folder: Path | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def open(self) -> str | None:
        """The address, listening; None where this machine has no such thing. Repeating it changes nothing."""
        if self._server is None and hasattr(socket, "AF_UNIX"):
            # mkdtemp makes it 0700. A socket's path may have some 100 bytes, so it is short and not below a long home.
            folder = Path(tempfile.mkdtemp(prefix="livebreak-"))
            try:
                self._server = await asyncio.start_unix_server(self._accept, path=folder / "dap")
            except OSError as error:
                _log.warning("No pipe can be opened for debuggers: %s", error.strerror)
                shutil.rmtree(folder, ignore_errors=True)
                return None
            self._folder = folder
        return str(self._folder / "dap") if self._folder is not None else None

    async def close(self) -> None:
        """End every session in order, and remove the pipe."""
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._server = self._folder = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CLIENTS:
            writer.close()
            return
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def write(data: bytes) -> None:
            if writer.is_closing():
                return
            writer.write(data)
            if writer.transport.get_write_buffer_size() > LONGEST_QUEUE:
                _log.warning("A debugger's client does not read; it is let go.")
                writer.transport.abort()

        try:
            await Adapter(self._target, write).run(reader)
        finally:
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()
