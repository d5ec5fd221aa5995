"""The language server of a window: which one it is, and what is said where there is none."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench import Workbench

Servers = Callable[[], set[int]]


async def open_python(window: Workbench) -> None:
    await window.open("shop/pricing.py", 18)


async def a_server(servers: Servers, gone: set[int]) -> int | None:
    """One that was not there before."""
    return next(iter(servers() - gone), None)


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]


async def test_nothing_runs_in_a_workspace_that_is_not_trusted(open_window: Any, servers: Servers) -> None:
    before = servers()
    window = await open_window(is_trusted=False)
    await open_python(window)
    await window.until_status_bar("restricted")
    await window.page.locator('.activitybar .action-item:has(a[aria-label^="LiveBreak"]) a').click(force=True)
    await window.page.get_by_text("This folder is not trusted").wait_for()
    await window.screenshot("untrusted")
    assert servers() <= before


async def test_a_server_that_dies_comes_back_and_one_that_dies_again_and_again_is_asked_about(
    open_window: Any, servers: Servers
) -> None:
    gone = servers()
    workbench = await open_window()
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")
    for _ in range(5):
        pid = await workbench.until(lambda: a_server(servers, gone), wanted="a server")
        os.kill(pid, signal.SIGKILL)
        gone.add(pid)
    await workbench.until_status_bar("no server")
    await workbench.told("ended several times").wait_for()
    await workbench.screenshot("server-gone")
    assert 1 == len(await workbench.notifications())
    await workbench.notification("ended several times", "Restart")
    await workbench.until_status_bar(r"shop")


async def test_without_a_python_there_is_one_message_with_what_to_do(workbench: Workbench, user_settings: Any) -> None:
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")
    user_settings({"livebreak.interpreter": "/bin/false"})
    await workbench.until_status_bar("no server")
    told = await workbench.notification("does not run as a Python")
    await workbench.screenshot("no-python")
    assert 1 == len(await workbench.notifications())
    assert "/bin/false" in told
    # It starts by itself once the setting is mended.
    user_settings({})
    await workbench.until_status_bar(r"shop")


async def test_a_workspace_does_not_choose_what_is_run(open_window: Any, tmp_path: Path) -> None:
    traps = {}
    for name in ("path", "interpreter"):
        trap = tmp_path / f"{name}.sh"
        trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\n")
        trap.chmod(0o755)
        traps[f"livebreak.{name}"] = str(trap)
    window = await open_window(settings=traps)
    await open_python(window)
    await window.until_status_bar(r"shop")
    assert [] == [name for name in os.listdir(tmp_path) if name.startswith("ran-")]  # noqa: PTH208 - it is a moment's work
    assert traps == json.loads((tmp_path / "shop-checkout" / ".vscode" / "settings.json").read_text())


async def test_the_environment_that_the_python_extension_has_chosen_goes_first_if_it_has_livebreak(
    workbench: Workbench, servers: Servers
) -> None:
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")
    before = servers()
    chosen = workbench.home / "chosen-python"
    chosen.write_text(sys.executable)
    try:
        await workbench.run_command("LiveBreak: Restart Server")
        pid = await workbench.until(lambda: a_server(servers, before), wanted="a server")
        started = command_of(pid)
        await workbench.until_status_bar(r"shop")
    finally:
        chosen.unlink()
    await workbench.run_command("LiveBreak: Restart Server")
    other = await workbench.until(lambda: a_server(servers, {*before, pid}), wanted="another server")
    await workbench.until_status_bar(r"shop")

    assert [sys.executable, "-I", "-m", "livebreak", "lsp"] == started
    assert command_of(other)[-2].endswith("start.py")


async def test_a_server_of_another_version_is_used_and_said_to_be_one(
    workbench: Workbench, user_settings: Any, tmp_path: Path
) -> None:
    newer = tmp_path / "livebreak"
    newer.write_text(
        f"#!{sys.executable}\nimport livebreak\nlivebreak.__version__ = '0.9.0'\nfrom livebreak.__main__ import main\nmain()\n"
    )
    newer.chmod(0o755)
    await open_python(workbench)
    await workbench.until_status_bar(r"shop")

    user_settings({"livebreak.path": str(newer)})
    told = await workbench.notification("its server 0.9.0")
    await workbench.until_status_bar(r"shop")

    assert "update the extension" in told
