"""What reaches production, and when the user is asked: once a session, before anything of it is armed there.

Also a process that comes later must not find a breakpoint that was set when there was nothing to ask about. So until somebody has
said yes a breakpoint asks for every environment but production; the backend keeps to it, whoever comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from livebreak.debugger.breakpoints import is_mine
from livebreak.debugger.production import NOT_CONFIRMED, arms, question_before
from livebreak.sync.edits import Edit
from livebreak.sync.known import Known
from livebreak.sync.outbox import Outbox
from livebreak_agent.vocabulary.environments import NOT_PRODUCTION, is_production
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint

_log = logging.getLogger(__name__)


class Asks(Protocol):
    """Who is asked, and told what came of it."""

    async def confirm(self, question: str) -> bool:
        """Ask the user; True only for a yes that was said."""

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None: ...


class Consent:
    """Of one session. `reject` hears of edits that were not agreed to, `on_answer` that the queue can go on."""

    def __init__(
        self,
        *,
        known: Known,
        outbox: Outbox,
        asks: Asks,
        reject: Callable[[Edit, str], None],
        on_answer: Callable[[], None],
    ) -> None:
        self.held: frozenset[str] = frozenset()
        """Breakpoints whose edits wait for the answer; removals and all others go past them."""
        self._known = known
        self._outbox = outbox
        self._asks = asks
        self._reject = reject
        self._on_answer = on_answer
        self._is_given = False
        self._kept_away: set[str] = set()
        """Breakpoints of this session that were sent for every environment but production."""
        self._denied: set[str] = set()
        """Of these, those that are not to be asked about again before their edit was sent."""
        self._was_asked_of_joins = False
        self._asking: asyncio.Task[None] | None = None

    def holds(self, edit: Edit) -> bool:
        """True if the edit has to wait for an answer; the user is asked."""
        if self._is_given or edit.breakpoint_id in self._denied:
            return False
        item = arms(edit.new, edit.fields, self._known.breakpoints.get(edit.breakpoint_id))
        question = self._question(item) if item is not None else None
        if question is None:
            return False
        self._outbox.retry()
        self._ask(question, frozenset({edit.breakpoint_id}))
        return True

    def narrowed(self, new: NewBreakpoint) -> NewBreakpoint:
        """What is sent of an addition: while nobody said yes it keeps away from production."""
        if self._is_given or new.environment is not None or not self._known.keeps_from_production:
            return new
        self._kept_away.add(new.id)
        return replace(new, environment=NOT_PRODUCTION)

    def sent(self, edit: Edit, item: Breakpoint | None) -> None:
        """An edit was answered; `item` is the breakpoint as it is stored now."""
        self._denied.discard(edit.breakpoint_id)
        if item is not None and item.id != edit.breakpoint_id and edit.breakpoint_id in self._kept_away:
            self._kept_away.add(item.id)
        if self._is_given and item is not None:
            # It was on its way when the answer came.
            self._widen(item)

    def look_at_processes(self) -> None:
        """Other processes are connected: one in production is asked about, once, for what this session has set."""
        if self._is_given or self._was_asked_of_joins or not self._kept_away:
            return
        if not any(is_production(state.process.environment) for state in self._known.processes):
            return
        waiting = [item for id in self._kept_away if (item := self._known.breakpoints.get(id)) is not None and item.enabled]
        question = next((question for item in waiting if (question := self._question(item)) is not None), None)
        if question is not None:
            self._was_asked_of_joins = True
            self._ask(question, frozenset())

    async def stop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _question(self, item: NewBreakpoint) -> str | None:
        everywhere = replace(item, environment=None) if item.environment == NOT_PRODUCTION else item
        return question_before(everywhere, self._known.processes, self._known.project)

    def _ask(self, question: str, held: frozenset[str]) -> None:
        self.held |= held
        if self._asking is None or self._asking.done():
            self._known.question = question
            self._asking = asyncio.create_task(self._wait(question))
        self._asks.breakpoints_changed(held)

    async def _wait(self, question: str) -> None:
        try:
            self._is_given = await self._asks.confirm(question)
        except Exception:  # noqa: BLE001
            # Whatever keeps the question from being answered, it was not answered with a yes.
            _log.exception("A question could not be asked.")
        held, self.held = self.held, frozenset()
        self._known.question = None
        if self._is_given:
            for item in tuple(self._known.breakpoints.values()):
                self._widen(item)
        else:
            self._deny(held)
        self._asks.breakpoints_changed(held)
        self._on_answer()

    def _deny(self, held: frozenset[str]) -> None:
        for breakpoint_id in held:
            stored = self._known.breakpoints.get(breakpoint_id)
            if stored is not None and stored.environment == NOT_PRODUCTION:
                # It can go on everywhere else.
                self._denied.add(breakpoint_id)
                continue
            for edit in self._outbox.discard(breakpoint_id):
                self._reject(edit, NOT_CONFIRMED)

    def _widen(self, item: Breakpoint) -> None:
        if item.environment == NOT_PRODUCTION and is_mine(item, self._known.owner):
            self._outbox.change(item.id, {"environment": None})
            self._known.touched(item.id)
