"""Pushes that come in bursts, spread out: the first at once, then at most two a second for each key."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

_log = logging.getLogger(__name__)

PER_SECOND = 2.0
"""Pushes of one key: more often nobody reads, and text that moves is a nuisance."""
BURST = 4
"""Pushes of one key that need not wait: setting a breakpoint goes through sending, stored, pending and bound in a moment."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Allowance:
    tokens: float
    at: float
    timer: asyncio.TimerHandle | None = None


class Pushes(Generic[Key]):
    """Calls `push` for keys that were touched. What it pushes is read when it is called, so that the newest is shown."""

    def __init__(self, push: Callable[[Key], None], *, per_second: float = PER_SECOND, burst: int = BURST) -> None:
        self._push = push
        self._per_second = per_second
        self._burst = burst
        self._allowances: dict[Key, _Allowance] = {}

    def touch(self, key: Key) -> None:
        """Something about the key changed. Call it on the event loop."""
        loop = asyncio.get_running_loop()
        allowance = self._allowances.setdefault(key, _Allowance(tokens=self._burst, at=loop.time()))
        if allowance.timer is not None:
            return
        allowance.tokens = min(self._burst, allowance.tokens + (loop.time() - allowance.at) * self._per_second)
        allowance.at = loop.time()
        # The push comes after the message that touched the key was answered, and once for all that it touched.
        delay = max(1.0 - allowance.tokens, 0.0) / self._per_second
        allowance.timer = loop.call_later(delay, self._fire, key, allowance)

    def forget(self, key: Key) -> None:
        """The key is gone; what was waiting for it is not pushed."""
        allowance = self._allowances.pop(key, None)
        if allowance is not None and allowance.timer is not None:
            allowance.timer.cancel()

    def _fire(self, key: Key, allowance: _Allowance) -> None:
        now = asyncio.get_running_loop().time()
        allowance.tokens = min(self._burst, allowance.tokens + (now - allowance.at) * self._per_second) - 1.0
        allowance.at = now
        allowance.timer = None
        try:
            self._push(key)
        except Exception:  # noqa: BLE001 - one file that cannot be shown must not silence the others
            _log.exception("A push failed.")
