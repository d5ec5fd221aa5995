"""Pages of stored hits, newest first, of one breakpoint, several, or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from livebreak.debugger.wording import read_time
from livebreak.sync.remotes import Remote
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import HitsQuery

LARGEST_PAGE = 1_000
"""Hits that the backend gives in one answer at most."""
MOST_QUERIES = 10
"""Answers without enough hits after which a search says how far it came: each is a second of the backend's time at most."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class HitPage:
    hits: tuple[Hit, ...] = ()
    """Newest first."""
    cursor: str | None = None
    """Goes on behind this page; None if there is nothing behind it."""
    complete: bool = True
    """False if the search stopped at its bound, not at the number of hits that was asked for."""


async def newest_hits(
    remote: Remote, breakpoint_ids: Sequence[str] | None, *, where: str | None = None, limit: int, before: str | None = None
) -> HitPage:
    """The newest hits of these breakpoints; None means of the whole project. Raises `RemoteError`.

    `before` is the cursor of an earlier page, or of `cursor_at`.
    """
    ids = [None] if breakpoint_ids is None else list(breakpoint_ids)
    pages = [await _newest_of(remote, id, where, limit, before) for id in ids]
    return pages[0] if len(pages) == 1 else _merged(pages, limit)


def cursor_at(text: str) -> str | None:
    """The cursor for what came before a time of ISO 8601, in this machine's zone unless it names one; None if it is none."""
    try:
        time = datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        return None
    return _cursor(time)


def just_after(timestamp: str) -> str | None:
    """The cursor behind which a page begins with the hits of this very moment, so that pages overlap."""
    time = read_time(timestamp)
    return cursor_at((time + timedelta(microseconds=1)).isoformat()) if time is not None else None


async def _newest_of(remote: Remote, breakpoint_id: str | None, where: str | None, limit: int, before: str | None) -> HitPage:
    found: list[Hit] = []
    cursor = before
    for _ in range(MOST_QUERIES):
        size = min(limit - len(found), LARGEST_PAGE)
        page = await remote.hits(HitsQuery(breakpoint_id=breakpoint_id, where=where, limit=size, cursor=cursor))
        found += page.results
        cursor = page.cursor
        if cursor is None:
            return HitPage(hits=tuple(found), complete=page.complete)
        if len(found) >= limit:
            return HitPage(hits=tuple(found), cursor=cursor)
    return HitPage(hits=tuple(found), cursor=cursor, complete=False)


def _merged(pages: Sequence[HitPage], limit: int) -> HitPage:
    """One page of several. Behind the newest of their ends something could be missing, so it ends there at the latest."""
    hits = sorted((hit for page in pages for hit in page.hits), key=lambda hit: hit.timestamp, reverse=True)
    ends = [page for page in pages if page.cursor is not None]
    newest_end = max((_time_of(page) for page in ends), default=None)
    if newest_end is not None:
        hits = [hit for hit in hits if (_time(hit) or newest_end) >= newest_end]
    kept = [hit for index, hit in enumerate(hits) if index < limit or hit.timestamp == hits[limit - 1].timestamp]
    is_more = len(kept) < len(hits) or bool(ends)
    complete = all(page.complete for page in pages) or (len(kept) >= limit)
    if not is_more:
        return HitPage(hits=tuple(kept), complete=complete)
    last = _time(kept[-1]) if len(kept) >= limit else newest_end
    return HitPage(hits=tuple(kept), cursor=_cursor(last or _EPOCH), complete=complete)


def _time_of(page: HitPage) -> datetime:
    """Where a page ends."""
    microseconds = int((page.cursor or "0").partition("-")[0])
    return _EPOCH + timedelta(microseconds=microseconds)


def _time(hit: Hit) -> datetime | None:
    return read_time(hit.timestamp)


def _cursor(time: datetime) -> str:
    """The backend's cursor is the time in microseconds and a number that tells hits of one microsecond apart."""
    return f"{max((time - _EPOCH) // timedelta(microseconds=1), 0)}-0"
