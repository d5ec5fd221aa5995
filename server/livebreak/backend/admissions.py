"""Requests that stay open, by the key that opened them: a key that is revoked ends them."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from livebreak.backend.auth import Principal
from livebreak.backend.changes import Changes
from livebreak.backend.store.interface import Store


@dataclass(slots=True, eq=False)
class Admission:
    """One request that stays open."""

    is_over: bool = False
    """True once its key was revoked: it must end, and not look at anything first."""


class Admissions:
    """Lives on one event loop."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store = store
        self._changes = changes
        self._open: dict[tuple[int, int], set[Admission]] = defaultdict(set)
        """By project and key."""

    @contextlib.contextmanager
    def hold(self, principal: Principal) -> Iterator[Admission]:
        """Around a wait for changes of the principal's project, which a revoked key wakes."""
        admission = Admission()
        holder = (principal.project_id, principal.key_id)
        self._open[holder].add(admission)
        try:
            yield admission
        finally:
            self._open[holder].discard(admission)
            if not self._open[holder]:
                del self._open[holder]

    async def review(self) -> None:
        """End those whose key is valid no more. Keys are revoked by other processes, so this looks into the store."""
        if not self._open:
            return
        revoked = await self._store.revoked({key_id for _, key_id in self._open})
        for (project_id, key_id), admissions in list(self._open.items()):
            if key_id in revoked:
                for admission in admissions:
                    admission.is_over = True
                self._changes.wake(project_id)
