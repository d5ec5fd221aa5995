"""The adapter as editors start it, and as other people's clients speak with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from debugpy.common import messaging

from livebreak.dap import FileTarget
from livebreak.sync.hit_file import HitFile
from livebreak_agent.vocabulary.codec import to_json


def export_of(path: Path, hits) -> Path:
    path.write_text(json.dumps({"format": 1, "hits": to_json(tuple(hits)), "breakpoints": []}), "utf-8")
    return path


async def test_exported_hits_open_offline_over_standard_input_and_output(start_command, new_hit, tmp_path) -> None:
    client = await start_command("--file", str(export_of(tmp_path / "hits.json", map(new_hit, range(3)))), folder=tmp_path)
    await client.begin()
    await client.expect_stop()

    await client.request("stepBack", threadId=1)
    await client.expect_stop()

    assert "1" == (await client.locals(1))["number"]["value"]
    await client.request("disconnect")
    assert 0 == await asyncio.wait_for(client.process.wait(), 20)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 9, "hit": {}}', '{"format": 1, "hit": {"id": 5}}', '{"format": 1}', None]
)
def test_a_file_without_hits_is_refused_in_one_sentence(livebreak, tmp_path, content) -> None:
    path = tmp_path / "hits.json"
    if content is not None:
        path.write_text(content)

    done = livebreak("dap", "--file", str(path))

    assert 1 == done.returncode
    assert "" == done.stdout
    assert 1 == done.stderr.count("\n")
    assert str(path) in done.stderr


async def test_without_a_backend_attach_says_what_to_do(start_command, tmp_path) -> None:
    client = await start_command(folder=tmp_path)
    await client.request("initialize", adapterID="x")

    error = await client.expect_error("attach")

    assert "livebreak serve" in error["text"]
    assert error["showUser"]


@pytest.mark.parametrize("how", ["signal", "end of input"])
async def test_it_ends_with_its_client(start_command, new_hit, tmp_path, how) -> None:
    client = await start_command("--file", str(export_of(tmp_path / "hits.json", [new_hit()])), folder=tmp_path)
    await client.begin()

    if how == "signal":
        client.process.send_signal(signal.SIGTERM)
    else:
        client.writer.close()

    assert 0 == await asyncio.wait_for(client.process.wait(), 20)


async def test_the_language_server_has_the_same_adapter_on_a_private_pipe(bare, project, opened, tmp_path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "livebreak", "lsp",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**bare, **project.for_editor}, cwd=tmp_path,
    )  # fmt: skip

    def send(method: str, params: object, **more: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def answer(number: int) -> dict:
        while True:
            header = await process.stdout.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in header.splitlines() if line.startswith(b"Content-Length"))
            message = json.loads(await process.stdout.readexactly(length))
            if message.get("id") == number and "method" not in message:
                return message["result"]

    send("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1)
    await answer(1)
    send("initialized", {})
    send("livebreak/debugAdapter", None, id=2)
    address = (await answer(2))["pipe"]
    send("livebreak/debugAdapter", None, id=3)
    assert address == (await answer(3))["pipe"]
    assert stat.S_IMODE(Path(address).parent.stat().st_mode) == 0o700
    client = await opened.at(address)
    await client.begin()
    assert await client.is_alive()

    send("shutdown", None, id=4)
    await answer(4)
    send("exit", None)
    assert 0 == await asyncio.wait_for(process.wait(), 20)
    assert not Path(address).parent.exists()
    with contextlib.suppress(ConnectionError):
        assert b"" == await client.reader.read()


async def test_another_implementation_of_the_protocol_browses_hits(opened, new_hit) -> None:
    pipe_client = await opened.client(FileTarget(HitFile(hits=tuple(map(new_hit, range(3))), breakpoints=())))
    address = opened.pipes[0]
    assert await address.open()

    shown = await asyncio.to_thread(_browse_with_debugpy, str(await address.open()))

    assert ["2", "1"] == shown
    await pipe_client.begin()


def _browse_with_debugpy(address: str) -> list[str]:
    """What debugpy's own client sees of the newest hit, and after a step back."""
    stopped = threading.Semaphore(0)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    stream = messaging.JsonIOStream.from_socket(connection)

    class Handlers:
        def event(self, event):
            if event.event == "stopped":
                stopped.release()

        def initialized_event(self, event): ...

        def disconnect(self): ...

    channel = messaging.JsonMessageChannel(stream, Handlers())
    channel.start()
    try:
        channel.request("initialize", {"adapterID": "livebreak"})
        channel.request("attach", {})
        channel.request("configurationDone")
        seen = []
        for step in (None, "stepBack"):
            if step:
                channel.request(step, {"threadId": 1})
            assert stopped.acquire(timeout=20)
            frame = channel.request("stackTrace", {"threadId": 1})("stackFrames", list)[0]
            seen.append(channel.request("evaluate", {"expression": "number", "frameId": frame["id"]})("result", str))
        with pytest.raises(messaging.MessageHandlingError, match="There is no thread 9"):
            channel.request("stackTrace", {"threadId": 9})
        channel.request("disconnect")
    finally:
        channel.close()
    return seen


def test_starting_loads_no_library_that_takes_long(bare) -> None:
    code = "import sys, livebreak.cli.dap; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=bare, cwd=os.curdir)

    assert not {"typer", "rich", "pygls", "lsprotocol", "httpx", "keyring", "sqlalchemy"} & set(done.stdout.split())
