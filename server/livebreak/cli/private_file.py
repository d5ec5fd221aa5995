"""Files that a command writes for its user alone."""

from __future__ import annotations

from pathlib import Path

from livebreak.cli.talking import CommandError
from livebreak.sync import hit_files


def write_private(path: Path, text: str) -> None:
    """Whole or not at all. Raises `CommandError`."""
    try:
        hit_files.write_text(path, text)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
