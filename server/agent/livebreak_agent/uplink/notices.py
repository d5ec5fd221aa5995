"""What the log says: through the logger `livebreak`, whose warnings Python shows on stderr if logging is not set up."""

from __future__ import annotations

import logging

logger = logging.getLogger("livebreak")


class Notices:
    """Says a trouble once, until it is over or becomes another one: a log full of us would be noise in somebody's production."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}
        self._said: set[str] = set()

    def trouble(self, topic: str, sentence: str) -> None:
        known = sentence in self._troubles.values()
        self._troubles[topic] = sentence
        if not known:
            logger.warning("LiveBreak: %s", sentence)

    def over(self, topic: str) -> None:
        """The topic works again."""
        if self._troubles.pop(topic, None) is not None and not self._troubles:
            logger.info("LiveBreak: connected again.")

    def once(self, sentence: str) -> None:
        """Something that is said a single time in the life of the process."""
        if sentence not in self._said:
            self._said.add(sentence)
            logger.warning("LiveBreak: %s", sentence)
