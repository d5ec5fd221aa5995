"""A working tree that has another name: of a fork that of where its code runs, or the one that its owner has given it since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from livebreak.debugger.breakpoints import Link, is_in, is_mine
from livebreak.debugger.workspace import Location
from livebreak_agent.vocabulary.model import Breakpoint


def to_be_moved(
    locations: Iterable[Location], stored: Mapping[str, Breakpoint], running: Collection[str], *, owner: str | None
) -> Iterator[tuple[str, str]]:
    """Breakpoints of this user that were set under another name of their repository, which no connected process has, while
    processes of the name it has now are connected: the id, and that name."""
    for location in locations:
        if not location.also or location.repository is None or location.repository not in running:
            continue
        for item in stored.values():
            if (
                item.repository in location.also
                and item.repository not in running
                and is_in(item, location)
                and is_mine(item, owner)
            ):
                yield item.id, location.repository


def to_be_renamed(
    old: Location,
    new: Location,
    links: Iterable[Link],
    stored: Mapping[str, Breakpoint],
    running: Collection[str],
    *,
    owner: str | None,
) -> Iterator[str]:
    """Of a file that is called otherwise from now on, the breakpoints that go along: those of this user's marks, and what
    else is this user's unless it may be another checkout's, because something runs under the old name."""
    if new.repository in (None, old.repository) or new.filename != old.filename:
        return
    marked = {link.breakpoint_id for link in links if link.mine}
    for item in stored.values():
        is_there = (item.repository, item.filename) == (old.repository, old.filename)
        if is_there and (item.id in marked or (is_mine(item, owner) and old.repository not in running)):
            yield item.id
