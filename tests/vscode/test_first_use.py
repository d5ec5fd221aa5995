"""Somebody has the extension's file and a program of their own, and has read nothing: the screen leads to its locals."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench import Workbench, plain
from workbench_server import WorkbenchServer, is_here, workbench_server

PROGRAM = """import time


def price(quantity):
    total = quantity * 12
    return total


for number in range(10**9):
    price(number % 7)
    time.sleep(0.05)
"""
RETURN = 6
"""1-based."""


@pytest.fixture
def own_program(tmp_path: Path) -> Path:
    """A program in a git repository that has no remote."""
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "app.py").write_text(PROGRAM)
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost", "-c", "commit.gpgsign=false")
    for command in (("init", "--quiet"), ("add", "--all"), (*author, "commit", "--quiet", "--message=Prices")):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All commands that the new machine has; a test may take away or add some."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("sh", "env", "git", "uname", "ps", "cat"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    add_python(folder)
    # VS Code asks the user's shell for the environment, and one at login would know more commands.
    add_command(folder, "shell", 'for command; do :; done; exec /bin/sh -c "$command"')
    return folder


def add_python(commands: Path, name: str = "python3") -> Path:
    """A Python that has nothing installed."""
    return add_command(commands, name, f'exec {sys._base_executable} "$@"')


def add_command(commands: Path, name: str, line: str) -> Path:
    file = commands / name
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)
    return file


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]) -> dict[str, str]:
    """That of somebody new, in an empty home."""
    home = tmp_path_factory.mktemp("fresh-home")
    return bare | {"HOME": str(home), "LIVEBREAK_STATE_DIR": str(home / "state")}


@pytest.fixture(scope="module")
async def machine(environment: dict[str, str], commands: Path, request: pytest.FixtureRequest) -> AsyncIterator[WorkbenchServer]:
    """A new profile with the extension from its file."""
    if not is_here():
        assert os.environ.get("CI") != "true", "there is no VS Code here; `make editors VSCODE=1` fetches it"
        pytest.skip("NO VS CODE: the first use is not tested in it; `make editors VSCODE=1` fetches one")
    extensions = [request.getfixturevalue("installed_vsix")]
    in_editor = environment | {"PATH": str(commands), "SHELL": str(commands / "shell")}
    async with workbench_server(Path(environment["HOME"]), extensions=extensions, environment=in_editor) as server:
        yield server


@pytest.fixture
async def open_fresh(machine: WorkbenchServer, request: pytest.FixtureRequest, keep: Any) -> AsyncIterator[Any]:
    """Opens a window on a folder: `await open_fresh(folder)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(folder: Path) -> Workbench:
            return await stack.enter_async_context(machine.window(folder))

        yield open_one
        await keep(machine, request.node)


@pytest.fixture
def run_program(environment: dict[str, str], spawn: Any) -> Iterator[Callable[[Path], None]]:
    """Starts `livebreak serve`, and a folder's program under `livebreak run`."""
    with contextlib.ExitStack() as stack:

        def run(folder: Path) -> None:
            livebreak = [sys.executable, "-m", "livebreak"]
            backend = spawn("first-backend", [*livebreak, "serve", "--port", "0"], environment=environment)
            stack.callback(backend.end)
            backend.printed(r"http://127\.0\.0\.1:\d+")
            program = spawn("first-program", [*livebreak, "run", "app.py"], folder=folder, environment=environment)
            stack.callback(program.end)

        yield run


async def test_the_screen_leads_from_the_first_click_to_the_locals_of_a_running_program(
    open_fresh: Any, run_program: Any, own_program: Path
) -> None:
    run_program(own_program)
    fresh = await open_fresh(own_program)
    await fresh.screenshot("first-1-opened")
    await fresh.open("app.py", RETURN)
    icon = fresh.page.locator('.activitybar .action-item:has(a[aria-label^="LiveBreak"])')
    await fresh.until_status_bar("LiveBreak: default")
    await icon.locator("a").click(force=True)
    await fresh.page.get_by_text("No live breakpoints yet.").wait_for()
    await fresh.screenshot("first-2-view")

    await fresh.click_gutter(RETURN)
    row = fresh.page.locator(".notification-toast", has_text="this breakpoint is local")
    await row.wait_for()
    await fresh.screenshot("first-3-clicked")
    said = await fresh.notification("this breakpoint is local", "Go Live")
    line = await fresh.until_line(RETURN, r"\d+ hits? · ")
    await fresh.screenshot("first-4-hit")
    hover = await fresh.hover(RETURN, "total")
    await fresh.screenshot("first-5-locals")

    assert "Arm it, and what you click from now on, in " in said
    assert "quantity=" in line
    assert "total" in hover
    # There is one question, and no other one after it.
    assert [] == [plain(it) for it in await fresh.notifications()]


OLD = """echo '{"python": [3, 8], "livebreak": null}'"""
"""What a Python 3.8 answers."""


async def test_without_a_new_enough_python_one_message_says_so_until_there_is_one(
    open_fresh: Any, own_program: Path, commands: Path
) -> None:
    (commands / "python3").unlink()
    try:
        window = await open_fresh(own_program)
        await window.open("app.py", RETURN)
        await window.until_status_bar("no server")
        await window.told("There is no Python 3.11 or newer").wait_for()
        await window.screenshot("first-no-python")
        # The first one on the path is too old, and another one is there.
        add_command(commands, "python3", OLD)
        added = add_python(commands, "python3.12")
        said = await window.notification("There is no Python 3.11 or newer", "Try Again")
        await window.until_status_bar("LiveBreak: not connected")
        added.unlink()
    finally:
        add_python(commands)
    assert "Install one, or choose where it is." in said


async def test_where_nothing_is_connected_the_first_click_leads_on_and_an_address_that_does_not_answer_is_told(
    open_fresh: Any, own_program: Path
) -> None:
    window = await open_fresh(own_program)
    await window.open("app.py", RETURN)
    await window.until_status_bar("LiveBreak: not connected")
    await window.click_gutter(RETURN)
    await window.notification("this breakpoint is local, since this window is not connected", "Connect...")
    await window.choices("How to run one").wait_for()
    await window.screenshot("first-nothing-to-connect-to")
    await window.pick("Another host")
    await window.enter("http://127.0.0.1:9", title="(1/3)")
    await window.enter("phx_" + "a" * 40, title="(2/3)")
    # Back at the address, for another key would not help.
    await window.page.locator(".quick-input-title:visible", has_text="(1/3)").wait_for()
    await window.page.locator(".quick-input-message", has_text="127.0.0.1:9 cannot be reached").wait_for()
    await window.screenshot("first-no-backend")
    assert "not connected" in await window.status_bar()


async def test_a_line_of_a_file_in_no_git_repository_says_what_is_missing(
    open_fresh: Any, run_program: Any, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    run_program(tmp_path)
    window = await open_fresh(tmp_path)
    await window.open("app.py", RETURN)
    await window.until_status_bar("LiveBreak: default")
    await window.click_gutter(RETURN)
    await window.notification("this breakpoint is local", "Go Live")
    await window.until_line(RETURN, "failed: .*in no git repository")
    said = await window.hover(RETURN, "total", "no git repository")
    await window.screenshot("first-no-git")
    assert ".livebreak.toml" in said
