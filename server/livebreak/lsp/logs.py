"""The server's log: a file in the user's state folder that holds neither captured values nor keys.

An editor keeps what a server writes to its standard error, often for ever and where anybody may read it, so nothing goes
there as long as there is a file.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from pygls.exceptions import JsonRpcException

LARGEST_FILE = 1 << 20
"""Bytes, after which the file is renamed to `….1` and begun anew: days of ordinary work."""
MOST_FILES = 20
"""Files that stay of servers that have ended; each has one of its own, since two processes cannot rotate one file."""

_Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_KEY = re.compile(r"\bph[a-z]_\w+")
_HARMLESS = re.compile(r"[\w$/.-]{1,80}")
"""Names of methods, ids of requests: what may be quoted of what others log."""


def open_log(folder: Path | None) -> Path | None:
    """Log into a new file of the folder; to standard error without one, or if it cannot be written. Returns the file."""
    handler, path = _handler(folder)
    handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(is_worth_a_line)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    # pygls logs each message at INFO, and with them captured variables.
    logging.getLogger("pygls").setLevel(logging.WARNING)
    logging.getLogger("livebreak").setLevel(logging.INFO if path is not None else logging.WARNING)
    return path


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """False for requests that were refused in an orderly way: the client has their sentence, and it is no failure of ours."""
    raised = record.exc_info[1] if record.exc_info else None
    return not isinstance(raised, JsonRpcException)


class Formatter(logging.Formatter):
    """Says what failed and where, never with which values: the text of an exception may quote them, and so may what
    libraries log of the messages that went through their hands."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the standard library's spelling
        if not record.name.startswith("livebreak"):
            record.message = _template_of(record)
        return _KEY.sub("<key>", super().formatMessage(record))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 -- likewise
        kind, error, _ = ei
        if kind is None or error is None:
            return ""
        return f"{''.join(traceback.format_tb(error.__traceback__))}{kind.__name__}"


def _template_of(record: logging.LogRecord) -> str:
    arguments = record.args if isinstance(record.args, tuple) else ()
    shown = tuple(str(item) if _HARMLESS.fullmatch(str(item)) else "…" for item in arguments)
    template = str(record.msg).split("\n")[0]
    try:
        return re.sub(r"%[rsd]", "%s", template) % shown
    except (TypeError, ValueError):
        return template


def _handler(folder: Path | None) -> tuple[logging.Handler, Path | None]:
    if folder is None:
        return logging.StreamHandler(), None
    path = folder / f"lsp-{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _drop_oldest(folder)
        return _PrivateFile(path, maxBytes=LARGEST_FILE, backupCount=1, encoding="utf-8", errors="backslashreplace"), path
    except OSError as error:
        handler = logging.StreamHandler()
        logging.getLogger(__name__).warning("There is no log in %s (%s).", folder, error.strerror)
        return handler, None


class _PrivateFile(RotatingFileHandler):
    """Nobody else may read it. A disk that is full later on costs the log, and no word on standard error."""

    def _open(self):  # type: ignore[no-untyped-def]  # its type is private to the standard library's stubs
        stream = super()._open()
        with contextlib.suppress(OSError):
            Path(self.baseFilename).chmod(0o600)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- likewise
        del record


def _drop_oldest(folder: Path) -> None:
    files = sorted(folder.glob("lsp-*.log*"), key=_age)
    for path in files[: max(len(files) - MOST_FILES, 0)]:
        with contextlib.suppress(OSError):
            path.unlink()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
