"""Whose edits a folder holds: a person's key is replaced now and then, and what they queued with the old one is still theirs."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "owner"
_LARGEST = 4096
"""Bytes; a name and a number."""
_TARGET = re.compile(r"[0-9a-f]{16}")
"""What `Settings.outbox_folder` calls the folder of one key; nothing else beside it is looked into."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """As the backend tells it of a key."""

    owner: str | None
    """None of a key of nobody, and where the backend knows no owners."""
    project: int


def write(folder: Path, owner: Owner) -> None:
    """Say whose the folder is; where the disk refuses, it stays unknown."""
    if read(folder) != owner:
        with contextlib.suppress(OSError):
            (folder / _FILE).write_text(json.dumps(asdict(owner)), "utf-8")


def read(folder: Path) -> Owner | None:
    """None where it is not known: no session with that key has reached the backend yet."""
    try:
        with (folder / _FILE).open("rb") as file:
            data = json.loads(file.read(_LARGEST))
        owner = Owner(owner=data["owner"], project=data["project"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return owner if isinstance(owner.owner, str | None) and isinstance(owner.project, int) else None


def beside(folder: Path) -> Iterator[Path]:
    """Folders of other keys to the same host and project that hold edits."""
    try:
        found = sorted(path for path in folder.parent.iterdir() if path != folder and _TARGET.fullmatch(path.name))
    except OSError:
        return
    for path in found:
        if any(path.glob("*.json")):
            yield path


def earlier(folder: Path) -> Path | None:
    """Where the edits of the same host, project and key were before folders stood beside each other, if they are there still."""
    before = folder.parent.parent / folder.name
    return before if _TARGET.fullmatch(folder.name) and _TARGET.fullmatch(folder.parent.name) and before.is_dir() else None


def leave(folder: Path) -> None:
    """Remove a folder that nothing is in any more; what is of no session of ours stays, and the folder with it."""
    with contextlib.suppress(OSError):
        folder.rmdir()
