"""Hits as a debugger walks them: a lane is one breakpoint in one process, its hits are an axis from older to newer."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from livebreak.debugger.values import visible
from livebreak.debugger.wording import local_time
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import HitSummary

MOST_MOMENTS = 20_000
"""Moments of one lane: some 6 MB. The oldest give way, and are fetched again when somebody walks back to them."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Lane:
    """What a debugger shows as one thread."""

    breakpoint_id: str
    process_id: str = ""
    """Empty for hits that name no process, which share a lane."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One hit, as much as is needed to find and to name it."""

    hit_id: str
    timestamp: str
    filename: str
    line_number: int
    service: str | None = None
    host: str | None = None
    pid: int | None = None
    message: str | None = None
    """A logpoint's text."""

    @property
    def key(self) -> tuple[str, str]:
        """What moments are ordered by; hits of one microsecond differ in their ids."""
        return self.timestamp, self.hit_id


def lane_of(hit: Hit | HitSummary) -> Lane:
    return Lane(breakpoint_id=hit.breakpoint_id, process_id=hit.process_id or "")


def moment_of(hit: Hit | HitSummary) -> Moment:
    return Moment(
        hit_id=hit.id,
        timestamp=hit.timestamp,
        filename=hit.filename,
        line_number=hit.line_number,
        service=hit.service,
        host=hit.host if isinstance(hit, Hit) else None,
        pid=hit.pid if isinstance(hit, Hit) else None,
        message=hit.message,
    )


class TimeAxis:
    """The moments of one lane, each once. A neighbour is found by time, so that it can be asked for of a moment that has
    given way meanwhile."""

    def __init__(self, moments: Iterable[Moment] = ()) -> None:
        by_key = {moment.key: moment for moment in moments}
        self._keys = sorted(by_key)
        self._by_key = by_key

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, moment: Moment) -> bool:
        """False if it was known."""
        if moment.key in self._by_key:
            return False
        bisect.insort(self._keys, moment.key)
        self._by_key[moment.key] = moment
        if len(self._keys) > MOST_MOMENTS:
            del self._by_key[self._keys.pop(0)]
        return True

    def at(self, moment: Moment) -> Moment:
        """The moment as it is held here: with as much as was known of it when it came. One that has given way, as it is given."""
        return self._by_key.get(moment.key, moment)

    def oldest(self) -> Moment:
        """Raises `IndexError` on an empty axis."""
        return self._by_key[self._keys[0]]

    def newest(self) -> Moment:
        """Raises `IndexError` on an empty axis."""
        return self._by_key[self._keys[-1]]

    def older(self, moment: Moment) -> Moment | None:
        index = bisect.bisect_left(self._keys, moment.key)
        return self._by_key[self._keys[index - 1]] if index > 0 else None

    def newer(self, moment: Moment) -> Moment | None:
        index = bisect.bisect_right(self._keys, moment.key)
        return self._by_key[self._keys[index]] if index < len(self._keys) else None

    def after(self, key: tuple[str, str]) -> list[Moment]:
        """All that are newer than this key, in their order."""
        return [self._by_key[later] for later in self._keys[bisect.bisect_right(self._keys, key) :]]

    def newer_count(self, moment: Moment) -> int:
        """How many are known after it."""
        return len(self._keys) - bisect.bisect_right(self._keys, moment.key)


def process_names(newest: Mapping[Lane, Moment]) -> dict[str, str]:
    """A short name for each process: its service or host, and its pid where the name alone is not enough."""
    names: dict[str, str] = {}
    for lane, moment in newest.items():
        names.setdefault(lane.process_id, visible(moment.service or moment.host or "") or "a process")
    counts: dict[str, int] = {}
    for name in names.values():
        counts[name] = counts.get(name, 0) + 1
    pids = {lane.process_id: moment.pid for lane, moment in newest.items() if moment.pid is not None}
    return {
        process_id: name if counts[name] == 1 else f"{name}:{pids.get(process_id) or process_id[:8]}"
        for process_id, name in names.items()
    }


def lane_name(moment: Moment, process_name: str, now: datetime) -> str:
    """`12:03:04 web-1 cart.py:42`: what differs first, since lists cut long names."""
    filename = visible(moment.filename.rpartition("/")[2])
    return f"{local_time(moment.timestamp, now)} {process_name} {filename}:{moment.line_number}"
