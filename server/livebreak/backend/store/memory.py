"""What every request asks of the database, remembered until somebody commits something, in this process or another."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

from livebreak.backend.sharing import Sharing

T = TypeVar("T")

REMEMBERED = 10_000
"""Answers; beyond it all are forgotten, because anybody can ask for keys that do not exist."""


class Memory:
    """Answers that hold as long as the database's version is the same. Lives on one event loop at a time."""

    def __init__(self, version: Callable[[], object | None]) -> None:
        self._version = version
        self._known_version: object | None = None
        self._answers: dict[Hashable, Any] = {}
        self._sharing = Sharing()

    async def ask(self, question: Hashable, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `read` answers, or answered while nothing has changed."""
        version = self._version()
        if version is None:
            return await read()
        if version != self._known_version:
            self._known_version = version
            self._answers.clear()
        elif question in self._answers:
            return cast("T", self._answers[question])
        answer = await self._sharing.do((version, question), read)
        # A commit while it was read makes it old: the version was taken before.
        if version == self._known_version:
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            self._answers[question] = answer
        return answer
