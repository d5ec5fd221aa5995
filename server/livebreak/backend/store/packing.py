"""How a hit's properties are kept: JSON, compressed; whichever database keeps them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, cast

from livebreak.backend import json_text
from livebreak.backend.clock import format_time
from livebreak.backend.store.hit_shapes import HitRow
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit

_LEVEL = 1
"""The fastest: captured values shrink to a third already, and ingestion is bound by this."""


def pack(properties: Mapping[str, Any]) -> bytes:
    return zlib.compress(json_text.write(properties), _LEVEL)


def unpack(payload: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", json_text.read(zlib.decompress(payload)))


def read(row: HitRow) -> Hit | None:
    """The hit in the words of the vocabulary; None if it lacks what a hit needs there."""
    return hit_event.read(row.id, format_time(row.timestamp), unpack(row.payload), verified=row.verified, pinned_by=row.pinned_by)
