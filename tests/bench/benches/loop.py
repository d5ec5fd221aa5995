"""The loop: from a click in the gutter to a bound breakpoint on the screen, and from a line that ran to its hit there."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.editor import Editor, Message, document, open_editor
from tests.bench.relay import Direction, Relay
from tests.bench.rows import Broken, Goal, Row, distribution
from tests.bench.run import Run, Served, agent_path
from tests.conftest import Process

ROUNDS = 200, 3
"""Of the totals, in full and quick; of the stages, a quarter of it."""

FILES = 8
"""Breakpoints go round through so many files: the server spreads out what it pushes for one file, and nobody clicks there
more often than once in some seconds."""

PAUSE = (0.1, 0.7), (0.1, 0.2)
"""Seconds between two rounds, drawn at random, so that no round keeps step with a timer."""

MODULE = """
def work(number):
    customer = {"name": "ada", "tier": "gold"}
    items = [{"sku": f"tea-{number}-{item}", "price": 250 + item} for item in range(5)]
    total = sum(item["price"] for item in items)
    return total, customer
"""
LINE = MODULE.splitlines().index("    return total, customer")

APP = """
import importlib, sys, time
modules = [importlib.import_module(f"jobs{number}") for number in range(%d)]
print("ready", flush=True)
for line in sys.stdin:
    number = int(line)
    at = time.time()
    modules[number].work(number)
    print(at, flush=True)
"""

SET_STAGES = (
    "editor to language server to backend",
    "backend to agent",
    "agent arms and reports",
    "backend to language server",
    "language server to editor",
)
HIT_STAGES = ("line to sent", "backend stores and streams", "language server to editor")


@dataclass(frozen=True, slots=True)
class Round:
    set_at: float
    bound_at: float
    ran_at: float
    shown_at: float
    breakpoint_id: str


async def measure(run: Run) -> list[Row]:
    rounds = run.count(*ROUNDS)
    served = run.backend()
    totals, _ = await _rounds(run, served, rounds, staged=False)
    staged, stages = await _rounds(run, served, max(2, rounds // 4), staged=True)
    apart = "{} to {} s apart".format(*PAUSE[run.quick])
    how = f"{rounds} rounds through `serve`, an app under the agent and `livebreak lsp` over stdio, {apart}"
    rows = [
        distribution(
            "loop: set to shown as bound", [it.bound_at - it.set_at for it in totals],
            how=how, goal=Goal(figure="p95", at_most=250),
        ),
        distribution(
            "loop: line ran to shown", [it.shown_at - it.ran_at for it in totals],
            how=f"{how}; from the app's clock before the call", goal=Goal(figure="p95", at_most=300),
        ),
    ]  # fmt: skip
    through = f"{len(staged)} further rounds through two relays that note when bytes pass"
    rows += [distribution(f"loop: set, {stage}", times, how=through) for stage, times in stages[0].items()]
    rows += [distribution(f"loop: hit, {stage}", times, how=through) for stage, times in stages[1].items()]
    return rows


async def _rounds(run: Run, served: Served, count: int, *, staged: bool) -> tuple[list[Round], Sequence[dict[str, list[float]]]]:
    files = {f"jobs{number}.py": MODULE for number in range(FILES)}
    checkout = run.checkout(files | {"app.py": APP % FILES})
    relays = Relay(), Relay()
    async with AsyncExitStack() as stack:
        of_editor, of_agent = [await relay.start(served.port) if staged else served.project.host for relay in relays]
        if staged:
            for relay in relays:
                stack.push_async_callback(relay.stop)
        app = run.start(
            [sys.executable, "-m", "livebreak_agent", "app.py"], folder=checkout,
            environment=served.project.for_app | {"LIVEBREAK_HOST": of_agent, "PYTHONPATH": agent_path(checkout)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        editor = await open_editor(
            [sys.executable, "-m", "livebreak", "lsp"], checkout,
            run.environment | served.project.for_editor | {"LIVEBREAK_HOST": of_editor},
        )  # fmt: skip
        stack.push_async_callback(editor.close)
        await _ready(editor, app, [checkout / name for name in files])
        stages: tuple[dict[str, list[float]], dict[str, list[float]]] = ({}, {})
        rounds = []
        for number in range(-2, count):
            for relay in relays:
                relay.pieces.clear()
            result = await _round(editor, app, checkout, number % FILES)
            # The first ones warm up connections and caches.
            if number >= 0:
                rounds.append(result)
                if staged:
                    _add(stages[0], SET_STAGES, _set_times(result, *relays))
                    _add(stages[1], HIT_STAGES, _hit_times(result, *relays))
            await asyncio.sleep(random.uniform(*PAUSE[run.quick]))
        app.end()
    return rounds, stages


async def _ready(editor: Editor, app: Process, files: Sequence[Path]) -> None:
    if await _line(app) != "ready":
        raise Broken(f"the app did not start: {app.output}")
    for file in files:
        editor.notify("textDocument/didOpen", document(file, file.read_text()))
    await editor.until(
        lambda it: it.method == "livebreak/status" and it.params["connection"] == "connected" and it.params.get("processes")
    )


async def _round(editor: Editor, app: Process, checkout: Path, number: int) -> Round:
    uri = (checkout / f"jobs{number}.py").as_uri()
    mark = {"id": "dot", "line": LINE}
    editor.messages.clear()
    set_at = time.time()
    answer = asyncio.create_task(editor.request("livebreak/setBreakpoints", {"uri": uri, "version": 1, "breakpoints": [mark]}))

    def bound_id(message: Message) -> str | None:
        if message.method != "livebreak/breakpoints" or message.params["uri"] != uri:
            return None
        return next((it["id"] for it in message.params["breakpoints"] if it["state"] == "bound"), None)

    bound, breakpoint_id = await editor.until(bound_id)
    await answer
    app.popen.stdin.write(f"{number}\n".encode())
    app.popen.stdin.flush()
    shown, _ = await editor.until(lambda it: it.method == "livebreak/hits" and it.params["breakpointId"] == breakpoint_id)
    ran_at = float(await _line(app))
    await editor.request("livebreak/setBreakpoints", {"uri": uri, "version": 1, "breakpoints": []})
    await editor.until(
        lambda it: it.method == "livebreak/breakpoints" and it.params == {"uri": uri, "breakpoints": [], "version": 1}
    )
    return Round(set_at, bound.at, ran_at, shown.at, breakpoint_id)


async def _line(app: Process) -> str:
    line = await asyncio.to_thread(app.popen.stdout.readline)
    return line.decode().strip()


def _set_times(it: Round, of_editor: Relay, of_agent: Relay) -> list[float]:
    """When each stage of setting ended."""

    def at(relay: Relay, since: float, direction: Direction, to: str, *texts: str, last: bool = False) -> float:
        pieces = list(relay.between(since, it.bound_at, direction, to, *texts))
        if not pieces:
            raise Broken(f"no {direction} of {to} with {texts} was seen in a round")
        return pieces[-1 if last else 0].at

    created = at(of_editor, it.set_at, "request", "/livebreak/breakpoints")
    armed = at(of_agent, created, "answer", "/livebreak/armed", it.breakpoint_id)
    streamed = at(of_editor, armed, "answer", "/livebreak/stream", "event: process", it.breakpoint_id, '"bound"')
    reported = [piece.at for piece in of_agent.between(armed, streamed, "request", "/livebreak/processes")]
    if not reported:
        raise Broken("no report of the agent was seen in a round")
    return [it.set_at, created, armed, reported[-1], streamed, it.bound_at]


def _hit_times(it: Round, of_editor: Relay, of_agent: Relay) -> list[float]:
    sent = next(of_agent.between(it.ran_at, it.shown_at, "request", "/batch"), None)
    streamed = next(
        of_editor.between(it.ran_at, it.shown_at, "answer", "/livebreak/stream", "event: hits", it.breakpoint_id), None
    )
    if sent is None or streamed is None:
        raise Broken("the way of a hit was not seen in a round")
    return [it.ran_at, sent.at, streamed.at, it.shown_at]


def _add(stages: dict[str, list[float]], names: Sequence[str], times: Sequence[float]) -> None:
    for name, start, end in zip(names, times, times[1:], strict=False):
        stages.setdefault(name, []).append(end - start)
