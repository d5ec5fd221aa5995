"""A click in the gutter, and production answers."""

from __future__ import annotations

import os
import signal

from workbench import Workbench

SUBTOTAL, COUPON, SHIPPING, TOTAL, FREE, COSTS = 14, 16, 17, 18, 25, 26
"""Lines of the shop's pricing.py."""


async def test_a_click_is_bound_in_the_running_shop_and_brings_hits_and_another_click_ends_it(live: Workbench, remote) -> None:
    await live.click_gutter(TOTAL)
    await live.until_line(TOTAL, r"sending…|bound 1/1|subtotal=\d+")
    text = await live.until_line(TOTAL, r"\d+ hits? · subtotal=\d+")

    assert "sending" not in text
    assert ["debug-breakpoint"] == await live.glyphs(TOTAL)
    (stored,) = remote.breakpoints()
    assert (TOTAL, None, True) == (stored["line_number"], stored.get("condition"), stored["enabled"])

    await live.click_gutter(TOTAL)
    await live.until(lambda: gone(live, TOTAL))
    await live.until(lambda: nothing_stored(remote))


async def test_condition_and_switch_of_vs_codes_own_menus_are_those_of_the_live_breakpoint(live: Workbench, remote) -> None:
    await live.click_gutter(TOTAL)
    await live.until_line(TOTAL, r"hits?")
    (stored,) = remote.breakpoints()

    await live.edit_breakpoint(TOTAL, "shipping == 0")
    await live.until_line(TOTAL, r"before the")
    assert ["debug-breakpoint-conditional"] == await live.glyphs(TOTAL)
    await live.until(lambda: has(remote, id=stored["id"], condition="shipping == 0"))

    await live.choose(TOTAL, "Disable Breakpoint")
    await live.until_line(TOTAL, r"disabled")
    assert ["debug-breakpoint-disabled"] == await live.glyphs(TOTAL)
    await live.until(lambda: has(remote, id=stored["id"], enabled=False))


async def test_a_line_that_no_process_can_watch_says_why_and_where_it_could(live: Workbench) -> None:
    await live.click_gutter(SUBTOTAL)
    await live.edit_breakpoint(SUBTOTAL, "subtotal ==")
    failed = await live.until_line(SUBTOTAL, r"failed: ")

    assert "condition" in failed
    await live.choose(SUBTOTAL, "Why Are There No Hits?")
    await live.page.locator(".tab", has_text="Why no hits: pricing.py:14").wait_for()
    steps = live.page.locator(".editor-instance .view-lines", has_text="The backend answers.")
    await steps.wait_for()
    await live.screenshot("why")


async def test_mine_appear_change_and_vanish_in_the_gutter_wherever_that_was_done(live: Workbench, remote) -> None:
    await live.click_gutter(SHIPPING)
    await live.until_line(SHIPPING, r"hits?")

    elsewhere = remote.add("shop/pricing.py", COSTS, condition="subtotal > 0")
    await live.until_line(COSTS, r"subtotal=\d+")
    assert ["debug-breakpoint-conditional"] == await live.glyphs(COSTS)

    remote.ask("PATCH", f"breakpoints/{elsewhere['id']}", {"condition": None, "log_message": "costs {subtotal}"})
    await live.until_line(COSTS, r"costs \d+")
    assert ["debug-breakpoint-log"] == await live.glyphs(COSTS)

    # A line that moves takes its dot along, and an undo brings both back.
    await live.go_to(COSTS)
    await live.press("Control+Shift+Enter")
    await live.until_line(COSTS + 1, r"return SHIPPING.*costs \d+")
    assert ["debug-breakpoint-log"] == await live.glyphs(COSTS + 1)
    await live.press("Control+z")
    await live.until_line(COSTS, r"return SHIPPING.*costs \d+")

    remote.remove(elsewhere["id"])
    await live.until(lambda: gone(live, COSTS))
    assert [SHIPPING] == [it["line_number"] for it in remote.breakpoints()]

    # A file that was never opened has its dots as soon as it is.
    remote.add("shop/users.py", 12)
    await live.open("shop/users.py", 12)
    await live.until(lambda: has_dot(live, 12))
    assert 2 == len(remote.breakpoints())


async def test_a_window_that_lags_behind_undoes_nothing_of_what_is_done_elsewhere(live: Workbench, remote) -> None:
    async with live.slowed():
        # It is over before the window has drawn that it was set.
        limited = remote.add("shop/pricing.py", TOTAL, hit_limit=1)
        await live.until_line(TOTAL, r"disabled · \d hits?")
        # All that the window had to say is said before what is clicked now.
        await live.click_gutter(SHIPPING)
        await live.until_line(SHIPPING, r"hits?")

    assert ["debug-breakpoint-disabled"] == await live.glyphs(TOTAL)
    stored = {it["line_number"]: it for it in remote.breakpoints()}
    assert {SHIPPING, TOTAL} == stored.keys()
    assert (limited["id"], False) == (stored[TOTAL]["id"], stored[TOTAL]["enabled"])
    assert 1 == len(remote.ask("GET", f"hits?breakpoint_id={limited['id']}")["results"])


async def test_a_teammates_breakpoint_is_shown_and_out_of_reach_of_remove_all(live: Workbench, remote, teammate) -> None:
    theirs = teammate.add("shop/pricing.py", FREE)
    try:
        await live.click_gutter(SHIPPING)
        await live.until_line(SHIPPING, r"hits?")
        text = await live.until_line(FREE, r"grace · .*\d+ hits?")
        assert "subtotal=" not in text
        assert ["bound"] == await live.glyphs(FREE)
        await live.screenshot("teammate")

        await live.run_command("Remove All Breakpoints")
        await live.until(lambda: gone(live, SHIPPING))
        await live.until(lambda: has(remote, id=theirs["id"]))
        await live.until_line(FREE, r"grace · .*\d+ hits?")
    finally:
        teammate.remove(theirs["id"])


async def test_what_was_in_the_gutter_before_is_offered_and_not_sent(live: Workbench, go_live, remote) -> None:
    await live.run_command("LiveBreak: Leave Live Mode")
    await live.click_gutter(SHIPPING)
    await go_live(live)
    await live.click_gutter(COSTS)
    await live.until_line(COSTS, r"hits?")
    assert [COSTS] == [it["line_number"] for it in remote.breakpoints()]

    await live.screenshot("offer")
    await live.notification("arm the breakpoint that is already in the gutter", "Arm")
    await live.until_line(SHIPPING, r"hits?")
    assert {SHIPPING, COSTS} == {it["line_number"] for it in remote.breakpoints()}


async def test_what_is_done_while_the_backend_is_away_is_done_when_it_is_back(live: Workbench, remote, restartable) -> None:
    await live.click_gutter(SHIPPING)
    await live.until_line(SHIPPING, r"hits?")
    restartable.stop()
    try:
        await live.click_gutter(COSTS)
        away = await live.until_line(COSTS, r"offline: ")
        await live.screenshot("offline")
    finally:
        restartable.start()
    assert "Not sent yet" in away
    await live.until_line(COSTS, r"subtotal=\d+", timeout=60)
    await live.click_gutter(SHIPPING)
    await live.until(lambda: gone(live, SHIPPING))
    await live.until(lambda: has(remote, line_number=COSTS))


async def gone(workbench: Workbench, line: int) -> bool:
    return not await workbench.glyphs(line) and "hit" not in await workbench.line_text(line)


async def has_dot(workbench: Workbench, line: int) -> bool:
    return await workbench.glyphs(line) == ["debug-breakpoint"]


async def nothing_stored(remote) -> bool:
    return not remote.breakpoints()


async def has(remote, **fields: object) -> bool:
    """Whether the backend has one breakpoint, and that with these fields: what a line shows may be on its way there."""
    return [fields] == [{name: it.get(name) for name in fields} for it in remote.breakpoints()]


async def test_what_is_removed_while_the_server_ends_is_removed_once_it_runs_again(live: Workbench, remote, servers) -> None:
    await live.click_gutter(TOTAL)
    await live.until_line(TOTAL, r"hits?")
    running = servers()
    assert running

    for pid in running:
        os.kill(pid, signal.SIGKILL)
    await live.click_gutter(TOTAL)

    await live.until(lambda: nothing_stored(remote))
    assert [] == await live.glyphs(TOTAL)


async def test_a_hit_count_is_a_limit_or_the_line_says_that_it_has_no_effect(live: Workbench, remote) -> None:
    await live.click_gutter(TOTAL)
    await live.until_line(TOTAL, r"hits?")

    await live.edit_breakpoint(TOTAL, ">= 5", kind="Hit Count")
    await live.until_line(TOTAL, r"hit count >= 5 has no effect here")
    await live.screenshot("hit-count")
    assert [None] == [it.get("hit_limit") for it in remote.breakpoints()]

    await live.edit_breakpoint(TOTAL, "<= 2", kind="Hit Count")
    await live.until(lambda: has(remote, hit_limit=2))
    await live.until_line(TOTAL, r"^(?!.*no effect)")
