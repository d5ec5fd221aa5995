"""A window of a real VS Code workbench, in a user's words: click the gutter, read a line, run a command. Lines are 1-based, as on
the screen.

A window draws its parts anew whenever it likes, and a key or a click may meet one that is about to go: what is done here is done
until the screen shows that it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from workbench_screen import CURSOR, IS_OPAQUE, ROW, STOPPED, WORD

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

T = TypeVar("T")

ARTIFACTS = Path(__file__).with_name(".artifacts") / "vscode"
"""Screenshots, and of a failure the logs; not in git."""

START_TIMEOUT = 60.0
"""Seconds until the server answers and a window is drawn; generous, since a loaded machine is not a failure."""

TIMEOUT = 30.0
"""Seconds until something that must come is on the screen."""

SOON = 3000
"""Milliseconds after which what was tried is tried again."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Workbench:
    """One window."""

    page: Page
    folder: Path
    """What it is opened on."""
    home: Path
    """The folder of the server and of its extension hosts."""
    console: list[str] = field(default_factory=list)
    """What extensions wrote to theirs."""

    # --- the window

    async def ready(self) -> None:
        """Wait until it is drawn."""
        for part in (".part.editor", ".part.statusbar .statusbar-item", ".part.sidebar .pane-header"):
            await self.page.locator(f".monaco-workbench {part}").first.wait_for(timeout=START_TIMEOUT * 1000)

    def hear(self, text: str) -> None:
        # The workbench runs without its native modules, which it does not need, and says so at length.
        if "[Extension Host]" in text and ".node" not in text:
            self.console.append(text)

    async def reload(self) -> None:
        """As the command does it; a page that is just loaded again loses breakpoints that were set shortly before."""
        async with self.page.expect_navigation(timeout=START_TIMEOUT * 1000):
            await self.run_command("Developer: Reload Window")
        await self.ready()

    @contextlib.asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """The window is left as a user leaves it, and opened again on the same folder."""
        address = self.page.url
        async with self.page.expect_navigation(timeout=START_TIMEOUT * 1000):
            await self.run_command("Workspaces: Close Workspace")
        yield
        await self.page.goto(address, timeout=START_TIMEOUT * 1000)
        await self.ready()

    @property
    def box(self) -> Locator:
        """Where the list or the question at the top is typed into."""
        return self.page.locator(".quick-input-widget input.input")

    def choices(self, text: str | re.Pattern[str]) -> Locator:
        """The rows with a text of the list at the top."""
        return self.page.locator(".quick-input-list .monaco-list-row", has_text=text)

    async def run_command(self, title: str) -> None:
        """By the command palette. A command of an extension is in it once the extension host runs."""
        label = self.page.locator(
            ".quick-input-list .monaco-list-row .label-name", has_text=re.compile(rf"^{re.escape(title)}(\.\.\.)?$")
        )

        async def is_offered() -> bool:
            await self.press("Escape")
            await self.press("F1")
            # A key that is pressed while another part of the window takes the focus opens nothing.
            return await in_time(self.box.fill(f">{title}", timeout=SOON)) and await is_clicked(label.first)

        await self.until(is_offered, wanted=title)

    async def pick(self, text: str, *, typed: str = "") -> None:
        """Choose the row with this text of the list that is open at the top, typing first."""
        await self.choices("").first.wait_for()
        if typed:
            await self.box.fill(typed)
        row = self.choices(text).first
        await row.wait_for()

        async def is_chosen() -> bool:
            if await row.is_visible():
                await in_time(row.click(timeout=SOON))
            return not await row.is_visible()

        await self.until(is_chosen, wanted=text)

    async def enter(self, text: str, *, title: str = "") -> None:
        """Fill the input box at the top, once it is the one with this title, and press Enter."""
        if title:
            await self.page.locator(".quick-input-title:visible", has_text=title).wait_for()
        await self.box.fill(text)
        await self.box.press("Enter")

    async def answer(self, button: str, *, timeout: float = TIMEOUT) -> str:
        """Press the button of the modal question whose text begins so; answers the question's text."""
        dialog = self.page.locator(".monaco-dialog-box")
        await dialog.wait_for(timeout=timeout * 1000)
        text = " ".join(await dialog.locator(".dialog-message-text, .dialog-message-detail").all_inner_texts())
        # The next question may be there as soon as this one is gone.
        this = await dialog.element_handle()
        pressed = dialog.get_by_role("button", name=re.compile(f"^{re.escape(button)}")).first

        async def is_gone() -> bool:
            if await this.is_visible():
                await in_time(pressed.click(timeout=SOON))
            return not await this.is_visible()

        await self.until(is_gone, wanted=button)
        return plain(text)

    def told(self, pattern: str) -> Locator:
        """The notifications with a text that are in sight."""
        return self.page.locator(".notification-list-item:visible", has_text=re.compile(pattern))

    async def notification(self, pattern: str, button: str | None = None) -> str:
        """Wait for a notification with a text, and press one of its buttons."""
        row = self.told(pattern).first
        if not await in_time(row.wait_for(timeout=TIMEOUT * 1000 / 2)):
            # One that nobody answers leaves the screen after some seconds, and is among the others from then on.
            await self.run_command("Notifications: Show Notifications")
            await row.wait_for()
        text = plain(await row.locator(".notification-list-item-message").inner_text())

        async def is_pressed() -> bool:
            # Those above move as one comes or goes.
            return await is_clicked(row.get_by_role("button", name=button, exact=True)) or not await row.count()

        if button is not None:
            await self.until(is_pressed, wanted=f"{button} of {pattern}")
        return text

    async def notifications(self) -> list[str]:
        return [
            plain(it) for it in await self.page.locator(".notification-toast .notification-list-item-message").all_inner_texts()
        ]

    async def status_bar(self) -> str:
        return plain(await self.page.locator(".part.statusbar").inner_text())

    async def until_status_bar(self, pattern: str) -> str:
        """Wait until it shows a pattern (a regular expression); its text."""

        async def shows() -> str | None:
            text = await self.status_bar()
            return text if re.search(pattern, text) else None

        return await self.until(shows, what=self.status_bar, wanted=pattern)

    async def rows(self, view: str) -> list[str]:
        """The rows of a view, by the title of its pane."""
        pane = self.page.locator(".pane", has=self.page.locator(f'.pane-header[aria-label^="{view}"]'))
        return [plain(it) for it in await pane.locator(".monaco-list-row").all_inner_texts()]

    async def screenshot(self, name: str) -> Path:
        """The whole window into `tests/.artifacts/vscode/NAME.png`."""
        file = ARTIFACTS / f"{name}.png"
        await self.page.screenshot(path=file)
        return file

    # --- the editor

    @property
    def editor(self) -> Locator:
        return self.page.locator(".editor-group-container.active .editor-instance .monaco-editor").first

    async def open(self, file: str, line: int = 1) -> None:
        """By quick open; `file` relative to the folder."""
        name = Path(file).name
        tab = self.page.locator(f'.tab.active[data-resource-name="{name}"]')

        async def is_open() -> bool:
            if await tab.count():
                return True
            await self.press("Escape")
            await self.press("Control+p")
            if await in_time(self.box.fill(file, timeout=SOON)):
                await in_time(self.choices(name).first.click(timeout=SOON))
            return await in_time(tab.wait_for(timeout=SOON))

        await self.until(is_open, wanted=file)
        await self.editor.locator(".view-lines .view-line").first.wait_for()
        await self.go_to(line)

    async def go_to(self, line: int, column: int = 1) -> None:
        """The cursor to a line, which is then in sight."""

        async def is_there() -> bool:
            active = self.editor.locator(".active-line-number")
            # A key that comes before the editor has the focus again goes nowhere.
            has_focus = await self.page.locator(".editor-group-container.active .monaco-editor.focused").count()
            return bool(has_focus and await self._row(line)) and [str(line)] == await active.all_inner_texts()

        async def has_gone() -> bool:
            await self.press("Control+g")
            if await in_time(self.box.fill(f":{line}:{column}", timeout=SOON)):
                await in_time(self.box.press("Enter", timeout=SOON))
            return await self.soon(is_there)

        await self.until(has_gone, wanted=f"line {line}")

    async def stopped_at(self) -> int | None:
        """The line that a debug session has stopped at, if one has and it is in sight."""
        return await self.page.evaluate(STOPPED)

    async def line_text(self, line: int) -> str:
        """All that stands on a line: code, and what is drawn behind it."""
        row = await self._row(line)
        return plain(row["text"]) if row else ""

    async def until_line(self, line: int, pattern: str, timeout: float = TIMEOUT) -> str:
        """Wait until a line shows a pattern (a regular expression); the line's text."""

        async def shows() -> str | None:
            text = await self.line_text(line)
            return text if re.search(pattern, text) else None

        return await self.until(shows, timeout=timeout, what=lambda: self.line_text(line), wanted=f"line {line}: {pattern}")

    async def glyphs(self, line: int) -> list[str]:
        """What is drawn in the gutter: `debug-breakpoint`, ... for VS Code's own, the file's name for an icon of an extension."""
        row = await self._row(line)
        return row["glyphs"] if row else []

    async def bar(self, line: int) -> str | None:
        """The colour of the bar before a line, if it has one."""
        row = await self._row(line)
        return row["bar"] if row else None

    async def click_gutter(self, line: int, *, button: str = "left") -> None:
        """Where breakpoints are."""
        row = await self.until(lambda: self._row(line))
        await self.page.mouse.move(row["gutter"], row["y"])
        await self.page.mouse.click(row["gutter"], row["y"], button=button)  # type: ignore[arg-type]

    async def menu(self, line: int | None = None) -> list[str]:
        """The entries of the menu of a line's number (by default the cursor's), which stays open."""
        entries = self.page.locator(".monaco-menu .action-label:not(.separator)")

        async def is_open() -> bool:
            row = await self._row(line or CURSOR)
            if row:
                await self.page.mouse.click(row["number"], row["y"], button="right")
            return await in_time(entries.first.wait_for(timeout=SOON))

        await self.until(is_open, wanted=f"the menu of line {line}")
        return [plain(it) for it in await entries.all_inner_texts() if it.strip()]

    async def choose(self, line: int, entry: str) -> None:
        """An entry of the menu of a line's number."""

        async def is_chosen() -> bool:
            await self.menu(line)
            return await self.choose_in_menu(entry)

        await self.until(is_chosen, wanted=entry)

    async def choose_in_menu(self, entry: str) -> bool:
        """An entry of the menu that is open or about to open, which is gone then; False if it went away by itself."""
        item = self.page.locator(".monaco-menu .action-item", has_text=re.compile(f"^{re.escape(entry)}$"))
        was_clicked = False
        if not await in_time(item.wait_for(timeout=SOON)):
            return False

        async def is_done() -> bool:
            # VS Code does not hear a click on a menu that it opened less than a tenth of a second ago.
            nonlocal was_clicked
            if await item.count():
                was_clicked = await in_time(item.click(timeout=1000)) or was_clicked
            return not await item.count()

        await self.until(is_done, wanted=entry)
        return was_clicked

    async def edit_breakpoint(self, line: int, text: str, *, kind: str | None = None) -> None:
        """By VS Code's own widget, as its own menus open it; `kind` is what its list has, such as `Hit Count`."""
        await self.choose(line, "Edit Breakpoint...")
        widget = self.page.locator(".breakpoint-widget")
        await widget.locator(".monaco-editor.focused").wait_for()
        if kind is not None:
            await widget.locator("select").first.select_option(label=kind)
        field = widget.locator(".monaco-editor .view-lines")

        async def holds_it() -> bool:
            # The field takes the focus before it takes keys, so that it is read what came of them.
            await in_time(field.click(timeout=SOON))
            await self.press("Control+a")
            await self.type(text)
            return await self.soon(says)

        async def says() -> bool:
            return plain(await field.inner_text()) == text

        async def is_closed() -> bool:
            await self.press("Enter")
            return await in_time(widget.wait_for(state="detached", timeout=SOON))

        await self.until(holds_it, wanted=text)
        await self.until(is_closed, wanted="the condition taken")

    async def hover(self, line: int, word: str, pattern: str = "") -> str:
        """Rest the mouse on a word of a line until what pops up shows a pattern; its text."""
        content = self.page.locator(".monaco-hover:visible .monaco-hover-content").first

        async def is_drawn() -> str | None:
            # It fades in.
            text = plain(await content.inner_text()) if await content.count() else ""
            return text if re.search(pattern, text) and await self.page.evaluate(IS_OPAQUE) else None

        async def pops_up() -> str | None:
            where = await self.page.evaluate(WORD, [line, word])
            if where is None:
                return None
            await self.page.mouse.move(where["x"] - 2, where["y"])
            await self.page.mouse.move(where["x"], where["y"], steps=4)
            if found := await self.soon(is_drawn):
                return found
            # A line that is drawn anew takes it away.
            await self.page.mouse.move(where["x"], where["y"] + 200)
            return None

        return await self.until(pops_up, wanted=f"what pops up at {word}")

    @contextlib.asynccontextmanager
    async def slowed(self) -> AsyncIterator[None]:
        """The window lags behind its extensions, as one does that reaches them through a network."""
        devtools = await self.page.context.new_cdp_session(self.page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 8})
        try:
            yield
        finally:
            await devtools.detach()

    async def type(self, text: str) -> None:
        """Where the cursor is."""
        await self.page.keyboard.type(text)

    async def click(self, part: Locator) -> None:
        """Until it has heard of it."""
        await self.until(lambda: is_clicked(part), wanted=f"a click on {part}")

    async def press(self, keys: str) -> None:
        await self.page.keyboard.press(keys)

    async def until(
        self,
        condition: Callable[[], Awaitable[T | None]],
        *,
        timeout: float = TIMEOUT,
        what: Callable[[], Awaitable[object]] | None = None,
        wanted: str = "",
    ) -> T:
        """Ask until the screen gives something; a failure says what was there instead."""
        end = asyncio.get_running_loop().time() + timeout
        while not (result := await condition()):
            if asyncio.get_running_loop().time() > end:
                seen = await what() if what else await self.notifications()
                raise AssertionError(f"It did not come within {timeout:g} s: {wanted}. There is {seen!r}")
            await asyncio.sleep(0.05)
        return result

    async def soon(self, condition: Callable[[], Awaitable[T | None]]) -> T | None:
        """What the screen gives before it is worth trying again."""
        with contextlib.suppress(AssertionError):
            return await self.until(condition, timeout=SOON / 1000)
        return None

    async def _row(self, line: int | str) -> dict[str, Any] | None:
        """A line that is in sight: its text, its glyphs, and where to click."""
        return await self.page.evaluate(ROW, line)


async def in_time(action: Awaitable[object]) -> bool:
    """Whether what was tried succeeded before its timeout."""
    try:
        await action
    except Exception as error:  # Playwright, which has its own class for it, is imported where it is there.
        if type(error).__name__ != "TimeoutError":
            raise
        return False
    return True


async def is_clicked(part: Locator, timeout: float = SOON) -> bool:
    """Whether a click was heard by what it was meant for: of a part that is drawn anew between its two halves none is."""
    from playwright.async_api import Error as PlaywrightError

    with contextlib.suppress(PlaywrightError):
        element = await part.element_handle(timeout=timeout)
        await element.evaluate("it => it.addEventListener('click', () => { it.isHeard = true }, { capture: true })")
        await element.click(timeout=timeout)
        with contextlib.suppress(PlaywrightError):
            return bool(await element.evaluate("it => it.isHeard === true"))
        # The click has taken the whole page away.
        return True
    return False


def plain(text: str) -> str:
    """VS Code draws spaces that do not break."""
    return text.replace("\u00a0", " ").replace("\u200b", "").strip()
