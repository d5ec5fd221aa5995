"""Drives one course of requests over one connection, without waiting: what is asked is a generator, a `Course`."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from livebreak_agent.settings import Address
from livebreak_agent.uplink.connection import Unreachable
from livebreak_agent.uplink.exchange import Answer, Exchange, Request, Stale


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleep:
    """A step that lets time pass."""

    seconds: float
    until_woken: bool = False
    """Whether a wake (new hits, changed bindings) ends it early."""


Course: TypeAlias = Generator[Request | Sleep, Answer | None, None]
"""Yields what to do next. After a `Request` it is given the `Answer`, or `Unreachable` is raised in it."""


def ask(request: Request) -> Generator[Request | Sleep, Answer | None, Answer]:
    """The answer to a request: ``answer = yield from ask(request)``."""
    answer = yield request
    if answer is None:
        raise TypeError("a request was resumed without an answer")
    return answer


class Channel:
    """A connection and the course over it; one request at a time."""

    def __init__(
        self,
        address: Address,
        selector: selectors.BaseSelector,
        course: Course,
        blocking: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._address = address
        self._blocking = blocking
        """Is around whatever may make the thread wait."""
        self._exchange = Exchange(address)
        self._selector = selector
        self._course = course
        self._request: Request | None = None
        self._registered: int | None = None
        self._until = 0.0
        """Monotonic: the end of a sleep, or when the answer is given up."""
        self._until_woken = False
        self.done = False

    def due(self) -> float:
        """The monotonic time at which `advance` has something to do, unless an answer or a wake comes first."""
        return float("inf") if self.done else self._until

    def advance(self, now: float, *, readable: set[int], woken: bool, stopping: bool) -> None:
        """Go on as far as possible: take the answer if it is there, end a sleep that is over, ask the next."""
        if self.done:
            return
        if self._request is not None:
            if self._registered in readable:
                self._take()
            elif now >= self._until:
                self._give_up(self._request)
        elif now >= self._until or stopping or (woken and self._until_woken):
            self._resume(None)

    def close(self) -> None:
        self._unregister()
        self._exchange.close()
        self._course.close()
        self.done = True

    def _resume(self, outcome: Answer | Unreachable | None) -> None:
        """Give the course what came of its last step, and begin the next."""
        while True:
            self._request = None
            try:
                step = self._course.throw(outcome) if isinstance(outcome, Unreachable) else self._course.send(outcome)
            except StopIteration:
                self.close()
                return
            if isinstance(step, Sleep):
                self._until, self._until_woken = time.monotonic() + step.seconds, step.until_woken
                return
            failure = self._send(step)
            if failure is None:
                return
            outcome = failure

    def _send(self, request: Request) -> Unreachable | None:
        try:
            with self._blocking():
                try:
                    self._exchange.send(request)
                except Stale:
                    self._exchange.send(request)
        except Unreachable as error:
            return error
        self._request = request
        self._until = time.monotonic() + request.seconds
        self._register()
        return None

    def _take(self) -> None:
        request = self._request
        try:
            answer = self._exchange.receive()
        except Stale as error:
            # All that is asked here may be repeated: reports replace each other, and hits are told apart by their ids.
            self._unregister()
            failure = self._send(request) if request is not None else error
            if failure is not None:
                self._resume(failure)
            return
        except Unreachable as error:
            self._unregister()
            self._resume(error)
            return
        if answer is not None:
            self._unregister()
            self._resume(answer)

    def _give_up(self, request: Request) -> None:
        self._unregister()
        self._exchange.close()
        self._resume(Unreachable(f"{self._address} does not answer within {request.seconds:g} seconds; check the network."))

    def _register(self) -> None:
        self._registered = self._exchange.fileno()
        self._selector.register(self._registered, selectors.EVENT_READ)

    def _unregister(self) -> None:
        if self._registered is not None:
            self._selector.unregister(self._registered)
            self._registered = None
