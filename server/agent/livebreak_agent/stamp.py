"""The stamp: a file written at build that says which code an image holds, for there is rarely a `.git` in it.

It lies in the folder that is copied into the image. It also knows which folder of the repository that was, so that an image
of `services/api` needs no path map.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from livebreak_agent.git_files import COMMIT, as_repository, read_text, upwards

NAME = "livebreak-stamp.json"

LONGEST_VERSION = 100
"""Characters of a version: one in a stamp ends up on a screen, and this file may be anybody's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    repository: str | None
    """`owner/name`."""
    revision: str | None
    """40 or 64 hex digits."""
    version: str | None
    """The application's own, as people call it."""
    folder: str
    """The repository's folder that the stamp was written into, empty for its root."""


def find(folders: Iterable[str]) -> tuple[str, Stamp] | None:
    """The nearest stamp in or above one of the folders, and where it lies."""
    for folder in folders:
        for candidate in upwards(os.path.abspath(folder)):
            found = read(candidate)
            if found is not None:
                return candidate, found
    return None


def read(folder: str) -> Stamp | None:
    """The stamp in a folder; None if there is none, or it is none of ours. What it holds is checked like all from outside."""
    try:
        content = json.loads(read_text(os.path.join(folder, NAME)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    revision, version = _text(content, "revision"), _text(content, "version")
    inside = posixpath.normpath(_text(content, "folder") or ".")
    return Stamp(
        repository=as_repository(_text(content, "repository")),
        revision=revision if revision is not None and COMMIT.fullmatch(revision) else None,
        version=version[:LONGEST_VERSION] if version is not None and version.isprintable() else None,
        folder="" if inside == "." or inside.startswith(("..", "/")) else inside,
    )


def write(folder: str, stamp: Stamp) -> str:
    """Write the stamp into a folder; the path of the file. `OSError` if that cannot be."""
    path = os.path.join(folder, NAME)
    content = {"repository": stamp.repository, "revision": stamp.revision, "version": stamp.version, "folder": stamp.folder}
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps({name: value for name, value in content.items() if value}, indent=2) + "\n")
    return path


def _text(content: dict[str, Any], name: str) -> str | None:
    value = content.get(name)
    return value.strip() or None if isinstance(value, str) else None
