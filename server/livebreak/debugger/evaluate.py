"""Expressions over a hit that is over: the same language, with the same results, as in the running process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from livebreak_agent.vocabulary import hit_names
from livebreak_agent.vocabulary.captured import Cut, Value
from livebreak_agent.vocabulary.expressions import EvaluationError, ExpressionError, NotCaptured, Record, compile_expression
from livebreak_agent.vocabulary.model import Hit

RESULT_DEPTH = 64
"""Levels of a result, as many as are read of a captured value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """What became of an expression: a value, or a sentence why not."""

    value: Value | None = None
    error: str | None = None


def evaluate(text: str, hit: Hit) -> Evaluated:
    """The value of an expression for the variables of a hit and, beside them, its facts (see `hit_names.FACTS`)."""
    try:
        expression = compile_expression(text)
        result = expression.evaluate(hit_names.names_of(hit, expression.names))
    except ExpressionError as error:
        return Evaluated(error=error.message)
    except EvaluationError as error:
        return Evaluated(error=str(error))
    return Evaluated(value=to_value(result))


def to_value(result: object) -> Value:
    """A result of the expression language in the form of captured values, so that it is shown as they are."""
    return _to_value(result, RESULT_DEPTH, {})


def _to_value(result: object, depth: int, known: dict[tuple[int, int], Value]) -> Value:
    # A list may hold one large value a thousand times: each is converted once and shared.
    key = (id(result), depth)
    if key not in known:
        known[key] = _convert(result, depth, known)
    return known[key]


def _convert(result: object, depth: int, known: dict[tuple[int, int], Value]) -> Value:
    if result is None or isinstance(result, bool | int | float | str):
        return Value(type="None" if result is None else type(result).__name__, scalar=result)
    if isinstance(result, NotCaptured):
        return _cut_value(result, depth, known)
    if depth == 0:
        return Value(type=type(result).__name__, cut=Cut.DEPTH)
    if isinstance(result, Record):
        if result.text is not None:
            return Value(type=result.type, scalar=result.text)
        fields = tuple((name, _to_value(item, depth - 1, known)) for name, item in result.fields.items())
        return Value(type=result.type, fields=fields)
    if isinstance(result, dict):
        entries = tuple((_to_value(name, depth - 1, known), _to_value(item, depth - 1, known)) for name, item in result.items())
        return Value(type="dict", entries=entries)
    if isinstance(result, list | tuple | set | frozenset):
        return Value(type=type(result).__name__, items=tuple(_to_value(item, depth - 1, known) for item in result))
    if isinstance(result, datetime | date | time):
        return Value(type=f"datetime.{type(result).__name__}", scalar=result.isoformat())
    if isinstance(result, Decimal | timedelta):
        return Value(type=f"{type(result).__module__}.{type(result).__name__}", scalar=str(result))
    # Bytes, a complex number, a range or a deque: whatever it is, it is exactly of a built-in type.
    return Value(type=type(result).__name__, scalar=repr(result))


def _cut_value(result: NotCaptured, depth: int, known: dict[tuple[int, int], Value]) -> Value:
    part = result.part
    if part is None or depth == 0:
        return Value(type="object", cut=result.reason, size=result.size)
    inner = _convert(part, depth, known)
    return Value(
        type=inner.type, scalar=inner.scalar, items=inner.items, entries=inner.entries, cut=result.reason, size=result.size
    )
