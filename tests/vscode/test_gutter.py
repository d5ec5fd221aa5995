"""A click in the gutter, and production answers."""

from __future__ import annotations

from pathlib import Path

from workbench import Workbench

TOTAL_LINE = "total = subtotal - loyalty - coupon + shipping"


def line_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if line.strip() == text)


async def test_a_click_in_the_gutter_is_bound_in_the_running_shop_and_brings_a_hit(workbench: Workbench, checkout: Path) -> None:
    line = line_of(checkout / "shop" / "pricing.py", TOTAL_LINE)
    await workbench.open("shop/pricing.py", line)
    await workbench.run_command("LiveBreak: Go Live with the Breakpoints in the Gutter")
    await workbench.answer("Go Live")

    await workbench.click_gutter(line)
    text = await workbench.until_line(line, r"subtotal=\d+")
    await workbench.screenshot("hit")

    assert ["debug-breakpoint"] == await workbench.glyphs(line)
    assert "shipping=" in text
