"""Where a window is connected to, as the user is asked and told."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any

import httpx

from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit
from workbench import Workbench, plain

CONNECTION = "acme-prod"
"""A name that says production."""

URL_SCHEME = "code-oss"
"""Of this workbench; that of VS Code is `vscode`."""


async def open_python(window: Workbench) -> None:
    await window.open("shop/pricing.py", 18)


async def connect(window: Workbench, name: str) -> None:
    await window.run_command("LiveBreak: Connect...")
    await window.pick(name)
    await window.notification("Connected to")


async def test_an_installed_extension_is_connected_where_the_terminal_is_and_says_so(open_window: Any) -> None:
    workbench = await open_window()
    await open_python(workbench)
    text = await workbench.until_status_bar(r"LiveBreak: shop")
    assert "LIVE" not in text
    await workbench.screenshot("connected")
    assert [] == await workbench.notifications()


async def test_a_host_and_a_key_are_tried_and_shown_before_they_are_kept(
    open_window: Any, shop_project: Any, teammate: Any
) -> None:
    workbench = await open_window()
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")
    await workbench.run_command("LiveBreak: Connect...")
    rows = workbench.page.locator(".quick-input-list .monaco-list-row")
    await rows.first.wait_for()
    offered = [plain(row) for row in await rows.all_inner_texts()]
    assert any(CONNECTION in row and "PRODUCTION" in row for row in offered), offered
    await workbench.screenshot("connect-choices")
    await workbench.pick("Another host")

    await workbench.enter(shop_project.host, title="(1/3)")
    await workbench.enter("phx_" + "a" * 40, title="(2/3)")
    message = workbench.page.locator(".quick-input-message")
    await workbench.until(lambda: _says(message, "key"), wanted="why the key is refused")
    await workbench.screenshot("connect-refused")
    await workbench.enter(teammate._api_key, title="(2/3)")
    await workbench.page.locator(".quick-input-title:visible", has_text="(3/3)").wait_for()
    await workbench.screenshot("connect-project")
    await workbench.pick("shop")
    told = await workbench.notification("Connected to")
    assert "as grace" in told
    await workbench.until_status_bar(r"shop")
    await workbench.screenshot("connect-done")

    # After a reload it is the same, without a question, and the key was written nowhere in clear.
    await workbench.reload()
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")
    found = [path for path in workbench.home.rglob("*") if path.is_file() and teammate._api_key.encode() in path.read_bytes()]
    assert [] == found

    await workbench.run_command("LiveBreak: Disconnect")
    await workbench.until_status_bar("not connected")
    await workbench.run_command("LiveBreak: Forget Key...")
    await workbench.pick(shop_project.host)
    await workbench.notification("is forgotten")


async def _says(message: Any, text: str) -> str | None:
    shown = plain(await message.inner_text()) if await message.count() else ""
    return shown if text in shown else None


async def test_a_click_on_the_status_bar_goes_live(workbench: Workbench) -> None:
    await open_python(workbench)
    await workbench.until_status_bar(r"LiveBreak: shop|LIVE shop")
    if "LIVE" in await workbench.status_bar():
        await workbench.run_command("LiveBreak: Leave Live Mode")
        await workbench.until_status_bar(r"LiveBreak: shop")
    await workbench.click(workbench.page.locator('.part.statusbar [id*="livebreak"]').first)
    question = await workbench.answer("Go Live")
    assert "shop" in question
    await workbench.until_status_bar("LIVE")
    await workbench.click(workbench.page.locator('.part.statusbar [id*="livebreak"]').first)

    async def is_off() -> bool:
        return "LIVE" not in await workbench.status_bar()

    await workbench.until(is_off)


async def test_the_first_breakpoint_in_production_is_asked_about_in_the_middle_of_the_screen(
    open_window: Any, shop_project: Any, spawn: Any, checkout: Path
) -> None:
    workbench = await open_window()
    in_app = shop_project.for_app | {"LIVEBREAK_SERVICE": "till", "LIVEBREAK_ENVIRONMENT": "prod-eu"}
    command = [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
    process = spawn("till", command, folder=checkout, environment=in_app)
    process.printed(r"listening on (http://\S+)")
    try:
        await open_python(workbench)
        await workbench.until_status_bar(r"LiveBreak: .*shop")
        await connect(workbench, CONNECTION)
        # Both processes are counted.
        await workbench.until_status_bar(r"PRODUCTION shop\s+0\s+2")
        await workbench.press("Escape")
        await workbench.click(workbench.page.locator('.part.statusbar [id*="livebreak"]').first)
        await workbench.answer("Go Live")
        await workbench.until_status_bar("LIVE PRODUCTION")
        await workbench.click_gutter(18)
        dialog = workbench.page.locator(".monaco-dialog-box")
        await dialog.wait_for()
        await workbench.screenshot("production-question")
        assert "Arm live breakpoints in shop/prod-eu, 1 process?" in await workbench.answer("Arm")
        await workbench.until_line(18, r"subtotal=\d+")
        await workbench.screenshot("production-live")
    finally:
        process.end()


async def test_a_link_shows_a_hit_and_another_host_is_asked_about(workbench: Workbench, shop_project: Any, teammate: Any) -> None:
    place = teammate.add("shop/pricing.py", 18)
    hit = await workbench.until(lambda: _hit_of(teammate, place["id"]), wanted="a hit")
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")
    await follow_link(workbench, "hit/" + hit + "?host=https://livebreak.example")
    question = workbench.page.locator(".monaco-dialog-box", has_text="https://livebreak.example?")
    await question.wait_for()
    await workbench.screenshot("link-question")
    await workbench.click(question.get_by_role("button", name="Cancel"))

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
    links = await workbench.told("is not in this workspace").locator(".notification-list-item-message a").all_inner_texts()

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


async def test_the_walkthrough_leads_from_connecting_to_the_first_hit(workbench: Workbench) -> None:
    await workbench.run_command("Welcome: Open Walkthrough...")
    await workbench.pick("Start with LiveBreak")
    await workbench.page.locator(".getting-started-step", has_text="Connect to a backend").first.wait_for()
    await workbench.screenshot("walkthrough")
