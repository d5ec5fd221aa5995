"""The debug adapter: how soon it stops with many hits held, and how long each request of somebody who walks them takes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.editor import content_length, frame
from tests.bench.hits import new_hit
from tests.bench.rows import Broken, Goal, Row, distribution
from tests.bench.run import Run

from livebreak_agent.vocabulary.codec import to_json

HELD = 10_000, 100
"""Hits that the adapter holds."""
BREAKPOINTS, PROCESSES = 20, 5
"""That they are of: a hundred threads."""
STARTS = 20, 2
STEPS = 400, 5
"""Steps from hit to hit, after each of which everything is asked that a client shows."""


class Debugger:
    """A client of one adapter, without a library, since what that does would be part of every figure."""

    def __init__(self, run: Run, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "livebreak", "dap", "--file", file], cwd=run.folder, env=run.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def ask(self, command: str, **arguments: object) -> Any:
        """The whole response."""
        self._number += 1
        assert self._process.stdin is not None
        self._process.stdin.write(frame({"seq": self._number, "type": "request", "command": command, "arguments": arguments}))
        self._process.stdin.flush()
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

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            line = self._process.stdout.readline()
            if not line:
                raise Broken(f"livebreak dap ended with status {self._process.wait()}")
            header += line
        return json.loads(self._process.stdout.read(content_length(header)))


def measure(run: Run) -> list[Row]:
    held, starts = run.count(*HELD), run.count(*STARTS)
    file = _exported(run, held)
    stops = []
    for number in range(-1, starts):
        debugger = Debugger(run, file)
        # Refused, since nothing is initialized; answered once the hits are held.
        debugger.ask("threads")
        started = time.perf_counter()
        _begin(debugger)
        # The first start writes bytecode.
        if number >= 0:
            stops.append(time.perf_counter() - started)
        if number < starts - 1:
            debugger.end()
    times = _walk(debugger, run.count(*STEPS))
    debugger.end()
    what = f"{held:,} hits held, of {BREAKPOINTS} breakpoints in {PROCESSES} processes"
    requests = [seconds for of_command in times.values() for seconds in of_command]
    return [
        distribution(
            "dap: initialize to first stop", stops, how=f"{starts} times over stdio; {what}", goal=Goal(figure="p95", at_most=300)
        ),
        distribution(
            "dap: any request", requests, shares=(0.5, 0.95, 0.99), goal=Goal(figure="p99", at_most=20),
            how=f"{len(requests)} requests of {len(times)} kinds over stdio, while one steps back and forth; {what}",
        ),
        *(
            distribution(f"dap: {command}", of_command, shares=(0.5, 0.99), how=f"{len(of_command)} of these requests")
            for command, of_command in times.items()
        ),
    ]  # fmt: skip


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


def _exported(run: Run, held: int) -> Path:
    start = datetime.now(UTC)
    hits = []
    for number in range(held):
        place = number % BREAKPOINTS
        made = new_hit(f"breakpoint-{place}", f"shop/part_{place}.py", 10 + place)
        process = random.randrange(PROCESSES)
        timestamp = (start + timedelta(milliseconds=number)).isoformat(timespec="microseconds")
        hits.append(replace(made, timestamp=timestamp, process_id=f"process-{process}", pid=process))
    file = run.folder / "hits.json"
    file.write_text(json.dumps({"format": 1, "hits": to_json(tuple(hits)), "breakpoints": []}))
    return file
