"""The backend while hits come in: how many it takes, and how long others wait meanwhile."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

from tests.bench.hits import BATCH, BYTES
from tests.bench.machine import ROOT, cpu_seconds, peak_mb
from tests.bench.rows import Broken, Goal, Row, distribution, median_of
from tests.bench.run import Run, Served, new_breakpoint
from tests.conftest import Process

BLOCKS = 5, 2
BATCHES = 160, 4
"""Batches of one block."""
CONNECTIONS = 4
"""Agents that send at the same time."""
BREAKPOINTS = 100, 10
QUESTIONS = 1500, 20
"""Requests of each kind, idle and during ingestion."""
WARM_UP = 20
REST = 0.002
"""Seconds between two questions: an agent that polls is not a load by itself."""
LOAD_BATCHES = 1500, 8
"""Batches that are ready for the questions during ingestion: more than are sent until these are answered."""

KINDS = {
    "armed": ("agent", "/livebreak/armed?process=00000000-0000-4000-8000-000000000001&repository=acme/shop"),
    "active": ("agent", "/live_debugger_breakpoints/active/?repository=acme/shop"),
}


def measure(run: Run) -> list[Row]:
    served = run.backend()
    ids = _make_breakpoints(served, run.count(*BREAKPOINTS))
    blocks = [_ingest(run, served, ids) for _ in range(run.count(*BLOCKS))]
    rates = [rate for rate, _ in blocks]
    goal = Goal(figure="median", at_least=8000)
    how = (
        f"{run.count(*BLOCKS)} blocks of {run.count(*BATCHES)} gzipped batches of {BATCH} hits of {BYTES:,} bytes, each of 10 "
        f"breakpoints, from another process over {CONNECTIONS} connections; SQLite, synchronous=FULL, on the checkout's disk"
    )
    pid = served.process.popen.pid
    cpu_us = statistics.mean(used / (run.count(*BATCHES) * BATCH) for _, used in blocks) * 1e6
    more = {"server CPU us/hit": cpu_us, "peak MB": peak_mb(pid)}
    rows = [median_of("backend: hits stored a second", rates, unit="hits/s", how=how, goal=goal, more=more, more_is_better=True)]
    before = cpu_seconds(pid)
    idle = _ask(run, served)
    more_idle = {
        "server CPU": (cpu_seconds(pid) - before) / (2 * (run.count(*QUESTIONS) + WARM_UP)) * 1000,
        "peak MB": peak_mb(pid),
    }
    loaded, rate = _ask_during_ingestion(run, served, ids)
    more_loaded = {"peak MB": peak_mb(pid)}
    shares = (0.5, 0.95, 0.99)
    for kind in KINDS:
        asked = f"{run.count(*QUESTIONS)} requests over a kept-alive connection, {len(ids)} breakpoints in the answer"
        rows.append(
            distribution(
                f"backend: {kind}, idle", idle[kind], shares=shares, how=asked, goal=Goal(figure="p99", at_most=5), more=more_idle
            )
        )
        during = f"{asked}, while {CONNECTIONS} connections send without a break ({rate:,.0f} hits/s)"
        rows.append(
            distribution(
                f"backend: {kind}, during ingestion",
                loaded[kind],
                shares=shares,
                how=during,
                goal=Goal(figure="p99", at_most=25),
                more=more_loaded,
            )
        )
    return rows


def _make_breakpoints(served: Served, count: int) -> list[str]:
    api = served.api()
    made = [api.ask("POST", "/livebreak/breakpoints", new_breakpoint("shop/orders.py", 1 + number)) for number in range(count)]
    return [one["id"] for one in made]


def _ingest(run: Run, served: Served, ids: list[str]) -> tuple[float, float]:
    """Hits a second of one block, and the backend's seconds of processor time for all of them."""
    process = _sender(run, served, ids, run.count(*BATCHES), until_end=False)
    before = cpu_seconds(served.process.popen.pid)
    _begin(process)
    result = _result(process)
    used = cpu_seconds(served.process.popen.pid) - before
    return run.count(*BATCHES) * BATCH / result["seconds"], used


def _ask(run: Run, served: Served) -> dict[str, list[float]]:
    api = served.api(as_agent=True)
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(-WARM_UP, run.count(*QUESTIONS)):
        for kind, (_, path) in KINDS.items():
            seconds = api.timed("GET", path)
            if number >= 0:
                times[kind].append(seconds)
            time.sleep(REST)
    return times


def _ask_during_ingestion(run: Run, served: Served, ids: list[str]) -> tuple[dict[str, list[float]], float]:
    process = _sender(run, served, ids, run.count(*LOAD_BATCHES), until_end=True)
    _begin(process)
    times = _ask(run, served)
    if run.quick is False and process.popen.poll() is not None:
        raise Broken("the sender ended before the questions did; LOAD_BATCHES is too small for this machine")
    process.popen.stdin.close()
    result = _result(process)
    return times, len(result["batches"]) * BATCH / result["seconds"]


def _sender(run: Run, served: Served, ids: list[str], batches: int, *, until_end: bool) -> Process:
    process = run.start(
        [sys.executable, "-m", "tests.bench.sender"], folder=ROOT,
        environment={"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    task = {
        "port": served.port, "token": served.project.token, "secret_key": served.project.secret_key, "breakpoints": ids,
        "batches": batches, "connections": CONNECTIONS, "until_end": until_end,
    }  # fmt: skip
    _write(process, json.dumps(task))
    if process.popen.stdout.readline().strip() != b"ready":
        raise Broken(f"the sender did not start: {process.output}")
    # What was written by earlier blocks is on the disk before this one begins.
    os.sync()
    return process


def _begin(process: Process) -> None:
    _write(process, "begin")


def _write(process: Process, line: str) -> None:
    process.popen.stdin.write(line.encode() + b"\n")
    process.popen.stdin.flush()


def _result(process: Process) -> dict[str, Any]:
    line = process.popen.stdout.readline()
    if not line:
        raise Broken(f"the sender ended without a result: {process.output}")
    return json.loads(line)
