"""The network behind a session: receives what the backend has, sends what the outbox holds, and comes back after trouble."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Protocol

from livebreak.debugger.values import visible
from livebreak.sync import sending
from livebreak.sync.delays import FIRST_REFUSED_DELAY, LONGEST_DELAY, LONGEST_REFUSED_DELAY, Delays, patience
from livebreak.sync.known import Known
from livebreak.sync.outbox import Outbox
from livebreak.sync.outbox_owners import Owner
from livebreak.sync.remotes import Event, Opened, Refused, Remote, RemoteError, Unreachable
from livebreak.sync.sending import Sender
from livebreak_agent.vocabulary.lsp_messages import Connection as State
from livebreak_agent.vocabulary.lsp_messages import Status
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.wire import BreakpointChanged, HitsArrived, HitsQuery, PauseChanged, ProcessChanged, Reset

_log = logging.getLogger(__name__)

LONGEST_NAME = 80
"""Characters of a project's name in a sentence."""
POLL_FAST, POLL_SLOW = 3.0, 30.0
"""Seconds between polls of a plain PostHog API while hits come, and at rest: contract.md's budget is 480 a minute."""
HITS_ON_LOAD = 100
"""Newest hits fetched for the whole project when everything is fetched anew."""


class Told(sending.Told, Protocol):
    """What a connection tells; `Session` and its listener are behind it."""

    def loaded(self) -> None:
        """Everything that the backend has was fetched."""

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None: ...

    def status_changed(self) -> None: ...


class RemoteConnection:
    """Keeps `known` in step with a remote until it is stopped."""

    def __init__(self, *, remote: Remote, known: Known, outbox: Outbox, told: Told) -> None:
        self._remote = remote
        self._known = known
        self._outbox = outbox
        self._told = told
        self._connected = asyncio.Event()
        self._sender = Sender(remote=remote, known=known, outbox=outbox, told=told, connected=self._connected)
        self._tasks: list[asyncio.Task[None]] = []
        self._last_event_id: str | None = None
        self._told_status: Status | None = None

    async def start(self) -> None:
        """Begin; returns at once, also when the backend is away."""
        self._known.on_touched = self._on_touched
        self._set(State.CONNECTING, f"Connecting to {self._remote.host}.")
        self._sender.tell_notices()
        self._sender.wake()
        self._tasks = [asyncio.create_task(self._receive_for_ever()), asyncio.create_task(self._sender.run())]

    async def stop(self, seconds: float = 1.0) -> None:
        """End, after giving queued edits up to so many `seconds` to leave; what stays is on disk."""
        if self._tasks:
            await self._sender.stop(seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._outbox.close()
        await self._remote.close()

    def _on_touched(self, breakpoint_ids: frozenset[str]) -> None:
        self._sender.wake()
        status = self._known.status(queued=len(self._outbox))
        if status != self._told_status:
            self._told_status = status
            self._told.status_changed()
        self._told.breakpoints_changed(breakpoint_ids)

    # --- receiving

    async def _receive_for_ever(self) -> None:
        delays = Delays()
        refusals = Delays(FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY)
        while True:
            try:
                await self._receive(delays)
                delay = delays.next()
            except Refused as error:
                self._set(State.REFUSED, str(error))
                delay = refusals.next()
            except RemoteError as error:
                self._set(State.OFFLINE, f"{error} Trying again; edits are queued here.")
                delay = patience(delays, error)
            except Exception:  # noqa: BLE001
                # One event that we cannot digest must not end the session; the whole is fetched anew.
                _log.exception("The connection failed in an unforeseen way.")
                self._set(State.OFFLINE, "Something unforeseen happened; the log has it. Trying again.")
                self._last_event_id = None
                delay = LONGEST_DELAY
            if self._connected.is_set():
                refusals.reset()
            self._connected.clear()
            await asyncio.sleep(delay)

    async def _receive(self, delays: Delays) -> None:
        capabilities = await self._remote.capabilities()
        self._known.owner = capabilities.owner
        if capabilities.project.id:
            # A plain PostHog API does not tell which project is the key's own.
            adopted = self._outbox.belongs_to(Owner(owner=capabilities.owner, project=capabilities.project.id))
            self._sender.tell_notices()
            self._known.touched(*adopted)
        self._known.project = visible(capabilities.project.name[:LONGEST_NAME])
        self._known.keeps_from_production = "not_production" in capabilities.features
        if "stream" in capabilities.features:
            await self._follow_stream(delays)
        else:
            await self._poll(delays)

    async def _follow_stream(self, delays: Delays) -> None:
        self._known.mode = "stream"
        async for event in self._remote.stream(self._last_event_id):
            if isinstance(event.payload, Opened) and self._last_event_id is None:
                # The backend begins a fresh stream with `reset`: only once everything was fetched are we connected,
                # so that no edit is sent which a look at what is stored would have made needless.
                continue
            await self._take(event)
            self._last_event_id = event.id or self._last_event_id
            delays.reset()
            self._set_connected()
        raise Unreachable(f"{self._remote.host} ended the stream.")

    async def _poll(self, delays: Delays) -> None:
        self._known.mode = "poll"
        pause = POLL_FAST
        while True:
            came = await self._load()
            delays.reset()
            self._set_connected()
            pause = POLL_FAST if came else min(pause * 1.5, POLL_SLOW)
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))

    async def _take(self, event: Event) -> None:
        match event.payload:
            case Opened() | None:
                pass
            case Reset():
                await self._load()
            case BreakpointChanged(change="deleted", breakpoint=item):
                self._known.drop_breakpoint(item.id)
            case BreakpointChanged(breakpoint=item):
                self._known.put_breakpoint(item)
            case ProcessChanged(change="left", state=state):
                self._known.drop_process(state.process.id)
            case ProcessChanged(state=state):
                self._known.put_process(state)
            case HitsArrived(newest=newest, total=total):
                self._known.hits.add(newest, total)
                self._told.hits_changed(frozenset({newest.breakpoint_id}))
            case PauseChanged(pauses=pauses):
                self._known.replace_pauses(pauses)

    async def _load(self) -> bool:
        """Fetch everything; True if there were new hits."""
        self._known.expect_breakpoints()
        listed = await self._remote.breakpoints()
        processes = await self._remote.processes()
        self._known.replace_pauses(processes.pauses)
        self._known.replace_processes(processes.results)
        self._known.replace_breakpoints(listed.results)
        new = {it.breakpoint_id for it in listed.hits if self._known.hits.add(it.newest, it.total)}
        new |= await self._load_older_hits()
        if not self._connected.is_set():
            self._sender.drop_lapsed()
            self._told.loaded()
        if new:
            self._told.hits_changed(frozenset(new))
        return bool(new)

    async def _load_older_hits(self) -> set[str]:
        """Breakpoints with hits that were not known. Trouble here ends nothing, since all else works without."""
        try:
            page = await self._remote.hits(HitsQuery(limit=HITS_ON_LOAD))
        except RemoteError as error:
            _log.warning("Older hits could not be fetched: %s", error)
            return set()
        return {hit.breakpoint_id for hit in page.results if self._known.hits.add(summarise(hit))}

    def _set_connected(self) -> None:
        if not self._connected.is_set():
            self._set(State.CONNECTED, f"Connected to {self._remote.host}, project {self._known.project}.")
            self._connected.set()

    def _set(self, state: State, message: str) -> None:
        if (state, message) != (self._known.connection, self._known.message):
            self._known.connection = state
            self._known.message = message
            self._told.status_changed()
            self._told.breakpoints_changed(frozenset(self._known.breakpoints) | self._outbox.pending_ids())
