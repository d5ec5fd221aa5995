"""Pages of hits beside one that is known: those next before it, and those next after it."""

from __future__ import annotations

from dataclasses import dataclass

from livebreak.sync.hit_pages import LARGEST_PAGE, HitPage, just_after
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.model import Hit

OF_ONE_MOMENT = 20
"""Hits that may have come at the very moment of the known one, for which a page has room."""
NEWER_PAGE = 200
"""Newest hits that one step towards a known hit reads."""
MOST_NEWER = 1_000
"""Newest hits among which the known one is looked for: who is farther behind begins anew."""

_PLAIN_API = "A plain PostHog API tells the hits of the last hour only."


@dataclass(frozen=True, kw_only=True, slots=True)
class HitsAround:
    """Hits of one breakpoint or all, newest first, and what is before and after them."""

    hits: tuple[Hit, ...]
    has_older: bool = False
    has_newer: bool = False
    complete: bool = True
    """False if the search stopped at its bound, not at the number of hits that was asked for."""
    cursor: str | None = None
    """Goes on behind the oldest of them, or where the search stopped."""
    note: str | None = None


async def newest(session: Session, breakpoint_id: str | None, where: str | None, limit: int, cursor: str | None) -> HitsAround:
    """The newest hits, or those behind a cursor. Raises `RemoteError`."""
    page = await session.newest_hits(_ids(breakpoint_id), where=where, limit=limit, before=cursor)
    note = _PLAIN_API if _is_plain(session) else None
    return _around(page, page.hits, has_newer=cursor is not None, note=note)


async def before(session: Session, hit: Hit, breakpoint_id: str | None, where: str | None, limit: int) -> HitsAround:
    """The hits next before one. Raises `RemoteError`."""
    if _is_plain(session):
        page = await session.newest_hits(_ids(breakpoint_id), where=where, limit=LARGEST_PAGE)
        older = _behind(page.hits, hit)
        return HitsAround(hits=older[:limit], has_older=len(older) > limit, has_newer=True, note=_PLAIN_API)
    page = await session.newest_hits(
        _ids(breakpoint_id), where=where, limit=limit + OF_ONE_MOMENT, before=just_after(hit.timestamp)
    )
    older = _behind(page.hits, hit)
    if len(older) <= limit:
        return _around(page, older, has_newer=True)
    return HitsAround(hits=older[:limit], has_older=True, has_newer=True, cursor=just_after(older[limit].timestamp))


async def after(session: Session, hit: Hit, breakpoint_id: str | None, where: str | None, limit: int) -> HitsAround:
    """The hits next after one; the newest, if there are too many between. Raises `RemoteError`."""
    newer: list[Hit] = []
    cursor = None
    while len(newer) < MOST_NEWER:
        page = await session.newest_hits(_ids(breakpoint_id), where=where, limit=NEWER_PAGE, before=cursor)
        found = _ahead(page.hits, hit)
        newer += found
        cursor = page.cursor
        if len(found) < len(page.hits) or cursor is None:
            near = tuple(newer[-limit:])
            return HitsAround(hits=near, has_older=True, has_newer=len(newer) > limit)
        if not page.complete:
            break
    many = f"more than {len(newer):,}" if len(newer) >= MOST_NEWER else "more than could be searched"
    note = f"There are {many} newer hits, so these are the newest; older ones lie between."
    return HitsAround(hits=tuple(newer[:limit]), has_older=True, complete=False, note=note)


async def the_one_before(session: Session, hit: Hit) -> Hit | None:
    """The hit of the same breakpoint before one; None if there is none any more. Raises `RemoteError`."""
    found = await before(session, hit, hit.breakpoint_id, None, 1)
    return found.hits[0] if found.hits else None


def _around(page: HitPage, hits: tuple[Hit, ...], *, has_newer: bool, note: str | None = None) -> HitsAround:
    if not page.complete:
        ask = "ask for older ones to go on" if page.cursor is not None else "a narrower filter finds more"
        note = f"The search stopped at its bound, so older hits may match, too; {ask}."
    return HitsAround(
        hits=hits,
        has_older=page.cursor is not None,
        has_newer=has_newer,
        complete=page.complete,
        cursor=page.cursor,
        note=note,
    )


def _behind(hits: tuple[Hit, ...], known: Hit) -> tuple[Hit, ...]:
    """Those older than a known hit. Where it is not among them, since the filter is another one, the time decides."""
    index = next((index for index, hit in enumerate(hits) if hit.id == known.id), None)
    return hits[index + 1 :] if index is not None else tuple(hit for hit in hits if hit.timestamp < known.timestamp)


def _ahead(hits: tuple[Hit, ...], known: Hit) -> tuple[Hit, ...]:
    index = next((index for index, hit in enumerate(hits) if hit.id == known.id), None)
    return hits[:index] if index is not None else tuple(hit for hit in hits if hit.timestamp > known.timestamp)


def _ids(breakpoint_id: str | None) -> list[str] | None:
    return None if breakpoint_id is None else [breakpoint_id]


def _is_plain(session: Session) -> bool:
    return session.status.mode == "poll"
