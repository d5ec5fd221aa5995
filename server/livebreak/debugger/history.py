"""A variable over the hits of a breakpoint: its values, where they changed, and which processes the hits came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from livebreak_agent.vocabulary.wire import HitSummary

UNNAMED = "a process without a service"


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """One value that a variable had."""

    hit: HitSummary
    value: object
    """As it was captured, see `vocabulary.captured`."""
    changed: bool
    """True if the next newer hit that is known to have the variable has another value."""


def values_before(name: str, newest: object, older: Sequence[HitSummary], limit: int) -> tuple[Past, ...]:
    """The variable's values in older hits, newest first; hits that do not tell it are left out."""
    found: list[Past] = []
    after = newest
    for hit in older:
        if len(found) == limit:
            break
        if name in (hit.variables or {}):
            value = (hit.variables or {})[name]
            # An int that became a bool, or a float, is another value, though Python says that they are equal.
            found.append(Past(hit=hit, value=value, changed=type(value) is not type(after) or value != after))
            after = value
    return tuple(found)


def by_process(hits: Sequence[HitSummary]) -> tuple[tuple[str, int], ...]:
    """How many of the hits came from each process, most first: `web prod`, and where several are called so, the beginning of
    each one's id."""
    names = {(hit.process_id, _name(hit)) for hit in hits}
    shared = Counter(name for _, name in names)
    counts = Counter(
        f"{_name(hit)} {hit.process_id[:8]}" if hit.process_id and shared[_name(hit)] > 1 else _name(hit) for hit in hits
    )
    return tuple(counts.most_common())


def _name(hit: HitSummary) -> str:
    return " ".join(part for part in (hit.service, hit.environment) if part) or UNNAMED
