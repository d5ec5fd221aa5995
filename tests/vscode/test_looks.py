"""What the gutter looks like in each kind of theme; the screenshots are for people to look at, and for the extension's README."""

from __future__ import annotations

import pytest

from workbench import Workbench

THEMES = {
    "Default Dark Modern": "vs-dark",
    "Default Light Modern": "vs",
    "Default High Contrast": "hc-black",
    "Default High Contrast Light": "hc-light",
}
WIDTHS = 1280, 1000


@pytest.mark.parametrize("theme", THEMES)
async def test_live_lines_differ_from_local_ones_in_every_theme(
    live: Workbench, user_settings, remote, teammate, theme: str
) -> None:
    teammate.add("shop/pricing.py", 25)
    teammate.add("shop/pricing.py", 16, condition="nope(")
    user_settings({"workbench.colorTheme": theme})
    await live.page.locator(f".monaco-workbench.{THEMES[theme]}").wait_for()
    size = live.page.viewport_size
    try:
        await live.click_gutter(18)
        await live.click_gutter(26)
        await live.choose(15, "Add Local Breakpoint")
        await live.until_line(18, r"hits?")
        await live.until_line(25, "grace")
        await live.until_line(16, "grace · failed")
        await live.press("Escape")
        for width in WIDTHS:
            await live.page.set_viewport_size({"width": width, "height": 800})
            await live.until_line(18, r"hits?")
            await live.screenshot(f"{theme.replace(' ', '-').lower()}-{width}")
        colors = {line: await live.bar(line) for line in (15, 18)}
    finally:
        await live.page.set_viewport_size(size)
    assert colors[15] is None
    assert colors[18] is not None
