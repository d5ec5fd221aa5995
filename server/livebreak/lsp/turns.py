"""Long work on the event loop, taken in turns with the user's requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

LONGEST_TURN = 0.003
"""Seconds: a hover that comes meanwhile waits no longer than anybody notices, even behind a few of them."""

T = TypeVar("T")


class Turns:
    """Gives way as often as a turn is over; short work is done in one."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    async def drain(self, steps: Iterable[object]) -> None:
        """Take each step, and let others have their turn in between."""
        for _ in steps:
            if time.monotonic() - self._begun > LONGEST_TURN:
                await asyncio.sleep(0)
                self._begun = time.monotonic()


def gathered(steps: Iterable[T], into: list[T]) -> Iterator[T]:
    """The steps, each put into a list as it is taken."""
    for step in steps:
        into.append(step)
        yield step
