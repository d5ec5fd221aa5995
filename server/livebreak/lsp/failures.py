"""One odd record must not take what is shown of the others with it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from livebreak.sync.shown import Shown

_log = logging.getLogger(__name__)

T = TypeVar("T")


def each(view: Iterable[Shown], make: Callable[[Shown], T]) -> Iterator[T]:
    """What is made of each breakpoint; one of which nothing can be made is left out, and the log says where that failed."""
    for shown in view:
        try:
            made = make(shown)
        except Exception as error:  # noqa: BLE001 - whatever a record holds, it comes from elsewhere
            log_failure("A breakpoint could not be shown.", error)
            continue
        yield made


def log_failure(sentence: str, error: Exception) -> None:
    """Log an error without its own text, which may quote captured values."""
    place = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s %s\n%s", sentence, type(error).__name__, place)
