"""The debug adapter: how soon it stops with many hits held, and how long each request of somebody who walks them takes."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from tests.bench.editor import content_length, frame
from tests.bench.hits import BATCH, batch, batch_headers, new_hit
from tests.bench.rows import Broken, Goal, Row, distribution
from tests.bench.run import Run, Served, new_breakpoint

from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.hit_event import write
from livebreak_agent.vocabulary.model import Hit

HELD = 10_000, 100
"""Hits that the adapter holds."""
BREAKPOINTS, PROCESSES = 20, 5
"""That they are of: a hundred threads."""
STARTS = 20, 2
STEPS = 400, 5
"""Steps from hit to hit, after each of which everything is asked that a client shows."""


class Debugger:
    """A client of one adapter, without a library, since what that does would be part of every figure."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def ask(self, command: str, **arguments: object) -> Any:
        """The whole response."""
        self._number += 1
        self._writer.write(frame({"seq": self._number, "type": "request", "command": command, "arguments": arguments}))
        self._writer.flush()
        while True:
            message = self._read()
            if message["type"] == "response" and message["request_seq"] == self._number:
                return message
            self._events.append(message)

    def until_stopped(self) -> Any:
        """The body of the next event that says so."""
        while True:
            message = self._events.pop(0) if self._events else self._read()
            if message.get("event") == "stopped":
                return message["body"]

    def _read(self) -> Any:
        return _read(self._reader)


def measure(run: Run) -> list[Row]:
    return [*_of_a_file(run), *_in_the_language_server(run)]


def _of_a_file(run: Run) -> list[Row]:
    """`livebreak dap --file` on standard input and output."""
    held, starts = run.count(*HELD), run.count(*STARTS)
    file = run.folder / "hits.json"
    file.write_text(json.dumps({"format": 1, "hits": to_json(_hits(held, _names())), "breakpoints": []}))
    stops = []
    for number in range(-1, starts):
        with _started(run, ["dap", "--file", file]) as process:
            debugger = Debugger(process.stdout, process.stdin)
            # Refused, since nothing is initialized; answered once the hits are held.
            debugger.ask("threads")
            started = time.perf_counter()
            _begin(debugger)
            # The first start writes bytecode.
            if number >= 0:
                stops.append(time.perf_counter() - started)
            if number == starts - 1:
                times = _walk(debugger, run.count(*STEPS))
    return _rows("dap", f"over stdio; {held:,} hits held", stops, times)


def _in_the_language_server(run: Run) -> list[Row]:
    """On the pipe of a `livebreak lsp` that is connected to a backend with as many hits."""
    held, starts = run.count(*HELD), run.count(*STARTS)
    served = run.backend()
    api = served.api()
    names = [api.ask("POST", "/livebreak/breakpoints", new_breakpoint(f"shop/part_{n}.py", 10))["id"] for n in range(BREAKPOINTS)]
    for some in _batches(_hits(held, names)):
        _send(served, batch(served.project.token, [write(hit) for hit in some]))
    stops = []
    with _started(run, ["lsp"], folder=run.checkout({"a.py": ""}), environment=served.project.for_editor) as process:
        address = _pipe_of(process)
        for number in range(starts):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(address)
                debugger = Debugger(connection.makefile("rb"), connection.makefile("wb"))
                started = time.perf_counter()
                _begin(debugger)
                stops.append(time.perf_counter() - started)
                if number == starts - 1:
                    times = _walk(debugger, run.count(*STEPS))
    return _rows("dap in the language server", f"over its pipe; {held:,} hits in the backend", stops, times)


def _send(served: Served, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("POST", "/batch/", body, batch_headers(served.project.secret_key))
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise Broken(f"a batch was answered {status}")


def _rows(name: str, where: str, stops: list[float], times: dict[str, list[float]]) -> list[Row]:
    what = f"{where}, of {BREAKPOINTS} breakpoints in {PROCESSES} processes"
    requests = [seconds for of_command in times.values() for seconds in of_command]
    return [
        distribution(
            f"{name}: initialize to first stop", stops, how=f"{len(stops)} times {what}", goal=Goal(figure="p95", at_most=300)
        ),
        distribution(
            f"{name}: any request", requests, shares=(0.5, 0.95, 0.99), goal=Goal(figure="p99", at_most=20),
            how=f"{len(requests)} requests of {len(times)} kinds {what}, while one steps back and forth",
        ),
        *(
            distribution(f"{name}: {command}", of_command, shares=(0.5, 0.99), how=f"{len(of_command)} of these requests")
            for command, of_command in times.items()
        ),
    ]  # fmt: skip


@contextlib.contextmanager
def _started(
    run: Run, arguments: Sequence[str | Path], *, folder: Path | None = None, environment: Mapping[str, str] = {}
) -> Iterator[Any]:
    """A `livebreak` on pipes, killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "livebreak", *arguments], cwd=folder or run.folder, env=run.environment | {**environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _pipe_of(server: Any) -> str:
    """Where a language server listens for debuggers, once it is connected; what it says afterwards is thrown away."""

    def say(message: dict[str, Any]) -> None:
        server.stdin.write(frame({"jsonrpc": "2.0", **message}))
        server.stdin.flush()

    say({"id": 1, "method": "initialize", "params": {"capabilities": {}, "initializationOptions": {"surfaces": []}}})
    say({"method": "initialized", "params": {}})
    say({"id": 2, "method": "livebreak/debugAdapter"})
    address, is_connected = "", False
    while not (address and is_connected):
        message = _read(server.stdout)
        if message.get("id") == 2:
            address = message["result"]["pipe"]
        if message.get("method") == "livebreak/status":
            is_connected = is_connected or message["params"]["connection"] == "connected"
    threading.Thread(target=lambda: shutil.copyfileobj(server.stdout, io.BytesIO()), daemon=True).start()
    return address


def _read(stream: IO[bytes]) -> Any:
    header = b""
    while not header.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            raise Broken("the process ended")
        header += line
    return json.loads(stream.read(content_length(header)))


def _begin(debugger: Debugger) -> Any:
    debugger.ask("initialize", adapterID="livebreak", supportsVariablePaging=True)
    debugger.ask("attach")
    debugger.ask("configurationDone")
    return debugger.until_stopped()


def _walk(debugger: Debugger, steps: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}

    def timed(command: str, **arguments: object) -> Any:
        started = time.perf_counter()
        response = debugger.ask(command, **arguments)
        times.setdefault(command, []).append(time.perf_counter() - started)
        if not response["success"]:
            raise Broken(f"{command} failed: {response['message']}")
        return response.get("body")

    threads = [thread["id"] for thread in timed("threads")["threads"]]
    for _ in range(steps):
        thread = random.choice(threads)
        timed(random.choice(["stepBack", "stepBack", "next", "reverseContinue"]), threadId=thread)
        debugger.until_stopped()
        timed("threads")
        frame_id = timed("stackTrace", threadId=thread, startFrame=0, levels=20)["stackFrames"][0]["id"]
        for scope in timed("scopes", frameId=frame_id)["scopes"]:
            for variable in timed("variables", variablesReference=scope["variablesReference"])["variables"]:
                if variable["variablesReference"]:
                    timed("variables", variablesReference=variable["variablesReference"])
        timed("evaluate", expression="sum([item['price'] for item in items])", frameId=frame_id, context="watch")
        timed("completions", text="tot", column=4, frameId=frame_id)
    return times


def _names() -> list[str]:
    return [f"breakpoint-{place}" for place in range(BREAKPOINTS)]


def _batches(hits: tuple[Hit, ...]) -> Iterator[tuple[Hit, ...]]:
    for start in range(0, len(hits), BATCH):
        yield hits[start : start + BATCH]


def _hits(held: int, breakpoint_ids: Sequence[str]) -> tuple[Hit, ...]:
    start = datetime.now(UTC)
    hits = []
    for number in range(held):
        place = number % BREAKPOINTS
        made = new_hit(breakpoint_ids[place], f"shop/part_{place}.py", 10 + place)
        process = random.randrange(PROCESSES)
        timestamp = (start + timedelta(milliseconds=number)).isoformat(timespec="microseconds")
        hits.append(replace(made, timestamp=timestamp, process_id=f"process-{process}", pid=process))
    return tuple(hits)
