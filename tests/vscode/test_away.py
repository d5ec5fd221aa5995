"""Live dots whose backend or project this window does not reach: they stay what they are, and say where they are live."""

from __future__ import annotations

import asyncio
from typing import Any

from workbench import Workbench
from workbench_view import HitsView

COUPON, SHIPPING, TOTAL = 16, 17, 18
"""Lines of the shop's pricing.py."""
HERE, ELSEWHERE = "acme-test", "acme-other"
"""Connections."""


async def test_a_window_that_is_opened_while_the_backend_is_away_shows_what_is_live_and_has_hits_again_later(
    live: Workbench, remote: Any, restartable: Any
) -> None:
    await live.click_gutter(SHIPPING)
    await live.until_line(SHIPPING, r"hits?")
    restartable.stop()
    try:
        await live.reload()
        await live.open("shop/pricing.py", SHIPPING)
        await live.until_status_bar("offline")
        away = await live.until_line(SHIPPING, r"offline: ")
        view = HitsView(live)
        await view.open()
        await view.says("The backend does not answer.")
        await live.screenshot("reloaded-offline")
    finally:
        restartable.start()
    await live.until_line(SHIPPING, r"\d+ hits?", timeout=60)
    await view.until_row(rf"^Line {SHIPPING}")

    assert ["debug-breakpoint"] == await live.glyphs(SHIPPING)
    assert [SHIPPING] == [it["line_number"] for it in remote.breakpoints()]
    assert "bound" not in away


async def test_what_was_done_elsewhere_while_the_window_was_closed_is_not_undone(live: Workbench, remote: Any) -> None:
    for line in (COUPON, SHIPPING, TOTAL):
        await live.click_gutter(line)
        await live.until_line(line, r"hits?")
    stored = {it["line_number"]: it["id"] for it in remote.breakpoints()}
    pricing = live.folder / "shop" / "pricing.py"
    text = await asyncio.to_thread(pricing.read_text)

    try:
        async with live.closed():
            remote.remove(stored[SHIPPING])
            remote.ask("PATCH", f"breakpoints/{stored[TOTAL]}", {"condition": "subtotal < 0"})
            # As by a pull: VS Code leaves its dots on the lines where they were.
            await asyncio.to_thread(pricing.write_text, "# Moved.\n" + text)
        told = await live.notification(r"removed elsewhere")
        await live.open("shop/pricing.py", TOTAL)
        await live.until_line(COUPON + 1, r"\d+ hits?")
        await live.until_line(TOTAL + 1, r"before the condition changed")
        glyphs = [await live.glyphs(line) for line in range(COUPON, TOTAL + 2)]
    finally:
        await asyncio.to_thread(pricing.write_text, text)

    assert "LiveBreak: A live breakpoint of this window was removed elsewhere while it was away." == told
    assert [[], ["debug-breakpoint"], [], ["debug-breakpoint-conditional"]] == glyphs
    expected = {(stored[COUPON], None), (stored[TOTAL], "subtotal < 0")}
    assert expected == {(it["id"], it.get("condition")) for it in remote.breakpoints()}


async def test_a_dot_that_is_live_in_one_project_is_sent_to_no_other_and_says_where_it_is(
    live: Workbench, remote: Any, go_live: Any
) -> None:
    await live.click_gutter(TOTAL)
    await live.until_line(TOTAL, r"hits?")

    await connect(live, ELSEWHERE)
    await live.until_status_bar("elsewhere")
    await live.until_line(TOTAL, r"not connected: live in shop at http")
    await live.screenshot("other-project")
    assert "LIVE" not in await live.status_bar()
    await live.go_to(SHIPPING)
    await go_live(live, "elsewhere")
    await live.click_gutter(SHIPPING)
    await live.until_line(SHIPPING, r"stored|pending|no process")
    armed = [it["line_number"] for it in remote.breakpoints()]
    await live.click_gutter(SHIPPING)
    await connect(live, HERE)
    await live.until_line(TOTAL, r"hits?")

    assert [TOTAL] == armed == [it["line_number"] for it in remote.breakpoints()]


async def connect(window: Workbench, name: str) -> None:
    await window.run_command("LiveBreak: Connect...")
    await window.pick(name)
    await window.notification("Connected to")
