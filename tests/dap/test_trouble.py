"""The backend goes away, refuses or was never there: an error with a number and a sentence, and the session goes on."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from faults import Answer
from livebreak.dap import LiveTarget
from livebreak.remote.connect import AnyRemote
from livebreak.sync.hit_feed import CATCH_UP
from livebreak.sync.live import Live
from livebreak_agent.vocabulary.hit_event import write


class Silent:
    def breakpoints_changed(self, paths): ...
    def hits_changed(self, paths): ...
    def status_changed(self): ...
    def notice(self, message): ...


async def connected(opened, project, **attach):
    live = Live(Silent(), remote=AnyRemote(project.host, str(project.id), project.api_key), outbox_folder=None)
    await live.start()
    client = await opened.client(LiveTarget(live, alone=True))
    return live, client


async def seeded(project, new_hit, count: int) -> str:
    """A breakpoint with so many hits; its id."""
    import httpx

    breakpoint_id = str(uuid.uuid4())
    made = {"id": breakpoint_id, "filename": f"shop/{breakpoint_id}.py", "repository": "acme/shop", "line_number": 3}
    hits = [new_hit(number, id=str(uuid.uuid4()), breakpoint_id=breakpoint_id) for number in range(count)]
    async with httpx.AsyncClient(base_url=project.host) as client:
        editor = {"Authorization": f"Bearer {project.api_key}"}
        (await client.post(f"/api/projects/{project.id}/livebreak/breakpoints", json=made, headers=editor)).raise_for_status()
        batch = {"api_key": project.token, "batch": [write(hit) for hit in hits]}
        agent = {"Authorization": f"Bearer {project.secret_key}"}
        (await client.post("/batch/", json=batch, headers=agent)).raise_for_status()
    return breakpoint_id


async def test_while_the_backend_is_away_requests_fail_in_a_sentence_and_work_again_later(
    opened, project, network, new_hit
) -> None:
    # More than are fetched at once when news of them comes, so that stepping back has to ask.
    breakpoint_id = await seeded(project, new_hit, CATCH_UP + 100)
    live, client = await connected(opened, project.through(network))
    await client.begin(breakpoint=breakpoint_id)
    await client.expect_stop()
    await client.frames(1)

    network.set(Answer(status=503, body=b"{}"), on=r"^GET \S+/hits")
    errors = []
    for _ in range(CATCH_UP + 100):
        response = await client.response(client.send("stepBack", {"threadId": 1}))
        if not response["success"]:
            errors.append(response)
            break
    assert errors
    assert 2001 == errors[0]["body"]["error"]["id"]
    assert await client.is_alive()

    network.heal()
    await client.request("stepBack", threadId=1)
    await client.expect_stop(1)
    await live.stop()


@pytest.mark.parametrize(("host", "key", "says"), [(None, None, "Live mode is off"), ("real", "phx_wrong", "key")])
async def test_what_cannot_be_attached_says_why(opened, project, host, key, says) -> None:
    remote = None if host is None else AnyRemote(project.host, str(project.id), key)
    live = Live(Silent(), remote=remote, outbox_folder=None, off_reason="Live mode is off: nobody said where.")
    await live.start()
    client = await opened.client(LiveTarget(live, alone=True))
    await client.request("initialize", adapterID="x")

    error = await client.expect_error("attach")

    assert says in error["text"]
    assert error["showUser"]
    await live.stop()


async def test_a_backend_that_goes_away_and_comes_back_is_told_in_the_console(opened, project, network, new_hit) -> None:
    breakpoint_id = await seeded(project, new_hit, 1)
    live, client = await connected(opened, project.through(network))
    await client.begin(breakpoint=breakpoint_id)
    await client.expect_stop()
    assert await client.frames(1)

    network.down()
    told = await client.expect_event("output", lambda body: body["category"] == "important")
    assert "Trying again" in told["output"]
    assert await client.evaluate("number", (await client.frames(1))[0]["id"])

    network.up()
    await client.expect_event("output", lambda body: body["output"].startswith("Connected to"))
    await live.stop()


async def test_a_client_that_leaves_while_the_backend_is_slow_leaves_nothing(opened, project, network, new_hit) -> None:
    breakpoint_id = await seeded(project, new_hit, 1)
    live, client = await connected(opened, project.through(network))
    await client.begin(breakpoint=breakpoint_id)
    await client.expect_stop()
    before = {task for task in asyncio.all_tasks() if "Adapter" in repr(task) or "Pipe" in repr(task)}

    client.send("stepBack", {"threadId": 1})
    await client.close()
    await asyncio.wait(before, timeout=20)

    assert [] == live._followers
    await live.stop()
