"""Which files the session shows: those that are open in the editor, and closed ones that have marks of the editor's."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from livebreak.lsp.from_proto import path_of
from livebreak.sync.session import Session
from livebreak.sync.source_files import read_source
from livebreak_agent.vocabulary.model import Hit

TEXTS_KEPT = 8
"""Texts of a file that a message may still refer to which is taken up after the next ones: an editor sends a few at once."""


class NotAFile(Exception):
    """The URI names nothing that could hold a live breakpoint; the text is one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A hit as it is listed among the findings."""

    text: str
    hit: Hit
    """With its stack, and without values."""


@dataclass(kw_only=True, slots=True)
class File:
    """One file that the session shows."""

    path: Path
    uri: str
    """As the client last spelled it."""
    text: str = ""
    version: int | None = None
    texts: dict[int, str] = field(default_factory=dict)
    """The last texts of the editor's, by their version."""
    in_editor: bool = False
    has_marks: bool = False
    """True while the last list of marks that the editor stated for it is not empty."""
    told: dict[str, object] = field(default_factory=dict)
    """What the client was told last about the file, so that it is not told again."""
    newest: dict[str, Listed] = field(default_factory=dict)
    """The newest hit of a breakpoint that was fetched for its stack, by the breakpoint's id."""
    asked: dict[str, tuple[float, str]] = field(default_factory=dict)
    """When the newest hit of a breakpoint was asked for, by the loop's clock, and its id."""
    next_fetch: float = 0.0
    """When the next hits may be asked for."""
    is_waiting: bool = False
    """True while some wait for that."""
    opening: asyncio.Task[None] = field(init=False)


class Files:
    """Keeps the session's texts equal to the editor's, whatever order messages and git's answers come in."""

    def __init__(self, session: Callable[[], Session], opened: Callable[[File], None]) -> None:
        self._session = session
        self._opened = opened
        self._files: dict[Path, File] = {}
        self._turns: weakref.WeakValueDictionary[Path, asyncio.Lock] = weakref.WeakValueDictionary()
        """Kept as long as somebody holds one or waits for it."""
        self._running = 0
        """Turns that hold the session."""
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._may_turn = asyncio.Event()
        self._may_turn.set()

    def get(self, path: Path) -> File | None:
        return self._files.get(path)

    def stated_text(self, uri: str, version: int | None) -> str | None:
        """The text that a message refers to which has come just now; None of a file that the editor does not show."""
        path = path_of(uri)
        file = self._files.get(path) if path is not None else None
        if file is None or not file.in_editor:
            return None
        return file.text if version is None else file.texts.get(version, file.text)

    def uri_of(self, path: Path) -> str:
        """The URI of a path, as the client spells it where it has named it."""
        file = self._files.get(path)
        return file.uri if file is not None else path.as_uri()

    async def in_editor(self, uri: str) -> File | None:
        """The file of a URI if it is open in the editor, once the session has it, too."""
        path = path_of(uri)
        file = self._files.get(path) if path is not None else None
        if file is not None:
            await asyncio.shield(file.opening)
        return file if file is not None and file.in_editor else None

    async def all_opened(self) -> None:
        """Returns once the session has all files that the client has opened so far: where frames are depends on them."""
        await asyncio.gather(*(asyncio.shield(file.opening) for file in self._files.values()), return_exceptions=True)

    def did_open(self, uri: str, text: str, version: int | None) -> None:
        """The editor shows the file, and from now on its text is the editor's."""
        if (path := path_of(uri)) is None:
            return
        file = self._files.get(path)
        if file is None:
            file = self._begin(path, uri, text)
        file.in_editor = True
        file.uri = uri
        file.told.clear()
        self._set_text(file, text, version)
        if file.opening.done():
            self._opened(file)

    def did_change(self, uri: str, text: str, version: int | None) -> File | None:
        """The buffer has another text."""
        path = path_of(uri)
        file = self._files.get(path) if path is not None else None
        if file is not None:
            self._set_text(file, text, version)
        return file

    def did_close(self, uri: str) -> File | None:
        """The editor shows it no more, from this moment on: it may open it again in the next message."""
        path = path_of(uri)
        file = self._files.get(path) if path is not None else None
        if file is not None:
            file.in_editor = False
            file.version = None
        return file

    async def let_go(self, file: File) -> bool:
        """Close a file that the editor shows no more; with marks it stays, as it is on disk, since the editor may still
        change its marks. False if the editor has opened it again meanwhile."""
        async with self._turn(file.path):
            await asyncio.shield(file.opening)
            if not file.in_editor and self._files.get(file.path) is file:
                await self._rest(file)
        # Whoever had the turn before may have let go of it, and then it was opened again as another one.
        current = self._files.get(file.path)
        return current is None or not current.in_editor

    @contextlib.asynccontextmanager
    async def turn(self, uri: str) -> AsyncIterator[File]:
        """The file, opened in the session, from disk if the editor does not show it. Raises `NotAFile`.

        Turns of one path come one after the other, in the order in which they were asked for: what an editor states last
        must be in force last, however long a disk or git takes. At its end a file is let go of that the editor does not show
        and has no marks in.
        """
        path = path_of(uri)
        if path is None:
            raise NotAFile("Only files on this machine's disk can hold live breakpoints.")
        async with self._turn(path), self._with_session():
            file = await self._ready(path, uri)
            try:
                yield file
            finally:
                if not file.in_editor and not file.has_marks:
                    self._drop(file)

    @contextlib.asynccontextmanager
    async def exchange(self) -> AsyncIterator[None]:
        """The session may be replaced meanwhile: turns that have begun end before, others begin after it, when the new one has
        the files that the editor shows. Marks are the old one's; an editor that wants them in the new one states them again."""
        self._may_turn.clear()
        before = self._session()
        try:
            await self._is_idle.wait()
            yield
        finally:
            if self._session() is not before:
                self._reopen_all()
            self._may_turn.set()

    @contextlib.asynccontextmanager
    async def _with_session(self) -> AsyncIterator[None]:
        await self._may_turn.wait()
        self._running += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._is_idle.set()

    def _reopen_all(self) -> None:
        for file in tuple(self._files.values()):
            if not file.in_editor:
                del self._files[file.path]
                continue
            file.has_marks = False
            file.newest.clear()
            # Whatever the new session has, the client was told something else: also an empty list is news.
            file.told = {"breakpoints": None, "inlayHints": None, "codeLens": None}
            file.opening = asyncio.create_task(self._open(file))

    def _turn(self, path: Path) -> asyncio.Lock:
        return self._turns.setdefault(path, asyncio.Lock())

    async def _ready(self, path: Path, uri: str) -> File:
        file = self._files.get(path)
        if file is None:
            text = await _read(path)
            # The editor may have opened it meanwhile.
            file = self._files.get(path) or self._begin(path, uri, text)
        elif not file.in_editor:
            await self._reread(file)
        await asyncio.shield(file.opening)
        await self._session().look_again(path)
        return file

    def _begin(self, path: Path, uri: str, text: str) -> File:
        file = self._files[path] = File(path=path, uri=uri, text=text)
        file.opening = asyncio.create_task(self._open(file))
        return file

    async def _open(self, file: File) -> None:
        session = self._session()
        try:
            await session.open(file.path, file.text)
        except Exception:
            # The next message that names the file tries again.
            del self._files[file.path]
            raise
        # The text may have changed while git was asked.
        session.edit(file.path, file.text)
        self._opened(file)

    def _set_text(self, file: File, text: str, version: int | None) -> None:
        file.text = text
        file.version = version
        if version is None:
            file.texts.clear()
        else:
            file.texts[version] = text
            for old in list(file.texts)[:-TEXTS_KEPT]:
                del file.texts[old]
        if file.opening.done():
            self._session().edit(file.path, text)

    def _drop(self, file: File) -> None:
        del self._files[file.path]
        self._session().close(file.path)

    async def _rest(self, file: File) -> None:
        if not file.has_marks:
            self._drop(file)
            return
        await self._reread(file)

    async def _reread(self, file: File) -> None:
        """The text as it is on disk now; of a file that is gone the last one stands, so that its marks can still be removed."""
        with contextlib.suppress(NotAFile):
            text = await _read(file.path)
            if not file.in_editor:
                self._set_text(file, text, None)


async def _read(path: Path) -> str:
    try:
        return await asyncio.to_thread(read_source, path)
    except (OSError, SyntaxError, ValueError, LookupError):
        raise NotAFile(f"{path} cannot be read; open it in the editor, or save it in the encoding that it declares.") from None
