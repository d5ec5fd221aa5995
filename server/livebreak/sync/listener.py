"""Who hears of what changes in a session."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Listener(Protocol):
    """Whoever shows a session. Called on the event loop, after the change."""

    def breakpoints_changed(self, paths: frozenset[Path]) -> None:
        """States of breakpoints may have changed; `paths` are the open files that show any of them, if there are such."""

    def hits_changed(self, paths: frozenset[Path]) -> None:
        """Breakpoints have new hits; `paths` as above."""

    def status_changed(self) -> None: ...

    def notice(self, message: str) -> None:
        """Something the user should be told once."""

    async def confirm(self, question: str) -> bool:
        """Ask the user before breakpoints reach production; True only for a yes that was said."""
