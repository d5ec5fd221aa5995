"""What the log says: through the logger `livebreak`, whose warnings Python shows on stderr if logging is not set up."""

from __future__ import annotations

import contextlib
import logging
import sys

logger = logging.getLogger("livebreak")


def announce(sentence: str, *, quiet: bool) -> None:
    """Says the one line of a start: on stderr if logging is not set up, for there a person looks whether it works.

    Not if it is to be quiet: a child process, whose stderr a program may read.
    """
    if quiet or logger.hasHandlers():
        _log(logging.INFO, sentence)
    elif sys.stderr is not None:
        with contextlib.suppress(Exception):  # The application may have closed it, or put something of its own there.
            print(sentence, file=sys.stderr, flush=True)  # noqa: T201


class Notices:
    """Says a trouble once, until it is over or becomes another one: a log full of us would be noise in somebody's production."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}
        self._said: set[str] = set()

    def trouble(self, topic: str, sentence: str) -> None:
        known = sentence in self._troubles.values()
        self._troubles[topic] = sentence
        if not known:
            _log(logging.WARNING, f"LiveBreak: {sentence}")

    def over(self, topic: str) -> None:
        """The topic works again. Said as loudly as the trouble was: a log that shows only that would end with it."""
        if self._troubles.pop(topic, None) is not None and not self._troubles:
            _log(logging.WARNING, "LiveBreak: connected again.")

    def once(self, sentence: str) -> None:
        """Something that is said a single time in the life of the process."""
        if sentence not in self._said:
            self._said.add(sentence)
            _log(logging.WARNING, f"LiveBreak: {sentence}")


def _log(level: int, sentence: str) -> None:
    with contextlib.suppress(Exception):  # A handler of the application may raise.
        logger.log(level, "%s", sentence)
