"""Hits as files of their own: whole, as JSON, readable for this user alone."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path

from livebreak.sync.hit_file import FORMAT
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Breakpoint, Hit

KEPT = 200
"""Files of hits in a folder of ours: what was only looked at must not fill the disk. Older ones go."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def document(hit: Hit, breakpoint: Breakpoint | None) -> dict[str, object]:
    """The hit with its breakpoint, if that is still there."""
    return {"format": FORMAT, "hit": to_json(hit), "breakpoint": to_json(breakpoint)}


def write(path: Path, content: object) -> None:
    """`write_text` of JSON."""
    write_text(path, json.dumps(content, indent=2))


def write_text(path: Path, text: str) -> None:
    """Whole or not at all; raises `OSError`. Hits hold values of production, so nobody else may read the file: mkstemp makes
    it 0600."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def put(folder: Path, hit: Hit, breakpoint: Breakpoint | None) -> Path:
    """Write a hit into a folder of ours, under a name that tells its place, and let old ones go. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = _UNSAFE.sub("-", f"{Path(hit.filename).name[-60:]}-{hit.line_number}-{hit.id[:36]}").lstrip(".-")
    path = folder / f"{name}.json"
    write(path, document(hit, breakpoint))
    with contextlib.suppress(OSError):
        newest_last = sorted(folder.glob("*.json"), key=lambda it: it.stat().st_mtime_ns)
        for old in newest_last[:-KEPT]:
            old.unlink(missing_ok=True)
    return path
