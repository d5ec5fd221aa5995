"""What a hit would show of a frame, for owners of an application who want to see what leaves it before anything does."""

from __future__ import annotations

import os
import types
from typing import Any

from livebreak_agent import policy
from livebreak_agent.capture import frames
from livebreak_agent.capture.values import Walk
from livebreak_agent.limits import Limits, extent
from livebreak_agent.redaction import Redaction, in_force, redaction_of
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value

SECONDS = 5.0
"""Nobody waits for this frame but the person who asks."""


def preview(frame: types.FrameType, redaction: Redaction | None = None) -> dict[str, Any]:
    """See `livebreak_agent.preview_redaction`."""
    rules = redaction or in_force() or redaction_of(policy.read(os.environ))
    walk = Walk(extent(Limits(hit_seconds=SECONDS), None), rules)
    variables, truncated = frames.variables_of(frame, walk)
    hidden = [path for name, value in variables.items() for path in _hidden(captured.read(value), name)]
    shown: dict[str, Any] = {"variables": variables, "hidden": hidden}
    return shown if truncated is None else shown | {"truncated": truncated}


def _hidden(value: Value, path: str) -> list[str]:
    """Where something is left out for being secret, written as Python would."""
    if value.cut == Cut.REDACTED:
        return [path]
    found: list[str] = []
    for name, field in value.fields or ():
        found += _hidden(field, f"{path}.{name}")
    for index, item in enumerate(value.items or ()):
        found += _hidden(item, f"{path}[{index}]")
    for key, item in value.entries or ():
        found += _hidden(item, f"{path}[{key.scalar!r}]")
    return found
