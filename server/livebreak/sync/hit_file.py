"""Hits that were exported to a file, opened without a backend."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livebreak_agent.vocabulary.codec import ShapeError, from_json
from livebreak_agent.vocabulary.model import Breakpoint, Hit

FORMAT = 1
"""Raised when the form of exported files changes so that a reader of the old one would misread it."""
LARGEST_FILE = 1 << 30
"""Bytes; a thousand of the largest hits are a quarter of it, and more is no export."""


class HitFileError(Exception):
    """The file holds no hits; the text is one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitFile:
    """What an export holds."""

    breakpoints: tuple[Breakpoint, ...]
    hits: tuple[Hit, ...]


def to_document(hits: Sequence[object], breakpoints: Sequence[object]) -> dict[str, object]:
    """The JSON of an export, of hits and breakpoints that are JSON already."""
    return {"format": FORMAT, "hits": list(hits), "breakpoints": list(breakpoints)}


def read_hit_file(path: Path) -> HitFile:
    """The hits of `livebreak hits export`, one (`hit`, `breakpoint`) or several. Raises `HitFileError`."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise HitFileError(f"{path} is larger than any export of hits.")
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise HitFileError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise HitFileError(f"{path} is no export of hits; `livebreak hits export` writes one.") from None
    if not isinstance(document, dict) or type(document.get("format")) is not int:
        raise HitFileError(f"{path} is no export of hits; `livebreak hits export` writes one.")
    if document["format"] > FORMAT:
        raise HitFileError(f"{path} was written by a newer LiveBreak; update this one.")
    try:
        hits = tuple(from_json(Hit, item) for item in _listed(document, "hit"))
        breakpoints = tuple(from_json(Breakpoint, item) for item in _listed(document, "breakpoint"))
    except ShapeError as error:
        raise HitFileError(f"{path} is damaged: {error}.") from None
    if not hits:
        raise HitFileError(f"{path} holds no hit.")
    return HitFile(breakpoints=breakpoints, hits=hits)


def _listed(document: Mapping[str, Any], name: str) -> list[Any]:
    several = document.get(f"{name}s")
    if isinstance(several, list):
        return several
    return [document[name]] if document.get(name) is not None else []
