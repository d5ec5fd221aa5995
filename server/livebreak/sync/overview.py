"""Every breakpoint of the project as it is shown: in open files, in files of the workspace, and elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from livebreak.debugger.linemap import locate
from livebreak.debugger.workspace import Location
from livebreak.sync.repositories import Repositories
from livebreak.sync.session import Session
from livebreak.sync.shown import Shown
from livebreak.sync.source_files import SourceTexts
from livebreak_agent.vocabulary.model import Breakpoint

LINES_KEPT = 4_096
"""Places of breakpoints in files that are not open: finding one is quick, finding 500 twice a second is not."""
FILES_KEPT = 512
"""Texts of files that hold breakpoints, kept as long as they are the same on disk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """One breakpoint and where its file is."""

    shown: Shown
    path: Path | None
    """None where the file is not in this workspace."""


class Overview:
    """Looks at all breakpoints; what it read of closed files is kept for the next look."""

    def __init__(self) -> None:
        self._texts = SourceTexts(FILES_KEPT)
        self._locate = lru_cache(maxsize=LINES_KEPT)(locate)

    async def look(self, session: Session) -> tuple[Placed, ...]:
        """All of them, by file and line."""
        stored = session.breakpoint_list
        wanted = {item.id for item in stored}
        # In the order of their names, so that of two open files that could be meant it is always the same one.
        views = ((path, session.view(path)) for path in sorted(session.open_paths, reverse=True))
        placed = {shown.state.id: Placed(shown=shown, path=path) for path, view in views for shown in view}
        closed = [item for item in stored if item.id not in placed]
        paths, texts = await asyncio.to_thread(self._read, session.repositories, closed)
        for item in closed:
            path = paths[_location(item)]
            text = texts.get(path) if path is not None else None
            line = self._locate(item, text) if text is not None else None
            placed[item.id] = Placed(shown=session.show_closed(path, item, text, line), path=path)
        return tuple(sorted((one for id, one in placed.items() if id in wanted), key=_order))

    def _read(
        self, repositories: Repositories, items: Sequence[Breakpoint]
    ) -> tuple[Mapping[Location, Path | None], Mapping[Path, str | None]]:
        paths = {location: repositories.path(location) for location in {_location(item) for item in items}}
        return paths, {path: self._texts.get(path) for path in paths.values() if path is not None}


def _location(item: Breakpoint) -> Location:
    return Location(repository=item.repository, filename=item.filename)


def _order(placed: Placed) -> tuple[str, str, int, str]:
    item = placed.shown.breakpoint
    return item.repository or "", item.filename, placed.shown.state.line, item.id
