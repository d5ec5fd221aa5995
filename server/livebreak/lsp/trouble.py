"""When a person is told of trouble with the connection: once for each, and not again while it comes and goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from livebreak_agent.vocabulary.wire import Connection, Status

QUIET = timedelta(minutes=10)
"""After an outage was told, how long one that follows it is not: a connection that comes and goes is one trouble."""


class Trouble:
    """What was told so far, of one session."""

    def __init__(self) -> None:
        self._told: tuple[Connection, datetime] | None = None
        self._is_over = True

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
