"""An editor with nothing in it: it speaks the Language Server Protocol with one server and notes when each message came.

It does not use a library for it, because what a library does on the editor's side would be part of every figure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.bench.rows import Broken

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds for anything that is waited for: generous, for a slow machine is no broken measurement."""


class NoAnswer(Broken):
    """A request was not answered in time, or what was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the server sent, and when, by `time.time()`."""

    at: float
    method: str
    params: Any


class Editor:
    """One server and what it sent."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()
        self._number = 0
        self.messages: list[Message] = []
        """Notifications, in the order in which they came; whoever waits for new ones may clear it."""
        self._reading = asyncio.create_task(self._read())

    async def request(self, method: str, params: object, patience: float = PATIENCE) -> Any:
        """The answer. Raises `NoAnswer`, and `Broken` for an error."""
        self._number += 1
        future = self._answers[self._number] = asyncio.get_running_loop().create_future()
        self._write({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        try:
            answer = await asyncio.wait_for(future, patience)
        except TimeoutError:
            raise NoAnswer(f"{method} was not answered within {patience:g} seconds") from None
        if "error" in answer:
            raise Broken(f"{method} was answered with an error: {answer['error'].get('message')}")
        return answer.get("result")

    def notify(self, method: str, params: object) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    async def until(self, condition: Callable[[Message], T | None], patience: float = PATIENCE) -> tuple[Message, T]:
        """The first message, of those that are there and those to come, of which the condition makes something."""
        seen = 0
        try:
            async with asyncio.timeout(patience):
                while True:
                    while seen < len(self.messages):
                        message = self.messages[seen]
                        seen += 1
                        if result := condition(message):
                            return message, result
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            newest = [message.method for message in self.messages[-5:]]
            raise NoAnswer(
                f"what was waited for did not come within {patience:g} seconds; the newest messages are {newest}"
            ) from None

    async def close(self) -> None:
        """As an editor ends."""
        with contextlib.suppress(Exception):
            await self.request("shutdown", None)
            self.notify("exit", None)
            async with asyncio.timeout(10):
                await self.process.wait()
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self._reading.cancel()

    def _write(self, message: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(frame(message))

    async def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            while header := await self.process.stdout.readuntil(b"\r\n\r\n"):
                body = await self.process.stdout.readexactly(content_length(header))
                self._take(time.time(), json.loads(body))
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits for an answer is to hear of it
            why = (
                "the language server has ended"
                if isinstance(error, asyncio.IncompleteReadError)
                else f"its output is wrong: {error!r}"
            )
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(Broken(why))

    def _take(self, at: float, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._answers.pop(message["id"])
            # Whoever asked may have given up.
            if not future.done():
                future.set_result(message)
        elif "id" in message:
            self._write({"jsonrpc": "2.0", "id": message["id"], "result": None})
        else:
            self.messages.append(Message(at, message["method"], message.get("params")))
            self._changed.set()


async def open_editor(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> Editor:
    """Start a server for a folder, and shake hands."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=folder, env={**environment}, limit=2**26,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    editor = Editor(process)
    await editor.request("initialize", initialize(folder))
    editor.notify("initialized", {})
    return editor


def initialize(folder: Path) -> dict[str, object]:
    """What an editor with a plugin of ours says of itself."""
    return {
        "processId": None,
        "rootUri": folder.as_uri(),
        "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
        "capabilities": {
            "general": {"positionEncodings": ["utf-16"]},
            "textDocument": {"hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {"relatedInformation": True}},
            "workspace": {"inlayHint": {"refreshSupport": True}, "workspaceFolders": True},
        },
        "initializationOptions": {"surfaces": ["diagnostics", "inlayHints", "hover", "codeActions"]},
    }


def document(file: Path, text: str) -> dict[str, object]:
    """The params of `textDocument/didOpen`."""
    return {"textDocument": {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}}


def frame(message: object) -> bytes:
    body = json.dumps(message, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def content_length(header: bytes) -> int:
    fields = dict(line.split(": ", 1) for line in header.decode("ascii").strip().split("\r\n"))
    return int(fields["Content-Length"])
