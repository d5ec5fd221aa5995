"""Searches through hits, of which the store does one at a time: who asks for many waits for these, and nobody else does."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Searches:
    """Lives on one event loop."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """Kept as long as somebody has one or waits for it."""

    def turn(self, key_id: int) -> asyncio.Lock:
        """To be held around a search: those of a key come one after the other, and so only one of them waits for the store."""
        return self._turns.setdefault(key_id, asyncio.Lock())
