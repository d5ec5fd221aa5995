"""Numbers that a client holds for frames and values: each means one thing of one stop, and nothing once that is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livebreak.dap.failures import ErrorId, RequestError
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.model import Frame, Hit

FIRST = 1000
"""Smaller ones are what a client sends that mistakes one kind of number for another."""
LARGEST = 2**31 - 1
"""What the protocol allows; at a thousand a second it is reached in 24 days."""
MOST_OF_ONE_STOP = 100_000
"""References of one thread's stop: a person unfolds a few hundred values; the oldest give way, 40 MB at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameView:
    """A frame of a hit, as one stop shows it."""

    thread_id: int
    hit: Hit
    index: int
    """In `frames_of(hit)`."""
    frame: Frame
    variables: Mapping[str, object] | None
    """None where its locals were not captured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """A scope: captured values by name."""

    view: FrameView
    variables: Mapping[str, object]
    are_expressions: bool = False
    """True of watch expressions, which are evaluated by their own text."""
    are_out_of_reach: bool = False
    """True of values that no expression gives: variables of the context."""
    are_facts: bool = False
    """True of plain values that are known of the hit beside its variables."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """A container of which the parts can be unfolded."""

    view: FrameView
    value: Value
    expression: str | None
    """What gives the container when it is evaluated; None where nothing does."""


Referent = FrameView | Names | Parts


class References:
    """Never gives out a number twice, so that one of an earlier stop is told from a present one."""

    def __init__(self) -> None:
        self._next = FIRST
        self._by_thread: dict[int, dict[int, Referent]] = {}

    def add(self, thread_id: int, referent: Referent) -> int:
        number = self._next
        self._next = number + 1 if number < LARGEST else FIRST
        of_thread = self._by_thread.setdefault(thread_id, {})
        of_thread[number] = referent
        if len(of_thread) > MOST_OF_ONE_STOP:
            del of_thread[next(iter(of_thread))]
        return number

    def forget(self, thread_id: int) -> None:
        """The thread shows another hit or frame now."""
        self._by_thread.pop(thread_id, None)

    def frame(self, number: int) -> FrameView:
        """Raises `RequestError`."""
        found = self._get(number)
        if not isinstance(found, FrameView):
            raise RequestError(ErrorId.STALE_REFERENCE, f"{number} is no frame.")
        return found

    def container(self, number: int) -> Names | Parts:
        """Raises `RequestError`."""
        found = self._get(number)
        if isinstance(found, FrameView):
            raise RequestError(ErrorId.STALE_REFERENCE, f"{number} is no variable.")
        return found

    def _get(self, number: int) -> Referent:
        for of_thread in self._by_thread.values():
            if (found := of_thread.get(number)) is not None:
                return found
        if FIRST <= number < self._next:
            raise RequestError(ErrorId.STALE_REFERENCE, "That belongs to a hit that is not shown any more; select a frame again.")
        raise RequestError(ErrorId.STALE_REFERENCE, f"There is no frame or variable {number}.")
