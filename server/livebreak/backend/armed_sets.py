"""What each kind of process is to have armed: worked out once a change, for however many processes ask."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.responses import Response

from livebreak.backend import contract_output as output
from livebreak.backend import json_text
from livebreak.backend.changes import Changes
from livebreak.backend.clock import SECOND, Clock, format_time
from livebreak.backend.responses import JsonResponse
from livebreak.backend.sharing import Sharing
from livebreak.backend.store.interface import Place, Store, StoreUnavailableError
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.environments import is_asked_for
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import ArmedQuery, ArmedSet, Pause

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

REMEMBERED_ANSWERS = 1000
"""Combinations of repository, service and environment kept for one project; beyond it they are worked out anew."""


PREPARED_ANSWERS = 50
"""Of these, how many are worked out before those who wait are woken: nobody should wait long for the answers of others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An armed set as it is sent."""

    etag: str
    """Of what is armed and why, not of who asks."""
    known: Response
    """Written once, and sent to each of thousands."""
    unknown: Response
    """The same for a process that has not reported yet."""


_Asked = tuple[str | None, str | None, str | None]
"""Repository, service and environment."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    version: int
    breakpoints: tuple[Breakpoint, ...]
    pauses: tuple[Pause, ...]
    answers: dict[_Asked, Answer] = field(default_factory=dict)
    active: dict[tuple[str, str | None, str | None], bytes] = field(default_factory=dict)


class ArmedSets:
    """The armed sets of all projects, kept for as long as nothing changes."""

    def __init__(self, store: Store, changes: Changes, clock: Clock, lease_us: int) -> None:
        self._store = store
        self._changes = changes
        self._clock = clock
        self._lease_us = lease_us
        self._loaded: dict[int, _Loaded] = {}
        self._sharing = Sharing()
        changes.before_waking(self._prepare)

    async def answer(self, project_id: int, query: ArmedQuery) -> Answer:
        loaded = await self._current(project_id)
        key = (query.repository, query.service, query.environment)
        answer = loaded.answers.get(key)
        if answer is None:
            answer = await self._sharing.do(
                (project_id, loaded.version, key),
                lambda: self._remember(loaded.answers, key, lambda: self._work_out(loaded, query)),
            )
        return answer

    async def active(self, project_id: int, repository: str | None, filename: str | None) -> bytes:
        """The contract's `active/`, of enabled breakpoints alone."""
        loaded = await self._current(project_id)
        key = ("active", repository, filename)
        body = loaded.active.get(key)
        if body is None:
            body = await self._sharing.do(
                (project_id, loaded.version, key), lambda: self._remember(loaded.active, key, lambda: _active(loaded, *key[1:]))
            )
        return body

    async def _prepare(self, project_id: int) -> None:
        """Work out what was asked for before the change: thousands who are woken then have their answer without a wait."""
        before = self._loaded.get(project_id)
        asked = [] if before is None else list(before.answers)[:PREPARED_ANSWERS]
        # Those who are woken read by themselves then, and hear what is the matter.
        with contextlib.suppress(StoreUnavailableError):
            for repository, service, environment in asked:
                await self.answer(
                    project_id, ArmedQuery(process="", repository=repository, service=service, environment=environment)
                )

    async def _current(self, project_id: int) -> _Loaded:
        # Taken before reading: a change while it is read makes what was read old, never the other way round.
        version = self._changes.armed_version(project_id)
        loaded = self._loaded.get(project_id)
        if loaded is not None and loaded.version == version:
            return loaded
        return await self._sharing.do((project_id, version), lambda: self._load(project_id, version))

    async def _load(self, project_id: int, version: int) -> _Loaded:
        rows = await self._store.breakpoints(project_id, Place(enabled_only=True))
        pauses = await self._store.pauses(project_id)
        now = format_time(self._clock())
        breakpoints = tuple(row for row in rows if row.expires_at is None or row.expires_at > now)
        current = self._loaded.get(project_id)
        if current is not None and current.version >= version:
            return current  # a later one was faster
        fresh = _Loaded(version, breakpoints, pauses)
        self._loaded[project_id] = fresh
        return fresh

    async def _remember(self, known: dict[K, T], key: K, work_out: Callable[[], T]) -> T:
        # With thousands of breakpoints this takes longer than the event loop may stand still.
        answer = await asyncio.to_thread(work_out)
        if len(known) >= REMEMBERED_ANSWERS:
            known.clear()
        known[key] = answer
        return answer

    def _work_out(self, loaded: _Loaded, query: ArmedQuery) -> Answer:
        paused = next((pause for pause in loaded.pauses if pause.service in {None, query.service}), None)
        breakpoints = () if paused else tuple(row for row in loaded.breakpoints if _concerns(row, query))
        armed = ArmedSet(breakpoints=breakpoints, lease_seconds=self._lease_us / SECOND, paused=paused)
        unknown = dataclasses.replace(armed, unknown_process=True)
        body = json_text.write(to_json(armed))
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "no-store"}
        known, asked = JsonResponse(body, headers=headers), JsonResponse(json_text.write(to_json(unknown)), headers=headers)
        return Answer(etag=etag, known=known, unknown=asked)


def _active(loaded: _Loaded, repository: str | None, filename: str | None) -> bytes:
    # The kill switch binds agents that know nothing of it, too; they cannot name their service.
    is_paused = any(pause.service is None for pause in loaded.pauses)
    rows = () if is_paused else loaded.breakpoints
    return json_text.write(
        output.results(
            [
                output.active_resource(row)
                for row in rows
                if repository in {None, row.repository} and filename in {None, row.filename}
            ]
        )
    )


def _concerns(breakpoint: Breakpoint, query: ArmedQuery) -> bool:
    """Whether a process that asks so is to arm it. Who names no repository gets those of all; files are matched by path."""
    if query.repository is not None and breakpoint.repository not in {None, query.repository}:
        return False
    return breakpoint.service in {None, query.service} and is_asked_for(query.environment, breakpoint.environment)
