"""The LiveBreak view of a window, in a user's words."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from workbench import SOON, Workbench, in_time, is_clicked, plain

if TYPE_CHECKING:
    from playwright.async_api import Locator


class HitsView:
    """Its rows are drawn anew while hits come in: one is looked for until what was meant for it has happened."""

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        self.pane = workbench.page.locator(".pane", has=workbench.page.locator('.pane-header[aria-label^="Hits"]'))

    @property
    def icon(self) -> Locator:
        return self.workbench.page.locator('.activitybar .action-item:has(a[aria-label^="LiveBreak"])')

    async def open(self) -> None:
        async def is_open() -> bool:
            # A click while it is open would close it.
            if not await self.pane.is_visible():
                # A number may be drawn over the icon.
                await in_time(self.icon.locator("a").click(force=True, timeout=SOON))
            return await in_time(self.pane.wait_for(timeout=SOON))

        await self.workbench.until(is_open, wanted="the LiveBreak view")

    def row(self, text: str) -> Locator:
        return self.pane.locator(".monaco-list-row", has_text=re.compile(text)).first

    async def rows(self) -> list[str]:
        return [plain(it) for it in await self.pane.locator(".monaco-list-row").all_inner_texts()]

    async def until_row(self, pattern: str) -> str:
        """The first row with a text, once it is there."""

        async def found() -> str | None:
            return next((row for row in await self.rows() if re.search(pattern, row)), None)

        return await self.workbench.until(found, what=self.rows, wanted=pattern)

    async def says(self, text: str) -> None:
        """Wait until it shows a text beside its rows."""

        async def is_said() -> bool:
            return text in plain(await self.pane.inner_text()) if await self.pane.count() else False

        await self.workbench.until(is_said, what=self.pane.all_inner_texts, wanted=text)

    async def unfold(self, pattern: str) -> None:
        from playwright.async_api import Error as PlaywrightError

        async def is_unfolded() -> bool:
            row = self.row(pattern)
            with contextlib.suppress(PlaywrightError):
                if await row.get_attribute("aria-expanded", timeout=1000) != "true":
                    await row.locator(".monaco-tl-twistie").click(timeout=1000)
                return await row.get_attribute("aria-expanded", timeout=1000) == "true"
            return False

        await self.workbench.until(is_unfolded, what=self.rows, wanted=pattern)

    async def press(self, pattern: str, action: str) -> None:
        """One of the icons that a row has under the mouse."""

        async def is_pressed() -> bool:
            row = self.row(pattern)
            icon = row.locator(f'a[aria-label^="{action}"]')
            if not await in_time(row.hover(timeout=1000)) or not await is_clicked(icon, 1000):
                return False
            refusal = self.workbench.told("just drawn anew")
            if not await in_time(refusal.first.wait_for(timeout=300)):
                return True
            await self.workbench.run_command("Notifications: Clear All Notifications")
            return False

        await self.workbench.until(is_pressed, what=self.rows, wanted=f"{action} on {pattern}")

    async def select(self, *patterns: str) -> None:
        """Rows, as with Ctrl held."""
        from playwright.async_api import Error as PlaywrightError

        async def are_selected() -> bool:
            with contextlib.suppress(PlaywrightError):
                for number, pattern in enumerate(patterns):
                    modifiers = ["Control"] if number else []
                    await self.row(pattern).click(modifiers=modifiers, timeout=1000)  # type: ignore[arg-type]
            selected = await self.pane.locator(".monaco-list-row.selected").all_inner_texts()
            return len(selected) == len(patterns)

        await self.workbench.until(are_selected, what=self.rows, wanted=f"selected {patterns}")

    async def choose(self, pattern: str, entry: str) -> None:
        """An entry of a row's menu."""
        entries = self.workbench.page.locator(".monaco-menu .action-label:not(.separator)")

        async def is_chosen() -> bool:
            if not await in_time(self.row(pattern).click(button="right", timeout=SOON)):
                return False
            return await in_time(entries.first.wait_for(timeout=SOON)) and await self.workbench.choose_in_menu(entry)

        await self.workbench.until(is_chosen, what=self.rows, wanted=f"{entry} on {pattern}")
