"""What each kind of process is to have armed: worked out once a change, for however many processes ask."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field

from livebreak.backend.changes import Changes
from livebreak.backend.clock import SECOND, Clock, format_time
from livebreak.backend.responses import json_bytes
from livebreak.backend.store.interface import Place, Store
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import ArmedQuery, ArmedSet, Pause

REMEMBERED_ANSWERS = 1000
"""Combinations of repository, service and environment kept for one project; beyond it they are worked out anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An armed set as it is sent."""

    etag: str
    """Of what is armed and why, not of who asks."""
    body: bytes
    body_unknown: bytes
    """The same for a process that has not reported yet."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    version: int
    breakpoints: tuple[Breakpoint, ...]
    pauses: tuple[Pause, ...]
    answers: dict[tuple[str | None, str | None, str | None], Answer] = field(default_factory=dict)


class ArmedSets:
    """The armed sets of all projects, kept for as long as nothing changes."""

    def __init__(self, store: Store, changes: Changes, clock: Clock, lease_us: int) -> None:
        self._store = store
        self._changes = changes
        self._clock = clock
        self._lease_us = lease_us
        self._loaded: dict[int, _Loaded] = {}

    async def answer(self, project_id: int, query: ArmedQuery) -> Answer:
        loaded = await self._current(project_id)
        key = (query.repository, query.service, query.environment)
        if key not in loaded.answers:
            if len(loaded.answers) >= REMEMBERED_ANSWERS:
                loaded.answers.clear()
            loaded.answers[key] = self._work_out(loaded, query)
        return loaded.answers[key]

    async def _current(self, project_id: int) -> _Loaded:
        # Taken before reading: a change while it is read makes what was read old, never the other way round.
        version = self._changes.armed_version(project_id)
        loaded = self._loaded.get(project_id)
        if loaded is not None and loaded.version == version:
            return loaded
        rows = await self._store.breakpoints(project_id, Place(enabled_only=True))
        pauses = await self._store.pauses(project_id)
        now = format_time(self._clock())
        breakpoints = tuple(row for row in rows if row.expires_at is None or row.expires_at > now)
        current = self._loaded.get(project_id)
        if current is not None and current.version >= version:
            return current  # another waiter was faster
        fresh = _Loaded(version, breakpoints, pauses)
        self._loaded[project_id] = fresh
        return fresh

    def _work_out(self, loaded: _Loaded, query: ArmedQuery) -> Answer:
        paused = next((pause for pause in loaded.pauses if pause.service in {None, query.service}), None)
        breakpoints = () if paused else tuple(row for row in loaded.breakpoints if _concerns(row, query))
        armed = ArmedSet(breakpoints=breakpoints, lease_seconds=self._lease_us / SECOND, paused=paused)
        unknown = dataclasses.replace(armed, unknown_process=True)
        body = json_bytes(to_json(armed))
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return Answer(etag=etag, body=body, body_unknown=json_bytes(to_json(unknown)))


def _concerns(breakpoint: Breakpoint, query: ArmedQuery) -> bool:
    """Whether a process that asks so is to arm it. Who names no repository gets those of all; files are matched by path."""
    if query.repository is not None and breakpoint.repository not in {None, query.repository}:
        return False
    return breakpoint.service in {None, query.service} and breakpoint.environment in {None, query.environment}
