"""The language server under load: many hits held, many breakpoints, a long file, hits streaming in while somebody types."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import random
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.bench.editor import Editor, NoAnswer, document, open_editor
from tests.bench.hits import batch, batch_headers, new_event
from tests.bench.machine import memory_mb, peak_mb
from tests.bench.rows import Broken, Goal, Row, distribution
from tests.bench.run import Run, Served, new_breakpoint

BREAKPOINTS = 500, 10
HELD = 10_000, 20
"""Hits that the server holds; each breakpoint has its share."""
LINES = 20_000, 400
LOOKS = 400, 6
"""Hovers, and as many questions for inlay hints."""
HITS_PER_SECOND = 200, 10
TICKS_PER_SECOND = 10
"""Batches in which these hits come."""
KEYS_PER_SECOND = 8
"""Of a fast typist."""
SCREEN = 60
"""Lines of a window, for which an editor asks for hints."""
ROUND_SECONDS = 0.55
"""The backend streams two events a second for each breakpoint; only what it streams is held by an editor."""
LONGEST = 5.0
"""Seconds after which a request is given up; it counts as so many, for nobody waits longer."""
LONGEST_HOLD = 120.0
"""Seconds in which the server is given hits to hold: if it cannot keep up, it is measured with those that it has."""
LONGEST_LOOK = 90.0
"""Seconds for all requests of one series: a server that cannot keep up is measured by those that were made."""
FILE = "shop/long.py"
FUNCTION = """def price_{}(order_id, items):
    total = 0
    for item in items:
        total += item["price"] * item["count"]
    if total > 100:
        total -= 10
    return total, order_id


# The next one.
"""
INSIDE = 3
"""A line of a function, from its first; breakpoints are some whole functions apart."""


async def measure(run: Run) -> list[Row]:
    breakpoints, held, lines = run.count(*BREAKPOINTS), run.count(*HELD), run.count(*LINES)
    text = "".join(FUNCTION.format(number) for number in range(lines // FUNCTION.count("\n")))
    checkout = run.checkout({FILE: text})
    served = run.backend()
    api = served.api()
    places = {}
    for number in range(breakpoints):
        line = number * (lines // breakpoints) + INSIDE
        made = await asyncio.to_thread(api.ask, "POST", "/livebreak/breakpoints", new_breakpoint(FILE, 1 + line))
        places[made["id"]] = line
    command = [sys.executable, "-m", "livebreak", "lsp"]
    editor = await open_editor(command, checkout, run.environment | served.project.for_editor)
    try:
        file = checkout / FILE
        editor.notify("textDocument/didOpen", document(file, text))
        await editor.until(lambda it: it.method == "livebreak/breakpoints" and len(it.params["breakpoints"]) == breakpoints)
        held = breakpoints * await _hold(served, editor, places, held // breakpoints)
        quiet = await _look(run, editor, file, places)
        held_mb = memory_mb(editor.process.pid)
        rate = run.count(*HITS_PER_SECOND)
        async with _streaming(served, places, rate), _typing(editor, file, lines):
            busy = await _look(run, editor, file, places)
        peak = peak_mb(editor.process.pid)
    finally:
        await editor.close()
    what = f"{held:,} hits held, {breakpoints} breakpoints in a file of {lines:,} lines"
    rows = []
    for state, measured in {
        f"{what}; nothing else happens": quiet,
        f"{what}; {rate} hits/s stream in while somebody types": busy,
    }.items():
        for kind, times in measured.items():
            name = f"editor: {kind}, {'quiet' if measured is quiet else 'streaming and typing'}"
            goal = Goal(figure="p99", at_most=10)
            rows.append(
                distribution(name, times, shares=(0.5, 0.95, 0.99), how=f"{len(times)} requests over stdio; {state}", goal=goal)
            )
    rows.append(
        Row(
            name="editor: memory of the language server", unit="MB", figures={"peak": peak, "held": held_mb},
            how=f"{what}, after all of the above", goal=Goal(figure="peak", at_most=120), count=1,
        )
    )  # fmt: skip
    return rows


async def _hold(served: Served, editor: Editor, places: dict[str, int], each: int) -> int:
    """Have the server hold so many hits of each breakpoint; returns how many it does."""
    begun = time.monotonic()
    for number in range(each):
        started = time.monotonic()
        if started - begun > LONGEST_HOLD:
            return number
        editor.messages.clear()
        await asyncio.to_thread(_send, served, list(places))
        # The server pushes a breakpoint's newest hit with the count of all.
        try:
            await _until_known(editor, set(places), number + 1)
        except NoAnswer:
            return number
        await asyncio.sleep(max(0.0, ROUND_SECONDS - (time.monotonic() - started)))
    return each


async def _until_known(editor: Editor, ids: set[str], count: int) -> None:
    missing = set(ids)

    def strike(message: Any) -> bool:
        if message.method == "livebreak/hits" and message.params["count"] >= count:
            missing.discard(message.params["breakpointId"])
        return not missing

    await editor.until(strike, LONGEST_LOOK)


async def _look(run: Run, editor: Editor, file: Path, places: dict[str, int]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"hover, first look": [], "hover": [], "inlay hints of a screen": []}
    where = {"textDocument": {"uri": file.as_uri()}}
    started = time.monotonic()
    for _ in range(run.count(*LOOKS)):
        line = random.choice(list(places.values()))
        hover = {**where, "position": {"line": line, "character": 2}}
        screen = {
            "start": {"line": max(0, line - SCREEN // 2), "character": 0},
            "end": {"line": line + SCREEN // 2, "character": 0},
        }
        questions = {
            "hover, first look": ("textDocument/hover", hover),
            "hover": ("textDocument/hover", hover),
            "inlay hints of a screen": ("textDocument/inlayHint", {**where, "range": screen}),
        }
        for kind, (method, params) in questions.items():
            times[kind].append(await _ask(editor, method, params))
        if time.monotonic() - started > LONGEST_LOOK:
            break
        await asyncio.sleep(random.uniform(0.0, 0.02))
    return times


async def _ask(editor: Editor, method: str, params: object) -> float:
    """Seconds until the answer."""
    started = time.perf_counter()
    try:
        answer = await editor.request(method, params, LONGEST)
    except NoAnswer:
        return LONGEST
    seconds = time.perf_counter() - started
    if not answer:
        raise Broken(f"{method} gave nothing where there is a breakpoint")
    return seconds


def _send(served: Served, ids: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    body = batch(served.project.token, [new_event(identity, FILE) for identity in ids])
    connection.request("POST", "/batch/", body, batch_headers(served.project.secret_key))
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise Broken(f"a batch was answered {status}")


@contextlib.asynccontextmanager
async def _streaming(served: Served, places: dict[str, int], rate: int) -> AsyncIterator[None]:
    """Hits come in."""

    async def stream() -> None:
        while True:
            ids = random.choices(list(places), k=rate // TICKS_PER_SECOND)
            await asyncio.gather(asyncio.to_thread(_send, served, ids), asyncio.sleep(1 / TICKS_PER_SECOND))

    async with _beside(stream()):
        yield


@contextlib.asynccontextmanager
async def _typing(editor: Editor, file: Path, lines: int) -> AsyncIterator[None]:
    """Somebody types a word at the end of the file, over and over."""

    async def type_on() -> None:
        version = 1
        line = lines
        while True:
            version += 1
            at = {"line": line, "character": 0}
            change = {"range": {"start": at, "end": at}, "text": "x"}
            params = {"textDocument": {"uri": file.as_uri(), "version": version}, "contentChanges": [change]}
            editor.notify("textDocument/didChange", params)
            await asyncio.sleep(1 / KEYS_PER_SECOND)

    async with _beside(type_on()):
        yield


@contextlib.asynccontextmanager
async def _beside(work: Any) -> AsyncIterator[None]:
    """Something goes on meanwhile; what went wrong in it is not lost."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
