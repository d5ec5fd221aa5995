"""Thousands of agents that wait for a change, at one backend."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import statistics
import time
import uuid

from tests.bench.machine import cpu_seconds, memory_mb, peak_mb
from tests.bench.rows import Broken, Goal, Row, Skipped, median_of
from tests.bench.run import REPOSITORY, Run, Served, new_breakpoint

from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Process
from livebreak_agent.vocabulary.wire import MAX_WAIT, ProcessReport

AGENTS = 5000, 50
CHANGES = 10, 2
PATIENCE = 60.0
SPARE_FILES = 200
"""Open files beside the agents' sockets."""
SETTLE = 1.0
"""Seconds between a change and the next one, in which all agents ask again."""
AT_ONCE = 100
"""Agents that introduce themselves at the same time."""


class Agent:
    """One agent's connection, with as little behind it as possible."""

    def __init__(self, served: Served, number: int) -> None:
        self._base = f"/api/projects/{served.project.id}/livebreak"
        self._headers = f"Host: 127.0.0.1\r\nAuthorization: Bearer {served.project.secret_key}\r\n"
        self._port = served.port
        self._process = Process(
            id=str(uuid.uuid4()),
            pid=number,
            host=f"host-{number % 100}",
            service="web",
            environment="bench",
            repository=REPOSITORY,
        )
        self._etag = ""
        self.breakpoints: frozenset[str] = frozenset()
        self.answered_at = 0.0
        """When the newest set was there, by `time.perf_counter()`."""

    async def join(self) -> None:
        """Say who it is, and learn what is armed."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = json.dumps(to_json(ProcessReport(process=self._process))).encode()
        head = f"PUT {self._base}/processes/{self._process.id} HTTP/1.1\r\n{self._headers}"
        self._writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await self._answer(204)
        await self._ask(0)

    async def follow(self) -> None:
        """Ask again and again, each time as long as may be, as agents do."""
        while True:
            await self._ask(MAX_WAIT)

    def close(self) -> None:
        self._writer.close()

    async def _ask(self, wait: int) -> None:
        query = f"process={self._process.id}&wait={wait}&repository={REPOSITORY}&service=web&environment=bench"
        held = f"If-None-Match: {self._etag}\r\n" if self._etag else ""
        self._writer.write(f"GET {self._base}/armed?{query} HTTP/1.1\r\n{self._headers}{held}\r\n".encode())
        headers, body = await self._answer(200, 304)
        if body:
            self._etag = headers["etag"]
            self.breakpoints = frozenset(one["id"] for one in json.loads(body)["breakpoints"])
            self.answered_at = time.perf_counter()

    async def _answer(self, *expected: int) -> tuple[dict[str, str], bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        if int(head[0].split()[1]) not in expected:
            raise Broken(f"an agent was answered {head[0]}: {body[:200]!r}")
        return headers, body


async def measure(run: Run) -> list[Row]:
    wanted = run.count(*AGENTS)
    _allow_files(wanted + SPARE_FILES)
    served = run.backend()
    pid = served.process.popen.pid
    before = memory_mb(pid)
    agents = [Agent(served, number) for number in range(wanted)]
    api = served.api()
    async with contextlib.AsyncExitStack() as stack:
        started = time.perf_counter()
        following = []
        for start in range(0, wanted, AT_ONCE):
            some = agents[start : start + AT_ONCE]
            await asyncio.gather(*(agent.join() for agent in some))
            for agent in some:
                stack.callback(agent.close)
                following.append(asyncio.create_task(agent.follow()))
                stack.callback(following[-1].cancel)
        joined = time.perf_counter() - started
        await asyncio.sleep(SETTLE)
        seconds, used = [], []
        for number in range(run.count(*CHANGES)):
            changed, before_change = time.perf_counter(), cpu_seconds(pid)
            made = await asyncio.to_thread(
                api.ask, "POST", "/livebreak/breakpoints", new_breakpoint("shop/orders.py", 1 + number)
            )
            await _until_all_have(agents, made["id"], following)
            seconds.append(max(agent.answered_at for agent in agents) - changed)
            await asyncio.sleep(SETTLE)
            used.append(cpu_seconds(pid) - before_change)
        peak = peak_mb(pid)
    how = (
        f"{wanted:,} processes with a connection each wait in one backend, and {len(seconds)} breakpoints are made one after the "
        f"other; until the last of them, read in one process on the same cores, has its answer (the processor "
        f"time includes everybody's next request); all joined in {joined:.1f} s"
    )
    return [
        median_of(
            "backend: a change reaches all who wait", [one * 1000 for one in seconds], unit="ms", how=how,
            goal=Goal(figure="longest", at_most=1000),
            more={"longest": max(seconds) * 1000, "server CPU": statistics.median(used) * 1000},
        ),
        Row(
            name="backend: memory with all who wait", unit="MB", figures={"peak": peak, "before": before}, how=how,
            goal=Goal(figure="peak", at_most=200), count=1,
        ),
    ]  # fmt: skip


async def _until_all_have(agents: list[Agent], breakpoint_id: str, following: list[asyncio.Task[None]]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            # Looked at now and then, because a signal from each of thousands would slow them down.
            while not all(breakpoint_id in agent.breakpoints for agent in agents):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    except TimeoutError:
        ended = next((task.exception() for task in following if task.done() and not task.cancelled()), None)
        missing = sum(breakpoint_id not in agent.breakpoints for agent in agents)
        raise Broken(
            f"{missing} of {len(agents)} agents were not told of a breakpoint in {PATIENCE:g} seconds ({ended!r})"
        ) from None


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Skipped(f"{wanted:,} open files are needed and {hard:,} allowed; raise the limit with `ulimit -Hn {wanted}`")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
