"""What one line of text can show of a hit."""

from __future__ import annotations

import json
import re

from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import HitSummary

MOST_VARIABLES = 8
"""Variables in a summary: what fits on a wide screen behind a line of code."""

LONGEST_VALUE = 120
"""Characters of JSON up to which a value is short enough for a line."""

_NAME = re.compile(r"[^\W\d]\w*")


_RECEIVERS = ("self", "cls")
"""The object that a method belongs to is large, and seldom what somebody looks for."""


def by_interest(hit: Hit) -> list[str]:
    """The names of a hit's variables, the likeliest to be looked for first: those of the condition, then those on the line
    itself, then the others as they came, arguments first, and last the object that the method belongs to."""
    text = hit.stack[0].text if hit.stack else None
    named = dict.fromkeys(_NAME.findall(f"{hit.condition or ''} {text or ''}"))
    order = [name for name in named if name in hit.variables and name not in _RECEIVERS]
    order += [name for name in hit.variables if name not in named and name not in _RECEIVERS]
    return [*order, *(name for name in _RECEIVERS if name in hit.variables)]


def summarise(hit: Hit) -> HitSummary:
    """The summary of a whole hit: the first of its variables that are short."""
    variables: dict[str, object] = {}
    for name in by_interest(hit):
        if len(variables) == MOST_VARIABLES:
            break
        if _is_short(hit.variables[name]):
            variables[name] = hit.variables[name]
    return HitSummary(
        id=hit.id,
        breakpoint_id=hit.breakpoint_id,
        timestamp=hit.timestamp,
        filename=hit.filename,
        line_number=hit.line_number,
        function=hit.function,
        variables=variables,
        message=hit.message,
        condition=hit.condition,
        process_id=hit.process_id,
        service=hit.service,
        environment=hit.environment,
    )


def _is_short(value: object) -> bool:
    try:
        return len(json.dumps(value, ensure_ascii=False)) <= LONGEST_VALUE
    except (TypeError, ValueError, RecursionError):
        return False
