"""Hits on the screen: the LiveBreak view, what stands in front of the mouse, the problems, and the debug view."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench import Workbench, plain
from workbench_view import HitsView

if TYPE_CHECKING:
    from playwright.async_api import Locator

TOTAL_LINE = "total = subtotal - loyalty - coupon + shipping"


def line_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if line.strip() == text)


async def debug_rows(workbench: Workbench, part: str) -> list[str]:
    return [plain(it) for it in await workbench.page.locator(f".debug-{part} .monaco-list-row").all_inner_texts()]


@pytest.fixture
def total_line(window: Workbench) -> int:
    return line_of(window.folder / "shop" / "pricing.py", TOTAL_LINE)


async def test_the_view_leads_from_a_breakpoint_to_the_values_and_stays_where_somebody_reads(
    workbench: Workbench, view: HitsView, remote, total_line: int
) -> None:
    await view.says("No live breakpoints yet.")
    await workbench.run_command("View: Show Explorer")
    remote.add("shop/pricing.py", total_line, condition="coupon > 0")
    await view.icon.locator(".badge-content").wait_for()
    await view.open()
    await view.icon.locator(".badge-content").wait_for(state="hidden")
    await view.until_row(r"hits? · if coupon > 0 · \S+ 1/1")

    assert re.fullmatch(rf"Line {total_line}\d+ hits? · if coupon > 0 · \S+ 1/1", await view.until_row("hits? · if coupon > 0"))
    await view.unfold(f"^Line {total_line}")
    hit = await view.until_row(r"^\d\d:\d\d:\d\d  coupon=")
    await view.unfold(r"^\d\d:\d\d:\d\d  coupon=")
    await view.until_row(r"^coupon = [1-9]\d*int$")
    await view.unfold(r"^cart = Cart\(")
    await view.until_row(r"^user = User\(")
    await view.until_row(r"^Show \d+ newer")
    await view.choose(f"^Line {total_line}", "Open the Line")
    await workbench.until_line(total_line, r"hits?")
    # No tooltip of a row is to be in the picture.
    await workbench.page.mouse.move(900, 700)
    await workbench.page.locator(".workbench-hover-container").wait_for(state="hidden")
    await workbench.screenshot("view")

    rows = await view.rows()
    assert ["pricing.pyshop", hit] == [rows[0], rows[3]]
    assert f"quoteshop/pricing.py:{total_line}" in rows


async def test_a_filter_leaves_only_the_hits_that_it_is_true_for(
    workbench: Workbench, view: HitsView, remote, total_line: int
) -> None:
    remote.add("shop/pricing.py", total_line)
    remote.add("shop/orders.py", 33)
    await view.until_row(r"^orders.py")
    await view.until_row(r"^Line \d+\d+ hits")

    await workbench.run_command("LiveBreak: Filter Hits...")
    box = workbench.page.locator(".quick-input-widget input.input")
    await box.fill("shipping >")
    await workbench.page.locator(".quick-input-message", has_text="not a Python expression").wait_for()
    await box.fill("shipping == 390 and service == 'web'")
    await box.press("Enter")
    await view.says("Only hits where shipping == 390")
    await view.unfold("^Line")
    await view.until_row(r"shipping=390")
    await workbench.screenshot("filter")
    filtered = await view.rows()
    await workbench.run_command("LiveBreak: Show All Hits")
    await view.until_row(r"^orders.py")

    assert ["pricing.pyshop"] == [row for row in filtered if ".py" in row]
    assert [] == [row for row in filtered if "shipping=0" in row]


async def test_a_hit_is_compared_with_the_one_before_and_debugged_with_its_stack(
    workbench: Workbench, view: HitsView, remote, total_line: int
) -> None:
    added = remote.add("shop/pricing.py", total_line, hit_limit=3)
    await view.until_row("^Line .*3 hits · disabled")
    await view.unfold("^Line")
    await view.until_row("subtotal=")
    hits = [row for row in await view.rows() if "subtotal=" in row]
    stored = [hit["variables"] for hit in remote.ask("GET", f"hits?breakpoint_id={added['id']}")["results"]]
    assert (3, 3) == (len(hits), len({str(variables["now"]) for variables in stored}))

    await view.press(re.escape(hits[1]), "Compare with Previous Hit")
    await workbench.page.locator(".monaco-diff-editor .view-line", has_text=re.compile(r"now.=")).first.wait_for()
    await workbench.screenshot("compare")

    await view.press(re.escape(hits[1]), "Open in Debugger")
    await workbench.page.locator(".debug-toolbar").wait_for()

    async def stopped_at(newer: str, unlike: Sequence[str] = ()) -> list[str] | None:
        stack = await workbench.page.locator(".pane", has_text="Call Stack").first.inner_text()
        values = await debug_rows(workbench, "variables")
        is_there = newer in plain(stack) and any(row.startswith("now") for row in values)
        return values if is_there and values != unlike else None

    middle = await workbench.until(lambda: stopped_at("1 newer"), what=lambda: debug_rows(workbench, "variables"))
    frames = await debug_rows(workbench, "call-stack")
    await workbench.screenshot("debug")
    await workbench.click(workbench.page.locator('.debug-toolbar a[aria-label^="Step Back"]'))
    await workbench.until(lambda: stopped_at("2 newer", unlike=middle), what=lambda: debug_rows(workbench, "variables"))
    await workbench.click(workbench.page.locator('.debug-toolbar a[aria-label^="Disconnect"]'))

    assert re.match(r"quote\s*pricing.py", frames[0])


async def test_the_mouse_shows_values_first_and_the_problems_have_the_stack(
    workbench: Workbench, remote, total_line: int, checkout: Path
) -> None:
    remote.add("shop/pricing.py", total_line, hit_limit=1)
    await workbench.open("shop/pricing.py", total_line)
    await workbench.until_line(total_line, r"1 hit")

    said = await workbench.hover(total_line, "subtotal", "LiveBreak subtotal")
    await workbench.screenshot("hover")
    await workbench.page.mouse.move(900, 700)
    await workbench.run_command("View: Toggle Problems")
    problem = workbench.page.locator(".markers-panel .monaco-list-row", has_text="1 hit")
    await workbench.click(problem)
    await workbench.press("ArrowRight")
    await workbench.screenshot("problems")
    caller = workbench.page.locator(".markers-panel .monaco-list-row", has_text=re.compile("^(api|orders).py"))
    await workbench.click(caller.first)
    await workbench.page.locator(".tab.active", has_text=re.compile("(api|orders).py")).wait_for()

    assert re.match(r"LiveBreak subtotal · captured", said)


async def test_a_teammates_breakpoint_is_removed_only_after_a_question_that_names_them(
    workbench: Workbench, view: HitsView, teammate, total_line: int
) -> None:
    theirs = teammate.add("shop/pricing.py", total_line, condition="total is None")
    await view.until_row("grace's$")

    await view.press("^Line", "Follow")
    await view.until_row("grace's, followed$")
    await view.choose("^Line", "Remove")
    question = await workbench.answer("Cancel")
    kept = [it["id"] for it in teammate.breakpoints()]
    await view.choose("^Line", "Remove")
    await workbench.answer("Remove grace's Breakpoint")
    await view.says("No live breakpoints yet.")

    assert f"Remove grace's live breakpoint at pricing.py:{total_line}?" in question
    assert theirs["id"] in kept
    await workbench.until(lambda: is_empty(teammate))


async def test_new_hits_are_told_where_somebody_wants_it_until_they_mute_them(
    workbench: Workbench, user_settings, remote, total_line: int
) -> None:
    user_settings({"livebreak.hits.notify": "message", "livebreak.hits.notifyEvery": 1})
    await workbench.run_command("View: Show Explorer")
    await workbench.open("shop/pricing.py", total_line)
    remote.add("shop/pricing.py", total_line, condition="coupon > 0")

    await workbench.notification(r"hits? at pricing.py", "Mute")
    view = HitsView(workbench)
    await view.open()
    await view.until_row("muted$")

    await view.press("^Line", "Remove")
    await view.says("No live breakpoints yet.")
    await workbench.until(lambda: is_empty(remote))


async def test_behind_a_line_there_is_one_text_whichever_draws_it(
    workbench: Workbench, user_settings, remote, total_line: int
) -> None:
    user_settings({"livebreak.surfaces.lineEnd": "inlayHint", "livebreak.surfaces.codeLens": True})
    remote.add("shop/pricing.py", total_line, hit_limit=1)
    await workbench.open("shop/pricing.py", total_line)

    shown = await workbench.until_line(total_line, r"1 hit")
    lens = workbench.page.locator(".codelens-decoration a", has_text="1 hit")
    await lens.wait_for()
    await workbench.screenshot("surfaces")
    await workbench.click(lens)
    await workbench.page.locator(".debug-toolbar").wait_for()

    assert 1 == shown.count("1 hit")


async def test_a_captured_value_becomes_a_condition_and_a_filter_and_a_hit_a_file(
    workbench: Workbench, view: HitsView, remote, total_line: int, tmp_path: Path
) -> None:
    await workbench.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    remote.add("shop/pricing.py", total_line, condition="coupon > 0", hit_limit=2)
    await view.until_row("^Line .*2 hits")
    await view.unfold("^Line")
    await view.unfold(r"^\d\d:\d\d:\d\d  ")
    coupon = re.fullmatch(r"coupon = (\d+)int", await view.until_row("^coupon = "))
    assert coupon is not None

    await workbench.page.evaluate("navigator.clipboard.writeText('')")
    await view.choose(r"^\d\d:\d\d:\d\d  ", "Copy as JSON")
    copied = await workbench.until(lambda: workbench.page.evaluate("navigator.clipboard.readText()"))
    await view.choose(r"^\d\d:\d\d:\d\d  ", "Export...")
    box = workbench.page.locator(".quick-input-widget input.input")
    await workbench.until(lambda: is_offered(box, f"pricing.py-{total_line}-"))
    await box.fill(str(tmp_path / "hit.json"))
    await workbench.click(workbench.page.locator(".quick-input-widget .monaco-button", has_text="OK"))
    await workbench.notification(r"exported to hit.json")
    await view.choose("^coupon = ", "Break Only When It Has This Value")
    await workbench.until(lambda: has_condition(remote, f"(coupon > 0) and (coupon == {coupon[1]})"))
    # The icons of a row are behind the menu until it has gone.
    await workbench.page.locator(".monaco-menu").wait_for(state="detached")
    await view.press("^coupon = ", "Find Hits with This Value")
    await view.says(f"Only hits where coupon == {coupon[1]}")
    await workbench.run_command("LiveBreak: Show All Hits")

    exported = tmp_path / "hit.json"
    assert json.loads(copied)["hit"] == json.loads(exported.read_text())["hit"]
    assert 0o600 == stat.S_IMODE(exported.stat().st_mode)


async def is_empty(remote) -> bool:
    return not remote.breakpoints()


async def has_condition(remote, condition: str) -> bool:
    return [condition] == [it["condition"] for it in remote.breakpoints()]


async def is_offered(box: Locator, name: str) -> bool:
    """True once a dialog of files offers a name."""
    return await box.is_visible() and name in await box.input_value()
