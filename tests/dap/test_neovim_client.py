"""A client that behaves as nvim-dap does: what it asks and in which order, and that it sends on by itself what stops beside
the thread that somebody looks at."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from livebreak.dap import LiveTarget
from livebreak.remote.connect import AnyRemote
from livebreak.sync.live import Live
from livebreak_agent.vocabulary.hit_event import write

SAYS = {
    "clientID": "neovim",
    "clientName": "neovim",
    "adapterID": "nvim-dap",
    "pathFormat": "path",
    "columnsStartAt1": True,
    "linesStartAt1": True,
    "supportsRunInTerminalRequest": True,
    "supportsVariableType": True,
    "supportsProgressReporting": True,
    "supportsStartDebuggingRequest": True,
    "locale": "en_US.UTF-8",
}

HITS_CAME = asyncio.Event()
START = datetime.now(UTC).isoformat()


class Silent:
    async def confirm(self, question) -> bool:
        return not question

    def breakpoints_changed(self, paths): ...
    def hits_changed(self, _):
        HITS_CAME.set()

    def status_changed(self): ...
    def notice(self, message): ...


@dataclass
class Neovim:
    """What nvim-dap keeps of a session."""

    client: Any
    stopped_thread: int | None = None
    frame: dict[str, Any] = field(default_factory=dict)
    """The one that the cursor is at."""
    sent_on: list[int] = field(default_factory=list)
    """Threads that it sent on by itself."""

    async def attach(self, **config: Any) -> dict[str, Any]:
        capabilities = await self.client.request("initialize", **SAYS)
        number = self.client.send("attach", {"type": "livebreak", "request": "attach", "name": "Hits", **config})
        await self.client.expect_event("initialized")
        # Without a breakpoint there is no `setBreakpoints`.
        await self.client.response(self.client.send("setExceptionBreakpoints", {"filters": []}))
        assert (await self.client.response(self.client.send("configurationDone")))["success"]
        assert (await self.client.response(number))["success"]
        return capabilities

    async def take_stop(self) -> dict[str, Any]:
        """The next `stopped`, treated as nvim-dap treats it."""
        stop = await self.client.expect_stop()
        await self.client.request("threads")
        thread_id = stop["threadId"]
        if self.stopped_thread not in (None, thread_id):
            await self.client.request("continue", threadId=thread_id)
            self.sent_on.append(thread_id)
            return stop
        self.stopped_thread = thread_id
        frames = (await self.client.request("stackTrace", startFrame=0, threadId=thread_id))["stackFrames"]
        self.frame = next((frame for frame in frames if "source" in frame), frames[0])
        for scope in (await self.client.request("scopes", frameId=self.frame["id"]))["scopes"]:
            if not scope["expensive"]:
                await self.client.request("variables", variablesReference=scope["variablesReference"])
        return stop

    async def step(self, command: str) -> None:
        """It asks for `stepBack` and `reverseContinue` whatever the adapter said that it can."""
        thread_id, self.stopped_thread = self.stopped_thread, None
        await self.client.request(command, threadId=thread_id, granularity="statement")
        await self.take_stop()

    async def value(self, expression: str) -> str:
        arguments = {"expression": expression, "context": "repl", "frameId": self.frame["id"]}
        return (await self.client.request("evaluate", **arguments))["result"]


@pytest.fixture
async def live(project: Any) -> AsyncIterator[Live]:
    live = Live(Silent(), remote=AnyRemote(project.host, str(project.id), project.api_key), outbox_folder=None)
    await live.start()
    yield live
    await live.stop()


async def test_nvim_dap_stays_where_it_is_while_other_threads_stop(opened, live, project, new_hit) -> None:
    breakpoint_id = str(uuid.uuid4())

    async def send(*hits: Any) -> None:
        batch = {"api_key": project.token, "batch": [write(hit) for hit in hits]}
        async with httpx.AsyncClient() as http:
            headers = {"Authorization": f"Bearer {project.secret_key}"}
            (await http.post(f"{project.host}/batch/", json=batch, headers=headers)).raise_for_status()

    def hit(number: int, process: str) -> Any:
        now = datetime.now(UTC).isoformat()
        return new_hit(number, id=str(uuid.uuid4()), breakpoint_id=breakpoint_id, timestamp=now, process_id=process)

    made = {"id": breakpoint_id, "filename": "shop/cart.py", "repository": "acme/shop", "line_number": 3}
    async with httpx.AsyncClient() as http:
        url = f"{project.host}/api/projects/{project.id}/livebreak/breakpoints"
        (await http.post(url, json=made, headers={"Authorization": f"Bearer {project.api_key}"})).raise_for_status()
    newest = hit(2, "p1")
    await send(replace(hit(1, "p1"), timestamp=START), newest)
    async with asyncio.timeout(20):
        while newest.id not in {it.id for it in live.session.log.of(breakpoint_id)}:
            await HITS_CAME.wait()
            HITS_CAME.clear()
    neovim = Neovim(await opened.client(LiveTarget(live, alone=True)))

    await neovim.attach()
    await neovim.take_stop()
    assert "2" == await neovim.value("number")
    await neovim.step("stepBack")
    assert "1" == await neovim.value("number")

    for number in (3, 4):
        await send(hit(number, "p2"))
        assert 2 == (await neovim.take_stop())["threadId"]
    await send(hit(5, "p1"), hit(6, "p2"))
    await neovim.take_stop()

    # Each was sent on by the client, and still nothing moved under the user's cursor.
    assert [2, 2, 2] == neovim.sent_on
    assert "1" == await neovim.value("number")
    assert "1" == (await neovim.client.request("evaluate", expression="number", context="repl"))["result"]
    await neovim.step("next")
    assert "2" == await neovim.value("number")
    await neovim.step("continue")
    assert "5" == await neovim.value("number")
    # Somebody who selects the other thread asks for its stack, and then it goes on as any does.
    other = (await neovim.client.request("stackTrace", startFrame=0, threadId=2))["stackFrames"][0]
    arguments = {"expression": "number", "context": "repl", "frameId": other["id"]}
    assert "6" == (await neovim.client.request("evaluate", **arguments))["result"]
