"""What of a filter over hits the database can compare, so that it need not unpack the others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from livebreak.backend.clock import SECOND, parse_time
from livebreak.backend.store.hit_shapes import FILTERED_FACTS, HitFilter

_ROUNDING_US = SECOND
"""What a time is widened by before the database compares it: texts may be cut anywhere, and the filter itself is exact."""

_WHOLE_TIME = "0001-01-01T00:00:00.000000Z"
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d{0,6})?)?)?)?Z?\Z", re.ASCII)
"""The beginnings of times that can be compared as times; others are compared as texts, by the filter itself."""


def narrow(where: str) -> HitFilter:
    """The filter outside of which no hit can match; `where` must have been compiled before.

    That is what must be true of every hit that matches: of the parts that `and` joins, those that compare a fact with constants.
    """
    facts: dict[str, frozenset[str | None]] = {}
    since: list[int] = []
    until: list[int] = []
    for name, operator, other in _comparisons(ast.parse(where.strip(), mode="eval").body):
        values = _values(operator, other) if name in FILTERED_FACTS else None
        if values is not None:
            facts[name] = facts[name] & values if name in facts else values
        moment = _moment(other) if name == "timestamp" else None
        if moment is not None and isinstance(operator, ast.Gt | ast.GtE | ast.Eq):
            since.append(moment - _ROUNDING_US)
        if moment is not None and isinstance(operator, ast.Lt | ast.LtE | ast.Eq):
            until.append(moment + _ROUNDING_US)
    return HitFilter(facts=facts, since=max(since, default=None), until=min(until, default=None))


_MIRRORED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Eq: ast.Eq(),
    ast.Lt: ast.Gt(),
    ast.LtE: ast.GtE(),
    ast.Gt: ast.Lt(),
    ast.GtE: ast.LtE(),
}


def _comparisons(expression: ast.expr) -> Iterator[tuple[str, ast.cmpop, ast.expr]]:
    """Name, operator and other side of every comparison that must be true."""
    if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And):
        for part in expression.values:
            yield from _comparisons(part)
    if not isinstance(expression, ast.Compare):
        return
    sides = [expression.left, *expression.comparators]
    for left, operator, right in zip(sides, expression.ops, sides[1:], strict=False):
        if isinstance(left, ast.Name):
            yield left.id, operator, right
        elif isinstance(right, ast.Name) and type(operator) in _MIRRORED:
            yield right.id, _MIRRORED[type(operator)], left


def _values(operator: ast.cmpop, other: ast.expr) -> frozenset[str | None] | None:
    """The values that the comparison allows, or None if it is none that the database could make."""
    items: list[ast.expr] = [other]
    if isinstance(operator, ast.In):
        if not isinstance(other, ast.List | ast.Tuple | ast.Set):
            return None
        items = other.elts
    elif not isinstance(operator, ast.Eq | ast.Is):
        return None
    values: set[str | None] = set()
    for item in items:
        if not isinstance(item, ast.Constant) or not (item.value is None or isinstance(item.value, str)):
            return None
        values.add(item.value)
    return frozenset(values)


def _moment(other: ast.expr) -> int | None:
    if not isinstance(other, ast.Constant) or not isinstance(other.value, str) or not _TIME.match(other.value):
        return None
    text = other.value.rstrip("Z")
    return parse_time(text + _WHOLE_TIME[len(text) :])
