"""The text that the process loaded, and whether it is still what is on disk."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import time
import types
import warnings
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from livebreak_agent.instrument import lines
from livebreak_agent.vocabulary import anchor

LARGEST_COMPILED = 300_000
"""Bytes of source that are compiled to find out what cannot be seen otherwise: some 8,000 lines, a tenth of a second."""

_REMEMBERED_TEXTS = 32
"""Files whose lines are kept for the frames of hits: a stack goes through about as many."""

_LARGEST_REMEMBERED = 2_000_000
"""Bytes of a file whose lines are shown; a larger one is generated, and its lines tell nobody anything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file's text as far as it is known."""

    text: str | None
    """None if it cannot be read, or is no longer what was loaded."""
    digests: tuple[str, ...] = ()
    """Git blob ids of the text; empty if it is not what was loaded."""
    changed: bool = False
    """True if the file on disk is no longer what the process loaded."""


def read(filename: str, loaded_before: float, codes: Iterable[types.CodeType]) -> Source:
    """The text that was loaded from a file.

    Parameters
    ----------
    filename
        Of the file, as the code names it.
    loaded_before
        A time (`time.time`) at which it was loaded already. A file that has not been touched since is what was loaded; of
        one that was, the code that would come from it now is compared with the code that runs.
    codes
        Some of the code that runs.
    """
    try:
        with open(filename, "rb") as file:
            state = os.fstat(file.fileno())
            content = file.read()
        text = importlib.util.decode_source(content)
    except (OSError, SyntaxError, UnicodeError, ValueError):
        return Source(text=None)
    if max(state.st_mtime, state.st_ctime) > loaded_before and not _is_of(text, codes):
        return Source(text=None, changed=True)
    return Source(text=text, digests=anchor.digests_of(content))


def compiled(source: Source) -> types.CodeType | None:
    """The module's code anew, for what the code that runs does not tell; None if that would take too long."""
    return None if source.text is None else _compile(source.text)


_ANEW = "<compiled anew>"

_SILENCE = ("ignore", None, Warning, re.compile(re.escape(_ANEW)), 0)
"""A filter of `warnings` for this name of a file alone: the application has been told what Python has to say of its code."""


def _compile(text: str) -> types.CodeType | None:
    if len(text) > LARGEST_COMPILED:
        return None
    # In the list itself, for `catch_warnings` would change what other threads are told meanwhile.
    filters: Any = warnings.filters
    filters.insert(0, _SILENCE)
    try:
        return compile(text, _ANEW, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    finally:
        with contextlib.suppress(ValueError):  # The application may have put another list there.
            filters.remove(_SILENCE)


def _is_of(text: str, codes: Iterable[types.CodeType]) -> bool:
    """Whether the code that runs, of which there must be some, is what this text makes."""
    module = _compile(text)
    if module is None:
        return False
    anew = {(code.co_qualname, code.co_firstlineno): code for code, _ in lines.tree(module)}
    compared = False
    for code in codes:
        compared = True
        if anew.get((code.co_qualname, code.co_firstlineno)) != code:
            return False
    return compared


class Texts:
    """Lines of files for the stacks of hits. By the uplink's thread."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, list[str]] = OrderedDict()
        self._remembered: dict[str, tuple[str, list[str]]] = {}
        """Text and lines of files with breakpoints."""
        self._since = time.time()

    def line(self, filename: str, number: int) -> str | None:
        """A line's text without surrounding blanks; None where it is not known, or was changed while the process ran."""
        remembered = self._remembered.get(filename)
        lines_of_file = self._files.get(filename) if remembered is None else remembered[1]
        if lines_of_file is None:
            lines_of_file = self._files[filename] = self._read(filename)
            if len(self._files) > _REMEMBERED_TEXTS:
                self._files.popitem(last=False)
        elif remembered is None:
            self._files.move_to_end(filename)
        return lines_of_file[number - 1].strip() if 1 <= number <= len(lines_of_file) else None

    def remember(self, filename: str, text: str) -> None:
        """The text of a file with breakpoints, which is known to be what was loaded. By any thread."""
        remembered = self._remembered.get(filename)
        if remembered is None or remembered[0] is not text:
            self._remembered[filename] = text, anchor.split_lines(text)

    def _read(self, filename: str) -> list[str]:
        if filename.startswith("<"):
            return []
        try:
            state = os.stat(filename)
            if state.st_size > _LARGEST_REMEMBERED or state.st_mtime > self._since:
                return []
            with open(filename, "rb") as file:
                return anchor.split_lines(importlib.util.decode_source(file.read()))
        except (OSError, SyntaxError, UnicodeError, ValueError):
            return []
