"""Which of the teammates' breakpoints this user follows: shown in full, as the own ones are."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
"""What an id from the backend must look like to become the name of a file."""


class Followed:
    """A set of ids, one empty file for each, so that editors of one user agree without writing over each other.

    Parameters
    ----------
    folder
        Of one host, project and key; None keeps the set in memory only.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._ids: set[str] = set()
        self.refresh()

    def __contains__(self, breakpoint_id: str) -> bool:
        return breakpoint_id in self._ids

    def refresh(self) -> None:
        """Read what other editors of this user have added or taken away."""
        if self._folder is not None:
            # Without the folder nothing is followed yet; one that cannot be read leaves the set as it was.
            with contextlib.suppress(OSError):
                self._ids = {path.name for path in self._folder.iterdir()} if self._folder.is_dir() else set()

    def add(self, breakpoint_id: str) -> None:
        """Follow it; where the disk refuses, until the session ends."""
        self._ids.add(breakpoint_id)
        if self._folder is not None and _ID.fullmatch(breakpoint_id):
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / breakpoint_id).touch(mode=0o600)

    def discard(self, breakpoint_id: str) -> None:
        self._ids.discard(breakpoint_id)
        if self._folder is not None and _ID.fullmatch(breakpoint_id):
            with contextlib.suppress(OSError):
                (self._folder / breakpoint_id).unlink(missing_ok=True)

    def keep_only(self, breakpoint_ids: frozenset[str]) -> None:
        """Let go of breakpoints that are not there any more."""
        for gone in self._ids - breakpoint_ids:
            self.discard(gone)
