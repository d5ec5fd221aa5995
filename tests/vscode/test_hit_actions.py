"""What is done with hits beyond looking at them: two of them compared, and a link that opens one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from workbench_view import HitsView

TOTAL = 18
"""A line of the shop's pricing.py."""

VALUES = r"^\d\d:\d\d:\d\d  "


@pytest.fixture
async def three_hits(view: HitsView, remote: Any) -> HitsView:
    """The view with three hits of one breakpoint, and no more to come."""
    remote.add("shop/pricing.py", TOTAL, hit_limit=3)
    await view.until_row("^Line .*3 hits")
    await view.unfold("^Line")
    await view.until_row(VALUES)
    return view


async def test_two_selected_hits_are_compared_the_older_one_first(three_hits: HitsView) -> None:
    view = three_hits
    hits = [re.escape(row) for row in await view.rows() if re.match(VALUES, row)]
    page = view.workbench.page

    await view.select(hits[0], hits[2])
    await view.choose(hits[2], "Compare Selected Hits")
    await page.locator(".monaco-diff-editor .view-line", has_text=re.compile(r"now.=")).first.wait_for()
    title = await page.locator(".tab.active").inner_text()
    # While two rows are selected VS Code offers what can be done with two alone.
    await view.select(hits[0])

    times = re.findall(r"\d\d:\d\d:\d\d", title)
    assert (3, 2) == (len(hits), len(times))
    assert sorted(times) == times


async def test_a_copied_link_opens_its_hit(three_hits: HitsView) -> None:
    view = three_hits
    window = view.workbench
    await window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await window.page.evaluate("navigator.clipboard.writeText('')")
    await view.select(VALUES)
    await view.choose(VALUES, "Copy Link for VS Code")
    link = await window.until(lambda: window.page.evaluate("navigator.clipboard.readText()"), wanted="a link")

    await window.open("shop/users.py")
    await window.run_command("Developer: Open URL")
    await window.enter(link)
    await window.answer("Open")
    await window.page.locator('.tab.active[data-resource-name="pricing.py"]').wait_for()
    await window.until(window.stopped_at)

    assert re.fullmatch(r"code-oss://livebreak.livebreak/hit/[\w-]+\?host=http\S+", link)
    assert TOTAL == await window.stopped_at()
