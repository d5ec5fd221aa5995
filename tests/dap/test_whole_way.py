"""A breakpoint of the debugger's own, in a real process, and its hits walked; agent, backend and adapter are processes."""

from __future__ import annotations

import sys

APP = """\
import time


class Cart:
    def __init__(self, number):
        self.prices = [number, number * 2]


def total(cart, rate=2):
    result = sum(cart.prices) * rate
    return result


number = 0
while True:
    number += 1
    total(Cart(number))
    time.sleep(0.05)
"""


async def test_a_breakpoint_of_the_debugger_is_hit_in_a_running_process_and_its_hits_are_walked(
    start_command, spawn, project, checkout
) -> None:
    file = checkout / "shop/cart.py"
    file.write_text(APP)
    command = [sys.executable, "-m", "livebreak_agent", "shop/cart.py"]
    app = spawn("cart", command, folder=checkout, environment=project.for_app | {"LIVEBREAK_SERVICE": "web"})
    client = await start_command(folder=checkout, environment=project.for_editor)
    await client.request("initialize", adapterID="livebreak", supportsVariableType=True)
    number = client.send("attach", {"arm": "all", "onDisconnect": "remove"})
    await client.expect_event("initialized")
    wanted = [{"line": 11, "condition": "result > 60"}]
    await client.request("setBreakpoints", source={"path": str(file)}, breakpoints=wanted)
    await client.request("configurationDone")
    assert (await client.response(number))["success"]

    stop = await client.expect_stop()

    thread_id = stop["threadId"]
    assert "if result > 60" in stop["text"]
    frames = await client.frames(thread_id)
    assert (str(file), 11, "total") == (frames[0]["source"]["path"], frames[0]["line"], frames[0]["name"])
    scopes = await client.scopes(frames[0]["id"])
    assert ["cart", "rate"] == list(await client.variables(scopes["Arguments"]))
    assert "True" == await client.evaluate("result == sum(cart.prices) * rate", frames[0]["id"])

    async def result() -> int:
        top = (await client.frames(thread_id))[0]
        return int(await client.evaluate("result", top["id"], "hover"))

    # The line runs on: the next hits are waited for, and then walked back.
    seen = [await result()]
    for _ in range(2):
        await client.request("continue", threadId=thread_id)
        await client.expect_stop(thread_id)
        seen.append(await result())
    await client.request("reverseContinue", threadId=thread_id)
    await client.expect_stop(thread_id)

    assert sorted(seen) == seen
    assert len(set(seen)) == 3
    assert seen[0] >= await result() > 60
    assert app.popen.poll() is None
    await client.request("disconnect")
    assert 0 == await client.process.wait()
