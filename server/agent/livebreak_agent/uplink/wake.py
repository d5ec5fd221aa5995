"""How the application's threads wake the uplink's thread out of `select`, without ever waiting themselves."""

from __future__ import annotations

import os


class Wake:
    """A pipe to be selected on. `set` may be called anywhere: in a hook, a signal handler, a finalizer.

    A process that turns itself into a daemon closes all files, ours too, and their numbers are then given to others. So
    a byte is written only to what is surely still the pipe, and a lost pipe is never closed, only replaced.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._pipe: tuple[int, int, int] | None = None
        """The reading end, the writing end, and the inode that both have."""

    def set(self) -> None:
        if self._is_set:
            return
        self._is_set = True
        pipe = self._pipe
        try:
            if pipe is not None and os.fstat(pipe[1]).st_ino == pipe[2]:
                os.write(pipe[1], b"\0")
        except OSError:  # Closed behind our back, or full, which wakes as well.
            return

    def clear(self) -> bool:
        """Whether it was set since the last call. By the uplink's thread, before it looks at what there is to do."""
        written = False
        if self._pipe is not None and self._is_ours(self._pipe):
            try:
                written = bool(os.read(self._pipe[0], 1024))
            except BlockingIOError:
                written = False
        # Reading comes first: a byte that is written after the flag was lowered stays, and wakes the next time.
        was_set, self._is_set = self._is_set, False
        return was_set or written

    def fileno(self) -> int:
        """The end to select on. By the uplink's thread; makes a new pipe where there is none."""
        if self._pipe is None or not self._is_ours(self._pipe):
            reading, writing = os.pipe()
            os.set_blocking(reading, False)
            os.set_blocking(writing, False)
            self._pipe = (reading, writing, os.fstat(reading).st_ino)
            self._is_set = True  # Whoever set it in between wrote nowhere.
        return self._pipe[0]

    def forget(self) -> None:
        """After a fork, in the child: the pipe is the parent's, and reading from it would take the parent's wakes away."""
        pipe, self._pipe = self._pipe, None
        self._is_set = False
        if pipe is not None and self._is_ours(pipe):
            os.close(pipe[0])
            os.close(pipe[1])

    @staticmethod
    def _is_ours(pipe: tuple[int, int, int]) -> bool:
        try:
            return os.fstat(pipe[0]).st_ino == pipe[2] == os.fstat(pipe[1]).st_ino
        except OSError:
            return False
