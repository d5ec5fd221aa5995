"""Hits along their time axes: those of a session, as they come and as far back as somebody walks, or those of a file."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from livebreak.debugger.hit_choice import HitChoice, chooser, is_in_time
from livebreak.debugger.time_axis import Lane, Moment, TimeAxis, lane_of, moment_of
from livebreak.sync.arrivals import Arrivals
from livebreak.sync.hit_file import HitFile
from livebreak.sync.hit_pages import HitPage, just_after
from livebreak.sync.remotes import RemoteError, Unreachable
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.lsp_messages import Connection
from livebreak_agent.vocabulary.model import Breakpoint, Hit

FIRST_LOOK = 100
"""Hits of the first look at all."""
FIRST_PAGE = 25
"""Hits that a step back fetches when it leaves what is known: some 10 ms. Each further page of the same step is twice as large,
since then they are of other processes."""
CATCH_UP = 200
"""Newest hits of one breakpoint fetched when news of it came, and of each page behind them while some that came are missing."""
BETWEEN_LOOKS = 0.5
"""Seconds between two looks for new hits: as often as the backend tells of them."""
MOST_PAGES_BACK = 10
"""Pages that one step back reads in search of an older hit of the same process, or one look in search of hits that came late;
beyond them a line is so hot that nobody reads each."""
WHOLE_HITS = 512
"""Whole hits kept, so that walking among them needs no network: of usual ones 2 MB."""


class Gone(Exception):
    """The hit is no longer stored; the text is one sentence."""


class Feed(Protocol):
    """Where a debugger's hits come from."""

    axes: dict[Lane, TimeAxis]

    def breakpoint(self, breakpoint_id: str) -> Breakpoint | None: ...

    async def begin(self) -> None:
        """Fill the axes with what is at hand; returns soon."""

    async def older(self, lane: Lane, moment: Moment) -> Moment | None:
        """The moment before one; None if there is none. Raises `RemoteError`."""

    async def newer(self, lane: Lane, moment: Moment) -> Moment | None:
        """The moment after one; None if there is none. Raises `RemoteError`."""

    async def hit(self, moment: Moment) -> Hit:
        """Raises `RemoteError` and `Gone`."""

    def take(self, hit: Hit) -> Moment:
        """Put a hit on its axis that somebody asked for by name, also where the choice of hits leaves it out."""

    async def stop(self) -> None: ...


class PlacedHits:
    """The hits of a file with their places on the time axes: worked out once, for all who look at it."""

    def __init__(self, file: HitFile) -> None:
        self.breakpoints = {item.id: item for item in file.breakpoints}
        self.hits = {hit.id: hit for hit in file.hits}
        self.places = [(hit.id, lane_of(hit), moment_of(hit)) for hit in file.hits]


class FileFeed:
    """The hits of an export."""

    def __init__(self, placed: PlacedHits, choice: HitChoice) -> None:
        is_wanted = chooser(choice)
        self._breakpoints = placed.breakpoints
        self._hits = placed.hits
        by_lane: dict[Lane, list[Moment]] = {}
        for hit_id, lane, moment in placed.places:
            if is_wanted(placed.hits[hit_id]):
                by_lane.setdefault(lane, []).append(moment)
        self.axes: dict[Lane, TimeAxis] = {lane: TimeAxis(moments) for lane, moments in by_lane.items()}

    def breakpoint(self, breakpoint_id: str) -> Breakpoint | None:
        return self._breakpoints.get(breakpoint_id)

    async def begin(self) -> None:
        """All of it is here."""

    async def older(self, lane: Lane, moment: Moment) -> Moment | None:
        return self.axes[lane].older(moment)

    async def newer(self, lane: Lane, moment: Moment) -> Moment | None:
        return self.axes[lane].newer(moment)

    async def hit(self, moment: Moment) -> Hit:
        return self._hits[moment.hit_id]

    def take(self, hit: Hit) -> Moment:
        return _take(self.axes, hit)

    async def stop(self) -> None:
        """Nothing runs."""


@dataclass(kw_only=True, slots=True)
class _Known:
    """The part of a breakpoint's history of which every wanted hit is on its axes."""

    low: str
    """Timestamp; empty if there is nothing before. Of several hits of this very time some may be missing."""
    high: str
    cursor: str | None
    """Goes on below `low`."""


class LiveFeed:
    """The hits of a session that match a choice.

    Parameters
    ----------
    told
        Called with the lanes that have new moments, on the event loop.
    failed
        Called with a sentence when hits could not be fetched.
    """

    def __init__(
        self, session: Session, choice: HitChoice, *, told: Callable[[Collection[Lane]], None], failed: Callable[[str], None]
    ) -> None:
        self.axes: dict[Lane, TimeAxis] = {}
        self._session = session
        self._choice = choice
        self._is_wanted = chooser(choice)
        self._told = told
        self._failed = failed
        self._whole: OrderedDict[str, Hit] = OrderedDict()
        self._known: dict[str, _Known] = {}
        self._arrivals = Arrivals(session.log.total)
        self._dirty: set[str | None] = set()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def breakpoint(self, breakpoint_id: str) -> Breakpoint | None:
        return self._session.stored(breakpoint_id)

    async def begin(self) -> None:
        """What the session holds is there at once; what only the backend knows comes from the background."""
        self._take_summaries(self._wanted_ids())
        self._dirty.add(None)
        self._woken.set()
        self._task = asyncio.create_task(self._look_for_ever())

    def look(self, breakpoint_ids: Collection[str] | None) -> None:
        """News of these breakpoints; None is of all."""
        wanted = self._wanted_ids() if breakpoint_ids is None else self._chosen(breakpoint_ids)
        # Of a logpoint's hits every one is told, in order; a summary is only of the newest.
        if lanes := self._take_summaries([id for id in wanted if not self._is_logpoint(id)], are_news=True):
            self._told(lanes)
        self._dirty |= {None} if breakpoint_ids is None else set(wanted)
        self._woken.set()

    async def older(self, lane: Lane, moment: Moment) -> Moment | None:
        axis = self.axes[lane]
        for number in range(MOST_PAGES_BACK):
            size = min(FIRST_PAGE << number, max(FIRST_PAGE, CATCH_UP))
            known = self._known.get(lane.breakpoint_id)
            older = axis.older(moment)
            if known is None:
                await self._fetch(lane.breakpoint_id, size)
            elif known.low <= moment.timestamp <= known.high:
                if not known.low or (older is not None and older.timestamp > known.low):
                    return older
                await self._fetch(lane.breakpoint_id, size, before=known.low, cursor=known.cursor)
            else:
                cursor = just_after(moment.timestamp)
                await self._fetch(lane.breakpoint_id, size, before=moment.timestamp, cursor=cursor)
        return axis.older(moment)

    async def newer(self, lane: Lane, moment: Moment) -> Moment | None:
        known = self._known.get(lane.breakpoint_id)
        newer = self.axes[lane].newer(moment)
        if newer is None or known is None or not known.low <= newer.timestamp <= known.high:
            # Of several that came at once the newest is told first, and the others may not be here yet.
            await self._fetch(lane.breakpoint_id, CATCH_UP)
        return self.axes[lane].newer(moment)

    async def hit(self, moment: Moment) -> Hit:
        hit = self._whole.get(moment.hit_id)
        if hit is None:
            hit = await self._session.hit(moment.hit_id)
        if hit is None:
            raise Gone("This hit is gone: the backend keeps hits for a set time only.")
        self._keep([hit])
        return hit

    def take(self, hit: Hit) -> Moment:
        self._keep([hit])
        return _take(self.axes, hit)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # --- what comes

    async def _look_for_ever(self) -> None:
        has_begun = False
        while True:
            await self._woken.wait()
            self._woken.clear()
            ids, self._dirty = self._dirty, set()
            if not has_begun:
                has_begun = await self._begin_looking()
            else:
                if None in ids:
                    ids = ids - {None} | self._arrivals.among(self._wanted_ids())
                await self._tell_each(sorted(ids, key=str), self._catch_up)
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _begin_looking(self) -> bool:
        """The first look, to be repeated until there is a connection: what was stored before it is history, which is fetched
        when somebody walks back."""
        is_connected = self._session.status.connection is Connection.CONNECTED
        chosen = self._choice.breakpoint_ids
        await self._tell_each(sorted(chosen) if chosen is not None else [None], self._first_look)
        for breakpoint_id in self._wanted_ids():
            self._arrivals.settle(breakpoint_id, self._session.log.total(breakpoint_id))
        return is_connected

    async def _first_look(self, breakpoint_id: str | None) -> set[Lane]:
        return await self._fetch(breakpoint_id, FIRST_LOOK if breakpoint_id is None else CATCH_UP)

    async def _tell_each(self, ids: Iterable[str | None], look: Callable[[str | None], Awaitable[set[Lane]]]) -> None:
        for breakpoint_id in ids:
            try:
                lanes = await look(breakpoint_id)
            except Unreachable:
                # The connection says so itself, and asks for everything anew when it is back.
                continue
            except RemoteError as error:
                self._failed(str(error))
                continue
            if lanes:
                self._told(lanes)

    async def _catch_up(self, breakpoint_id: str | None) -> set[Lane]:
        """Fetch the newest hits of a breakpoint and, as long as some of those that came are missing, the ones before."""
        assert breakpoint_id is not None  # noqa: S101 - news is of a breakpoint; this tells the type checker
        was = self._known.pop(breakpoint_id, None)
        told = self._session.log.total(breakpoint_id)
        lanes = await self._fetch(breakpoint_id, CATCH_UP, are_news=True)
        # Under a filter not each one that came is wanted, so that their number says only where to look again.
        pages = 0 if self._choice.is_filter else MOST_PAGES_BACK
        while pages and self._arrivals.missing(breakpoint_id) and (known := self._known[breakpoint_id]).cursor is not None:
            lanes |= await self._fetch(breakpoint_id, CATCH_UP, before=known.low, cursor=known.cursor, are_news=True)
            pages -= 1
        known = self._known[breakpoint_id]
        is_whole = not self._arrivals.missing(breakpoint_id)
        if was is not None and is_whole and was.low < known.low <= was.high:
            # Nothing came in between, so what was known before the newest ones still is.
            self._known[breakpoint_id] = replace(known, low=was.low, cursor=was.cursor)
        self._arrivals.settle(breakpoint_id, told)
        return lanes

    def _is_logpoint(self, breakpoint_id: str) -> bool:
        item = self._session.stored(breakpoint_id)
        return item is not None and item.log_message is not None

    def _take_summaries(self, breakpoint_ids: Iterable[str], *, are_news: bool = False) -> set[Lane]:
        if self._choice.needs_whole_hits:
            return set()
        lanes = set()
        for breakpoint_id in breakpoint_ids:
            for summary in self._session.log.of(breakpoint_id):
                if is_in_time(self._choice, breakpoint_id, summary.timestamp) and self._add(
                    lane_of(summary), moment_of(summary), are_news=are_news
                ):
                    lanes.add(lane_of(summary))
        return lanes

    async def _fetch(
        self,
        breakpoint_id: str | None,
        limit: int,
        *,
        before: str | None = None,
        cursor: str | None = None,
        are_news: bool = False,
    ) -> set[Lane]:
        """Take a page onto the axes: the newest, or the one behind a cursor, which is at the time `before`. The lanes that
        have new moments."""
        ids = None if breakpoint_id is None else [breakpoint_id]
        page = await self._session.newest_hits(ids, where=self._choice.where, limit=limit, before=cursor)
        hits = [hit for hit in page.hits if self._is_wanted(hit)]
        self._keep(hits)
        if breakpoint_id is not None:
            self._extend(breakpoint_id, page, before)
        return {lane_of(hit) for hit in hits if self._add(lane_of(hit), moment_of(hit), are_news=are_news)}

    def _extend(self, breakpoint_id: str, page: HitPage, before: str | None) -> None:
        """Widen what is surely known by a page, or begin anew with it where it does not touch what was known."""
        low = "" if page.cursor is None else page.hits[-1].timestamp if page.hits else (before or "")
        high = before or (page.hits[0].timestamp if page.hits else "")
        cursor = page.cursor
        known = self._known.get(breakpoint_id)
        # More may have come at the very time at which the newest page begins to overlap; one behind a cursor leaves no gap.
        touches = known is not None and (low < known.high if before is None else low <= known.high)
        if known is not None and touches and known.low <= high:
            high = max(high, known.high)
            if known.low < low or (known.low == low and before is None):
                low, cursor = known.low, known.cursor
        self._known[breakpoint_id] = _Known(low=low, high=high, cursor=cursor)

    def _add(self, lane: Lane, moment: Moment, *, are_news: bool) -> bool:
        axis = self.axes.get(lane)
        if axis is None:
            axis = self.axes[lane] = TimeAxis()
        is_new = axis.add(moment)
        if is_new and are_news:
            self._arrivals.taken(lane.breakpoint_id)
        return is_new

    def _keep(self, hits: Collection[Hit]) -> None:
        for hit in reversed(tuple(hits)):
            self._whole[hit.id] = hit
            self._whole.move_to_end(hit.id)
        while len(self._whole) > WHOLE_HITS:
            self._whole.popitem(last=False)

    def _wanted_ids(self) -> Collection[str]:
        return self._chosen([item.id for item in self._session.breakpoint_list])

    def _chosen(self, breakpoint_ids: Iterable[str]) -> list[str]:
        chosen = self._choice.breakpoint_ids
        return [id for id in breakpoint_ids if chosen is None or id in chosen]


def _take(axes: dict[Lane, TimeAxis], hit: Hit) -> Moment:
    axis = axes.setdefault(lane_of(hit), TimeAxis())
    axis.add(moment_of(hit))
    return axis.at(moment_of(hit))
