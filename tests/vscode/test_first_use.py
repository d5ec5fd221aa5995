"""Somebody has the extension's file and a program of their own, and has read nothing: the screen leads to its locals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import workbench as driver
from workbench import Workbench, plain, workbench_server

PROGRAM = """import time


def price(quantity):
    total = quantity * 12
    return total


for number in range(10**9):
    price(number % 7)
    time.sleep(0.05)
"""
RETURN = 6
"""1-based."""

pytestmark = pytest.mark.timeout(480)
"""Seconds: it may be the first that needs the package, which is built from what is fetched."""


@pytest.fixture
def own_program(tmp_path: Path) -> Path:
    """A program in a git repository that has no remote."""
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "app.py").write_text(PROGRAM)
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost", "-c", "commit.gpgsign=false")
    for command in (("init", "--quiet"), ("add", "--all"), (*author, "commit", "--quiet", "--message=Prices")):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.fixture
async def fresh(
    own_program: Path, tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str], spawn: Any, request: pytest.FixtureRequest
) -> AsyncIterator[Workbench]:
    """A new profile with the extension from its file, on a machine with `livebreak serve` and a program under `livebreak run`."""
    if not driver.is_here():
        pytest.skip("NO VS CODE: the first use is not tested in it; `make editors VSCODE=1` fetches one")
    home = tmp_path_factory.mktemp("fresh-home")
    environment = bare | {"HOME": str(home), "LIVEBREAK_STATE_DIR": str(home / "state")}
    livebreak = [sys.executable, "-m", "livebreak"]
    backend = spawn("first-backend", [*livebreak, "serve", "--port", "0"], environment=environment)
    backend.printed(r"http://127\.0\.0\.1:\d+")
    program = spawn("first-program", [*livebreak, "run", "app.py"], folder=own_program, environment=environment)
    try:
        extensions = [request.getfixturevalue("installed_vsix")]
        async with (
            workbench_server(home, extensions=extensions, environment=environment) as server,
            server.window(own_program) as window,
        ):
            yield window
    finally:
        program.end()
        backend.end()


async def test_the_screen_leads_from_the_first_click_to_the_locals_of_a_running_program(fresh: Workbench) -> None:
    await fresh.screenshot("first-1-opened")
    await fresh.open("app.py", RETURN)
    icon = fresh.page.locator('.activitybar .action-item:has(a[aria-label^="LiveBreak"])')
    await fresh.until(lambda: _is_connected(fresh), what=fresh.status_bar, wanted="where it is connected to")
    await icon.locator("a").click(force=True)
    await fresh.page.get_by_text("No live breakpoints yet.").wait_for()
    await fresh.screenshot("first-2-view")

    await fresh.click_gutter(RETURN)
    row = fresh.page.locator(".notification-toast", has_text="this breakpoint is local")
    await row.wait_for()
    await fresh.screenshot("first-3-clicked")
    said = await fresh.notification("this breakpoint is local", "Go Live")
    line = await fresh.until_line(RETURN, r"\d+ hits? · ")
    await fresh.screenshot("first-4-hit")
    hover = await fresh.hover(RETURN, "total")
    await fresh.screenshot("first-5-locals")

    assert "Arm it, and what you click from now on, in " in said
    assert "quantity=" in line
    assert "total" in hover
    # There is one question, and no other one after it.
    assert [] == [plain(it) for it in await fresh.notifications()]


async def _is_connected(window: Workbench) -> bool:
    text = await window.status_bar()
    return "LiveBreak: " in text and "not connected" not in text
