"""A debug session of this machine beside live breakpoints: neither disturbs the other."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from workbench import Workbench

IF, COSTS = 24, 26
"""Lines of the shop's pricing.py that the program below passes, in this order."""

PROGRAM = """
from pathlib import Path
from types import SimpleNamespace
from shop.pricing import shipping_cost

shipping_cost(SimpleNamespace(tier=None), 100)
Path("runs").write_text(str(int(Path("runs").read_text()) + 1))
"""


@pytest.fixture
def program(window: Workbench) -> Path:
    """A program to be debugged; it counts in a file how often it came to its end."""
    checkout = window.folder
    (checkout / "main.py").write_text(PROGRAM)
    (checkout / "runs").write_text("0")
    launch = {"type": "debugpy", "request": "launch", "name": "main", "program": str(checkout / "main.py"), "cwd": str(checkout)}
    configurations = [launch | {"console": "internalConsole", "python": sys.executable, "justMyCode": False}]
    (checkout / ".vscode").mkdir(exist_ok=True)
    (checkout / ".vscode" / "launch.json").write_text(json.dumps({"version": "0.2.0", "configurations": configurations}))
    return checkout / "runs"


async def debug(workbench: Workbench, runs: Path) -> list[int]:
    """Run the program under debugpy; the lines that it stopped at."""
    before = await asyncio.to_thread(runs.read_text)
    stops: list[int] = []
    await workbench.run_command("Debug: Start Debugging")

    async def has_ended() -> bool:
        return await asyncio.to_thread(runs.read_text) != before

    async def has_stopped_or_ended() -> bool:
        return await has_ended() or await workbench.stopped_at() is not None

    async def has_gone_on() -> bool:
        return await workbench.stopped_at() != stops[-1]

    while await workbench.until(has_stopped_or_ended) and not await has_ended():
        if (line := await workbench.stopped_at()) is not None:
            stops.append(line)
            await workbench.run_command("Debug: Continue")
            await workbench.until(has_gone_on)
    await workbench.page.locator(".debug-toolbar").wait_for(state="hidden")
    return stops


async def test_a_local_session_stops_at_local_breakpoints_only_and_none_of_those_is_ever_sent(
    workbench: Workbench, go_live, remote, program: Path
) -> None:
    if "LIVE" in await workbench.status_bar():
        await workbench.run_command("LiveBreak: Leave Live Mode")
    await workbench.open("shop/pricing.py", IF)
    await workbench.click_gutter(IF)
    await go_live(workbench)
    await workbench.click_gutter(COSTS)
    await workbench.until_line(COSTS, r"hits?")
    assert [IF] == await debug(workbench, program)

    await workbench.run_command("LiveBreak: Leave Live Mode")
    await workbench.run_command("Disable All Breakpoints")
    await workbench.until_line(COSTS, r"disabled")
    await workbench.run_command("Enable All Breakpoints")
    await workbench.until_line(COSTS, r"hits?")
    assert [IF] == await debug(workbench, program)

    await workbench.reload()
    assert [IF] == await debug(workbench, program)
    await workbench.open("shop/pricing.py", COSTS)
    await workbench.until_line(COSTS, r"hits?")
    assert [COSTS] == [it["line_number"] for it in remote.breakpoints()]

    await workbench.run_command("Remove All Breakpoints")
    await workbench.until(lambda: nothing_stored(remote))
    assert [] == await debug(workbench, program)


async def nothing_stored(remote) -> bool:
    return not remote.breakpoints()
