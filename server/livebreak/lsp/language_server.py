"""The language server of one editor: what its methods share, and the session's listener."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from livebreak import __version__
from livebreak.debugger.linemap import frame_line
from livebreak.lsp import confirmation, parent
from livebreak.lsp.abilities import asks_again_for_code_lenses, asks_again_for_inlay_hints
from livebreak.lsp.documents import Document
from livebreak.lsp.failures import log_failure
from livebreak.lsp.files import File, Files
from livebreak.lsp.from_proto import UNASKED, Surface
from livebreak.lsp.page import visible
from livebreak.lsp.parts import Backends, Connect, DebugAdapter, Live, MakeDebugAdapter
from livebreak.lsp.protocol import Protocol, converter
from livebreak.lsp.pushes import Pushes
from livebreak.lsp.to_proto import message as to_message
from livebreak.lsp.to_proto import whole
from livebreak.lsp.trouble import Trouble
from livebreak.lsp.turns import Turns, gathered
from livebreak.sync.session import Session
from livebreak.sync.shown import Shown, in_order
from livebreak.sync.source_files import SourceLines
from livebreak_agent.vocabulary.lsp_messages import (
    Connection,
    Status,
)
from livebreak_agent.vocabulary.model import Frame, Hit

_log = logging.getLogger(__name__)


WIDE_BURST = 1
"""Pushes about the whole project that need not wait: who shows all breakpoints asks for all of them after each."""
STATES_PER_SECOND = 10.0
"""Pushes of one file when states change: somebody has just clicked and waits for *bound*, so only a storm is slowed down."""

ANSWER_WITHIN = 5.0
"""Seconds in which a new connection usually stands or fails; after that the client is told by a push."""

Show = Callable[["LiveBreakServer", File, Sequence[Shown]], Iterable[object]]
"""Shows a file's breakpoints, which are worked out once for all surfaces, step by step."""


class LiveBreakServer(LanguageServer):
    """Answers the editor from the session, and tells it what changes. Everything runs on one event loop."""

    protocol: Protocol

    def __init__(
        self,
        connect: Connect,
        shows: Sequence[Show],
        make_debug_adapter: MakeDebugAdapter | None = None,
        backends: Backends | None = None,
    ) -> None:
        super().__init__("livebreak", __version__, protocol_cls=Protocol, converter_factory=converter)
        self.files = Files(lambda: self.session, self._on_opened)
        self.surfaces = UNASKED
        self.speaks_livebreak = False
        """True once the client has shown that it knows our own messages: others warn their user of each one."""
        self.yes_production = False
        """True if breakpoints are armed in production without a question, because the client's settings say so."""
        self.waits_to_connect = False
        """True if the first session goes nowhere, because the client's settings say so."""
        self.backends = backends
        self.log_file: Path | None = None
        """Told to the client, whose own log is where people look first."""
        self.hits_folder: Path | None = None
        """Where hits are written as files."""
        self.finish: Callable[[int], None] = lambda _: None
        """Asks for the end of the process with an exit status; set by whoever runs the loop."""
        self._connect = connect
        self._live: Live | None = None
        self._switching = asyncio.Lock()
        self._make_debug_adapter = make_debug_adapter
        self._debug_adapter: DebugAdapter | None = None
        self._shows = shows
        self._state_pushes: Pushes[Path] = Pushes(self._show, per_second=STATES_PER_SECOND)
        self._hit_pushes: Pushes[Path] = Pushes(self._show)
        self._wide_pushes: Pushes[str] = Pushes(self._show_wide)
        self._overview_pushes: Pushes[str] = Pushes(self._tell_overview, burst=WIDE_BURST)
        self._showing: dict[Path, bool] = {}
        """Files that are being shown; True if they have changed since that began."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._fetches: dict[str, asyncio.Task[Hit | None]] = {}
        self._trouble = Trouble()
        self._has_connected = asyncio.Event()
        """Set once the first attempt to connect is over, whatever came of it."""
        self._places = SourceLines()
        self._logged: str | None = None

    # --- the session

    @property
    def session(self) -> Session:
        return self._connected().session

    def begin(self) -> None:
        """Connect, in the background."""
        self.spawn(self._start(self._connected()))

    async def switch(self, connect: Connect) -> Status:
        """Go elsewhere. The session that was ends in order, its debuggers with it; its breakpoints stay where they are. Answers
        when the first attempt to connect is over, unless that takes long."""
        async with self._switching:
            async with self.files.exchange():
                if self._debug_adapter is not None:
                    await self._debug_adapter.close()
                    self._debug_adapter = None
                await self._connected().stop()
                self._has_connected.clear()
                self._live = connect(self)
            await self._start(self._live)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self.connecting_is_over()
        self._wide_pushes.touch("status")
        self._touch_overview()
        return self.session.status

    async def connecting_is_over(self) -> None:
        """Returns once the first attempt to connect has succeeded or failed."""
        await self._has_connected.wait()

    async def debug_adapter_address(self) -> str | None:
        """Where debuggers find this session; None where they cannot."""
        if self._debug_adapter is None and self._make_debug_adapter is not None:
            self._debug_adapter = self._make_debug_adapter(self._connected())
        return await self._debug_adapter.open() if self._debug_adapter is not None else None

    def watch(self, process_id: int | None) -> None:
        """End when the editor's process does."""
        if (pid := parent.seen(process_id)) is not None:
            self.spawn(self._outlive(pid))

    async def end(self) -> None:
        """Put the session in order before the process ends."""
        for task in (*self._tasks, *self._fetches.values()):
            task.cancel()
        if self._debug_adapter is not None:
            await self._debug_adapter.close()
        if self._live is not None:
            await self._live.stop()

    def spawn(self, coroutine: Any) -> None:
        """Run something beside the messages; the loop itself holds tasks only weakly."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    # --- the session's listener

    def breakpoints_changed(self, paths: frozenset[Path]) -> None:
        for path in paths:
            self.touch(path)
        self._touch_overview()

    def hits_changed(self, paths: frozenset[Path]) -> None:
        for path in paths:
            self._hit_pushes.touch(path)
        self._touch_overview()

    def status_changed(self) -> None:
        if self.session.status.connection is not Connection.CONNECTING:
            self._has_connected.set()
        self._wide_pushes.touch("status")

    def notice(self, message: str) -> None:
        self.say(types.MessageType.Info, message)

    async def confirm(self, question: str) -> bool:
        return self.yes_production or await confirmation.confirm(self, question, self.say)

    # --- what methods need

    def say(self, kind: types.MessageType, sentence: str) -> None:
        """One sentence to the user."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=whole(f"LiveBreak: {visible(sentence)}")))

    def document(self, file: File) -> Document:
        """The document of a file that is open in the editor."""
        document = self.workspace.get_text_document(file.uri)
        assert isinstance(document, Document)  # noqa: S101 - `Documents` makes no others; this tells the type checker
        return document

    def touch(self, path: Path) -> None:
        """Show the file anew."""
        self._state_pushes.touch(path)

    def touch_text(self, path: Path) -> None:
        """Show the file anew, as often as somebody who types wants to see something move."""
        self._hit_pushes.touch(path)

    def forget(self, path: Path) -> None:
        """Show the file no more."""
        self._state_pushes.forget(path)
        self._hit_pushes.forget(path)

    def refresh_inlay_hints(self) -> None:
        """Ask the client to ask again, where it can be asked."""
        if asks_again_for_inlay_hints(self.client_capabilities):
            self._wide_pushes.touch("inlayHints")

    def refresh_code_lenses(self) -> None:
        """As for inlay hints."""
        if asks_again_for_code_lenses(self.client_capabilities):
            self._wide_pushes.touch("codeLens")

    def send(self, method: str, value: object) -> None:
        """Push one of our own messages to a client that knows them."""
        if self.speaks_livebreak:
            self.protocol.notify(method, to_message(value))

    async def hit(self, hit_id: str) -> Hit | None:
        """A whole hit; None if it is gone. All who ask for it meanwhile share one answer. Raises `RemoteError`."""
        fetch = self._fetches.get(hit_id)
        if fetch is None:
            fetch = self._fetches[hit_id] = asyncio.create_task(self.session.hit(hit_id))
            fetch.add_done_callback(lambda _: self._fetches.pop(hit_id))
        # A request that the client takes back must not take the answer from the others.
        return await asyncio.shield(fetch)

    def link_of(self, hit: Hit, frame: Frame) -> str | None:
        """The URI of a frame's file, with its line, if it is in this workspace."""
        place = self.place_of(hit, frame)
        return f"{place[0].as_uri()}#L{place[1] + 1}" if place is not None else None

    def place_of(self, hit: Hit, frame: Frame) -> tuple[Path, int] | None:
        """The local file of a frame and its 0-based line as it is now; None outside of this workspace."""
        path = self.session.path_of(hit, frame)
        if path is None:
            return None
        if (file := self.files.get(path)) is not None:
            return path, frame_line(frame.line_number, frame.text, file.text)
        return path, self._places.line_of(path, frame)

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Requests are answered with their error; of what goes wrong beside them the user is told where to look."""
        if source is FeatureRequestError:
            return
        log_failure("A message could not be handled.", error)
        self.say(types.MessageType.Error, f"something went wrong ({type(error).__name__}); its log has more.")

    async def _start(self, live: Live) -> None:
        await live.start()
        if live.session.status.connection is not Connection.CONNECTING:
            # Where there is no backend to connect to, no change will come.
            self._has_connected.set()
        if live.session.status.connection is Connection.OFF and not self.waits_to_connect and self.backends is not None:
            self.spawn(self._connect_once_possible(live, self.backends))

    async def _connect_once_possible(self, live: Live, backends: Backends) -> None:
        """An editor that was opened before the first `livebreak serve` need not be opened again."""
        connect = await backends.appear()
        # Meanwhile the user may have chosen.
        if self._live is live:
            await self.switch(connect)

    async def _outlive(self, pid: int) -> None:
        await parent.gone(pid)
        self.finish(0)

    def _connected(self) -> Live:
        if self._live is None:
            off = self.backends.off if self.waits_to_connect and self.backends is not None else None
            self._live = (off or self._connect)(self)
        return self._live

    def _touch_overview(self) -> None:
        if Surface.OVERVIEW in self.surfaces:
            self._overview_pushes.touch("overview")

    def _tell_overview(self, _: str) -> None:
        if self.speaks_livebreak:
            self.protocol.tell("livebreak/changed")

    def _on_opened(self, file: File) -> None:
        self.touch(file.path)

    def _show(self, path: Path) -> None:
        if path in self._showing:
            # What changed meanwhile is shown once this is done.
            self._showing[path] = True
            return
        self._showing[path] = False
        self.spawn(self._show_in_turns(path))

    async def _show_in_turns(self, path: Path) -> None:
        try:
            if (file := self.files.get(path)) is not None and file.opening.done():
                await self._show_file(file)
        finally:
            has_changed = self._showing.pop(path)
        if has_changed:
            self._hit_pushes.touch(path)

    async def _show_file(self, file: File) -> None:
        turns = Turns()
        view: list[Shown] = []
        steps = gathered(self.session.views(file.path), view)
        await turns.drain(steps)
        view.sort(key=in_order)
        for show in self._shows:
            try:
                await turns.drain(show(self, file, view))
            except Exception as error:  # noqa: BLE001 - what one surface cannot show, the others still can
                log_failure("A surface could not be shown.", error)

    def _show_wide(self, what: str) -> None:
        if what == "inlayHints":
            # Nothing waits for the answer: a wait that times out makes pygls report an error to the user.
            self.workspace_inlay_hint_refresh(None)
            return
        if what == "codeLens":
            self.workspace_code_lens_refresh(None)
            return
        status = self.session.status
        self.send("livebreak/status", status)
        if status.message != self._logged:
            self._logged = status.message
            _log.info("%s", status.message)
        is_trouble, paused = self._trouble.is_news(status, self.now()), self._trouble.pause_news(status)
        if self.speaks_livebreak:
            # A plugin shows both in the place that it has for them.
            return
        if is_trouble:
            self.say(types.MessageType.Warning, status.message)
        if paused is not None:
            self.say(types.MessageType.Info, paused)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("Something in the background failed.", exc_info=error)
