"""Conditions made from captured values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from livebreak.debugger.values import parts
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import LARGEST_PLAIN_INT, Value
from livebreak_agent.vocabulary.expressions import ExpressionError, compile_expression

LONGEST_TEXT = 200
"""Characters of a string in a condition that is made for somebody: a longer one nobody could read."""


def condition_for(name: Sequence[str], variables: Mapping[str, object]) -> str | None:
    """`user_id == 42`: true where the variable, or the field below it, has the value that it had; None where that value is no
    plain and whole one, so that a literal would not be it."""
    if not name or name[0] not in variables or not all(part.isidentifier() for part in name):
        return None
    value: Value | None = captured.read(variables[name[0]])
    for field in name[1:]:
        # Only of an object: what a dict holds is no attribute.
        value = dict(parts(value)).get(field) if value is not None and value.fields is not None else None
    return equality(".".join(name), value) if value is not None else None


def equality(expression: str, value: Value) -> str | None:
    """The condition that is true where an expression gives this value; None where that value is no plain and whole one."""
    literal = _literal(value)
    if literal is None:
        return None
    condition = f"{expression} {'is' if literal in ('None', 'True', 'False') else '=='} {literal}"
    try:
        compile_expression(condition)
    except ExpressionError:
        return None
    return condition


def _literal(value: Value) -> str | None:
    if value.cut is not None:
        return None
    scalar = value.scalar
    if scalar is None:
        return "None" if value.type == "None" else None
    # Text-like values (dates, enums, subclasses of int) come with another type's name, and are not their text.
    if value.type != type(scalar).__name__:
        return None
    if isinstance(scalar, float) and not math.isfinite(scalar):
        return None
    if isinstance(scalar, int) and abs(scalar) > LARGEST_PLAIN_INT:
        return None
    if isinstance(scalar, str) and (len(scalar) > LONGEST_TEXT or not scalar.isprintable()):
        return None
    return repr(scalar)
