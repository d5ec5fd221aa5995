"""The process: how it starts, what it survives, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

SERVER = (sys.executable, str(Path(__file__).parent / "in_memory_server.py"))


class Wire:
    """A server at the level of bytes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def write(self, body: bytes) -> None:
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, method: str, params: object = None, **more: object) -> None:
        self.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    async def read(self) -> Any:
        headers = await asyncio.wait_for(self.process.stdout.readuntil(b"\r\n\r\n"), 20)
        length = next(int(line.split(b":")[1]) for line in headers.splitlines() if line.lower().startswith(b"content-length"))
        return json.loads(await self.process.stdout.readexactly(length))

    async def answer(self, *request_ids: int | None) -> Any:
        """The next answer to one of the requests; what comes before it is passed over."""
        while (message := await self.read()).get("id", ...) not in request_ids or "method" in message:
            pass
        return message

    async def initialize(self, process_id: int | None = None) -> Any:
        self.send("initialize", {"processId": process_id, "rootUri": None, "capabilities": {}}, id=1)
        answer = await self.answer(1)
        self.send("initialized", {})
        # The session has begun once something that needs it is answered.
        self.send("livebreak/status", None, id=2)
        await self.answer(2)
        return answer

    async def status(self) -> tuple[int, str]:
        """How it ended: the exit status, and what it logged."""
        _, log = await asyncio.wait_for(self.process.communicate(), 20)
        return self.process.returncode, log.decode()


@pytest.fixture
async def wire(bare: dict[str, str]) -> AsyncIterator[Wire]:
    process = await asyncio.create_subprocess_exec(
        *SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=bare
    )
    yield Wire(process)
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_shutdown_and_exit_end_it_in_order(wire: Wire) -> None:
    answer = await wire.initialize()
    wire.send("shutdown", id=3)
    assert None is (await wire.answer(3))["result"]
    wire.send("exit")

    status, log = await wire.status()
    assert (0, ["started", "stopped"]) == (status, log.split())
    assert "livebreak" == answer["result"]["serverInfo"]["name"]


async def test_exit_without_shutdown_is_a_failure(wire: Wire) -> None:
    await wire.initialize()
    wire.send("exit")

    status, log = await wire.status()
    assert (1, "stopped") == (status, log.split()[-1])


async def test_the_end_of_the_input_ends_it(wire: Wire) -> None:
    await wire.initialize()
    wire.process.stdin.close()

    status, log = await wire.status()
    assert (0, "stopped") == (status, log.split()[-1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_although_it_waits_for_input(wire: Wire, number: signal.Signals) -> None:
    await wire.initialize()
    wire.process.send_signal(number)

    status, log = await wire.status()
    assert (0, ["started", "stopped"]) == (status, log.split())


async def test_the_death_of_the_editor_ends_it(wire: Wire) -> None:
    editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=subprocess.PIPE)
    await wire.initialize(editor.pid)
    editor.kill()
    await editor.wait()

    assert 0 == await asyncio.wait_for(wire.process.wait(), 20)


async def test_an_editor_in_another_container_is_not_missed(wire: Wire) -> None:
    editor = await asyncio.create_subprocess_exec("true")
    await editor.wait()
    await wire.initialize(editor.pid)
    wire.send("shutdown", id=3)
    await wire.answer(3)
    wire.send("exit")

    assert 0 == (await wire.status())[0]


async def test_an_output_that_nobody_reads_ends_it(wire: Wire) -> None:
    await wire.initialize()
    wire.process._transport.get_pipe_transport(1).close()
    # The pipe itself is closed in the loop's next turn; until then a quick answer would still find it open.
    await asyncio.sleep(0)
    wire.send("livebreak/status", None, id=9)

    assert 0 == await asyncio.wait_for(wire.process.wait(), 20)


async def test_every_malformed_message_is_answered_and_none_ends_it(wire: Wire) -> None:
    await wire.initialize()
    wire.write(b"{nonsense")
    wire.write(b"[]")
    wire.write(b'{"id": 4}')
    wire.send("textDocument/hover", {"textDocument": 3}, id=5)
    wire.send("no/such/method", {"class": 1}, id=6)
    wire.send("textDocument/didChange", {"nonsense": True})
    wire.send("livebreak/hit", {"id": "x", "jsonrpc": "2.0", "deep": {"jsonrpc": "2.0", "id": 1}}, id=7)
    wire.send("livebreak/status", None, id=8)

    refusals = [await wire.answer(None) for _ in range(3)]
    # Requests may be answered in any order.
    by_id = {message["id"]: message for message in [await wire.answer(*range(5, 9)) for _ in range(4)]}
    answers = [by_id[number] for number in (5, 6, 7, 8)]

    assert [-32700, -32600, -32600] == [it["error"]["code"] for it in refusals]
    assert [-32602, -32601, -32803] == [it["error"]["code"] for it in answers[:3]]
    assert "textDocument" in answers[0]["error"]["message"]
    assert "connected" == answers[3]["result"]["connection"]


async def test_the_log_holds_nothing_that_was_captured(wire: Wire) -> None:
    await wire.initialize()
    hit = {
        "id": "h",
        "breakpoint_id": "b",
        "timestamp": "",
        "filename": "a.py",
        "line_number": 1,
        "variables": {"pin": "1234-secret"},
    }
    wire.send("test/hit", {"hit": hit}, id=3)
    wire.send("livebreak/hit", {"id": "h"}, id=4)
    assert "1234-secret" in json.dumps(await wire.answer(4))
    wire.process.stdin.close()

    _, log = await wire.status()
    assert "1234-secret" not in log
