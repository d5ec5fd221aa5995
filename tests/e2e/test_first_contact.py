"""On one's own laptop: `livebreak serve` once, `livebreak run app.py`, open the editor. No variable is set anywhere."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

LIVEBREAK = (sys.executable, "-m", "livebreak")

APP = """\
import time


def work(number):
    answer = number + 1
    return answer


while True:
    work(41)
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, spawn: Any) -> dict[str, str]:
    """A user whose backend runs."""
    folder = tmp_path_factory.mktemp("ada")
    environment = {"HOME": str(folder), "LIVEBREAK_STATE_DIR": str(folder / "state")}
    spawn("serve", [*LIVEBREAK, "serve", "--port", "0"], environment=environment).printed("listening on .*\nData: ")
    return environment


def code(folder: Path, remote: str | None) -> Path:
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    if remote is not None:
        subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", f"https://github.com/{remote}.git"], check=True)
    return folder


@pytest.mark.parametrize("remote", ["acme/shop", None])
async def test_serve_run_and_an_editor_find_each_other(
    home: dict[str, str], remote: str | None, spawn: Any, open_editor: Any, tmp_path: Path
) -> None:
    checkout = code(tmp_path / "checkout", remote)
    app = spawn("app", [*LIVEBREAK, "run", "app.py"], folder=checkout, environment=home)
    said = r"acme/shop@unknown" if remote else r"no repository .*LIVEBREAK_REPOSITORY=owner/name names it"
    app.printed(rf"LiveBreak agent .*http://127\.0\.0\.1:\d+, project 'default' \(1\), {said}")
    editor = await open_editor(checkout, home)
    uri = editor.open(checkout / "app.py")

    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=5))
    hits = await editor.until(lambda: next(iter(editor.hits.values()), None))

    assert {"number": 41, "answer": 42} == hits.newest.variables
    await editor.set_breakpoints(uri)
    await editor.until(lambda: not editor.states[uri])
    app.end()


async def test_a_repository_that_is_another_one_is_said_with_both_names(
    home: dict[str, str], spawn: Any, open_editor: Any, tmp_path: Path
) -> None:
    here, there = code(tmp_path / "here", "acme/shop"), code(tmp_path / "there", "acme/other")
    app = spawn("app", [*LIVEBREAK, "run", "app.py"], folder=there, environment=home)
    app.printed("LiveBreak agent .*acme/other@")
    editor = await open_editor(here, home)
    uri = editor.open(here / "app.py")

    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=5))

    # Applications of other tests that were killed may still be waited for; that must not hide what the living one runs.
    both = re.compile("run acme/other(;|, and) this file belongs to acme/shop")

    def told() -> bool:
        return any(both.search(state.message) for state in editor.states.get(uri, ()))

    await editor.until(told)
    await editor.set_breakpoints(uri)
    app.end()


async def test_an_editor_without_a_backend_says_what_to_do(open_editor: Any, tmp_path: Path) -> None:
    checkout = code(tmp_path / "checkout", None)
    editor = await open_editor(checkout, {"HOME": str(tmp_path)})

    (state,) = await editor.set_breakpoints(editor.open(checkout / "app.py"), EditorBreakpoint(id="dot", line=5))

    assert "Live mode is off: No backend is known. Start one here with `livebreak serve`" in state.message


async def test_an_editor_that_was_there_before_the_first_backend_finds_it(spawn: Any, open_editor: Any, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "LIVEBREAK_STATE_DIR": str(tmp_path / "state")}
    editor = await open_editor(code(tmp_path / "checkout", "acme/shop"), environment)
    status = await editor.client.protocol.send_request_async("livebreak/status", None)

    served = spawn("late-serve", [*LIVEBREAK, "serve", "--port", "0"], environment=environment)
    await asyncio.to_thread(served.printed, "listening on ")
    await editor.until(lambda: editor.status is not None and editor.status.connection == "connected", timeout=60)

    assert "off" == status.connection
    assert "127.0.0.1" in (editor.status.host or "")
