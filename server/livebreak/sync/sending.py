"""Empties the outbox: edit by edit, in their order, and nothing into production before somebody has said yes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import Protocol

from livebreak.sync.consent import Asks, Consent
from livebreak.sync.delays import FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY, Delays, patience
from livebreak.sync.edits import Edit
from livebreak.sync.known import Known, RefusedEdit
from livebreak.sync.outbox import Outbox
from livebreak.sync.remotes import Missing, Occupied, Refused, Rejected, Remote, Unreachable
from livebreak_agent.vocabulary.model import Breakpoint

_log = logging.getLogger(__name__)


class Told(Asks, Protocol):
    """What sending tells, and asks."""

    def occupied(self, breakpoint_id: str) -> bool:
        """The line of an addition has a breakpoint already, and `Known` has it. True if the addition gave way to that."""

    def renamed(self, breakpoint_id: str, new_id: str) -> None:
        """The backend chose another id for a breakpoint than this side did."""

    def notice(self, message: str) -> None: ...


class Sender:
    """Sends what the outbox holds, whenever `connected` is set, until it is stopped."""

    def __init__(self, *, remote: Remote, known: Known, outbox: Outbox, told: Told, connected: asyncio.Event) -> None:
        self._remote = remote
        self._known = known
        self._outbox = outbox
        self._told = told
        self._connected = connected
        self._has_edits = asyncio.Event()
        self._sent_all = asyncio.Event()
        self._consent = Consent(known=known, outbox=outbox, asks=told, reject=self._on_rejected, on_answer=self._has_edits.set)

    def wake(self) -> None:
        """There are edits, or other processes."""
        self._consent.look_at_processes()
        if len(self._outbox):
            self._sent_all.clear()
            self._has_edits.set()

    async def stop(self, seconds: float) -> None:
        """Give queued edits up to so many seconds to leave. `run` is cancelled by whoever started it."""
        if self._connected.is_set() and len(self._outbox):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._sent_all.wait()
        await self._consent.stop()

    def drop_lapsed(self) -> None:
        for lapsed in self._outbox.drop_lapsed():
            self._told.notice(f"A breakpoint in {_place(lapsed)} waited more than a day for the backend and was not sent.")
            self._known.touched(lapsed.breakpoint_id)

    def tell_notices(self) -> None:
        while self._outbox.notices:
            self._told.notice(self._outbox.notices.pop(0))

    async def run(self) -> None:
        delays = Delays()
        refusals = Delays(FIRST_REFUSED_DELAY, LONGEST_REFUSED_DELAY)
        while True:
            await self._has_edits.wait()
            await self._connected.wait()
            self.drop_lapsed()
            edit = self._outbox.next(self._consent.held)
            if edit is None:
                self._has_edits.clear()
                self._sent_all.set()
                continue
            if self._consent.holds(edit):
                continue
            try:
                await self._send(edit)
            except Unreachable as error:
                self._outbox.retry(is_unsure=True)
                self._set_unsendable(str(error))
                await asyncio.sleep(patience(delays, error))
            except Refused as error:
                self._outbox.retry()
                if str(error) != self._known.unsendable:
                    self._told.notice(str(error))
                self._set_unsendable(str(error))
                await asyncio.sleep(refusals.next())
            except Exception:  # noqa: BLE001
                # One edit that cannot be sent, whatever is wrong with it, must not hold up the others for ever.
                _log.exception("An edit could not be sent.")
                self._outbox.done(edit)
                self._on_rejected(edit, "It could not be sent, for a reason that was not foreseen; the log has it.")
            else:
                delays.reset()
                refusals.reset()
                self._set_unsendable(None)
            self.tell_notices()

    # --- sending

    def _set_unsendable(self, reason: str | None) -> None:
        if reason != self._known.unsendable:
            self._known.unsendable = reason
            self._told.breakpoints_changed(self._outbox.pending_ids())

    async def _send(self, edit: Edit) -> None:
        item: Breakpoint | None = None
        try:
            if edit.kind == "create" and edit.new is not None:
                item = await self._remote.create(self._consent.narrowed(edit.new))
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
                # Named, since the first edit of the queue may be another one by now: a question may have been answered.
                gone = self._outbox.discard(edit.breakpoint_id)
                self._outbox.done(edit)
                for one in gone or (edit,):
                    self._on_rejected(one, str(error))
            return
        except Rejected as error:
            self._outbox.done(edit)
            if not self._is_sent_again(edit):
                self._on_rejected(edit, str(error))
            return
        self._outbox.done(edit)
        if item is not None:
            if item.id != edit.breakpoint_id:
                self._outbox.rename(edit.breakpoint_id, item.id)
                self._told.renamed(edit.breakpoint_id, item.id)
            self._known.put_breakpoint(item)
        else:
            self._known.drop_breakpoint(edit.breakpoint_id)
        self._consent.sent(edit, item)
        self._known.touched(edit.breakpoint_id)

    def _is_sent_again(self, edit: Edit) -> bool:
        """True if a refused addition was changed while it was on its way: what is sent next is the addition as it is now,
        since a change of what the backend has not got would say nothing but that it is not there."""
        behind = self._outbox.discard(edit.breakpoint_id) if edit.kind == "create" else ()
        fields = {name: value for one in behind for name, value in (one.fields or {}).items()}
        if edit.new is None or not fields:
            return False
        self._outbox.create(replace(edit.new, **fields))  # type: ignore[arg-type]  # their names are EDITABLE
        return True

    def _on_rejected(self, edit: Edit, message: str) -> None:
        if edit.kind == "create" and edit.new is not None:
            self._known.refused[edit.breakpoint_id] = RefusedEdit(new=edit.new, message=message)
        else:
            self._told.notice(message)
        self._known.touched(edit.breakpoint_id)


def _place(edit: Edit) -> str:
    return f"{edit.new.filename}:{edit.new.line_number}" if edit.new is not None else "a file"
