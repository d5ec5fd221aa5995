"""Finds the breakpoints, files and hits that somebody names by hand. `LookupFailed` says in a sentence why there is none."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from livebreak.debugger.selection import LocalText, Place, at_place, is_id_part, of_file, read_place, read_reference, with_id
from livebreak.sync.hit_pages import newest_hits
from livebreak.sync.remotes import Missing, Remote
from livebreak.sync.repositories import Repositories
from livebreak.sync.source_files import SourceError, find_source
from livebreak_agent.vocabulary.model import Breakpoint, Hit

SEARCHED_HITS = 1_000
"""Newest hits among which an abbreviated id is looked for: it comes from a list or a tail that was just read."""
LISTED_CANDIDATES = 10
"""More do not help to tell which one was meant."""


class LookupFailed(Exception):
    """The text is one sentence."""

    def __init__(self, message: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates[:LISTED_CANDIDATES])
        """One line for each thing that could have been meant."""


async def find_breakpoint(
    text: str, breakpoints: Sequence[Breakpoint], repositories: Repositories, *, owner: str | None = None
) -> Breakpoint:
    """The breakpoint with this id, beginning of an id, or FILE:LINE; with `owner`, of this person's."""
    candidates = [item for item in breakpoints if owner is None or item.owner == owner]
    found = await _breakpoints(text, candidates, repositories)
    if not found:
        whose = f" of {owner}'s" if owner is not None else ""
        raise LookupFailed(f"There is no breakpoint {text!r}{whose}; `livebreak breakpoints list` shows what there is.")
    if len(found) > 1:
        raise LookupFailed(f"{text!r} can mean {len(found)} breakpoints; say which.", [_line_of(item) for item in found])
    return found[0]


async def breakpoints_of_file(file: str, breakpoints: Sequence[Breakpoint], repositories: Repositories) -> tuple[Breakpoint, ...]:
    """All in a file of this machine or, where there is none of this name, of the repository's."""
    local = await _local_text(file, repositories)
    return of_file(breakpoints, file, local.location if local is not None else None)


async def find_hit(
    text: str, remote: Remote, breakpoints: Sequence[Breakpoint], repositories: Repositories, *, where: str | None = None
) -> Hit:
    """The hit with this id, beginning of an id or `livebreak://hit/ID`; of a breakpoint's id or FILE:LINE the newest hit,
    with `where` the newest that it is true for. Raises `RemoteError`, too."""
    text = read_reference(text)
    if _is_whole(text) and (hit := await _hit(text.lower(), remote)) is not None:
        return hit
    if read_place(text) is None and is_id_part(text):
        page = await newest_hits(remote, None, limit=SEARCHED_HITS)
        found = [hit for hit in page.hits if hit.id.lower().startswith(text.lower())]
        if len(found) > 1:
            lines = [f"{hit.id}  {hit.filename}:{hit.line_number}  {hit.timestamp}" for hit in found]
            raise LookupFailed(f"{text!r} can mean {len(found)} hits; say which.", lines)
        if found:
            return found[0]
    items = await _breakpoints(text, breakpoints, repositories)
    if not items:
        among = "" if _is_whole(text) else f" among the newest {SEARCHED_HITS:,}"
        raise LookupFailed(
            f"There is no hit {text!r}{among}, nor a breakpoint of this name; hits are kept for a set time only. "
            "`livebreak hits list` shows what there is."
        )
    newest = await newest_hits(remote, [item.id for item in items], where=where, limit=1)
    if not newest.hits:
        which = f" for which {where!r} is true" if where is not None else ""
        raise LookupFailed(f"There is no hit of {text!r}{which} (any more).")
    return newest.hits[0]


async def _hit(hit_id: str, remote: Remote) -> Hit | None:
    try:
        return await remote.hit(hit_id)
    except Missing:
        return None


async def _breakpoints(text: str, candidates: Sequence[Breakpoint], repositories: Repositories) -> tuple[Breakpoint, ...]:
    if (place := read_place(text)) is not None:
        return at_place(candidates, place, await _local_text(place.file, repositories))
    return with_id(candidates, text) if is_id_part(text) else ()


async def _local_text(file: str, repositories: Repositories) -> LocalText | None:
    try:
        source = await find_source(Path(file), repositories)
    except SourceError:
        return None
    return LocalText(location=source.location, text=source.text)


def _line_of(item: Breakpoint) -> str:
    place = Place(file=item.filename, line=item.line_number)
    parts = (item.id, f"{place.file}:{place.line}", item.repository, item.owner)
    return "  ".join(part for part in parts if part)


def _is_whole(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
