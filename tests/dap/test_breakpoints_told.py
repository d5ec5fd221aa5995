"""What a client is told of its breakpoints while it states more of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from livebreak.dap import types
from livebreak.dap.breakpoints import Dot, StatedFile, breakpoints_changed
from livebreak.dap.session import DebugSession
from livebreak.dap.target import Attachment
from livebreak.sync.live import Live
from livebreak.sync.repositories import Repositories


class Silent:
    async def confirm(self, question: str) -> bool:
        raise AssertionError(question)

    def breakpoints_changed(self, paths: object) -> None: ...
    def hits_changed(self, paths: object) -> None: ...
    def status_changed(self) -> None: ...
    def notice(self, message: str) -> None: ...


def stated(path: Path) -> StatedFile:
    told = types.Breakpoint(verified=False, id=1, line=1)
    return StatedFile(source=types.Source(path=str(path)), text="x = 1\n", dots=[Dot(id=1, line=0, editor_id="dot", told=told)])


async def test_a_file_that_is_stated_while_others_are_told_of_stops_nothing(tmp_path: Path) -> None:
    told: asyncio.Queue[Any] = asyncio.Queue()
    live = Live(Silent(), remote=None, outbox_folder=None)
    session = DebugSession(target=SimpleNamespace(), send_event=lambda _, body: told.put_nowait(body))  # type: ignore[arg-type]
    session.attachment = Attachment(
        feed=SimpleNamespace(),  # type: ignore[arg-type]
        repositories=Repositories(),
        session=live.session,
        may_arm=False,
        release=lambda: None,
    )
    paths = [tmp_path / f"{name}.py" for name in ("one", "two", "three")]
    session.stated = {path: stated(path) for path in paths}

    breakpoints_changed(session, frozenset())
    async with asyncio.timeout(20):
        found = [await told.get()]
        # Each file is looked at in another thread, and meanwhile the client goes on.
        session.stated[tmp_path / "new.py"] = stated(tmp_path / "new.py")
        found += [await told.get(), await told.get()]

    assert [str(path) for path in paths] == [body.breakpoint.source.path for body in found]
