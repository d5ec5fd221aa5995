"""What goes wrong beside the messages: it is logged, and takes nothing else with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from livebreak.lsp.failures import each
from livebreak.lsp.files import File
from livebreak.lsp.language_server import LiveBreakServer, Show
from livebreak.sync.live import Live
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.lsp_messages import BreakpointState, State
from livebreak_agent.vocabulary.model import Breakpoint

TEXT = "a = 1\n"


def new_server(*shows: Show) -> LiveBreakServer:
    return LiveBreakServer(lambda listener: Live(listener, remote=None, outbox_folder=None), shows)


def shown(breakpoint_id: str) -> Shown:
    return Shown(
        breakpoint=Breakpoint(id=breakpoint_id, filename="a.py", line_number=1),
        state=BreakpointState(id=breakpoint_id, line=0, state=State.BOUND, message=""),
        hits=(),
    )


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


async def test_a_surface_that_fails_does_not_stop_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Path] = []
    captured = "1234-secret"

    def fail(_: LiveBreakServer, file: File, view: Sequence[Shown]) -> None:
        raise StopIteration(captured)

    server = new_server(fail, lambda _, file, *__: seen.append(file.path))
    server.files.did_open((tmp_path / "a.py").as_uri(), TEXT, 1)

    await until(lambda: seen)

    assert "A surface could not be shown. StopIteration" in caplog.text
    assert "1234-secret" not in caplog.text


def test_a_breakpoint_that_cannot_be_shown_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    def make(one: Shown) -> str:
        if one.state.id == "odd":
            next(iter(()))
        return one.state.id

    assert ["a", "b"] == list(each([shown("a"), shown("odd"), shown("b")], make))
    assert "in make" in caplog.text


async def test_what_fails_in_the_background_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError

    new_server().spawn(fail())

    await until(lambda: "Something in the background failed." in caplog.text)


async def test_a_file_that_is_opened_again_is_not_let_go_of(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(TEXT)
    uri = path.as_uri()
    files = new_server().files

    async with files.turn(uri) as file:
        files.did_open(uri, TEXT, 1)
        files.did_close(uri)
        letting_go = asyncio.create_task(files.let_go(file))
        await asyncio.sleep(0)
    # The turn has ended with the file closed and without marks, so this opens another one.
    files.did_open(uri, TEXT, 2)

    assert False is await letting_go
    reopened = await files.in_editor(uri)
    assert reopened is not None
    assert reopened is not file
