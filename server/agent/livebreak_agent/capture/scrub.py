"""Log messages show containers whole, and what is secret in them must not be in the text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.captured import Cut
from livebreak_agent.vocabulary.expressions import Expression, Message, NotCaptured

_DEPTH = 8
"""Levels of containers in a message; deeper ones are not shown."""

_ITEMS = 500
"""Items of a container in a message, which is a few thousand characters long at most."""

_HIDDEN = NotCaptured(reason=Cut.REDACTED)


def guarded(message: Message, redaction: Redaction) -> Message:
    """The same message, whose parts hide the values that have telling names."""
    parts = tuple(
        part if isinstance(part, str) else dataclasses.replace(part, expression=_guarded(part.expression, redaction))
        for part in message.parts
    )
    return dataclasses.replace(message, parts=parts)


def _guarded(expression: Expression, redaction: Redaction) -> Expression:
    evaluate = expression.evaluate

    def evaluate_scrubbed(names: Mapping[str, Any], budget: list[int] | None = None, /) -> Any:
        return _scrubbed(evaluate(names, budget), redaction, _DEPTH)

    return dataclasses.replace(expression, evaluate=evaluate_scrubbed)


def _scrubbed(value: Any, redaction: Redaction, depth: int) -> Any:
    """A copy of a container without what is secret; anything else itself."""
    kind = type(value)
    if kind is not dict and kind is not list and kind is not tuple:
        return value
    if len(value) > _ITEMS:
        return NotCaptured(reason=Cut.ITEMS, size=len(value))
    if depth == 0:
        return NotCaptured(reason=Cut.DEPTH)
    if kind is dict:
        # Only texts are hashed anew: other keys could run the application's code.
        if not all(type(key) is str for key in value):
            return _HIDDEN if any(type(key) is str and redaction.hides(key) for key in value) else value
        return {
            key: _HIDDEN if redaction.hides(key) else _scrubbed(item, redaction, depth - 1) for key, item in list(value.items())
        }
    items = list(value)
    if len(items) == 2 and type(items[0]) is str and redaction.hides(items[0]):
        items[1] = _HIDDEN
    items = [_scrubbed(item, redaction, depth - 1) for item in items]
    return items if kind is list else tuple(items)
