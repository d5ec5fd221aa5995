"""A working tree of a fork: its breakpoints go where its code runs, by the name that the connected processes have for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from livebreak.debugger.breakpoints import is_in, is_mine
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
