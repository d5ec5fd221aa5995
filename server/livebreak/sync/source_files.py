"""Source files of this machine: their text as an editor has it, and where they belong."""

from __future__ import annotations

import asyncio
import tokenize
from dataclasses import dataclass
from pathlib import Path

from livebreak.debugger.workspace import Location
from livebreak.sync.repositories import Repositories


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


def read_source(path: Path) -> str:
    """The text in the encoding that the source declares, its line ends as they are.

    Raises `OSError`; `SyntaxError`, `ValueError` or `LookupError` where the encoding is not what it says.
    """
    with path.open("rb") as stream:
        encoding, lines = tokenize.detect_encoding(stream.readline)
        return b"".join([*lines, stream.read()]).decode(encoding)


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise SourceError(f"{path} is a folder; name a file." if path.is_dir() else f"There is no file {path}.")
    try:
        return read_source(path)
    except (OSError, SyntaxError, ValueError, LookupError):
        raise SourceError(f"{path} cannot be read as text; save it in the encoding that it declares.") from None
