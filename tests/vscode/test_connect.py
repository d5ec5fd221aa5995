"""The extension as it is installed from its file, on a Python that has nothing of it: where a window is connected to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import workbench as driver
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit
from workbench import Workbench, WorkbenchServer, workbench_server

URL_SCHEME = "code-oss"
"""Of this workbench; that of VS Code is `vscode`."""

pytestmark = pytest.mark.timeout(480)
"""Seconds: the first test builds the package, and fetches what it is made of."""

CONNECTION = "acme-prod"
"""A name that says production."""


@pytest.fixture(scope="module")
async def server(
    tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str], shop_project: Any, livebreak: Any, request: Any
) -> AsyncIterator[WorkbenchServer]:
    """Of a user who has connected on a terminal before, as ada."""
    if not driver.is_here():
        assert os.environ.get("CI") != "true", "there is no VS Code here; `make editors VSCODE=1` fetches it"
        pytest.skip("NO VS CODE: the extension is not tested in it; `make editors VSCODE=1` fetches one")
    home = tmp_path_factory.mktemp("installed-workbench")
    environment = bare | {"HOME": str(home), "LIVEBREAK_STATE_DIR": str(home / "state")}
    made = livebreak(
        "connect", shop_project.host, "--name", CONNECTION, "--project", str(shop_project.id),
        environment=environment | shop_project.for_editor,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    extension = request.getfixturevalue("installed_vsix")
    async with workbench_server(home, extensions=[extension], environment=environment) as server:
        yield server


@pytest.fixture
async def workbench(open_window: Any) -> Workbench:
    """A window on a clone of the test's own."""
    return await open_window()


async def until_status(window: Workbench, pattern: str) -> str:
    """Wait until the status bar shows a pattern."""

    async def shows() -> str | None:
        text = await window.status_bar()
        return text if re.search(pattern, text) else None

    return await window.until(shows, what=window.status_bar, wanted=pattern)


def servers_of(home: Path) -> list[int]:
    """The language servers that run for this workbench."""
    found = subprocess.run(["pgrep", "-f", f"{home}/extensions/.*/start.py lsp"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


async def open_python(window: Workbench) -> None:
    await window.open("shop/pricing.py", 18)


async def test_an_installed_extension_is_connected_where_the_terminal_is_and_says_so(workbench: Workbench) -> None:
    await open_python(workbench)
    text = await until_status(workbench, r"PRODUCTION shop")
    assert "LIVE" not in text
    await workbench.screenshot("connected")
    assert [] == await workbench.notifications()


async def test_a_host_and_a_key_are_tried_and_shown_before_they_are_kept(
    workbench: Workbench, shop_project: Any, teammate: Any, server: WorkbenchServer
) -> None:
    await open_python(workbench)
    await until_status(workbench, r"shop")
    await workbench.run_command("LiveBreak: Connect...")
    rows = workbench.page.locator(".quick-input-list .monaco-list-row")
    await rows.first.wait_for()
    offered = [driver.plain(row) for row in await rows.all_inner_texts()]
    assert any(CONNECTION in row and "PRODUCTION" in row for row in offered), offered
    await workbench.screenshot("connect-choices")
    await workbench.pick("Another host")

    await workbench.enter(shop_project.host)
    title = workbench.page.locator(".quick-input-title", has_text="(2/3)")
    await title.wait_for()
    await workbench.enter("phx_" + "a" * 40)
    message = workbench.page.locator(".quick-input-message")
    await workbench.until(lambda: _says(message, "key"), wanted="why the key is refused")
    await title.wait_for()
    await workbench.screenshot("connect-refused")
    await workbench.enter(teammate._api_key)
    await workbench.page.locator(".quick-input-title", has_text="(3/3)").wait_for()
    await workbench.screenshot("connect-project")
    await workbench.pick("shop")
    told = await workbench.notification("Connected to")
    assert "as grace" in told
    await until_status(workbench, r"shop")
    await workbench.screenshot("connect-done")

    # After a reload it is the same, without a question, and the key was written nowhere in clear.
    await workbench.reload()
    await open_python(workbench)
    await until_status(workbench, r"shop")
    found = [path for path in server.home.rglob("*") if path.is_file() and teammate._api_key.encode() in path.read_bytes()]
    assert [] == found

    await workbench.run_command("LiveBreak: Disconnect")
    await until_status(workbench, "not connected")
    await workbench.run_command("LiveBreak: Forget Key...")
    await workbench.pick(shop_project.host)
    await workbench.notification("is forgotten")


async def _says(message: Any, text: str) -> str | None:
    shown = driver.plain(await message.inner_text()) if await message.count() else ""
    return shown if text in shown else None


async def test_a_click_on_the_status_bar_goes_live(workbench: Workbench) -> None:
    await open_python(workbench)
    await until_status(workbench, r"shop")
    await workbench.page.locator('.part.statusbar [id*="livebreak"]').first.click()
    question = await workbench.answer("Go Live")
    assert "shop" in question
    await until_status(workbench, "LIVE")
    await workbench.page.locator('.part.statusbar [id*="livebreak"]').first.click()

    async def is_off() -> bool:
        return "LIVE" not in await workbench.status_bar()

    await workbench.until(is_off)


async def test_the_first_breakpoint_in_production_is_asked_about_in_the_middle_of_the_screen(
    workbench: Workbench, shop_project: Any, spawn: Any, checkout: Path
) -> None:
    in_app = shop_project.for_app | {"LIVEBREAK_SERVICE": "till", "LIVEBREAK_ENVIRONMENT": "prod-eu"}
    command = [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
    process = spawn("till", command, folder=checkout, environment=in_app)
    process.printed(r"listening on (http://\S+)")
    try:
        await open_python(workbench)
        # Both processes are counted.
        await until_status(workbench, r"PRODUCTION shop\s+0\s+2")
        await workbench.page.locator('.part.statusbar [id*="livebreak"]').first.click()
        await workbench.answer("Go Live")
        await until_status(workbench, "LIVE PRODUCTION")
        await workbench.click_gutter(18)
        dialog = workbench.page.locator(".monaco-dialog-box")
        await dialog.wait_for()
        await workbench.screenshot("production-question")
        assert "Arm live breakpoints in shop/prod-eu, 1 process?" in await workbench.answer("Arm")
        await workbench.until_line(18, r"subtotal=\d+")
        await workbench.screenshot("production-live")
    finally:
        process.end()


async def test_nothing_runs_in_a_workspace_that_is_not_trusted(open_window: Any, server: WorkbenchServer) -> None:
    before = servers_of(server.home)
    window = await open_window(is_trusted=False)
    await open_python(window)
    await until_status(window, "restricted")
    assert set(servers_of(server.home)) <= set(before)
    await window.screenshot("untrusted")


async def test_a_server_that_dies_comes_back_and_one_that_dies_again_and_again_is_asked_about(
    workbench: Workbench, server: WorkbenchServer
) -> None:
    await open_python(workbench)
    await until_status(workbench, r"shop")
    gone: set[int] = set()
    for _ in range(5):
        pid = await workbench.until(lambda: _new_server(server, gone), wanted="a server")
        os.kill(pid, signal.SIGKILL)
        gone.add(pid)
    await until_status(workbench, "no server")
    assert 1 == len(await workbench.notifications())
    await workbench.screenshot("server-gone")
    await workbench.notification("ended several times", "Restart")
    await until_status(workbench, r"shop")


async def test_without_a_python_there_is_one_message_with_what_to_do(workbench: Workbench, server: WorkbenchServer) -> None:
    settings = server.home / "user" / "Machine" / "settings.json"
    await open_python(workbench)
    await until_status(workbench, r"shop")
    settings.write_text(json.dumps({"livebreak.interpreter": "/bin/false"}))
    try:
        await until_status(workbench, "no server")
        told = await workbench.notification("does not run as a Python")
        assert 1 == len(await workbench.notifications())
        await workbench.screenshot("no-python")
    finally:
        settings.write_text("{}")
    assert "/bin/false" in told
    # It starts by itself once the setting is mended.
    await until_status(workbench, r"shop")


async def test_a_link_shows_a_hit_and_another_host_is_asked_about(
    workbench: Workbench, shop_project: Any, teammate: Any, checkout: Path
) -> None:
    place = teammate.add("shop/pricing.py", 18)
    try:
        hit = await workbench.until(lambda: _hit_of(teammate, place["id"]), wanted="a hit")
        await open_python(workbench)
        await until_status(workbench, r"shop")
        await follow_link(workbench, "hit/" + hit + "?host=https://livebreak.example")
        question = workbench.page.locator(".monaco-dialog-box", has_text="https://livebreak.example?")
        await question.wait_for()
        await workbench.screenshot("link-question")
        await question.get_by_role("button", name="Cancel").click()

        await workbench.open("shop/users.py", 1)
        await follow_link(workbench, f"hit/{hit}?host={shop_project.host}")
        await workbench.page.locator('.tab.active[data-resource-name="pricing.py"]').wait_for()
        await workbench.page.locator(".debug-top-stack-frame-line").first.wait_for()
        await workbench.screenshot("link-hit")

        # Hits can be sent by whoever knows the public token.
        forged = Hit(
            id=str(uuid.uuid4()),
            breakpoint_id=place["id"],
            timestamp="2026-11-23T12:00:00.000000+00:00",
            filename="[the file](command:workbench.action.toggleZenMode)",
            line_number=1,
        )
        body = {"api_key": shop_project.token, "batch": [hit_event.write(forged)]}
        httpx.post(f"{shop_project.host}/batch/", json=body).raise_for_status()
        await follow_link(workbench, f"hit/{forged.id}?host={shop_project.host}")
        told = await workbench.notification("is not in this workspace")
        links = await workbench.page.locator(".notification-toast .notification-list-item-message a").all_inner_texts()
    finally:
        teammate.remove(place["id"])

    assert "LiveBreak: [the file] (command:workbench.action.toggleZenMode) is not in this workspace." == told
    assert [] == links


async def _hit_of(teammate: Any, breakpoint_id: str) -> str | None:
    found = teammate.ask("GET", f"hits?breakpoint_id={breakpoint_id}")["results"]
    return found[0]["id"] if found else None


async def follow_link(window: Workbench, link: str) -> None:
    """As if it had been clicked in a browser; VS Code asks whether the extension may open it."""
    await window.run_command("Developer: Open URL")
    await window.enter(f"{URL_SCHEME}://livebreak.livebreak/{link}")
    await window.answer("Open")


async def _new_server(server: WorkbenchServer, gone: set[int]) -> int | None:
    return next((pid for pid in servers_of(server.home) if pid not in gone), None)


async def test_the_walkthrough_leads_from_connecting_to_the_first_hit(workbench: Workbench) -> None:
    await workbench.run_command("Welcome: Open Walkthrough...")
    await workbench.pick("Start with LiveBreak")
    await workbench.page.locator(".getting-started-step", has_text="Connect to a backend").first.wait_for()
    await workbench.screenshot("walkthrough")


async def test_a_workspace_does_not_choose_what_is_run(open_window: Any, server: WorkbenchServer, tmp_path: Path) -> None:
    traps = {}
    for name in ("path", "interpreter"):
        trap = tmp_path / f"{name}.sh"
        trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\n")
        trap.chmod(0o755)
        traps[f"livebreak.{name}"] = str(trap)
    window = await open_window(settings=traps)
    await open_python(window)
    await until_status(window, r"shop")
    assert [] == [name for name in os.listdir(tmp_path) if name.startswith("ran-")]  # noqa: PTH208 - it is a moment's work
    assert traps == json.loads((tmp_path / "shop-checkout" / ".vscode" / "settings.json").read_text())
