"""Clients of the debug adapter that hold every message against the official schema."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from livebreak.dap import FileTarget, Pipe, Target
from livebreak.sync.hit_file import HitFile
from livebreak_agent.vocabulary.model import Breakpoint, Frame, Hit

SCHEMA = json.loads(
    files("debugpy").joinpath("_vendored/pydevd/_pydevd_bundle/_debug_adapter/debugProtocol.json").read_text("utf-8")
)
PATIENCE = 20.0
"""Seconds; generous, since a loaded machine is not a failure."""

_validators: dict[str, Any] = {}


def validate(definition: str, message: Any) -> None:
    if definition not in _validators:
        _validators[definition] = jsonschema_rs.validator_for({**SCHEMA, "$ref": f"#/definitions/{definition}"})
    _validators[definition].validate(message)


def capitalized(name: str) -> str:
    return name[0].upper() + name[1:]


class Client:
    """A debugger's client. Messages are read by whoever waits for one; events are kept until somebody expects them."""

    def __init__(self, reader: asyncio.StreamReader, writer: Any) -> None:
        self.reader = reader
        self.writer = writer
        self.events: list[dict[str, Any]] = []
        self.responses: dict[int, dict[str, Any]] = {}
        self.last_number = 0
        self._numbers = itertools.count(1)
        self._reading = asyncio.Lock()

    # --- the wire

    def write(self, body: bytes) -> None:
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, command: str, arguments: Any = None) -> int:
        """Send a request without waiting for its response; its number."""
        number = next(self._numbers)
        message = {"seq": number, "type": "request", "command": command}
        self.write(json.dumps(message | ({} if arguments is None else {"arguments": arguments})).encode())
        return number

    async def read(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            header = await self.reader.readuntil(b"\r\n\r\n")
            body = await self.reader.readexactly(int(header.split(b":")[1]))
        message = json.loads(body)
        assert message["seq"] > self.last_number
        self.last_number = message["seq"]
        if message["type"] == "event":
            validate(f"{capitalized(message['event'])}Event", message)
            self.events.append(message)
        else:
            known = f"{capitalized(message['command'])}Response" in SCHEMA["definitions"]
            definition = f"{capitalized(message['command'])}Response" if known and message["success"] else "Response"
            validate(definition if message["success"] else "ErrorResponse", message)
            self.responses[message["request_seq"]] = message
        return message

    async def response(self, number: int) -> dict[str, Any]:
        while number not in self.responses:
            async with self._reading:
                if number not in self.responses:
                    await self.read()
        return self.responses.pop(number)

    # --- what tests say

    async def request(self, command: str, **arguments: Any) -> Any:
        """The body of a response that says success."""
        response = await self.response(self.send(command, arguments))
        assert response["success"], response
        return response.get("body")

    async def expect_error(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The structured error of a response that says failure."""
        response = await self.response(self.send(command, arguments))
        assert not response["success"], response
        error = response["body"]["error"]
        assert error["id"] >= 1000
        assert response["message"].endswith((".", ")", "?"))
        return {"text": response["message"], **error}

    async def expect_event(self, name: str, accept: Callable[[Any], bool] = lambda _: True) -> Any:
        """The body of the next event of this name that is accepted; earlier ones are passed over."""
        while True:
            for event in self.events:
                body = event.get("body")
                if event["event"] == name and accept(body):
                    del self.events[: self.events.index(event) + 1]
                    return body
            self.events.clear()
            await self.read()

    async def expect_stop(self, thread_id: int | None = None) -> Any:
        return await self.expect_event("stopped", lambda body: thread_id in (None, body["threadId"]))

    async def begin(self, *, initialize: Mapping[str, Any] = {}, **attach: Any) -> Any:
        """As clients do: initialize, attach, and once they are asked for their breakpoints, that these were all."""
        says = {"adapterID": "livebreak", "supportsVariableType": True, "supportsVariablePaging": True, **initialize}
        capabilities = await self.request("initialize", **says)
        number = self.send("attach", attach)
        await self.expect_event("initialized")
        await self.request("configurationDone")
        assert (await self.response(number))["success"]
        return capabilities

    async def frames(self, thread_id: int) -> list[dict[str, Any]]:
        return (await self.request("stackTrace", threadId=thread_id))["stackFrames"]

    async def scopes(self, frame_id: int) -> dict[str, int]:
        return {
            scope["name"]: scope["variablesReference"] for scope in (await self.request("scopes", frameId=frame_id))["scopes"]
        }

    async def variables(self, reference: int, **page: Any) -> dict[str, dict[str, Any]]:
        body = await self.request("variables", variablesReference=reference, **page)
        return {variable["name"]: variable for variable in body["variables"]}

    async def locals(self, thread_id: int) -> dict[str, dict[str, Any]]:
        frame = (await self.frames(thread_id))[0]
        return await self.variables((await self.scopes(frame["id"]))["Locals"])

    async def evaluate(self, expression: str, frame_id: int | None = None, context: str = "watch") -> str:
        arguments = {"expression": expression, "context": context} | ({} if frame_id is None else {"frameId": frame_id})
        return (await self.request("evaluate", **arguments))["result"]

    async def is_alive(self) -> bool:
        return "threads" in await self.request("threads")

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError, AttributeError):
            await self.writer.wait_closed()


def new_hit(number: int = 1, **more: Any) -> Hit:
    """The hit of this number: later ones have later times."""
    minutes, seconds = divmod(number, 60)
    line = more.get("line_number", 3)
    given = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "breakpoint_id": "b1",
        "timestamp": f"2026-01-05T{12 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}.000000+00:00",
        "filename": "shop/cart.py",
        "line_number": line,
        "function": "Cart.total",
        "variables": {"number": number},
        "stack": (
            Frame(function="Cart.total", filename="shop/cart.py", line_number=line, text="return sum", in_repository=True),
            Frame(function="checkout", filename="shop/api.py", line_number=9, in_repository=True, variables={"user": "ada"}),
            Frame(function="run", filename="/usr/lib/python3/threading.py", line_number=1000),
        ),
        "process_id": "p1",
        "service": "web",
        "host": "h1",
        "pid": 41,
    }
    return Hit(**(given | more))


@dataclass(kw_only=True)
class Opened:
    """The pipes and clients of one test."""

    clients: list[Client] = field(default_factory=list)
    pipes: list[Pipe] = field(default_factory=list)

    async def client(self, target: Target) -> Client:
        """A client at a pipe of its own."""
        pipe = Pipe(target)
        self.pipes.append(pipe)
        return await self.at(str(await pipe.open()))

    async def at(self, address: str) -> Client:
        reader, writer = await asyncio.open_unix_connection(address, limit=1 << 28)
        self.clients.append(Client(reader, writer))
        return self.clients[-1]

    async def end(self) -> None:
        for client in self.clients:
            await client.close()
        for pipe in self.pipes:
            await pipe.close()


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    opened = Opened()
    yield opened
    await opened.end()


OpenHits = Callable[..., Awaitable[Client]]


@pytest.fixture
def open_hits(opened: Opened) -> OpenHits:
    """A client of exported hits: `await open_hits(hit, ..., breakpoints=[...])`."""

    async def start(*hits: Hit, breakpoints: Sequence[Breakpoint] = ()) -> Client:
        return await opened.client(FileTarget(HitFile(hits=hits, breakpoints=tuple(breakpoints))))

    return start


@pytest.fixture(name="new_hit")
def new_hit_fixture() -> Callable[..., Hit]:
    return new_hit


StartCommand = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start_command(bare: dict[str, str]) -> AsyncIterator[StartCommand]:
    """A client of `livebreak dap` as an editor starts it: over standard input and output."""
    running: list[asyncio.subprocess.Process] = []

    async def start(*arguments: str, folder: Path, environment: Mapping[str, str] = {}) -> Client:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "livebreak", "dap", *arguments,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, env={**bare, **environment}, limit=1 << 28,
        )  # fmt: skip
        running.append(process)
        client = Client(process.stdout, process.stdin)
        client.process = process
        return client

    yield start
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git repository of acme/shop with a cart."""
    folder = tmp_path / "checkout"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop/cart.py").write_text(
        "class Cart:\n    def total(self, items, *, rate=1):\n        return sum(items) * rate\n", "utf-8"
    )
    for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.fixture
def client_class() -> type[Client]:
    """For tests that open more connections than a fixture can end."""
    return Client
