"""When a person is told of trouble: of a connection once for each, and not again while it comes and goes; of a pause once."""

from __future__ import annotations

from datetime import datetime, timedelta

from livebreak_agent.vocabulary.lsp_messages import Connection, Status
from livebreak_agent.vocabulary.wire import Pause

QUIET = timedelta(minutes=10)
"""After an outage was told, how long one that follows it is not: a connection that comes and goes is one trouble."""


class Trouble:
    """What was told so far, of one session."""

    def __init__(self) -> None:
        self._told: tuple[Connection, datetime] | None = None
        self._is_over = True
        self._pauses: tuple[Pause, ...] = ()

    def pause_news(self, status: Status) -> str | None:
        """A sentence about the kill switch, if it was pulled or let go of since this was asked last."""
        before, self._pauses = self._pauses, status.pauses
        new = [pause for pause in status.pauses if pause not in before]
        if new:
            return " ".join(_sentence(pause) for pause in new)
        return "Live breakpoints are no longer paused." if before and not status.pauses else None

    def is_news(self, status: Status, now: datetime) -> bool:
        """True if the status is trouble that the user has not been told of; it counts as told then."""
        if status.connection not in (Connection.OFFLINE, Connection.REFUSED):
            self._is_over = self._is_over or status.connection is Connection.CONNECTED
            return False
        told = self._told
        is_same = told is not None and told[0] is status.connection and (not self._is_over or now - told[1] < QUIET)
        self._is_over = False
        if not is_same:
            self._told = (status.connection, now)
        return not is_same


def _sentence(pause: Pause) -> str:
    what = f"Service {pause.service} is" if pause.service else "The project is"
    reason = f": {pause.reason}" if pause.reason else ""
    return f"{what} paused by {pause.by}{reason}. Nothing is captured until somebody resumes it."
