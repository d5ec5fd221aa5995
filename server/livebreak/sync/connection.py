"""The network behind a session: receives what the backend has, sends what the outbox holds, and comes back after trouble."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import Protocol

from livebreak.debugger.values import visible
from livebreak.sync.known import Known, RefusedEdit
from livebreak.sync.outbox import Edit, Outbox
from livebreak.sync.remotes import Event, Missing, Occupied, Opened, Refused, Rejected, Remote, RemoteError, Unreachable
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.wire import (
    BreakpointChanged,
    HitsArrived,
    HitsQuery,
    PauseChanged,
    ProcessChanged,
    Reset,
)
from livebreak_agent.vocabulary.wire import (
    Connection as State,
)

_log = logging.getLogger(__name__)

FIRST_DELAY = 0.5
"""Seconds before the first new attempt: a restart of the backend takes about one."""
LONGEST_DELAY = 30.0
"""Seconds; a person who repairs the network should not have to wait longer."""
LONGEST_RETRY_AFTER = 120.0
"""Seconds of a server's `Retry-After` that are obeyed: longer, and a mistake of its would be a day offline."""
FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY = 1.0, 60.0
"""Seconds after a refused key, doubled each time: only a person can mend it, and whoever does so looks whether it helped."""
LONGEST_NAME = 80
"""Characters of a project's name in a sentence."""
POLL_FAST, POLL_SLOW = 3.0, 30.0
"""Seconds between polls of a plain PostHog API while hits come, and at rest: contract.md's budget is 480 a minute."""
HITS_ON_LOAD = 100
"""Newest hits fetched for the whole project when everything is fetched anew."""


class Told(Protocol):
    """What a connection tells; `Session` and its listener are behind it."""

    def loaded(self) -> None:
        """Everything that the backend has was fetched."""

    def occupied(self, breakpoint_id: str) -> bool:
        """The line of an addition has a breakpoint already, and `Known` has it. True if the addition gave way to that."""

    def renamed(self, breakpoint_id: str, new_id: str) -> None:
        """The backend chose another id for a breakpoint than this side did."""

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None: ...

    def hits_changed(self, breakpoint_ids: frozenset[str]) -> None: ...

    def status_changed(self) -> None: ...

    def notice(self, message: str) -> None: ...


class RemoteConnection:
    """Keeps `known` in step with a remote until it is stopped."""

    def __init__(self, *, remote: Remote, known: Known, outbox: Outbox, told: Told) -> None:
        self._remote = remote
        self._known = known
        self._outbox = outbox
        self._told = told
        self._has_edits = asyncio.Event()
        self._sent_all = asyncio.Event()
        self._connected = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._last_event_id: str | None = None
        self._told_queued = 0

    async def start(self) -> None:
        """Begin; returns at once, also when the backend is away."""
        self._known.on_touched = self._on_touched
        self._set(State.CONNECTING, f"Connecting to {self._remote.host}.")
        self._tell_notices()
        if len(self._outbox):
            self._has_edits.set()
        self._tasks = [asyncio.create_task(self._receive_for_ever()), asyncio.create_task(self._send_for_ever())]

    async def stop(self, patience: float = 1.0) -> None:
        """End, after giving queued edits up to `patience` seconds to leave; what stays is on disk."""
        if self._tasks and self._connected.is_set() and len(self._outbox):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._sent_all.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._outbox.close()
        await self._remote.close()

    def _on_touched(self, breakpoint_ids: frozenset[str]) -> None:
        if len(self._outbox):
            self._sent_all.clear()
            self._has_edits.set()
        if len(self._outbox) != self._told_queued:
            self._told_queued = len(self._outbox)
            self._told.status_changed()
        self._told.breakpoints_changed(breakpoint_ids)

    # --- receiving

    async def _receive_for_ever(self) -> None:
        delays = _Delays()
        refusals = _Delays(FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY)
        while True:
            try:
                await self._receive(delays)
                delay = delays.next()
            except Refused as error:
                self._set(State.REFUSED, str(error))
                delay = refusals.next()
            except RemoteError as error:
                self._set(State.OFFLINE, f"{error} Trying again; edits are queued here.")
                delay = _patience(delays, error)
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

    async def _receive(self, delays: _Delays) -> None:
        capabilities = await self._remote.capabilities()
        self._known.owner = capabilities.owner
        self._known.project = visible(capabilities.project.name[:LONGEST_NAME])
        if "stream" in capabilities.features:
            await self._follow_stream(delays)
        else:
            await self._poll(delays)

    async def _follow_stream(self, delays: _Delays) -> None:
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

    async def _poll(self, delays: _Delays) -> None:
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
            self._drop_lapsed()
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

    def _drop_lapsed(self) -> None:
        for lapsed in self._outbox.drop_lapsed():
            self._told.notice(f"A breakpoint in {_place(lapsed)} waited more than a day for the backend and was not sent.")
            self._known.touched(lapsed.breakpoint_id)

    def _tell_notices(self) -> None:
        while self._outbox.notices:
            self._told.notice(self._outbox.notices.pop(0))

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

    # --- sending

    def _set_unsendable(self, reason: str | None) -> None:
        if reason != self._known.unsendable:
            self._known.unsendable = reason
            self._told.breakpoints_changed(self._outbox.pending_ids())

    async def _send_for_ever(self) -> None:
        delays = _Delays()
        refusals = _Delays(FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY)
        while True:
            await self._has_edits.wait()
            await self._connected.wait()
            self._drop_lapsed()
            edit = self._outbox.next()
            if edit is None:
                self._has_edits.clear()
                self._sent_all.set()
                continue
            try:
                await self._send(edit)
            except Unreachable as error:
                self._outbox.retry()
                self._set_unsendable(str(error))
                await asyncio.sleep(_patience(delays, error))
            except Refused as error:
                self._outbox.retry()
                if str(error) != self._known.unsendable:
                    self._told.notice(str(error))
                self._set_unsendable(str(error))
                await asyncio.sleep(refusals.next())
            except Exception:  # noqa: BLE001
                # One edit that cannot be sent, whatever is wrong with it, must not hold up the others for ever.
                _log.exception("An edit could not be sent.")
                self._outbox.done()
                self._on_rejected(edit, "It could not be sent, for a reason that was not foreseen; the log has it.")
            else:
                delays.reset()
                refusals.reset()
                self._set_unsendable(None)
            self._tell_notices()

    async def _send(self, edit: Edit) -> None:
        item: Breakpoint | None = None
        try:
            if edit.kind == "create" and edit.new is not None:
                item = await self._remote.create(edit.new)
            elif edit.kind == "change":
                item = await self._remote.change(edit.breakpoint_id, edit.fields or {})
            else:
                await self._remote.remove(edit.breakpoint_id)
        except Missing as error:
            if edit.kind == "create":
                # A route that is not there is a deployment under way, or another program on that port.
                raise Unreachable(str(error)) from None
            # Somebody else removed it first, and the remote is right.
        except Occupied as error:
            # The stream may not have told of it yet.
            self._known.expect_breakpoints()
            self._known.replace_breakpoints((await self._remote.breakpoints()).results)
            self._outbox.retry()
            if not self._told.occupied(edit.breakpoint_id):
                self._outbox.next()
                self._outbox.done()
                self._on_rejected(edit, str(error))
            return
        except Rejected as error:
            self._outbox.done()
            self._on_rejected(edit, str(error))
            return
        self._outbox.done()
        if item is not None:
            if item.id != edit.breakpoint_id:
                self._outbox.rename(edit.breakpoint_id, item.id)
                self._told.renamed(edit.breakpoint_id, item.id)
            self._known.put_breakpoint(item)
        else:
            self._known.drop_breakpoint(edit.breakpoint_id)
        self._known.touched(edit.breakpoint_id)

    def _on_rejected(self, edit: Edit, message: str) -> None:
        if edit.kind == "create" and edit.new is not None:
            self._known.refused[edit.breakpoint_id] = RefusedEdit(new=edit.new, message=message)
        else:
            self._told.notice(message)
        self._known.touched(edit.breakpoint_id)


class _Delays:
    """Back-off with full jitter, so that many editors do not return in one moment. A library costs start time we do not have."""

    def __init__(self, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY) -> None:
        self._first, self._longest = first, longest
        self._ceiling = first

    def next(self) -> float:
        delay = random.uniform(self._ceiling / 2, self._ceiling)
        self._ceiling = min(self._ceiling * 2, self._longest)
        return delay

    def reset(self) -> None:
        self._ceiling = self._first


def _patience(delays: _Delays, error: RemoteError) -> float:
    """Seconds until the next attempt; a server may ask for more, within reason."""
    asked = error.retry_after if isinstance(error, Unreachable) else None
    return max(delays.next(), min(asked or 0.0, LONGEST_RETRY_AFTER))


def _place(edit: Edit) -> str:
    return f"{edit.new.filename}:{edit.new.line_number}" if edit.new is not None else "a file"
