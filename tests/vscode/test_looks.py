"""What the gutter looks like in each kind of theme; the screenshots are for people to look at, and for the extension's README."""

from __future__ import annotations

import pytest

from workbench import Workbench


@pytest.mark.parametrize("theme", ["Default Light Modern", "Default High Contrast", "Default High Contrast Light"])
async def test_live_lines_differ_from_local_ones_in_every_theme(live: Workbench, remote, teammate, theme: str) -> None:
    theirs = [teammate.add("shop/pricing.py", 25), teammate.add("shop/pricing.py", 16, condition="nope(")]
    try:
        await live.run_command("Preferences: Color Theme")
        await live.pick(theme.removeprefix("Default "), typed=theme.removeprefix("Default "))
        await live.click_gutter(18)
        await live.click_gutter(26)
        await live.choose(15, "Add Local Breakpoint")
        await live.until_line(18, r"hits?")
        await live.until_line(25, "grace")
        await live.until_line(16, "grace · failed")
        await live.press("Escape")
        await live.screenshot(theme.replace(" ", "-").lower())
        colors = {line: await live.bar(line) for line in (15, 18)}
    finally:
        for one in theirs:
            teammate.remove(one["id"])
    assert colors[15] is None
    assert colors[18] is not None
