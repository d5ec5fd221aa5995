"""VS Code itself: the extension's start, a click in the gutter to *bound*, and a keystroke beside many live breakpoints."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from tests.bench.rows import Broken, Goal, Row, Skipped, distribution
from tests.bench.run import Run, agent_path, new_breakpoint

import workbench_server
from workbench import TIMEOUT, Workbench

STARTS = 6, 1
"""Windows that are opened anew."""
CLICKS = 30, 2
KEYS = 300, 20
"""Keystrokes of one series."""
BREAKPOINTS = 200, 10
PAUSE = 0.7
"""Seconds between two clicks: what is pushed for one file is spread out to two times a second."""
MODULE = (
    "def work(number):\n" + "".join(f"    step_{number} = number + {number}\n" for number in range(250)) + "    return number\n"
)
APP = "import jobs, time\nprint('ready', flush=True)\ntime.sleep(3600)\n"
LINE = 10
"""1-based, and in sight when the file is opened."""

WATCH = """(line) => {
  const editor = document.querySelector('.editor-group-container.active .editor-instance .monaco-editor');
  const numbers = [...editor.querySelectorAll('.margin-view-overlays .line-numbers')];
  const number = numbers.find((it) => it.textContent.trim() === String(line));
  const at = number.getBoundingClientRect();
  const said = () => [...editor.querySelectorAll('.view-lines > .view-line')]
    .filter((it) => Math.abs(it.getBoundingClientRect().top - at.top) < 4)
    .flatMap((it) => [...it.querySelectorAll('span span')].map((span) => getComputedStyle(span, '::after').content)).join(' ');
  window.bench = new Promise((resolve) => document.addEventListener('mousedown', () => {
    const clicked = performance.now();
    const look = () => {
      if (said().includes('bound 1/1')) resolve((performance.now() - clicked) / 1000);
      else requestAnimationFrame(look);
    };
    look();
  }, { once: true, capture: true }));
}"""
"""Measures in the page itself, by what is drawn."""


async def measure(run: Run) -> list[Row]:
    if not workbench_server.is_here():
        raise Skipped("there is no VS Code here; `make editors VSCODE=1` fetches it")
    served = run.backend()
    checkout = run.checkout({"jobs.py": MODULE, "app.py": APP})
    app = run.start(
        [sys.executable, "-m", "livebreak_agent", "app.py"], folder=checkout,
        environment=served.project.for_app | {"PYTHONPATH": agent_path(checkout)},
    )  # fmt: skip
    app.printed("ready")
    home = run.folder / "workbench"
    await asyncio.to_thread(home.mkdir)
    extension = await asyncio.to_thread(workbench_server.built_extension, run.folder / "extension")
    machine = {"livebreak.path": str(Path(sys.executable).with_name("livebreak"))}
    environment = run.environment | served.project.for_editor
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            workbench_server.workbench_server(home, extensions=[extension], environment=environment, machine=machine)
        )
        window = await stack.enter_async_context(server.window(checkout))
        activations = [await _activate(window) for _ in range(run.count(*STARTS))]
        await window.open("jobs.py", LINE)
        await _go_live(window)
        clicks = [await _click(window) for _ in range(run.count(*CLICKS) + 1)][1:]
        alone = await _type(window, home, run.count(*KEYS))
        api = served.api()
        for number in range(run.count(*BREAKPOINTS)):
            await asyncio.to_thread(api.ask, "POST", "/livebreak/breakpoints", new_breakpoint("jobs.py", number + 2))
        await window.until_line(LINE, "bound 1/1", timeout=120)
        beside = await _type(window, home, run.count(*KEYS))
    return [
        distribution(
            "vscode: activation", activations, shares=(0.5, 1.0),
            how="time of the extension host for loading and activating it with a window's first Python file, as VS Code shows "
            f"it among its running extensions; {len(activations)} windows", goal=Goal(figure="p100", at_most=100),
        ),
        distribution(
            "vscode: click in the gutter to shown as bound", clicks,
            how=f"{len(clicks)} clicks in headless Chromium, by what the page draws", goal=Goal(figure="p95", at_most=400),
        ),
        Row(
            name="vscode: keystroke beside live breakpoints", unit="ms",
            figures={"more": beside - alone, "whole": beside, "without": alone},
            how="processor time of the extension host for a keystroke: `more` is what "
            f"{run.count(*BREAKPOINTS)} live breakpoints in the file add, and has the goal; `whole` is all that VS Code and its "
            "extensions take, and may be above that, as it may be `without` any live breakpoint",
            goal=Goal(figure="more", at_most=2), count=run.count(*KEYS),
        ),
    ]  # fmt: skip


async def _go_live(window: Workbench) -> None:
    async def shows(text: str) -> bool:
        return text in await window.status_bar()

    await window.until(lambda: shows("bench"))
    await window.run_command("LiveBreak: Go Live")
    await window.answer("Go Live")
    await window.until(lambda: shows("LIVE"))


async def _activate(window: Workbench) -> float:
    """Seconds of the extension host that the extension took, in a window that is loaded anew."""
    await window.reload()
    await window.open("jobs.py", LINE)
    await window.until_status_bar("bench")
    await window.run_command("Developer: Show Running Extensions")
    row = window.page.locator(".runtime-extensions-editor .monaco-list-row", has_text="LiveBreak")

    async def is_told() -> re.Match[str] | None:
        return re.search(r"Activation: (\d+)\s*ms", " ".join(await row.all_inner_texts()))

    told = await window.until(is_told, what=row.all_inner_texts, wanted="the time of its activation")
    await window.run_command("View: Close All Editors")
    return int(told[1]) / 1000


async def _click(window: Workbench) -> float:
    """Seconds from the click to *bound*; the breakpoint is removed again."""
    await window.page.evaluate(WATCH, LINE)
    await window.click_gutter(LINE)
    seconds = await asyncio.wait_for(window.page.evaluate("window.bench"), TIMEOUT)
    await asyncio.sleep(PAUSE)
    await window.click_gutter(LINE)

    async def is_gone() -> bool:
        return not await window.glyphs(LINE) and "bound" not in await window.line_text(LINE)

    await window.until(is_gone)
    await asyncio.sleep(PAUSE)
    return float(seconds)


async def _type(window: Workbench, home: Path, keys: int) -> float:
    """Milliseconds of processor time that the extension host takes for a key, typed into a comment."""
    await window.go_to(LINE)
    await window.press("End")
    await window.type("  # ")
    pid = await asyncio.to_thread(_extension_host, home)
    before = await asyncio.to_thread(_processor_seconds, pid)
    await window.page.keyboard.type("x" * keys, delay=30)
    taken = await asyncio.to_thread(_processor_seconds, pid) - before
    for _ in range(3):
        await window.press("Control+z")
    return 1000 * taken / keys


def _extension_host(home: Path) -> int:
    """The one whose environment names this bench's folder."""
    for pid in subprocess.run(["pgrep", "-f", "type=extensionHost"], capture_output=True, text=True, check=False).stdout.split():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"HOME={home}".encode() in environment:
            return int(pid)
    raise Broken("the extension host is not there")


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
