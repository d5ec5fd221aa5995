"""What differs between two hits: each variable, and inside of it each part that is not the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from livebreak.debugger.values import parts, visible
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value
from livebreak_agent.vocabulary.model import Hit

MOST_DIFFERENCES = 1_000
"""Of one variable: two long lists that are shifted by one differ in each item, and nobody reads further."""

Kind = Literal["changed", "only in the first", "only in the second"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueDifference:
    """One part of the variables that is not the same."""

    path: str
    """The variable, then the fields, indexes and keys inside of it, such as `cart.items[2].price`; printable."""
    kind: Kind
    first: Value | None = None
    second: Value | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    differences: tuple[ValueDifference, ...]
    same: tuple[str, ...]
    """Variables that are equal as far as they were captured."""
    uncertain: tuple[str, ...]
    """Those of `same` of which something was not captured, so that they may differ there."""
    is_cut: bool = False
    """True if there are more differences than are listed."""


def compare(first: Hit, second: Hit) -> Comparison:
    """The variables and watches of two hits, the first being the older one as a rule."""
    differences: list[ValueDifference] = []
    same: list[str] = []
    uncertain: list[str] = []
    is_cut = False
    ones, others = {**first.watches, **first.variables}, {**second.watches, **second.variables}
    for name in [*first.variables, *(name for name in second.variables if name not in first.variables), *_watches(first, second)]:
        label = visible(name)
        one, other = _read(ones, name), _read(others, name)
        found = list(islice(_differences(label, one, other), MOST_DIFFERENCES + 1))
        is_cut = is_cut or len(found) > MOST_DIFFERENCES
        differences += found[:MOST_DIFFERENCES]
        if not found and one is not None and other is not None:
            same.append(label)
            if _is_cut(one) or _is_cut(other):
                uncertain.append(label)
    return Comparison(differences=tuple(differences), same=tuple(same), uncertain=tuple(uncertain), is_cut=is_cut)


def _watches(first: Hit, second: Hit) -> list[str]:
    names = dict.fromkeys([*first.watches, *second.watches])
    return [name for name in names if name not in first.variables and name not in second.variables]


def _read(variables: Mapping[str, object], name: str) -> Value | None:
    return captured.read(variables[name]) if name in variables else None


def _differences(path: str, one: Value | None, other: Value | None) -> Iterator[ValueDifference]:
    if one is None or other is None:
        kind: Kind = "only in the second" if one is None else "only in the first"
        yield ValueDifference(path=path, kind=kind, first=one, second=other)
    elif one == other or one.cut == other.cut == Cut.REDACTED:
        # What was redacted may have changed; nobody is to learn whether it did.
        return
    elif _is_alike(one, other):
        yield from _part_differences(path, one, other)
    else:
        yield ValueDifference(path=path, kind="changed", first=one, second=other)


def _is_alike(one: Value, other: Value) -> bool:
    """True if the difference is inside: the same kind of container on both sides."""
    same_form = [(one.items, other.items), (one.entries, other.entries), (one.fields, other.fields)]
    return one.type == other.type and any(mine is not None and theirs is not None for mine, theirs in same_form)


def _part_differences(path: str, one: Value, other: Value) -> Iterator[ValueDifference]:
    ours, theirs = dict(parts(one)), dict(parts(other))
    before, after = (".", "") if one.fields is not None else ("[", "]")
    is_equal = True
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        for difference in _differences(f"{path}{before}{name}{after}", ours.get(name), theirs.get(name)):
            is_equal = False
            yield difference
    if is_equal and (one.cut, one.size) != (other.cut, other.size):
        # What was captured is the same, and yet one is longer than the other.
        yield ValueDifference(path=path, kind="changed", first=one, second=other)


def _is_cut(value: Value) -> bool:
    return value.cut is not None or any(_is_cut(part) for _, part in parts(value))
