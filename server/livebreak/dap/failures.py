"""What can go wrong with a request: each has a number of its own, as the protocol wants it, and a sentence."""

from __future__ import annotations

import logging
import traceback
from enum import IntEnum

_log = logging.getLogger(__name__)


class ErrorId(IntEnum):
    """Stable: people look them up. Never used again for something else."""

    UNFORESEEN = 1000
    MALFORMED = 1001
    """No request at all."""
    UNKNOWN_COMMAND = 1002
    INVALID_ARGUMENTS = 1003
    OUT_OF_ORDER = 1004
    CANCELLED = 1005
    TOO_MANY = 1006
    TOO_SLOW = 1007
    CANNOT_ATTACH = 2000
    NOT_CONNECTED = 2001
    UNKNOWN_THREAD = 3000
    STALE_REFERENCE = 3001
    UNKNOWN_SOURCE = 3002
    HIT_GONE = 3003
    NOT_EVALUATED = 4000
    NO_HIT = 4001
    NO_EXCEPTION = 4002
    NO_REPLAY = 4003
    READ_ONLY = 5000


class RequestError(Exception):
    """A request that is answered with an error; the text is one sentence for the user.

    `show` asks the client to show it, which means a dialog: only for what somebody waits for.
    """

    def __init__(self, id: ErrorId, message: str, *, show: bool = False) -> None:
        super().__init__(message)
        self.id = id
        self.show = show


def log_failure(sentence: str, error: BaseException) -> None:
    """Log an error without its own text, which may quote captured values."""
    place = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s %s\n%s", sentence, type(error).__name__, place)
