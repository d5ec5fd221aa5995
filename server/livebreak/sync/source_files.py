"""Source files of this machine: their text as an editor has it, and where they belong."""

from __future__ import annotations

import asyncio
import io
import tokenize
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from livebreak.debugger.linemap import frame_line
from livebreak.debugger.workspace import Location
from livebreak.sync.repositories import Repositories
from livebreak_agent.vocabulary.model import Frame

TEXTS_KEPT = 32
"""Files of the stacks that were shown last: a stack that is shown has twelve at most."""
LARGEST_TEXT = 1_000_000
"""Bytes of a file that is read while a hover waits; in a larger one a frame's number stands as it is."""


class SourceError(Exception):
    """No breakpoint can be in this file; the text is one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    location: Location
    text: str


async def find_source(path: Path, repositories: Repositories) -> SourceFile:
    """A file as the backend names it, with its text. Raises `SourceError`."""
    text = await asyncio.to_thread(_text_of, path)
    location = await repositories.location(path)
    if location is None:
        raise SourceError(
            f"{path} is in no git repository, so no process can be asked for it; "
            "put it into one, name it in a .livebreak.toml, or say --repository OWNER/NAME."
        )
    return SourceFile(location=location, text=text)


class SourceTexts:
    """Texts of files that no editor shows, kept as long as their file is the same."""

    def __init__(self, most: int) -> None:
        self._read = lru_cache(maxsize=most)(_text_at)

    def get(self, path: Path) -> str | None:
        """The text as it is on disk now; None of what cannot be read, or is too large to be read while somebody waits."""
        try:
            found = path.stat()
        except OSError:
            return None
        return self._read(path, found.st_mtime_ns, found.st_size) if found.st_size <= LARGEST_TEXT else None


class SourceLines:
    """Lines of frames in files that no editor shows. Stacks repeat, so texts are kept."""

    def __init__(self) -> None:
        self._texts = SourceTexts(TEXTS_KEPT)

    def line_of(self, path: Path, frame: Frame) -> int:
        """The frame's 0-based line in the file as it is on disk now."""
        text = self._texts.get(path)
        return frame_line(frame.line_number, frame.text, text) if text is not None else max(frame.line_number - 1, 0)


def _text_at(path: Path, modified: int, size: int) -> str | None:
    del modified, size
    try:
        return read_source(path)
    except (OSError, SyntaxError, ValueError, LookupError):
        return None


def read_source(path: Path) -> str:
    """The text in the encoding that the source declares, its line ends as they are.

    Raises `OSError`; `SyntaxError`, `ValueError` or `LookupError` where the encoding is not what it says.
    """
    with path.open("rb") as stream:
        encoding, lines = tokenize.detect_encoding(stream.readline)
        return b"".join([*lines, stream.read()]).decode(encoding)


def decode_source(data: bytes) -> str:
    """The text in the encoding that it declares; where that is not so, with what cannot be read replaced."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, ValueError, LookupError):
        return data.decode("utf-8", "replace")


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise SourceError(f"{path} is a folder; name a file." if path.is_dir() else f"There is no file {path}.")
    try:
        return read_source(path)
    except (OSError, SyntaxError, ValueError, LookupError):
        raise SourceError(f"{path} cannot be read as text; save it in the encoding that it declares.") from None
