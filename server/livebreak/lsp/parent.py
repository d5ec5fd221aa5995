"""The editor's own process: an editor that was killed leaves no message, and a server should not outlive it."""

from __future__ import annotations

import asyncio
import os

CHECK_SECONDS = 3.0
"""Between two looks; an orphan is gone before anybody wonders about it."""


def seen(pid: int | None) -> int | None:
    """The process id if there is such a process: an editor in another container names one that cannot be seen from here."""
    return pid if pid is not None and is_alive(pid) else None


async def gone(pid: int) -> None:
    """Returns when the process is."""
    while True:
        if not is_alive(pid):
            return
        await asyncio.sleep(CHECK_SECONDS)


def is_alive(pid: int) -> bool:
    """True if there is a process with this id, whoever's it is."""
    # On Windows signal 0 is a real one, and editors there end us by closing the streams.
    if pid <= 0 or os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
